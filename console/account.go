package console

import (
	"cmp"
	"net/url"
	"strings"

	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/text"
	"sofipo/web"
)

const accountPath = Root + "account"

var accountRoutes = []route{
	{"GET " + accountPath, access.Own, (*visit).account},
	{"POST " + accountPath, access.Own, (*visit).changePreferences},
	{"POST " + accountPath + "/password", access.Own, (*visit).changePassword},
	{"POST " + accountPath + "/factor", access.Own, (*visit).enrolFactor},
	{"POST " + accountPath + "/sessions/{id}/end", access.Own, (*visit).endSession},
}

// account is the page of the user's own account.
type account struct {
	Username, Branch, Job string
	Preferences, Password *form
	Enrolment             *form // of a second factor
	Languages, Themes     []option
	Sessions              []openSession
	Factor                bool // the user has a second factor
}

// openSession is a session of a user that is open.
type openSession struct {
	ID, Device, Since string
	This              bool // of this browser
}

var accountScreen = declare[account]("account")

var accountPhrases = phrases{
	"Language":                     "Idioma",
	"Spanish":                      "Español",
	"English":                      "Inglés",
	"Colours":                      "Colores",
	"Same as the system":           "Igual que el sistema",
	"Higher rows":                  "Renglones más altos",
	"Single letters are shortcuts": "Las letras solas son atajos",
	"How it looks":                 "Apariencia",
	"Save":                         "Guardar",
	"Saved":                        "Se guardó",
	"Change the password":          "Cambiar contraseña",
	"Current password":             "Contraseña actual",
	"New password":                 "Nueva contraseña",
	"The password was changed. Your other sessions ended.": "La contraseña se cambió. Sus otras sesiones terminaron.",
	"Second factor": "Segundo factor",
	"Signing in asks for a code of your authenticator app. If you lose the app and the recovery codes, an administrator can reset it.": "Al iniciar sesión se pide un código de su aplicación de autenticación. Si pierde la aplicación y los códigos de recuperación, un administrador puede restablecerlo.",
	"An authenticator app on your telephone shows codes, which signing in then asks for after the password.":                           "Una aplicación de autenticación en su teléfono muestra códigos, que se piden al iniciar sesión después de la contraseña.",
	"Set up the second factor": "Registrar segundo factor",
	"Where you are signed in":  "Dónde tiene sesión abierta",
	"Browser or program":       "Navegador o programa",
	"Since":                    "Desde",
	"this one":                 "esta",
	"End the session":          "Terminar sesión",
	"The session ended":        "La sesión terminó",
	"{browser} on {system}":    "{browser} en {system}",
	"Another program":          "Otro programa",
	"{program}, by the API":    "{program}, por la API",
	"At least 8 characters, without the user name or the name of the institution, and no three equal or consecutive ones (111, abc, 321).": "Al menos 8 caracteres, sin el nombre de usuario ni el de la institución, y sin tres iguales o consecutivos (111, abc, 321).",
}

func (v *visit) account() error {
	preferences, err := v.form(v.preferences())
	if err != nil {
		return err
	}
	if preferences.Back && !preferences.Values.Has("language") { // another form of the page came back
		preferences.Values = v.preferences()
	}
	return v.showAccount(200, preferences, &form{Key: preferences.Key}, &form{})
}

// preferences returns the user's preferences as the values of their form.
func (v *visit) preferences() url.Values {
	p := v.who.User.Preferences
	return url.Values{"language": {cmp.Or(p.Language, "es")}, "theme": {string(p.Theme)}, "roomy": {onIf(p.Roomy)}, "keys": {onIf(!p.NoKeys)}}
}

// onIf returns the value of a check box.
func onIf(is bool) string {
	if is {
		return "on"
	}
	return ""
}

func (v *visit) showAccount(status int, preferences, password, enrolment *form) error {
	sessions, err := v.sessionsOf(v.who.User)
	if err != nil {
		return err
	}
	factor, err := v.View.Factor(v.r.Context(), v.who.User.Username)
	if err != nil && !fault.Is(err, staff.FactorNotFound) {
		return err
	}
	return accountScreen.answer(v, status, account{
		Sessions: sessions, Factor: factor.Confirmed(),
		Username: v.who.User.Username, Branch: v.branch.Name, Job: v.jobTitle(), Preferences: preferences, Password: password, Enrolment: enrolment,
		Languages: []option{{"es", v.say("Spanish")}, {"en", v.say("English")}},
		Themes:    []option{{"", v.say("Same as the system")}, {string(staff.Light), capital(text.Of(v.lang, staff.Light))}, {string(staff.Dark), capital(text.Of(v.lang, staff.Dark))}},
	})
}

// enrolFactor begins the enrolment of a second factor. It needs the password, because what follows
// opens a session like a sign-in. Wrong passwords count as failed logins.
func (v *visit) enrolFactor() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	page := signInForm{Path: accountPath, Username: v.who.User.Username}
	made, err := v.factors.EnrolBy(v.r.Context(), web.Attempt{Name: page.Username, Password: f.Values.Get("factor_password"), Remote: v.r.RemoteAddr, Correlation: v.correlation()})
	if fault.Is(err, access.BadLogin) {
		err = fault.Wrong(fault.At("factor_password", staff.WrongPassword))
	}
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		f.Values = nil
		return v.showAccount(status, &form{Key: f.Key, Values: v.preferences()}, &form{Key: f.Key}, f)
	}
	page.show(made)
	return v.askForCode(v.w, v.r, page)
}

func (v *visit) changePreferences() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	_, err = command(v, f, staffing.ChangePreferences{Username: v.who.User.Username, Preferences: staff.Preferences{
		Language: f.Get("language"), Theme: staff.Theme(f.Get("theme")), Roomy: f.Is("roomy", "on"), NoKeys: !f.Is("keys", "on"),
	}})
	if err != nil {
		status, shown := f.wrong(v, err, nil)
		if !shown {
			return err
		}
		return v.showAccount(status, f, &form{Key: f.Key}, &form{})
	}
	return v.done(accountPath, notice{Text: v.say("Saved")})
}

// changePassword counts wrong present passwords as failed logins.
func (v *visit) changePassword() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	name, next := v.who.User.Username, f.Values.Get("new_password")
	_, err = v.Logins.LogIn(v.r.Context(), v.View, web.Attempt{Name: name, Password: f.Values.Get("present_password"), Remote: v.r.RemoteAddr, Correlation: v.correlation(), For: staffing.ChangeOwnPassword{}.Name()})
	if fault.Is(err, access.BadLogin) {
		err = fault.Wrong(fault.At("present_password", staff.WrongPassword))
	}
	if err == nil {
		err = auth.CheckNewPassword(name, v.letter.Name, next)
	}
	var hash string
	if err == nil {
		hash, err = auth.HashPassword(next)
	}
	if err == nil {
		_, err = command(v, &form{}, staffing.ChangeOwnPassword{Username: name, Password: hash})
	}
	if err != nil {
		status, shown := f.wrong(v, err, map[string]string{"password": "new_password"})
		if !shown {
			return err
		}
		f.Values = nil
		return v.showAccount(status, &form{Key: f.Key, Values: v.preferences()}, f, &form{})
	}
	if err := v.openSession(name); err != nil {
		return err
	}
	return v.done(accountPath, notice{Text: v.say("The password was changed. Your other sessions ended.")})
}

// sessionsOf lists the open sessions of a user.
func (v *visit) sessionsOf(u staff.User) (all []openSession, err error) {
	open, err := v.View.OpenSessions(v.r.Context(), u, v.now)
	for _, s := range open {
		all = append(all, openSession{s.ID.String(), v.deviceOf(s), v.at(s.OpenedAt), s.ID == v.session.ID})
	}
	return all, err
}

// The browsers and systems, by what identifies them in the User-Agent header. The first match
// counts.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR", "Opera"}, {"Firefox", "Firefox"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}}
	systems  = [][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// deviceOf returns the browser or program of a session as people call it.
func (v *visit) deviceOf(s staff.Session) string {
	if s.Kind == staff.APISession {
		return v.say("{program}, by the API", "program", cmp.Or(s.Device, v.say("Another program")))
	}
	return v.device(s.Device)
}

// device returns a browser as people call it.
func (v *visit) device(agent string) string {
	find := func(list [][2]string) string {
		for _, pair := range list {
			if strings.Contains(agent, pair[0]) {
				return pair[1]
			}
		}
		return ""
	}
	browser, system := find(browsers), find(systems)
	if browser == "" || system == "" {
		return v.say("Another program")
	}
	return v.say("{browser} on {system}", "browser", browser, "system", system)
}

// endSession ends a session of the user.
func (v *visit) endSession() error {
	f, err := v.form(nil)
	if err != nil {
		return err
	}
	var sessionID id.ID
	if sessionID.UnmarshalText([]byte(v.r.PathValue("id"))) != nil {
		return errNoPage
	}
	if _, err := command(v, f, staffing.EndSession{ID: sessionID}); err != nil {
		return err
	}
	return v.done(accountPath, notice{Text: v.say("The session ended")})
}
