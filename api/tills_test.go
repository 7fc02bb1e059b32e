package api_test

import (
	"strings"
	"testing"

	tills "sofipo/bank/settlement"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/test/office"
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

// TestTillsOfABranch: who sees one branch does not see the tills of another one, and sees of the
// bank accounts only their names; who sees the institution sees all.
func TestTillsOfABranch(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	narrow, _ := nouns.Role(access.Teller)
	narrow.Scope = staff.OfBranch
	office.Must(t, d.Bank, staffing.DefineRole{Role: narrow})
	other := office.Must(t, d.Bank, staffing.AddBranch{Code: "002", BranchName: "Norte"})
	office.Must(t, d.Bank, tills.AddTill{Code: "b2", Title: "Bóveda Norte", BranchID: other.ID, Vault: true})
	near := office.Must(t, d.Bank, tills.AddTill{Code: "c1", Title: "Caja 1", BranchID: staff.HeadOffice}).ID.String()
	far := office.Must(t, d.Bank, tills.AddTill{Code: "c2", Title: "Caja 2", BranchID: other.ID}).ID.String()
	own := d.want(201, d.sent(access.Teller, "POST", "/api/v1/tills/"+near+"/sessions", `{}`))["id"].(string)
	others := d.want(201, d.sent(access.Admin, "POST", "/api/v1/tills/"+far+"/sessions", `{}`))["id"].(string)
	for role, all := range map[access.Role]bool{
		access.Admin: true, access.Accountant: true, access.Auditor: true, access.Director: true, access.Teller: false, access.BranchManager: false,
	} {
		want, status := 1, 404
		if all {
			want, status = 2, 200
		}
		for path, want := range map[string]int{
			"/api/v1/tills": 2 * want, "/api/v1/till-sessions": want, "/api/v1/till-sessions?open=true": want, // a branch has a vault and a till
			"/api/v1/till-sessions?till=" + far: want - 1, "/api/v1/bank-accounts": 1,
		} {
			if got := d.listed(role, path); len(got) != want {
				t.Errorf("%s as %s: got %v, want %d", path, role, got, want)
			}
		}
		d.want(200, d.sent(role, "GET", "/api/v1/till-sessions/"+own, ""))
		d.want(status, d.sent(role, "GET", "/api/v1/till-sessions/"+others, ""))
	}
	third := office.Must(t, d.Bank, tills.AddTill{Code: "c3", Title: "Caja 3", BranchID: other.ID}).ID.String()
	d.outside(access.Teller, true, [][3]string{{"POST", "/api/v1/tills/" + third + "/sessions", `{}`}}...)
	d.outside(access.BranchManager, true, [][3]string{
		{"PUT", "/api/v1/tills/" + third, `{"name":"Mía"}`}, {"POST", "/api/v1/tills/" + third + "/retire", ""},
		{"POST", "/api/v1/tills/" + far + "/forced-close", `{"sheet":[],"reason":"No vino"}`},
		{"POST", "/api/v1/tills", `{"code":"c4","name":"Caja 4","branch":"002"}`},
	}...)
	d.outside(access.BranchManager, false, [][3]string{{"PUT", "/api/v1/tills/" + near, `{"name":"Caja uno"}`}}...)
	for _, role := range []access.Role{access.Officer, access.Collector, access.Compliance, access.Operator} {
		d.refused(d.sent(role, "GET", "/api/v1/tills", ""), 403, `"code":"forbidden"`)
	}
	d.want(200, d.sent(access.BranchManager, "POST", "/api/v1/days/forced-close", `{"reason":"No llegó"}`))
	for role, want := range map[access.Role]int{access.Accountant: 2, access.Teller: 1, access.BranchManager: 1} {
		if got := d.listed(role, "/api/v1/till-sessions/left-open"); len(got) != want {
			t.Errorf("the tills left open as %s: got %v, want %d", role, got, want)
		}
	}
}
