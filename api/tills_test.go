package api_test

import (
	"strings"
	"testing"

	"sofipo/core/access"
)

// head is the JSON of the head office's id.
const head = `"00000000-0000-7000-8000-000000000001"`

// TestForcedCloseOverHTTP: the manager forces the close of a day; the till of that day stays
// open, is listed, blocks no further close, and must be closed before it is used again.
func TestForcedCloseOverHTTP(t *testing.T) {
	d := open(t, nil)
	json := []string{"Content-Type", "application/json"}
	send := func(role access.Role, path, body string) reply {
		t.Helper()
		return d.send("POST", path, body, append(d.as(role), json...)...)
	}
	read := func(path string) string {
		t.Helper()
		r := d.get(path, d.as(access.Accountant)...)
		if r.status != 200 {
			t.Fatalf("%s: got %d %s, want 200", path, r.status, r.body)
		}
		return r.body
	}
	today := d.today()
	forced, left, blocking := "/api/v1/days/forced-closes", "/api/v1/till-sessions/left-open", "/api/v1/till-sessions/blocking-close"
	till := d.want(201, d.post("/api/v1/tills", `{"code":"c1","name":"Caja 1","branch":"001"}`))["id"].(string)
	force := `{"date":"` + today.String() + `","reason":"No llegó"}`
	d.refused(send(access.BranchManager, "/api/v1/days/forced-close", force), 409, `"code":"no_tills_open"`)
	d.want(201, send(access.Teller, "/api/v1/tills/"+till+"/sessions", `{}`))
	d.refused(send(access.Accountant, "/api/v1/days/close", `{"date":"`+today.String()+`"}`), 409, `"code":"tills_open"`)
	d.refused(send(access.Teller, "/api/v1/days/forced-close", force), 403, `"code":"forbidden"`)
	if got := read(forced) + read(left); got != "[][]" {
		t.Errorf("got %s, want nothing forced", got)
	}
	d.want(200, send(access.BranchManager, "/api/v1/days/forced-close", force))
	if got := read(forced); !strings.Contains(got, `"day":"`+today.String()+`","reason":"No llegó","tills":"c1"`) || !strings.Contains(got, `"actor":"branch_manager"`) {
		t.Errorf("got %s, want the day, the reason, the till and the manager", got)
	}
	if got := d.get(forced+"?limit=1", d.as(access.Auditor)...).header.Get("Link"); got != "<"+forced+"?limit=1&before="+today.String()+`>; rel="next"` {
		t.Errorf("got the link %s, want the next page", got)
	}
	if got := read(left); strings.Count(got, `"teller":"teller"`) != 1 || read(blocking) != "[]" {
		t.Errorf("got %s left open and %s blocking, want one and none", got, read(blocking))
	}
	d.refused(send(access.Teller, "/api/v1/loans/"+d.loan+"/payments", `{"amount":1,"method":"cash","till":"`+till+`"}`), 409, `"code":"till_left_open","date":"`+today.String()+`"`)
	d.want(200, send(access.Teller, "/api/v1/tills/"+till+"/close", `{"sheet":[]}`))
	d.want(201, send(access.Teller, "/api/v1/tills/"+till+"/sessions", `{}`))
	if got := read(left); got != "[]" {
		t.Errorf("got %s left open, want none", got)
	}
}
