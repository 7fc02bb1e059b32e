package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/test/office"
	"sofipo/web"
)

// app is an authenticator app, with the clock by which the API compares codes.
type app struct {
	*door
	now    atomic.Pointer[time.Time]
	secret string
}

func openFactors(t *testing.T, required web.SecondFactor) *app {
	t.Helper()
	a := &app{}
	a.at(time.Now())
	a.door = open(t, func(o *api.Options) {
		o.Logins, o.SecondFactor = web.NewLogins(o.Bank, func() time.Time { return *a.now.Load() }), required
	})
	return a
}

func (a *app) at(now time.Time) { a.now.Store(&now) }

// code returns the code of the next period.
func (a *app) code() string {
	a.t.Helper()
	a.at(a.now.Load().Add(30 * time.Second))
	code, err := totp.GenerateCode(a.secret, *a.now.Load())
	if err != nil {
		a.t.Fatal(err)
	}
	return code
}

func (a *app) signIn(user, otp string) reply {
	return a.send("POST", "/api/v1/auth/sessions", fmt.Sprintf(`{"username":%q,"password":%q,"otp":%q}`, user, password, otp), jsonType...)
}

// token asks the seed's route for a token.
func (a *app) token(user, otp string) reply {
	form := url.Values{"username": {user}, "password": {password}}
	if otp != "" {
		form.Set("otp", otp)
	}
	return a.send("POST", "/api/v1/auth/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func (a *app) factor(path, user, otp string) reply {
	body := fmt.Sprintf(`{"username":%q,"password":%q`, user, password)
	if otp != "" {
		body += fmt.Sprintf(`,"otp":%q`, otp)
	}
	return a.send("POST", "/api/v1/auth/factor"+path, body+"}", jsonType...)
}

// enrol gives a user a second factor and returns the recovery codes.
func (a *app) enrol(user string) (codes []string) {
	a.t.Helper()
	var made struct {
		Secret, URI string
		QR          []byte `json:"qr_png"`
	}
	r := a.factor("", user, "")
	if err := json.Unmarshal([]byte(r.body), &made); err != nil || r.status != 201 || !strings.HasPrefix(made.URI, "otpauth://totp/") || !strings.Contains(made.URI, "secret="+made.Secret) {
		a.t.Fatalf("got %d %s, %v, want a secret with its URI", r.status, r.body, err)
	}
	if _, err := png.Decode(bytes.NewReader(made.QR)); err != nil {
		a.t.Errorf("got the QR code %v, want a PNG", err)
	}
	a.secret = made.Secret
	a.refusedWith("a wrong first code", 401, "bad_code", a.factor("/confirm", user, "12345"))
	var given struct {
		Codes []string `json:"recovery_codes"`
	}
	r = a.factor("/confirm", user, a.code())
	if err := json.Unmarshal([]byte(r.body), &given); err != nil || r.status != 200 || len(given.Codes) != 10 {
		a.t.Fatalf("got %d %s, %v, want ten recovery codes", r.status, r.body, err)
	}
	return given.Codes
}

// TestSecondFactor: who has one is asked for a code, which is used once.
func TestSecondFactor(t *testing.T) {
	a := openFactors(t, web.FactorOff)
	a.want(201, a.signIn("teller", ""))
	a.factor("", "teller", "")
	a.want(201, a.signIn("teller", "")) // not confirmed
	a.refusedWith("confirming what nobody began", 404, "factor_not_found", a.factor("/confirm", "officer", "123456"))
	codes := a.enrol("teller")
	for way, enter := range map[string]func(user, otp string) reply{"session": a.signIn, "token": a.token} {
		right := 200
		if way == "session" {
			right = 201
		}
		a.refusedWith(way+" without a code", 401, "code_required", enter("teller", ""))
		a.refusedWith(way+" with a wrong code", 401, "bad_code", enter("teller", "000"))
		code := a.code()
		a.want(right, enter("teller", code))
		a.refusedWith(way+" with the same code", 401, "bad_code", enter("teller", code))
		a.want(right, enter("teller", strings.ToLower(codes[right-200])))
		a.refusedWith(way+" with the same recovery code", 401, "bad_code", enter("teller", codes[right-200]))
		a.want(right, enter("officer", ""))
	}
	early := a.code()
	a.at(a.now.Load().Add(90 * time.Second))
	a.refusedWith("a code of long ago", 401, "bad_code", a.signIn("teller", early))
	a.refusedWith("another enrolment", 409, "factor_confirmed", a.factor("", "teller", ""))
	if r := a.factor("/confirm", "teller", a.code()); r.status != 409 {
		t.Errorf("confirming again: got %d %s, want 409", r.status, r.body)
	}
	if r := a.send("POST", "/api/v1/auth/factor", `{"username":"teller","password":"wrong"}`, jsonType...); r.status != 401 {
		t.Errorf("enrolling with a wrong password: got %d, want 401", r.status)
	}
	for _, want := range []string{"enrol_factor bad_login", "confirm_factor bad_code", "use_factor bad_code"} {
		action, refusal, _ := strings.Cut(want, " ")
		rows := a.listed(access.Auditor, "/api/v1/audit?actor=teller&action="+action)
		if !slices.ContainsFunc(rows, func(r map[string]any) bool { return r["refusal"] == refusal && r["correlation_id"] != nil }) {
			t.Errorf("got the rows %v, want %s among them", rows, want)
		}
	}
	if n := office.Count(t, a.Bank.DB(), "SELECT count(*) FROM factors WHERE instr(secret, '"+a.secret+"') > 0"); n != 0 {
		t.Error("got the secret in the database, want it encrypted")
	}
}

// TestWrongCodesAreCounted: as wrong passwords are. The right password alone does not end the pause.
func TestWrongCodesAreCounted(t *testing.T) {
	a := openFactors(t, web.FactorOff)
	a.enrol("teller")
	a.want(201, a.signIn("teller", a.code()))
	for range 5 {
		a.refusedWith("the password alone", 401, "code_required", a.signIn("teller", ""))
		a.refusedWith("another enrolment", 409, "factor_confirmed", a.factor("", "teller", ""))
		a.refusedWith("a wrong code", 401, "bad_code", a.signIn("teller", "000"))
	}
	a.refusedWith("the sixth", 429, "too_many_attempts", a.signIn("teller", "000"))
}

// TestRequiredSecondFactor: with the setting money, roles that move money sign in only with one.
func TestRequiredSecondFactor(t *testing.T) {
	a := openFactors(t, web.FactorMoney)
	for _, role := range access.Roles() {
		if role == access.Admin {
			continue
		}
		moves := role != access.Auditor && role != access.Collector && role != access.Compliance
		if r := a.token(string(role), ""); (r.status == 403 && strings.Contains(r.body, `"code":"factor_required"`)) != moves || !moves && r.status != 200 {
			t.Errorf("%s: got %d %s, want a second factor required: %t", role, r.status, r.body, moves)
		}
	}
	a.refusedWith("a session", 403, "factor_required", a.signIn("teller", ""))
	a.enrol("teller")
	in := a.tokensOf(201, a.signIn("teller", a.code()))
	a.want(403, a.send("POST", "/api/v1/users/teller/reset-factor", "", a.as(access.Teller)...))
	a.want(404, a.send("POST", "/api/v1/users/auditor/reset-factor", "", a.as(access.Operator)...))
	if u := a.want(200, a.send("POST", "/api/v1/users/teller/reset-factor", "", a.as(access.Operator)...)); u["disabled"] != true {
		t.Errorf("after a reset: got %v, want a disabled user", u)
	}
	a.refusedWith("a session after the reset", 401, "invalid_refresh_token", a.refresh(in.Refresh))
	a.refusedWith("enabling by the same person", 403, "four_eyes", a.send("POST", "/api/v1/users/teller/enable", "", a.as(access.Operator)...))
	a.want(200, a.send("POST", "/api/v1/users/teller/enable", "", a.as(access.Admin)...))
	a.refusedWith("without a factor again", 403, "factor_required", a.signIn("teller", ""))
}
