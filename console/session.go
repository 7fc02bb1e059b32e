package console

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/text"
	"sofipo/view"
	"sofipo/web"
)

// Addresses of signing in and out.
const (
	signInPath  = Root + "sign-in"
	codePath    = Root + "sign-in/code"
	signOutPath = Root + "sign-out"
)

// The cookies. The session's has a signed proof of the session, which is renewed while the
// user works. The position's has the commit token of the user's last change.
const (
	sessionCookie  = "sofipo_session"
	positionCookie = "sofipo_position"
)

// A session ends after idleTime without a request. Its proof is renewed when it is older than
// renewAfter.
const (
	idleTime   = 30 * time.Minute
	renewAfter = time.Minute
)

// proofPrefix distinguishes a proof from the tokens of the API: no user name has a colon.
const proofPrefix = "session:"

// proof returns the session that the request's cookie proves, and when the proof was issued.
// Refused with access.NotAuthenticated.
func (s *server) proof(r *http.Request, now time.Time) (sessionID id.ID, issued time.Time, err error) {
	refusal := fault.Refuse(access.NotAuthenticated)
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return sessionID, issued, refusal
	}
	claims, err := s.Keys.Verify(cookie.Value, now)
	if err != nil {
		return sessionID, issued, refusal
	}
	subject, is := strings.CutPrefix(claims.Subject, proofPrefix)
	if !is || claims.Issued.IsZero() || sessionID.UnmarshalText([]byte(subject)) != nil {
		return sessionID, issued, refusal
	}
	return sessionID, claims.Issued, nil
}

// prove sets the cookie that proves the session.
func (s *server) prove(w http.ResponseWriter, r *http.Request, sessionID id.ID) error {
	value, err := s.Keys.Issue(proofPrefix+sessionID.String(), idleTime, s.Clock())
	if err == nil {
		http.SetCookie(w, cookie(r, sessionCookie, value))
	}
	return err
}

// cookie returns a cookie for the console only, which scripts cannot read.
func cookie(r *http.Request, name, value string) *http.Cookie {
	secure := web.Secure(r)
	return &http.Cookie{Name: name, Value: value, Path: Root, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
}

// need returns the commit token of the user's last change, which answers must include.
func (v *visit) need() uint64 {
	cookie, err := v.r.Cookie(positionCookie)
	if err != nil || v.token > 0 {
		return v.token
	}
	token, err := strconv.ParseUint(cookie.Value, 10, 64)
	if err != nil {
		return 0
	}
	return token
}

// committed notes the commit token of a change of the user. It is 0 if nothing was changed.
func (v *visit) committed(token uint64) {
	if token > 0 {
		v.token = token
		http.SetCookie(v.w, cookie(v.r, positionCookie, strconv.FormatUint(token, 10)))
	}
}

// signInForm is the page on which a user signs in. Path is where the user wanted to go, Kept is
// what the user had sent there: it is given back for another look.
type signInForm struct {
	Institution string
	Logo        bool
	Username    string
	Problem     string
	Path        string
	Kept        []field
	Second      secondStep
}

type field struct{ Name, Value string }

var signInScreen = declare[signInForm]("sign_in")

var sessionPhrases = phrases{
	"Sign in":                       "Iniciar sesión",
	"Second step":                   "Segundo paso",
	"Code of your app":              "Código de su aplicación",
	"or one of your recovery codes": "o uno de sus códigos de recuperación",
	"Scan this picture with your authenticator app, or type the key, and enter the code that it shows.": "Escanee esta imagen con su aplicación de autenticación, o escriba la clave, y capture el código que muestra.",
	"QR code for your authenticator app": "Código QR para su aplicación de autenticación",
	"Secret key":                         "Clave secreta",
	"Keep these recovery codes in a safe place. Each of them replaces a code once, if you lose your app. They are not shown again.": "Guarde estos códigos de recuperación en un lugar seguro. Cada uno sustituye una vez al código, si pierde su aplicación. No se vuelven a mostrar.",
	"Recovery codes":   "Códigos de recuperación",
	"I have kept them": "Ya los guardé",
	"User":             "Usuario",
	"Password":         "Contraseña",
	"Your session ended. Sign in to continue; what you wrote is kept.": "Su sesión terminó. Inicie sesión para continuar; lo que escribió se conserva.",
	"Something went wrong here":                                        "Algo falló aquí",
	"What you see on other pages is still right. Try again; if it happens again, give the reference to your administrator.": "Lo que ve en otras páginas sigue siendo correcto. Intente de nuevo; si vuelve a ocurrir, dé la referencia a su administrador.",
	"Your role may not {permission}":                                 "Su perfil no le permite {permission}",
	"An administrator can give your role this permission.":           "Un administrador puede dar este permiso a su perfil.",
	"What you wrote is kept. Sending it again does not do it twice.": "Lo que escribió se conserva. Enviarlo de nuevo no lo hace dos veces.",
	"Send again": "Enviar de nuevo",
	"Nothing that was confirmed is lost. This page asks again by itself.": "Nada de lo que se confirmó se perdió. Esta página vuelve a intentarlo sola.",
	"This page does not exist":                        "Esta página no existe",
	"Check the address, or search for what you need.": "Revise la dirección o busque lo que necesita.",
	"Reference":            "Referencia",
	"Go to the start page": "Ir a la página de inicio",
	"Try again":            "Intentar de nuevo",
}

// askToSignIn answers a request without a session with the sign-in page. A form that was sent
// is kept on it, and one that a preview was asked for is in the address.
func (s *server) askToSignIn(w http.ResponseWriter, r *http.Request) {
	typed := r.Method == http.MethodGet && r.URL.Query().Has(keyInput)
	if r.Header.Get("HX-Request") != "" { // a part of a page: show the whole sign-in page
		if typed {
			w.Header().Set("HX-Redirect", r.URL.RequestURI())
		} else {
			w.Header().Set("HX-Refresh", "true")
		}
		w.WriteHeader(http.StatusOK)
		return
	}
	page := signInForm{Path: r.URL.RequestURI()}
	status := http.StatusUnauthorized
	if typed {
		page.Problem = phrase(text.ES, "Your session ended. Sign in to continue; what you wrote is kept.")
	}
	if r.Method == http.MethodPost {
		form, err := readForm(w, r)
		if err == nil {
			page.Kept = kept(form.Values)
			page.Problem = phrase(text.ES, "Your session ended. Sign in to continue; what you wrote is kept.")
		}
	}
	s.showSignIn(w, r, status, page)
}

// kept lists the values of a form that was sent, without passwords.
func kept(values url.Values) (all []field) {
	for name, list := range values {
		if strings.Contains(name, "password") {
			continue
		}
		for _, value := range list {
			all = append(all, field{name, value})
		}
	}
	slices.SortStableFunc(all, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (s *server) signInPage(w http.ResponseWriter, r *http.Request) {
	s.showSignIn(w, r, http.StatusOK, signInForm{Path: Root})
}

func (s *server) showSignIn(w http.ResponseWriter, r *http.Request, status int, page signInForm) {
	letter, err := s.View.Letterhead(r.Context(), view.System)
	if err == nil {
		page.Institution = letter.Name
	}
	v := &visit{server: s, w: w, r: r, lang: text.ES, letter: letter}
	if err := signInScreen.answer(v, status, page); err != nil {
		s.Log.Error("console", "path", r.URL.Path, "error", err)
	}
}

// signIn opens a session, and goes where the user wanted to go. A kept form is shown there
// again; nothing of it is done.
func (s *server) signIn(w http.ResponseWriter, r *http.Request) {
	form, err := readForm(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name := strings.ToLower(strings.TrimSpace(form.Values.Get("sign_in_user")))
	page := signInForm{Path: localPath(form.Values.Get("sign_in_path")), Username: name}
	sent := sentBefore(form.Values)
	page.Kept = kept(sent)
	_, err = s.factors.SignIn(r.Context(), web.Attempt{Name: name, Password: form.Values.Get("sign_in_password"), Remote: r.RemoteAddr})
	switch {
	case fault.Is(err, access.NeedsCode):
		err = s.askForCode(w, r, page)
	case fault.Is(err, access.NeedsFactor):
		err = s.askToEnrol(w, r, page)
	case err == nil:
		err = s.enter(w, r, page, sent)
	}
	if err != nil {
		s.refuseSignIn(w, r, page, err)
	}
}

// sentBefore returns what a user had sent before signing in again.
func sentBefore(values url.Values) url.Values {
	sent := url.Values{}
	for key, list := range values {
		if inner, is := strings.CutPrefix(key, keptPrefix); is {
			sent[inner] = list
		}
	}
	return sent
}

// enter opens the session of a user who has shown everything, and goes where the user wanted to go.
func (s *server) enter(w http.ResponseWriter, r *http.Request, page signInForm, sent url.Values) error {
	page.Path = s.pageFor(page.Path)
	if err := (&visit{server: s, w: w, r: r}).openSession(page.Username); err != nil {
		return err
	}
	if len(sent) > 0 {
		s.giveBack(w, r, page.Path, sent)
		return nil
	}
	http.Redirect(w, r, page.Path, http.StatusSeeOther)
	return nil
}

// refuseSignIn shows the step again, with what is wrong.
func (s *server) refuseSignIn(w http.ResponseWriter, r *http.Request, page signInForm, err error) {
	var refusal *fault.Error
	status := http.StatusInternalServerError
	if errors.As(err, &refusal) {
		status, page.Problem = web.Status(refusal.Code), web.Title(text.ES, refusal)
	} else {
		s.Log.Error("console", "path", r.URL.Path, "error", err)
		page.Problem = phrase(text.ES, "Something went wrong here")
	}
	s.showSignIn(w, r, status, page)
}

// openSession signs in a user whose password was verified.
func (v *visit) openSession(username string) error {
	done, err := bank.Do(v.r.Context(), v.Bank, bank.By{Actor: username}, staffing.OpenSession{Username: username, Device: strings.ToValidUTF8(v.r.UserAgent(), "")})
	if err != nil {
		return err
	}
	return v.prove(v.w, v.r, done.Answer.ID)
}

// keptPrefix begins the names of the kept values on the sign-in page.
const keptPrefix = "kept."

// localPath returns a path of the console, so that nobody can send a user to another site.
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, Root) || strings.HasPrefix(u.Path, signInPath) || strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return Root
	}
	return u.RequestURI()
}

// pageFor returns a path of the console if it has a page, or else the nearest path above it that has one:
// the page with the form that was sent to the path.
func (s *server) pageFor(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return Root
	}
	for at := u.Path; len(at) > len(Root); at = at[:strings.LastIndexByte(at, '/')] {
		if _, pattern := s.mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: at}}); strings.HasPrefix(pattern, http.MethodGet+" ") {
			if at == u.Path {
				return path
			}
			return at
		}
	}
	return Root
}

// giveBack answers with the page of a form, filled with what was sent before the user signed
// in again. The form is asked for with the method of a form that is only shown.
func (s *server) giveBack(w http.ResponseWriter, r *http.Request, path string, sent url.Values) {
	again := r.Clone(withGivenBack(r.Context(), sent))
	again.Method = http.MethodGet
	again.URL, _ = url.Parse(path) // localPath has parsed it
	again.RequestURI, again.Body = path, http.NoBody
	for _, set := range w.Header()["Set-Cookie"] {
		pair, _, _ := strings.Cut(set, ";")
		again.Header.Set("Cookie", pair)
	}
	s.mux.ServeHTTP(w, again)
}

func (s *server) signOut(w http.ResponseWriter, r *http.Request) {
	v := &visit{server: s, w: w, r: r, now: s.Clock(), lang: text.ES}
	err := v.open()
	if err == nil {
		_, err = bank.Do(r.Context(), s.Bank, bank.By{Actor: v.who.User.Username}, staffing.EndSession{ID: v.session.ID})
	}
	if err != nil && !fault.Is(err, access.NotAuthenticated) { // the session is still open
		v.refuse(err)
		return
	}
	gone := cookie(r, sessionCookie, "")
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	http.Redirect(w, r, signInPath, http.StatusSeeOther)
}
