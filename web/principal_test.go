package web_test

import (
	"net/http"
	"testing"
	"time"

	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/infra/auth"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/web"
)

// TestATokenOfTheSameSecond: a token that was issued just before a change of the password stops
// working, and one that was issued just after it works.
func TestATokenOfTheSameSecond(t *testing.T) {
	o := office.Open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	keys, err := auth.NewKeys("a secret of a test")
	if err != nil {
		t.Fatal(err)
	}
	a := web.Authenticator{Bank: o.Bank, Keys: keys, Clock: func() time.Time { return o.Now }}
	office.Do(o, "test", staffing.AddUser{Username: "eva", Password: "x", Role: string(access.Teller)})
	second := o.Now.Add(time.Minute)
	issue := func(after time.Duration) http.Header {
		t.Helper()
		token, err := keys.Issue("eva", time.Hour, second.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		return http.Header{"Authorization": {"Bearer " + token}}
	}
	before := issue(200 * time.Millisecond)
	o.Now = second.Add(400 * time.Millisecond)
	office.Do(o, "test", staffing.ChangePassword{Username: "eva", Password: "y"})
	after := issue(600 * time.Millisecond)
	o.Now = second.Add(10 * time.Second)
	if _, err := a.Authenticate(t.Context(), before); !fault.Is(err, access.InvalidCredentials) {
		t.Errorf("a token of before the change: got %v, want %s", err, access.InvalidCredentials)
	}
	if _, err := a.Authenticate(t.Context(), after); err != nil {
		t.Errorf("a token of after the change: got %v, want no error", err)
	}
}
