package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// tokens is the answer of a sign-in or a refresh.
type tokens struct {
	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"`
	Refresh   string `json:"refresh_token"`
	ID        string `json:"session_id"`
	Ends      string `json:"session_expires_at"`
}

func (d *door) tokensOf(status int, r reply) (out tokens) {
	d.t.Helper()
	d.want(status, r)
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		d.t.Fatal(err)
	}
	return out
}

var jsonType = []string{"Content-Type", "application/json"}

func (d *door) enter(user string) tokens {
	d.t.Helper()
	return d.tokensOf(201, d.send("POST", "/api/v1/auth/sessions", fmt.Sprintf(`{"username":%q,"password":%q}`, user, password), jsonType...))
}

func (d *door) refresh(token string, headers ...string) reply {
	d.t.Helper()
	return d.send("POST", "/api/v1/auth/refresh", fmt.Sprintf(`{"refresh_token":%q}`, token), append(headers, jsonType...)...)
}

func bearer(token string) []string {
	return []string{"Authorization", "Bearer " + token, "Content-Type", "application/json"}
}

// refusedWith checks the status and the code of a refusal.
func (d *door) refusedWith(what string, status int, code string, r reply) {
	d.t.Helper()
	if r.status != status || !strings.Contains(r.body, `"code":"`+code+`"`) {
		d.t.Errorf("%s: got %d %s, want %d with the code %s", what, r.status, r.body, status, code)
	}
}

// outSoon waits until an access token is rejected, which takes at most five seconds.
func (d *door) outSoon(what, token string) {
	d.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); d.get("/api/v1/me", bearer(token)...).status != 401; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.t.Fatalf("%s: got the access token accepted, want 401 within five seconds", what)
		}
	}
}

// TestRefreshTokens: a refresh token gives new tokens once; a replaced one ends the session, except
// from the same program within ten seconds, which gets the same answer again.
func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	first := d.enter("teller")
	if first.Type != "bearer" || first.ExpiresIn != 1800 || first.ID == "" || first.Ends == "" {
		t.Errorf("got %+v, want a bearer token of 1800 seconds, and a session with its end", first)
	}
	d.want(200, d.get("/api/v1/me", bearer(first.Access)...))
	second := d.tokensOf(200, d.refresh(first.Refresh))
	if second.Refresh == first.Refresh || second.ID != first.ID || second.Ends != first.Ends {
		t.Errorf("got %+v after %+v, want another refresh token of the same session", second, first)
	}
	d.want(200, d.get("/api/v1/me", bearer(second.Access)...))
	if again := d.tokensOf(200, d.refresh(first.Refresh)); again.Refresh != second.Refresh {
		t.Errorf("the same token again: got the refresh token %s, want %s, because the answer may be lost", again.Refresh, second.Refresh)
	}
	third := d.tokensOf(200, d.refresh(second.Refresh))
	d.refusedWith("the token before the last", 401, "refresh_token_reused", d.refresh(first.Refresh))
	d.refusedWith("the newest token after a reuse", 401, "invalid_refresh_token", d.refresh(third.Refresh))
	d.outSoon("after a reuse", third.Access)
	audit := d.get("/api/v1/audit?action=refresh_session", d.as(access.Auditor)...).body
	if n := strings.Count(audit, `"refresh_token_reused"`); n != 1 {
		t.Errorf("got %d reuses in the audit, want 1: %s", n, audit)
	}

	other := d.enter("teller")
	next := d.tokensOf(200, d.refresh(other.Refresh))
	d.refusedWith("the last token from another program", 401, "refresh_token_reused", d.refresh(other.Refresh, "User-Agent", "curl/8"))
	d.refusedWith("the newest token after that", 401, "invalid_refresh_token", d.refresh(next.Refresh))
}

// TestBadRefreshTokens: what is no refresh token ends nothing.
func TestBadRefreshTokens(t *testing.T) {
	d := open(t, nil)
	in := d.enter("teller")
	forged, err := d.Keys.Issue("refresh:"+in.ID+":1:AAAA", time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	later, _ := d.Keys.Issue("refresh:"+in.ID+":9:AAAA", time.Hour, time.Now())
	unknown, _ := d.Keys.Issue("refresh:01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11:1:AAAA", time.Hour, time.Now())
	for what, token := range map[string]string{
		"nothing": "", "text": "x", "an access token": in.Access, "cut": in.Refresh[:len(in.Refresh)-2], "of a later generation": later, "of an unknown session": unknown,
	} {
		d.refusedWith(what, 401, "invalid_refresh_token", d.refresh(token))
	}
	d.refusedWith("a refresh token as access token", 401, "invalid_credentials", d.get("/api/v1/me", bearer(in.Refresh)...))
	in = d.tokensOf(200, d.refresh(in.Refresh))
	d.refusedWith("signed with the key, but with another secret", 401, "refresh_token_reused", d.refresh(forged))
	for body, loc := range map[string]string{
		`{}`:                            `["body","refresh_token"]`,
		`{"refresh_token":1}`:           `["body","refresh_token"]`,
		`{"refresh_token":"x","ttl":1}`: `["body","ttl"]`,
	} {
		if r := d.send("POST", "/api/v1/auth/refresh", body, jsonType...); r.status != 422 || !strings.Contains(r.body, loc) {
			t.Errorf("%s: got %d %s, want 422 at %s", body, r.status, r.body, loc)
		}
	}
	if r := d.send("POST", "/api/v1/auth/sessions", `{"username":"teller","password":"wrong"}`, jsonType...); r.status != 401 || !strings.Contains(r.body, `"code":"bad_login"`) {
		t.Errorf("a wrong password: got %d %s, want 401 bad_login", r.status, r.body)
	}
}

// TestSessionsExpire: a session ends after 12 hours, and its access tokens with it.
func TestSessionsExpire(t *testing.T) {
	r := newRecorder(t)
	begun := *r.at.Load()
	in := r.tokensOf(201, r.send("POST", "/api/v1/auth/sessions", `{"username":"laura.mendez","password":"una contraseña larga"}`, jsonType...))
	for after := time.Duration(0); after < staff.SessionTime-10*time.Minute; {
		after = min(after+25*time.Minute, staff.SessionTime-10*time.Minute)
		r.setClock(begun.Add(after))
		in = r.tokensOf(200, r.refresh(in.Refresh))
	}
	if in.ExpiresIn != 600 {
		t.Errorf("ten minutes before the end: got an access token of %d seconds, want 600", in.ExpiresIn)
	}
	r.setClock(begun.Add(staff.SessionTime))
	r.refusedWith("after 12 hours", 401, "invalid_refresh_token", r.refresh(in.Refresh))
	r.want(401, r.get("/api/v1/me", bearer(in.Access)...))
}

// TestSessionsEnd: signing out, the user, an administrator, a new password and a disabled user end
// sessions, and their access tokens stop within five seconds.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	users := map[string]func(in tokens){
		"out": func(in tokens) {
			ended := d.want(200, d.send("POST", "/api/v1/auth/revoke", fmt.Sprintf(`{"token":%q}`, in.Refresh), jsonType...))
			again := d.want(200, d.send("POST", "/api/v1/auth/revoke", fmt.Sprintf(`{"token":%q}`, in.Refresh), jsonType...))
			if ended["ended_at"] == nil || ended["ended_at"] != again["ended_at"] {
				t.Errorf("got the ends %v and %v, want the same", ended["ended_at"], again["ended_at"])
			}
		},
		"own": func(in tokens) {
			d.want(200, d.send("POST", "/api/v1/me/sessions/"+in.ID+"/end", "", bearer(in.Access)...))
		},
		"others": func(in tokens) {
			other := d.enter("others")
			if n := d.want(200, d.send("POST", "/api/v1/me/sessions/end-others", "", bearer(other.Access)...))["ended"]; fmt.Sprint(n) != "1" {
				t.Errorf("got %v sessions ended, want 1", n)
			}
			d.tokensOf(200, d.refresh(other.Refresh))
		},
		"admin": func(in tokens) {
			d.want(200, d.send("POST", "/api/v1/users/admin.user/sessions/"+in.ID+"/end", "", d.as(access.Operator)...))
		},
		"all": func(tokens) {
			d.want(200, d.send("POST", "/api/v1/users/all/end-sessions", "", d.as(access.Operator)...))
		},
		"password": func(in tokens) {
			body := fmt.Sprintf(`{"current_password":%q,"password":"otra frase larga"}`, password)
			d.want(200, d.send("PUT", "/api/v1/me/password", body, bearer(in.Access)...))
		},
		"disabled": func(tokens) {
			d.want(200, d.send("POST", "/api/v1/users/disabled/disable", "", d.as(access.Operator)...))
		},
	}
	in := map[string]tokens{}
	for name := range users {
		if name == "admin" {
			continue
		}
		d.AddUser(t, name, password, access.Teller)
		in[name] = d.enter(name)
	}
	d.AddUser(t, "admin.user", password, access.Teller)
	in["admin"] = d.enter("admin.user")
	for name := range users {
		d.want(200, d.get("/api/v1/me", bearer(in[name].Access)...))
	}
	for name, end := range users {
		end(in[name])
		d.refusedWith(name, 401, "invalid_refresh_token", d.refresh(in[name].Refresh))
	}
	for name := range users {
		d.outSoon(name, in[name].Access)
	}
	d.want(404, d.send("POST", "/api/v1/me/sessions/"+in["own"].ID+"/end", "", d.as(access.Teller)...))
	d.want(404, d.send("POST", "/api/v1/users/all/sessions/"+in["own"].ID+"/end", "", d.as(access.Operator)...))
	d.want(403, d.send("POST", "/api/v1/users/own/sessions/"+in["own"].ID+"/end", "", d.as(access.Teller)...))
	d.want(403, d.get("/api/v1/users/own/sessions", d.as(access.Teller)...))
	d.want(404, d.get("/api/v1/users/nobody/sessions", d.as(access.Operator)...))
	d.want(404, d.send("POST", "/api/v1/users/nobody/end-sessions", "", d.as(access.Operator)...))
}

// TestListOfSessions: a user and an administrator see the open sessions of both kinds.
func TestListOfSessions(t *testing.T) {
	d := open(t, nil)
	if _, err := bank.Do(t.Context(), d.Bank, bank.By{Actor: "teller"}, staffing.OpenSession{Username: "teller", Device: "Firefox"}); err != nil {
		t.Fatal(err)
	}
	gone, in := d.enter("teller"), d.enter("teller")
	d.want(200, d.send("POST", "/api/v1/me/sessions/"+gone.ID+"/end", "", bearer(in.Access)...))
	type listed struct {
		ID, Username, Kind, Device string
		Current                    bool
		UsedAt                     string `json:"used_at"`
	}
	for who, headers := range map[string][]string{"/api/v1/me": bearer(in.Access), "/api/v1/users/teller": d.as(access.Operator)} {
		var all []listed
		r := d.get(who+"/sessions", headers...)
		if err := json.Unmarshal([]byte(r.body), &all); err != nil || len(all) != 2 || strings.Contains(r.body, "secret") {
			t.Fatalf("%s: got %s, %v, want two sessions without secrets", who, r.body, err)
		}
		if s := all[0]; s.ID != in.ID || s.Kind != "api" || s.Device != "Go-http-client/1.1" || s.UsedAt == "" || s.Current != (who == "/api/v1/me") {
			t.Errorf("%s: got %+v first, want the session of the API", who, s)
		}
		if s := all[1]; s.Kind != "console" || s.Device != "Firefox" || s.UsedAt != "" || s.Current {
			t.Errorf("%s: got %+v last, want that of the console", who, s)
		}
	}
}
