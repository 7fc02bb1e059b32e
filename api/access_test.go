package api_test

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
)

func TestPublicReadsIgnoreTokens(t *testing.T) {
	d := open(t, nil)
	d.want(200, d.get("/api/v1/clients/ANAA800101HNE", "Authorization", "Bearer not.a.token"))
	d.want(401, d.get("/api/v1/events"))
}

// TestLoginsAreInTheAudit: with the user, or without the name if there is no such user.
func TestLoginsAreInTheAudit(t *testing.T) {
	d := open(t, nil)
	login := func(username, given string, status int) {
		t.Helper()
		if r := d.send("POST", "/api/v1/auth/token", url.Values{"username": {username}, "password": {given}}.Encode(), "Content-Type", "application/x-www-form-urlencoded"); r.status != status {
			t.Errorf("login of %s: got %d %s, want %d", username, r.status, r.body, status)
		}
	}
	login("teller", password, 200)
	login("teller", "wrong", 401)
	login("a password", "wrong", 401)
	rows := d.listed(access.Auditor, "/api/v1/audit?action=sign_in")
	got := ""
	for _, r := range rows {
		got += fmt.Sprint(r["actor"], " ", r["refusal"], "; ")
	}
	if want := "teller <nil>; teller bad_login; ? bad_login; "; got != want {
		t.Errorf("got the rows %q, want %q", got, want)
	}
}

func TestLogin(t *testing.T) {
	d := open(t, nil)
	login := func(username, given, extra string) reply {
		form := url.Values{"username": {username}, "password": {given}}.Encode() + extra
		return d.send("POST", "/api/v1/auth/token", form, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	token := d.want(200, login("teller", password, ""))["access_token"].(string)
	if claims, err := d.Keys.Verify(token, time.Now()); err != nil || claims.Subject != "teller" || time.Until(claims.Expires).Round(time.Minute) != 30*time.Minute {
		t.Errorf("got %+v %v, want subject teller, expiry in 30 minutes", claims, err)
	}
	for _, c := range []struct {
		username, given, extra string
		status                 int
		says                   string
	}{
		{"teller", "string of t", "", 401, `{"detail":"Incorrect username or password"`},
		{"nobody", "string", "", 401, `{"detail":"Incorrect username or password"`},
		{"Teller", password, "", 401, `{"detail":"Incorrect`},
		{"a\x00b\xff", strings.Repeat("x", 5000), "", 401, `{"detail":"Incorrect`},
		{"", "string", "", 422, `{"loc":["body","username"],"msg":"field required"`},
		{"teller", password, "&grant_type=passwords", 200, `"token_type":"bearer"}`},
		{"teller", password, "&grant_type=", 200, `"token_type":"bearer"}`},
		{"teller", "x", "&password=string+of+te", 200, `"token_type":"bearer"}`},
		{"teller", password, "&grant_type=client", 422, `"ctx":{"pattern":"password"}`},
	} {
		if r := login(c.username, c.given, c.extra); r.status != c.status || !strings.Contains(r.body, c.says) {
			t.Errorf("%q %q %q: got %d %s, want status %v with %q", c.username, c.given, c.extra, r.status, r.body, c.status, c.says)
		}
	}
}

// TestUnknownUserTakesTheTimeOfAKnownOne: the time of a refusal does not reveal which names exist.
func TestUnknownUserTakesTheTimeOfAKnownOne(t *testing.T) {
	d := open(t, nil)
	refused := func(username string) time.Duration { // each name is tried as often as it is not delayed
		start := time.Now()
		d.want(401, d.send("POST", "/api/v1/auth/token", "username="+username+"&password=wrong", "Content-Type", "application/x-www-form-urlencoded"))
		return time.Since(start)
	}
	known, unknown := time.Hour, time.Hour // the fastest, of more tries while the machine is busy with something else
	for try := 0; try < 3 || try < 20 && (unknown < known/4 || known < unknown/4); try++ {
		name := string(access.Roles()[try/4])
		known, unknown = min(known, refused(name)), min(unknown, refused("no"+name))
	}
	if unknown < known/4 || known < unknown/4 {
		t.Errorf("got a login of %s for a known user and of %s for an unknown one, want neither below a quarter of the other", known, unknown)
	}
}

// TestManyWrongPasswords: after five, the same name from the same address is refused with the
// time to wait, whether the user exists or not; the same user can log in at another address.
func TestManyWrongPasswords(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for _, name := range []string{"teller", "nobody"} {
		for i := range 300 {
			r := d.send("POST", "/api/v1/auth/token", "username="+name+"&password=wrong", "Content-Type", "application/x-www-form-urlencoded")
			switch {
			case i < 5 && (r.status != 401 || !strings.HasPrefix(r.body, `{"detail":"Incorrect username or password"`)):
				t.Fatalf("%s: got %d %s for wrong password %d, want 401", name, r.status, r.body, i+1)
			case i == 5 && (r.status != 429 || r.header.Get("Retry-After") != "1" || !strings.Contains(r.body, `"title":"Too many login attempts; try again in 1 second",`) || !strings.Contains(r.body, `"retry_after":1`)):
				t.Fatalf("%s: got %d %v %s for wrong password 6, want 429 with Retry-After 1", name, r.status, r.header, r.body)
			}
		}
	}
	elsewhere := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}}
	defer elsewhere.CloseIdleConnections()
	answer, err := elsewhere.PostForm(d.URL+"/api/v1/auth/token", url.Values{"username": {"teller"}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != 200 {
		t.Errorf("the user at another address: got %d, want 200", answer.StatusCode)
	}
	if metrics := d.get("/metrics").body; !strings.Contains(metrics, `sofipo_logins_refused_total{reason="pair"} 5`) {
		t.Error("metrics: got fewer than 500 refused logins, want more")
	}
}

// TestDisabledUser: a user who is disabled cannot enter, and is out within a few seconds.
func TestDisabledUser(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	pay := func() reply {
		return d.send("POST", "/api/v1/loans/"+d.loan+"/payments", `{"amount":1}`, d.as(access.Teller)...)
	}
	d.want(201, pay())
	if _, err := bank.Do(t.Context(), d.Bank, bank.By{System: true, Actor: "test"}, staffing.DisableUser{Username: "teller"}); err != nil {
		t.Fatal(err)
	}
	d.want(401, d.send("POST", "/api/v1/auth/token", "username=teller&password=string+of+te", "Content-Type", "application/x-www-form-urlencoded"))
	for deadline := time.Now().Add(time.Minute); pay().status != 401; time.Sleep(250 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("got a payment by a disabled user accepted, want a refusal")
		}
	}
}

// TestNewPassword: it makes void the tokens issued before and those without a time of issue, and
// not later ones.
func TestNewPassword(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.AddUser(t, "maria", "before it", access.Officer)
	issue := func(at time.Time) []string {
		token, err := d.Keys.Issue("maria", time.Hour, at)
		if err != nil {
			t.Fatal(err)
		}
		return []string{"Authorization", "Bearer " + token}
	}
	seeds := d.seedToken("maria")
	d.want(200, d.send("POST", quotePath, readme(""), seeds...))
	old := issue(time.Now().Add(-time.Minute))
	d.want(401, d.send("POST", quotePath, readme(""), old...)) // issued before the user had a password at all
	fresh := issue(time.Now())
	d.want(200, d.send("POST", quotePath, readme(""), fresh...))
	changed := staffing.ChangePassword{Username: "maria", Password: "$argon2id$another"}
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(1100 * time.Millisecond))) // tokens have whole seconds
	if _, err := bank.Do(t.Context(), d.Bank, bank.By{System: true, Actor: "test"}, changed); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for d.send("POST", quotePath, readme(""), fresh...).status != 401 {
		if time.Now().After(deadline) {
			t.Fatal("got an old token accepted after a change of the password, want a refusal")
		}
		time.Sleep(100 * time.Millisecond)
	}
	d.want(401, d.send("POST", quotePath, readme(""), seeds...))
	d.want(200, d.send("POST", quotePath, readme(""), issue(time.Now())...))
}

// seedToken returns the header with a token as the seed issues it, without a time of issue.
func (d *door) seedToken(user string) []string {
	d.t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": user, "exp": time.Now().Add(time.Hour).Unix()})
	signed, err := token.SignedString([]byte(d.Secret))
	if err != nil {
		d.t.Fatal(err)
	}
	return []string{"Authorization", "Bearer " + signed}
}
