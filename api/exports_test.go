package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/api"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/infra/auth"
	"sofipo/infra/files"
	"sofipo/test/office"
)

// TestExportsAreInTheAudit: each table, PDF and document of a client that a user gets is recorded with
// the user, the request with its filters and the number of rows. What is refused is not.
func TestExportsAreInTheAudit(t *testing.T) {
	d := open(t, func(o *api.Options) { o.Files = files.Folder(t.TempDir()) })
	file := "/api/v1/clients/" + d.want(201, d.post(filesURL, "{"+emma+"}"))["client_id"].(string) + "/file/documents"
	paper := d.want(201, d.send("POST", file+"?kind=identification&name=INE", "%PDF-1.7 identification", append(d.as(access.Officer), "Content-Type", "application/pdf")...))["id"].(string)
	today := d.today().String()
	days := "from=" + today + "&to=" + today
	loan := "/api/v1/loans/" + d.loan
	for _, c := range []struct {
		role access.Role
		path string
	}{
		{access.Accountant, "/api/v1/books/trial-balance?format=csv&" + days},
		{access.Accountant, "/api/v1/books/trial-balance?format=xlsx&" + days},
		{access.Teller, loan + "/schedule.csv"}, {access.Teller, loan + "/schedule.pdf"}, {access.Officer, file + "/" + paper},
	} {
		if r := d.get(c.path, append(d.as(c.role), "X-Request-ID", "export-1")...); r.status != 200 {
			t.Errorf("%s: got %d %s, want 200", c.path, r.status, r.body)
		}
	}
	d.get("/api/v1/books/trial-balance?"+days, d.as(access.Accountant)...)
	d.want(403, d.get("/api/v1/books/trial-balance?format=csv&"+days, d.as(access.Teller)...))

	var got []string
	for _, r := range d.listed(access.Auditor, "/api/v1/audit?action=export_data") {
		e, _ := r["export"].(map[string]any)
		client := ""
		if r["client_id"] != nil {
			client = " of a client"
		}
		got = append(got, fmt.Sprint(r["actor"], " ", r["correlation_id"], " ", e["file"], " ", e["request"], " ", e["rows"], client))
	}
	name := "balanza-" + today + "-" + today
	table := "tabla-de-amortizacion-P-100-014"
	want := []string{
		"accountant export-1 " + name + ".csv /api/v1/books/trial-balance?format=csv&" + days + " 2",
		"accountant export-1 " + name + ".xlsx /api/v1/books/trial-balance?format=xlsx&" + days + " 2",
		"teller export-1 " + table + ".csv " + loan + "/schedule.csv 12 of a client",
		"teller export-1 " + table + ".pdf " + loan + "/schedule.pdf 0 of a client",
		"officer export-1 " + paper + " " + file + "/" + paper + " 0 of a client",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got the exports\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestTheAuditNamesTheKey: what a service account does, and what is refused to it, has the id and the
// name of the API key.
func TestTheAuditNamesTheKey(t *testing.T) {
	d := open(t, nil)
	secret := auth.NewAPISecret()
	office.Must(t, d.Bank, staffing.AddUser{Username: "portal", Service: true})
	office.Must(t, d.Bank, staffing.AssignRole{Username: "portal", Role: access.Officer})
	key := office.Must(t, d.Bank, staffing.AddAPIKey{Username: "portal", Title: "Portal de pagos", Days: 30, Hash: auth.HashAPISecret(secret)})
	bearer := []string{"Authorization", "Bearer " + auth.APIKey(key.ID, secret), "Content-Type", "application/json"}
	d.want(201, d.send("POST", "/api/v1/clients/", `{"full_name":"Eva","email":"eva@example.com","rfc":"EVAA800101HNE"}`, bearer...))
	d.want(403, d.get("/api/v1/users", bearer...))
	rows := d.listed(access.Auditor, "/api/v1/audit?actor=portal")
	if len(rows) != 2 {
		t.Fatalf("got the rows %v, want a registration and a refusal", rows)
	}
	for _, r := range rows {
		if r["api_key_id"] != key.ID.String() || r["api_key_name"] != "Portal de pagos" {
			t.Errorf("got %v, want the key %s", r, key.ID)
		}
	}
	if r := d.listed(access.Auditor, "/api/v1/audit?actor=admin&limit=1"); len(r) != 1 || r[0]["api_key_id"] != nil {
		t.Errorf("got %v, want a row of a person without a key", r)
	}
}
