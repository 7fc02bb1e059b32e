package console_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	staffing "sofipo/bank/staff"
	"sofipo/checks"
	"sofipo/console"
	"sofipo/core/event"
	"sofipo/infra/amqp"
	"sofipo/infra/auth"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/files"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// browser is a user's browser at a console.
type browser struct {
	*testing.T
	http.Client
	url  string
	now  *time.Time
	bank *bank.Bank
	days *dayend.Closer
	kept files.Folder
}

// open opens a console on a database with the users ana (admin) and tomas (teller).
func open(t *testing.T, d *db.DB) *browser {
	t.Helper()
	now := time.Date(2026, 11, 30, 15, 59, 59, 0, time.UTC)
	clock := func() time.Time { return now }
	views := view.Open(d, nil)
	last := &atomic.Uint64{}
	b := bank.Open(bank.Options{DB: d, Writers: 1, Clock: clock, Committed: func(token uint64, keys []string) {
		views.Forget(token, keys)
		last.Store(max(last.Load(), token))
	}})
	t.Cleanup(b.Close)
	hash, err := auth.HashPassword(password)
	must(t, err)
	for name, role := range map[string]string{"ana": "admin", "tomas": "teller"} {
		office.Must(t, b, staffing.AddUser{Username: name, Password: hash, Role: role, FullName: strings.ToUpper(name[:1]) + name[1:] + " Ruiz"})
	}
	now = now.Add(time.Second) // the passwords are older than the tokens
	keys, err := auth.NewKeys("a secret of the tests, long enough")
	must(t, err)
	days := dayend.New(b, dayend.Options{})
	viewings := clients.OpenViewings(d, slog.New(slog.DiscardHandler))
	t.Cleanup(viewings.Close)
	kept := files.Folder(t.TempDir())
	server := httptest.NewServer(console.New(console.Options{Bank: b, Viewings: viewings, Files: kept, Days: days, View: views, Keys: keys, Clock: clock, Operations: operations}))
	t.Cleanup(server.Close)
	w := &browser{T: t, Client: http.Client{Transport: current{last}}, url: server.URL, now: &now, bank: b, days: days, kept: kept}
	w.forget()
	return w
}

// current makes every request ask for all that was committed, by whomever.
type current struct{ last *atomic.Uint64 }

// RoundTrip sends a request with the position of the last commit.
func (c current) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	cookies := r.Cookies()
	r.Header.Del("Cookie")
	r.AddCookie(&http.Cookie{Name: "sofipo_position", Value: strconv.FormatUint(c.last.Load(), 10)})
	for _, one := range cookies {
		if one.Name != "sofipo_position" {
			r.AddCookie(one)
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// operations is a system with a broken database, dead letters and a failed check.
var operations = console.Operations{
	Ready: func(context.Context) map[string]error {
		return map[string]error{"database": errors.New("away"), "disk": nil}
	},
	Transit: func(context.Context) (console.Transit, error) { return console.Transit{Outbox: 2, Dead: 3}, nil },
	DeadLetters: func(context.Context, int) ([]amqp.DeadLetter, error) {
		return []amqp.DeadLetter{{RoutingKey: "sofipo.payment", Reason: "the reason"}}, nil
	},
	Replay: func(context.Context) (int, error) { return 3, nil },
	Doctor: func(context.Context) []checks.Check {
		return []checks.Check{
			{Name: "trial balance", Found: "2 rows"}, {Name: "journal entries balance", Err: errors.New("it is broken")},
			{Name: "no asset or liability is overdrawn", Err: errors.New("1101"), Warning: true},
		}
	},
	Events:   events{},
	Settings: []console.Setting{{Name: "SOFIPO_ADDR", Value: "127.0.0.1:8000", Set: true}, {Name: "API_SECRET_KEY", Secret: true, Set: true}},
}

// events is an event log with one event of every subject.
type events struct{ eventlog.Log }

// Find returns the event.
func (events) Find(_ context.Context, q eventlog.Query) ([]event.Envelope, string, error) {
	return []event.Envelope{{EventType: "loan_created", Subject: q.Subject, Timestamp: "2026-11-30T16:00:00.000000Z", Payload: []byte("{}"), Actor: "ana", Sequence: 7}}, "", nil
}

const password = "Correcta y larga 1"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// forget removes the browser's cookies.
func (w *browser) forget() {
	jar, err := cookiejar.New(nil)
	must(w.T, err)
	w.Jar = jar
}

// get asks for a page.
func (w *browser) get(path string, status int) (body string) {
	w.Helper()
	r, err := w.Get(w.url + path)
	must(w.T, err)
	defer func() { _ = r.Body.Close() }()
	return w.read(r, "GET "+path, status)
}

// post sends a form.
func (w *browser) post(path string, status int, pairs ...string) (body string) {
	w.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r, err := w.PostForm(w.url+path, values)
	must(w.T, err)
	defer func() { _ = r.Body.Close() }()
	return w.read(r, "POST "+path, status)
}

func (w *browser) read(r *http.Response, what string, status int) string {
	w.Helper()
	body, err := io.ReadAll(r.Body)
	must(w.T, err)
	if r.StatusCode != status {
		w.Errorf("%s: got %d at %s, want %d\n%s", what, r.StatusCode, r.Request.URL, status, body)
	}
	return string(body)
}

// signIn signs a user in.
func (w *browser) signIn(user string) {
	w.Helper()
	w.has(w.post("/console/sign-in", 200, "sign_in_user", user, "sign_in_password", password), `aria-current="page"`)
}

// has checks that a page has all texts.
func (w *browser) has(body string, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			w.Errorf("got a page without %q, want it\n%s", text, body)
		}
	}
}

func TestSignIn(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.has(w.get("/console/account", 401), "Iniciar sesión", `value="/console/account"`)
		w.has(w.post("/console/sign-in", 401, "sign_in_user", "ana", "sign_in_password", "otra"), "Usuario o contraseña incorrectos", `value="ana"`)
		w.has(w.post("/console/sign-in", 200, "sign_in_user", " ANA ", "sign_in_password", password, "sign_in_path", "/console/account"), "Mi cuenta", "Ana Ruiz", "Administrador")
		if n := office.Count(t, d, "SELECT count(*) FROM sessions"); n != 1 {
			t.Errorf("got %d sessions, want 1", n)
		}
		w.has(w.get("/console/nowhere", 404), "Esta página no existe")
		stolen := w.Jar
		w.has(w.post("/console/sign-out", 200), "Iniciar sesión")
		w.Jar = stolen
		w.get("/console/", 401)
	})
}

// TestSignInGoesNowhereElse: an address of another site is not followed.
func TestSignInGoesNowhereElse(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"https://example.com/console/", "//example.com/console/", "/api/v1/clients/", "/console//example.com", `/console/\example.com`, "javascript:alert(1)", "/console/sign-in?x"} {
		r, err := w.PostForm(w.url+"/console/sign-in", url.Values{"sign_in_user": {"ana"}, "sign_in_password": {password}, "sign_in_path": {path}})
		must(t, err)
		_ = r.Body.Close()
		if got := r.Header.Get("Location"); got != "/console/" {
			t.Errorf("%s: got the location %q, want /console/", path, got)
		}
	}
}

// TestAnotherSiteCannotPost: a form of another site is refused, and the session's cookie is not
// for scripts.
func TestAnotherSiteCannotPost(t *testing.T) {
	w := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	w.signIn("ana")
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://example.com"} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.url+"/console/account", strings.NewReader("language=en"))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		answer, err := w.Do(r)
		must(t, err)
		w.read(answer, header, 403)
		_ = answer.Body.Close()
	}
	w.has(w.get("/console/account", 200), "Mi cuenta")
}

// TestIdleSessions: a session ends after half an hour without a request, and after twelve hours
// in any case. What a form had is given back after signing in again.
func TestIdleSessions(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("tomas")
		for range 3 {
			*w.now = w.now.Add(29 * time.Minute)
			w.get("/console/", 200)
		}
		*w.now = w.now.Add(31 * time.Minute)
		page := w.post("/console/account", 401, "language", "en", "theme", "dark", "form_key", "k1")
		w.has(page, "lo que escribió se conserva", `name="kept.theme" value="dark"`)
		page = w.post("/console/sign-in", 200, "sign_in_user", "tomas", "sign_in_password", password, "sign_in_path", "/console/account", "kept.theme", "dark", "kept.language", "en", "kept.form_key", "k1")
		w.has(page, "aún no se ha hecho nada", `<option value="dark" selected>`)
		for _, path := range []string{"/console/account/password", "/console/account/sessions/x/end"} { // forms of the page without a page of their own
			w.has(w.post("/console/sign-in", 200, "sign_in_user", "tomas", "sign_in_password", password, "sign_in_path", path, "kept.form_key", "k2"), "Mi cuenta", `<option value="es" selected>`)
		}
		for range 25 {
			*w.now = w.now.Add(29 * time.Minute)
			r, err := w.Get(w.url + "/console/")
			must(t, err)
			_ = r.Body.Close()
		}
		w.get("/console/", 401)
	})
}

func TestPreferences(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.signIn("tomas")
		w.post("/console/account", 422, "language", "fr")
		w.has(w.post("/console/account", 200, "language", "en", "theme", "dark", "form_key", "k1"), "Se guardó")
		*w.now = w.now.Add(10 * time.Second) // users are remembered for five
		w.has(w.get("/console/account", 200), `lang="en"`, `data-theme="dark"`, `data-keys="off"`, "My account")
		w.has(w.post("/console/account/password", 422, "present_password", "no", "new_password", "Otra muy larga 22"), "must be your present password")
		w.post("/console/account/password", 422, "present_password", password, "new_password", "corta")
		other := w.Jar
		w.forget()
		w.signIn("tomas")
		*w.now = w.now.Add(time.Second)
		w.has(w.post("/console/account/password", 200, "present_password", password, "new_password", "Otra muy larga 22"), "Your other sessions ended")
		*w.now = w.now.Add(10 * time.Second)
		w.get("/console/", 200)
		w.Jar = other
		w.get("/console/", 401)
	})
}

// TestSecondStep: a user enrols a second factor on the account page; the sign-in then asks for a code
// after the password.
func TestSecondStep(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	w := open(t, d)
	w.signIn("ana")
	field := func(page, pattern string) string {
		t.Helper()
		found := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("got a page without %s, want it\n%s", pattern, page)
		}
		return found[1]
	}
	const proof, key = `name="sign_in_proof" value="([^"]+)"`, `<code>([A-Z2-7 ]+)</code>`
	code := func(secret string, at time.Time) string {
		t.Helper()
		made, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), at)
		must(t, err)
		return made
	}
	w.has(w.post("/console/account/factor", 422, "factor_password", "not "+password), "Escriba su contraseña actual")
	page := w.post("/console/account/factor", 200, "factor_password", password)
	w.has(page, `src="data:image/png;base64,`)
	secret := field(page, key)
	page = w.post("/console/sign-in/code", 401, "sign_in_enrol", "on", "sign_in_proof", field(page, proof), "sign_in_code", "000")
	w.has(page, `src="data:image/png;base64,`, secret, "El código es incorrecto")
	begun := time.Now()
	page = w.post("/console/sign-in/code", 200, "sign_in_enrol", "on", "sign_in_proof", field(page, proof), "sign_in_code", code(secret, begun))
	if n := strings.Count(page, "<code>"); n != 10 {
		t.Errorf("got %d recovery codes, want 10\n%s", n, page)
	}
	recovery := field(page, `<code>([A-Z2-7-]+)</code>`)
	w.has(w.get("/console/account", 200), "Al iniciar sesión se pide un código")

	w.forget()
	page = w.post("/console/sign-in", 200, "sign_in_user", "ana", "sign_in_password", password, "sign_in_path", "/console/account")
	w.has(page, "Segundo paso")
	w.get("/console/account", 401)
	given := field(page, proof)
	w.has(w.post("/console/sign-in/code", 401, "sign_in_proof", given, "sign_in_code", code(secret, begun)), "ya se usó", "Segundo paso")
	w.has(w.post("/console/sign-in/code", 200, "sign_in_proof", given, "sign_in_path", "/console/account", "sign_in_code", code(secret, begun.Add(30*time.Second))), "Mi cuenta")
	w.forget()
	w.post("/console/sign-in/code", 200, "sign_in_proof", given, "sign_in_path", "/console/account", "sign_in_code", recovery)
	w.forget()
	w.post("/console/sign-in/code", 401, "sign_in_proof", "x", "sign_in_code", recovery)
}
