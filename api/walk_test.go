package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/api"
	staffing "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/lending/loan"
	"sofipo/core/nouns"
	"sofipo/core/staff"
	"sofipo/infra/auth"
	"sofipo/test/office"
)

// routed is an operation of the OpenAPI document, with an address that names the client and the
// loan of the door, and a body that no operation accepts.
type routed struct {
	method, path, body string
	permission         access.Permission // empty: everybody may
	ofClient           bool              // the address names the client or the loan
}

func (r routed) String() string { return r.method + " " + r.path }

// routes returns all operations.
func (d *door) routes() (all []routed) {
	d.t.Helper()
	var document struct {
		Paths map[string]map[string]struct {
			Permission access.Permission `json:"x-sofipo-permission"`
		}
	}
	if err := json.Unmarshal([]byte(d.get("/openapi.json").body), &document); err != nil {
		d.t.Fatal(err)
	}
	for path, methods := range document.Paths {
		filled := strings.NewReplacer("{client_id}", d.client, "{loan_id}", d.loan, "{rfc}", "ANAA800101HNE").Replace(path)
		ofClient := filled != path
		for open := strings.Index(filled, "{"); open >= 0; open = strings.Index(filled, "{") {
			filled = filled[:open] + "01a08717-0d30-7000-8001-ce214d59e117" + filled[strings.Index(filled, "}")+1:]
		}
		for method, o := range methods {
			r := routed{method: strings.ToUpper(method), path: filled, permission: o.Permission, ofClient: ofClient}
			if r.method != "GET" {
				r.body = "[1]"
			}
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b routed) int { return strings.Compare(a.String(), b.String()) })
	if len(all) < 160 {
		d.t.Fatalf("got %d operations, want 160 or more: the test does not see them", len(all))
	}
	return all
}

// walk sends the request of an operation.
func (d *door) walk(r routed, headers ...string) reply {
	d.t.Helper()
	if r.body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	return d.send(r.method, r.path, r.body, headers...)
}

// forbidden reports whether the permission was missing.
func forbidden(r reply) bool {
	return r.status == 403 && strings.Contains(r.body, `"code":"forbidden"`)
}

// outOfScope reports whether the client was outside the scope.
func outOfScope(r reply) bool {
	return r.status == 403 && strings.Contains(r.body, `"code":"out_of_scope"`)
}

func closedReads(o *api.Options) { o.PublicReads = "off" }

// TestEveryRouteAsksForItsPermission: each role gets 403 from the operations whose permission it
// lacks, and from no other. Bodies are read only after that.
func TestEveryRouteAsksForItsPermission(t *testing.T) {
	t.Parallel()
	d := open(t, closedReads)
	for _, r := range d.routes() {
		for _, role := range access.Roles() {
			got := d.walk(r, d.as(role)...)
			may := r.permission == "" || r.permission == access.Own || nouns.May(role, r.permission)
			if forbidden(got) == may || got.status == 401 && r.permission != "" || got.status >= 500 && got.status != 503 {
				t.Errorf("%s as %s: got %d %.200s, want 403 only without the permission %s (the role has it: %t), and never 401 or 500", r, role, got.status, got.body, r.permission, may)
			}
		}
	}
}

// TestEveryRouteAsksForAUser: each token and key that is not in force gets 401 from each operation
// with a permission, and a key with some permissions has only these.
func TestEveryRouteAsksForAUser(t *testing.T) {
	t.Parallel()
	d := open(t, closedReads)
	issue := func(user string, at time.Time) string {
		token, err := d.Keys.Issue(user, time.Hour, at)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	others, err := auth.NewKeys("another key, which this server does not have: 7f3a")
	if err != nil {
		t.Fatal(err)
	}
	forged, err := others.Issue("admin", time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.AddUser(t, "gone", password, access.Admin)
	office.Must(t, d.Bank, staffing.DisableUser{Username: "gone"})
	d.AddUser(t, "late", password, access.Admin)
	d.AddUser(t, "short", password, access.Admin)
	session := d.want(201, d.post("/api/v1/auth/sessions", `{"username":"short","password":"`+password+`"}`))
	d.want(200, d.post("/api/v1/auth/revoke", fmt.Sprintf(`{"token":%q}`, session["refresh_token"])))

	office.Must(t, d.Bank, staffing.AddUser{Username: "portal", Service: true, Role: string(access.Teller)})
	key := func(permissions ...access.Permission) (string, staff.APIKey) {
		secret := auth.NewAPISecret()
		k := office.Must(t, d.Bank, staffing.AddAPIKey{Username: "portal", Title: "x", Days: 9, Hash: auth.HashAPISecret(secret), Permissions: permissions})
		office.Must(t, d.Bank, staffing.ActivateAPIKey{Username: "portal", ID: k.ID})
		return auth.APIKey(k.ID, secret), k
	}
	narrow, known := key(loan.Read)
	revoked, k := key()
	office.Must(t, d.Bank, staffing.RevokeAPIKey{Username: "portal", ID: k.ID})
	states := map[string]string{
		"no token":                         "",
		"another scheme":                   "Basic YWRtaW46c3RyaW5n",
		"no JWT":                           "Bearer not.a.token",
		"an expired token":                 "Bearer " + issue("admin", time.Now().Add(-2*time.Hour)),
		"a token of another key":           "Bearer " + forged,
		"a token of nobody":                "Bearer " + issue("nobody", time.Now()),
		"a token of a disabled user":       "Bearer " + issue("gone", time.Now()),
		"a token older than the password":  "Bearer " + issue("late", time.Now().Add(-time.Minute)),
		"a token of a session that ended":  "Bearer " + session["access_token"].(string),
		"a token of a service account":     "Bearer " + issue("portal", time.Now()),
		"a revoked key":                    "Bearer " + revoked,
		"a key with a wrong secret":        "Bearer " + auth.APIKey(known.ID, auth.NewAPISecret()),
		"a key with the secret of another": "Bearer " + auth.APIKey(k.ID, strings.TrimPrefix(narrow, "sofipo_"+known.ID.String()+"_")),
		"a token without an algorithm":     "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsImV4cCI6NDEwMjQ0NDgwMH0.",
	}
	for _, r := range d.routes() {
		if r.permission == "" {
			continue
		}
		for name, header := range states {
			var headers []string
			if header != "" {
				headers = []string{"Authorization", header}
			}
			if got := d.walk(r, headers...); got.status != 401 {
				t.Errorf("%s with %s: got %d %.200s, want 401", r, name, got.status, got.body)
			}
		}
		got, may := d.walk(r, "Authorization", "Bearer "+narrow), r.permission == loan.Read || r.permission == access.Own
		if forbidden(got) == may || got.status == 401 {
			t.Errorf("%s with a key that has %s: got %d %.200s, want 403 only without %s", r, loan.Read, got.status, got.body, r.permission)
		}
	}
}

// TestEveryRouteKeepsToTheScope: a role with all permissions whose scope leaves the client out
// reads nothing of the client and changes nothing.
func TestEveryRouteKeepsToTheScope(t *testing.T) {
	t.Parallel()
	for _, scope := range []staff.Scope{staff.OfBranch, staff.Own, staff.All} {
		t.Run(string(scope), func(t *testing.T) {
			t.Parallel()
			d := open(t, closedReads)
			other := office.Must(t, d.Bank, staffing.AddBranch{Code: "002", BranchName: "Norte"})
			wide, _ := nouns.Role(access.Auditor)
			wide.Scope, wide.Permissions = scope, nouns.Permissions()
			office.Must(t, d.Bank, staffing.DefineRole{Role: wide})
			office.Must(t, d.Bank, staffing.ChangeUser{Username: string(access.Auditor), Branch: &other.Code})
			refused := 0
			for _, r := range d.routes() {
				if !r.ofClient {
					continue
				}
				got := d.walk(r, d.as(access.Auditor)...)
				switch {
				case scope == staff.All && (outOfScope(got) || forbidden(got)):
					t.Errorf("%s: got %d %.200s, want no refusal for the scope", r, got.status, got.body)
				case scope != staff.All && got.status < 400:
					t.Errorf("%s: got %d %.200s, want a refusal", r, got.status, got.body)
				case outOfScope(got):
					refused++
				}
			}
			if scope != staff.All && refused < 30 {
				t.Errorf("got %d operations refused as out of scope, want 30 or more", refused)
			}
		})
	}
}
