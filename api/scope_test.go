package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/api"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/staff"
	"sofipo/test/office"
)

// outside checks that requests of a role are refused as outside its scope, or are not.
func (d *door) outside(role access.Role, refused bool, requests ...[3]string) {
	d.t.Helper()
	for _, r := range requests {
		got := d.sent(role, r[0], r[1], r[2])
		if is := got.status == 403 && strings.Contains(got.body, `"code":"out_of_scope"`); is != refused || got.status >= 500 {
			d.t.Errorf("%s %s as %s: got %d %s, want it refused as out_of_scope: %t", r[0], r[1], role, got.status, got.body, refused)
		}
	}
}

// elsewhere moves the officer and the branch manager to another branch than that of the client.
func (d *door) elsewhere() staff.Branch {
	d.t.Helper()
	other := office.Must(d.t, d.Bank, staffing.AddBranch{Code: "002", BranchName: "Norte"})
	for _, role := range []access.Role{access.Officer, access.BranchManager} {
		office.Must(d.t, d.Bank, staffing.ChangeUser{Username: string(role), Branch: &other.Code})
	}
	return other
}

// eventually waits until the door answers with a status: users are cached for some seconds.
func (d *door) eventually(role access.Role, method, path string, status int) {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); d.sent(role, method, path, "").status != status; time.Sleep(250 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.t.Fatalf("%s %s as %s: got another status for a minute, want %d", method, path, role, status)
		}
	}
}

// TestACollectorSeesTheClientsOfAssignedLoans: from the assignment until it ends.
func TestACollectorSeesTheClientsOfAssignedLoans(t *testing.T) {
	d := open(t, func(o *api.Options) { o.PublicReads = "off" })
	client, loan := "/api/v1/clients/"+d.client, "/api/v1/loans/"+d.loan
	reads := [][3]string{
		{"GET", client + "/file", ""}, {"GET", client + "/file/notes", ""}, {"GET", client + "/file/changes", ""}, {"GET", client + "/loans", ""},
		{"GET", "/api/v1/clients/ANAA800101HNE", ""}, {"GET", loan, ""}, {"GET", loan + "/payments", ""}, {"GET", loan + "/collection-history", ""},
		{"GET", loan + "/payment-references", ""}, {"POST", loan + "/collection-notes", `{"note":"llamar en la tarde"}`},
	}
	for _, assigned := range []bool{false, true, false} {
		collector := ""
		if assigned {
			collector = "collector"
		}
		d.want(200, d.sent(access.Admin, http.MethodPut, loan+"/collector", `{"collector":"`+collector+`"}`))
		d.outside(access.Collector, !assigned, reads...)
		if got := d.listed(access.Collector, "/api/v1/clients/"); len(got) == 1 != assigned {
			t.Errorf("got %v, want the client in the list: %t", got, assigned)
		}
		if got := d.listed(access.Collector, "/api/v1/search?q=ANAA800101HNE"); len(got) == 1 != assigned {
			t.Errorf("got %v, want the client found: %t", got, assigned)
		}
	}
}

// TestFilesOfAnotherBranch: the officer of another branch neither reads nor changes a file.
func TestFilesOfAnotherBranch(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	file := "/api/v1/clients/" + d.client + "/file"
	consent := d.want(201, d.sent(access.Officer, "POST", file+"/consents", `{"kind":"privacy_notice","notice_version":"1","channel":"paper"}`))["id"].(string)
	requests := [][3]string{
		{"GET", file, ""}, {"GET", file + "/notes", ""}, {"GET", file + "/changes", ""}, {"GET", file + "/documents/" + d.client, ""},
		{"PUT", file, `{"revision":0,"kind":"person","given_names":"Ana","paternal_surname":"Alba","rfc":"ANAA800101HNE"}`},
		{"POST", file + "/phones", `{"kind":"mobile","number":"5512345678"}`},
		{"POST", file + "/notes", `{"text":"visto"}`},
		{"POST", file + "/consents", `{"kind":"privacy_notice","notice_version":"1","channel":"paper"}`},
		{"POST", file + "/consents/" + consent + "/withdrawal", ""},
	}
	d.outside(access.Officer, false, requests...)
	d.elsewhere()
	d.eventually(access.Officer, "GET", file, 403)
	d.outside(access.Officer, true, requests...)
	paper := d.send("POST", file+"/documents?kind=identification&name=INE", "%PDF-1.7 x", append(d.as(access.Officer), "Content-Type", "application/pdf")...)
	if refused := d.want(403, paper); refused["code"] != "out_of_scope" {
		t.Errorf("a document: got %v, want out_of_scope", refused)
	}
}

// TestTheInboxOfABranch: a request shows its branch, is listed by it, and is neither seen nor
// decided from another branch.
func TestTheInboxOfABranch(t *testing.T) {
	d := open(t, nil)
	filed := d.want(202, d.sent(access.Officer, "POST", "/api/v1/loans/"+d.loan+"/write-off?request_reason=quebranto", ""))
	asked := d.want(201, d.sent(access.Officer, "POST", "/api/v1/loans/applications", `{"client_id":"`+d.client+`","product":"seed","amount":20000,"annual_rate":0.2,"periods":12}`))
	request := filed["id"].(string)
	if filed["branch_id"] != staff.HeadOffice.String() {
		t.Errorf("got %v, want the branch of the client", filed)
	}
	other := d.elsewhere()
	d.eventually(access.BranchManager, "GET", "/api/v1/requests/"+request, 403)
	for path, want := range map[string]int{
		"/api/v1/inbox": 2, "/api/v1/inbox?branch_id=" + staff.HeadOffice.String(): 2, "/api/v1/inbox?branch_id=" + other.ID.String(): 0,
		"/api/v1/requests": 1, "/api/v1/requests?branch_id=" + staff.HeadOffice.String(): 1, "/api/v1/requests?branch_id=" + other.ID.String(): 0,
	} {
		if got := d.listed(access.Director, path); len(got) != want || slices.ContainsFunc(got, func(w map[string]any) bool { return w["branch_id"] != staff.HeadOffice.String() }) {
			t.Errorf("%s of the director: got %v, want %d of the head office", path, got, want)
		}
		if got := d.listed(access.BranchManager, path); len(got) != 0 {
			t.Errorf("%s of the manager of another branch: got %v, want none", path, got)
		}
	}
	d.outside(access.BranchManager, true, [][3]string{
		{"POST", "/api/v1/requests/" + request + "/rejection", `{"reason":"no"}`}, {"POST", "/api/v1/requests/" + request + "/approval", ""},
		{"POST", "/api/v1/loans/" + asked["id"].(string) + "/approval", ""},
	}...)
	d.want(200, d.sent(access.Director, "POST", "/api/v1/requests/"+request+"/rejection", `{"reason":"no"}`))
}
