package api_test

import (
	"net/http"
	"strings"
	"testing"

	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/test/office"
)

// refuses checks that a request of a role is refused with a code.
func (d *door) refuses(code string, role access.Role, method, path, body string) {
	d.t.Helper()
	if got := d.want(403, d.sent(role, method, path, body)); got["code"] != code {
		d.t.Errorf("%s %s as %s: got the code %v, want %s", method, path, role, got["code"], code)
	}
}

// made sends a body as a role and returns the id in the answer.
func (d *door) made(status int, role access.Role, path, body string) string {
	d.t.Helper()
	made, _ := d.want(status, d.sent(role, http.MethodPost, path, body))["id"].(string)
	return made
}

// newClient registers a client who owes nothing.
func (d *door) newClient() string {
	d.t.Helper()
	return d.made(201, access.Officer, "/api/v1/clients/", `{"full_name":"Eva","email":"eva@example.com","rfc":"EVAA800101HNE"}`)
}

func application(client, amount string) string {
	return `{"client_id":"` + client + `","product":"seed","amount":` + amount + `,"annual_rate":0.2,"periods":12}`
}

const (
	loansPath        = "/api/v1/loans/"
	applicationsPath = "/api/v1/loans/applications"
)

// TestAbuseOfGrants: one officer neither grants the largest amount nor splits it.
func TestAbuseOfGrants(t *testing.T) {
	d := open(t, nil)
	client := d.newClient()
	grant := func(amount string) string {
		return `{"client_id":"` + client + `","amount":` + amount + `,"interest_rate":0.1,"term_months":12}`
	}
	d.refuses("authority_exceeded", access.Officer, "POST", loansPath, grant("9999999999999.99"))
	d.want(201, d.sent(access.Officer, "POST", loansPath, grant("40000")))
	d.refuses("authority_exceeded", access.Officer, "POST", loansPath, grant("40000"))
	third := d.made(201, access.Officer, applicationsPath, application(client, "40000"))
	d.refuses("authority_exceeded", access.Officer, "POST", loansPath+third+"/approval", "")
	if got := d.listed(access.Admin, "/api/v1/clients/"+client+"/loans"); len(got) != 2 {
		t.Errorf("got the loans %v, want the first and the application", got)
	}
}

// TestAbuseOfWriteOffs: nobody writes off a healthy loan of 250,000 alone, and who files it does
// not approve it.
func TestAbuseOfWriteOffs(t *testing.T) {
	d := open(t, nil)
	lent := d.made(201, access.Officer, applicationsPath, application(d.newClient(), "250000"))
	d.want(200, d.sent(access.BranchManager, "POST", loansPath+lent+"/approval", ""))
	d.want(200, d.sent(access.Admin, "POST", loansPath+lent+"/disbursement", `{"method":"transfer"}`))
	for _, role := range []access.Role{access.Officer, access.BranchManager, access.Director} {
		d.refuses("authority_exceeded", role, "POST", loansPath+lent+"/write-off", "")
	}
	own := d.made(202, access.Director, loansPath+lent+"/write-off?request_reason=quebranto", "")
	d.refuses("four_eyes", access.Director, "POST", "/api/v1/requests/"+own+"/approval", "")
	d.refuses("four_eyes", access.Director, "POST", "/api/v1/requests/"+own+"/rejection", `{"reason":"no"}`)
	d.refuses("authority_exceeded", access.BranchManager, "POST", "/api/v1/requests/"+own+"/approval", "")
}

// TestAbuseOfRoles: the maker of an application decides it neither by a second role nor by a
// limit that the same person raises, and an edited application loses its approval.
func TestAbuseOfRoles(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	asked := d.made(201, access.Officer, applicationsPath, application(d.newClient(), "200000"))
	d.refuses("authority_exceeded", access.Officer, "POST", loansPath+asked+"/rejection", `{"reason":"error"}`)

	raised := `{"title":"Director","scope":"all","permissions":["requests.read","requests.decide","roles.manage","users.read","loans.approve"],"limits":{"approval":9999999999999.99}}`
	d.refuses("authority_exceeded", access.Director, "PUT", "/api/v1/roles/director", raised)
	own := d.want(202, d.sent(access.Director, "PUT", "/api/v1/roles/director?request_reason=x", raised))["id"].(string)
	d.refuses("four_eyes", access.Director, "POST", "/api/v1/requests/"+own+"/approval", "")
	filed := d.want(202, d.sent(access.Operator, "PUT", "/api/v1/roles/director?request_reason=x", raised))["id"].(string)
	d.refuses("four_eyes", access.Director, "POST", "/api/v1/requests/"+filed+"/approval", "")
	defined := d.want(200, d.sent(access.Admin, "POST", "/api/v1/requests/"+filed+"/approval", ""))["answer"].(map[string]any)
	if limits := defined["limits"].(map[string]any); limits["disbursement"] != limits["alone"] || limits["alone"].(interface{ String() string }).String() != "0.00" {
		t.Errorf("got the limits %v, want 0.00 for those that are absent", limits)
	}

	d.want(200, d.sent(access.BranchManager, "POST", loansPath+asked+"/approval", ""))
	edit := strings.Replace(application("", "400000"), `"client_id":"",`, "", 1)
	edited := d.want(200, d.sent(access.Officer, "PUT", loansPath+asked+"/application", edit))
	if edited["status"] != "APPLIED" || edited["approved_by"] != nil {
		t.Errorf("got %v, want the edited application without its approval", edited)
	}
	d.want(409, d.sent(access.Admin, "POST", loansPath+asked+"/disbursement", `{"method":"transfer"}`))
	office.Must(t, d.Bank, staffing.AssignRole{Username: "officer", Role: access.Director})
	d.eventually(access.Officer, "GET", "/api/v1/users", 200)
	for _, decision := range []string{"/approval", "/rejection"} {
		d.refuses("authority_exceeded", access.Officer, "POST", loansPath+asked+decision, `{}`)
	}
}

// TestAComplianceOfficersFile: the compliance officer completes a file and registers no clients.
func TestAComplianceOfficersFile(t *testing.T) {
	d := open(t, nil)
	file := "/api/v1/clients/" + d.client + "/file"
	d.made(201, access.Compliance, file+"/notes", `{"text":"Falta comprobante"}`)
	d.made(201, access.Compliance, file+"/consents", `{"kind":"privacy_notice","notice_version":"1","channel":"paper"}`)
	d.want(200, d.sent(access.Compliance, "PUT", file+"/risk", `{"grade":"low","reason":"Ingresos comprobados"}`))
	d.refuses("forbidden", access.Compliance, "POST", "/api/v1/clients/", `{"full_name":"Eva","email":"eva@example.com","rfc":"EVAA800101HNE"}`)
	d.refuses("forbidden", access.Teller, "POST", file+"/notes", `{"text":"x"}`)
}
