package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sofipo/core/access"
)

// sent sends a body as a role.
func (d *door) sent(role access.Role, method, path, body string, headers ...string) reply {
	d.t.Helper()
	return d.send(method, path, body, append(append(d.as(role), "Content-Type", "application/json"), headers...)...)
}

// listed returns the elements of a list.
func (d *door) listed(role access.Role, path string) (all []map[string]any) {
	d.t.Helper()
	got := d.sent(role, http.MethodGet, path, "")
	if err := json.Unmarshal([]byte(got.body), &all); err != nil || got.status != 200 {
		d.t.Fatalf("%s: got %d %s, want a list", path, got.status, got.body)
	}
	return all
}

// TestALoanAboveTheLimit: it is refused with what is accepted, filed, found in the inbox of those
// who may decide, and granted by the approval.
func TestALoanAboveTheLimit(t *testing.T) {
	d := open(t, nil)
	client := d.want(201, d.post("/api/v1/clients/", `{"full_name":"Eva","email":"eva@example.com","rfc":"EVAA800101HNE"}`))["id"].(string)
	body := `{"client_id":"` + client + `","amount":120000,"interest_rate":0.1,"term_months":12}`
	refusal := d.want(403, d.sent(access.Officer, "POST", "/api/v1/loans/", body))
	detail, _ := refusal["detail"].(string)
	if refusal["code"] != "authority_exceeded" || refusal["exposure"] != json.Number("120000.00") || refusal["limit"] != json.Number("50000.00") ||
		!strings.Contains(detail, "50000.00") || !strings.Contains(detail, "120000.00") || !strings.Contains(detail, "director") || refusal["file"] == "" {
		t.Errorf("got %v, want the limit, the exposure, who may approve and how to file", refusal)
	}
	path := "/api/v1/loans/?request_reason=" + url.QueryEscape("Cliente con buen historial: ñ")
	filed := d.sent(access.Officer, "POST", path, body, "Idempotency-Key", "one")
	request := d.want(202, filed)
	id, _ := request["id"].(string)
	if at := filed.header.Get("Location"); at != "/api/v1/requests/"+id || request["state"] != "WAITING" || request["filed_by"] != "officer" || request["reason"] != "Cliente con buen historial: ñ" {
		t.Fatalf("got %v at %q, want the request of officer with its reason", request, at)
	}
	if again := d.sent(access.Officer, "POST", path, body, "Idempotency-Key", "one"); again.body != filed.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("repeated: got %s, want the same request", again.body)
	}
	for role, sees := range map[access.Role]bool{access.Officer: false, access.Teller: false, access.BranchManager: true, access.Director: true, access.Admin: true, access.Auditor: false} {
		got := d.listed(role, "/api/v1/inbox")
		if found := len(got) == 1 && got[0]["id"] == id && got[0]["kind"] == "request"; found != sees || len(got) > 1 {
			t.Errorf("inbox of %s: got %v, want the request in it: %t", role, got, sees)
		}
	}
	d.want(403, d.sent(access.Officer, "POST", "/api/v1/requests/"+id+"/approval", ""))
	d.want(422, d.sent(access.Director, "POST", "/api/v1/requests/"+id+"/rejection", `{"reason":""}`))
	d.want(422, d.sent(access.Director, "POST", "/api/v1/requests/"+id+"/approval", `{"because":"x"}`))
	done := d.want(200, d.sent(access.Director, "POST", "/api/v1/requests/"+id+"/approval", `{"reason":"Comité"}`))
	granted, _ := done["answer"].(map[string]any)
	decided, _ := done["request"].(map[string]any)
	if granted["status"] != "ACTIVE" || granted["applied_by"] != "officer" || granted["approved_by"] != "director" || decided["state"] != "APPROVED" || decided["decision_reason"] != "Comité" {
		t.Errorf("got %v, want a loan of officer approved by director", done)
	}
	if got := d.want(409, d.sent(access.Admin, "POST", "/api/v1/requests/"+id+"/approval", "")); got["code"] != "request_decided" {
		t.Errorf("second approval: got %v, want request_decided", got)
	}
	if got := d.listed(access.Auditor, "/api/v1/requests?state=APPROVED&filed_by=officer&client_id="+client); len(got) != 1 || got[0]["command"].(map[string]any)["client_id"] != client {
		t.Errorf("got %v, want the request with its command", got)
	}
	if got := d.listed(access.Auditor, "/api/v1/requests?state=EXPIRED"); len(got) != 0 {
		t.Errorf("got %v, want no expired request", got)
	}
	d.want(404, d.sent(access.Auditor, "GET", "/api/v1/requests/"+client, ""))
	d.want(404, d.sent(access.Director, "POST", "/api/v1/requests/"+client+"/approval", ""))
	d.want(422, d.sent(access.Officer, "POST", "/api/v1/loans/?request_reason=", body))
}

// TestTheInboxHasApplications: those that the reader may approve, and manual entries of others.
func TestTheInboxHasApplications(t *testing.T) {
	d := open(t, nil)
	asked := func(amount string) string {
		return d.want(201, d.sent(access.Officer, "POST", "/api/v1/loans/applications", `{"client_id":"`+d.client+`","product":"seed","amount":`+amount+`,"annual_rate":0.2,"periods":12}`))["id"].(string)
	}
	small := asked("20000")
	kinds := func(role access.Role) (out []string) {
		for _, w := range d.listed(role, "/api/v1/inbox") {
			out = append(out, w["kind"].(string)+" "+w["id"].(string))
		}
		return out
	}
	if got := kinds(access.Officer); len(got) != 1 || got[0] != "application "+small {
		t.Errorf("officer: got %v, want the own application within the limit to act alone", got)
	}
	large := asked("70000")
	if got := kinds(access.Officer); len(got) != 0 {
		t.Errorf("officer: got %v, want none: the client's exposure is 91,000", got)
	}
	entry := d.want(201, d.sent(access.Accountant, "POST", "/api/v1/books/manual-entries", `{"description":"Renta","lines":[{"account":"6101","debit":15},{"account":"1102","credit":15}]}`))["id"].(string)
	if got := kinds(access.Accountant); len(got) != 0 {
		t.Errorf("accountant: got %v, want none: it is the own entry", got)
	}
	if got := strings.Join(kinds(access.Admin), ", "); got != "application "+small+", application "+large+", manual_entry "+entry {
		t.Errorf("admin: got %s, want both applications and the entry, oldest first", got)
	}
	page := d.sent(access.Admin, "GET", "/api/v1/inbox?limit=1", "")
	if next := page.header.Get("Link"); !strings.Contains(next, "after="+small) {
		t.Errorf("got the link %q, want the page after %s", next, small)
	}
	if got := d.listed(access.Admin, "/api/v1/inbox?after="+large); len(got) != 1 || got[0]["exposure"] != 15.0 {
		t.Errorf("got %v, want the manual entry of 15.00", got)
	}
	edited := d.want(200, d.sent(access.BranchManager, "PUT", "/api/v1/loans/"+large+"/application", `{"product":"seed","amount":80000,"annual_rate":0.2,"periods":12}`))
	if edited["edited_by"] != "branch_manager" || edited["amount"] != json.Number("80000.00") {
		t.Errorf("got %v, want the edited application", edited)
	}
	d.want(403, d.sent(access.BranchManager, "POST", "/api/v1/loans/"+large+"/approval", ""))
	d.want(422, d.sent(access.BranchManager, "PUT", "/api/v1/loans/"+large+"/application", `{"product":"seed","amount":0,"annual_rate":0.2,"periods":12,"term":3}`))
}
