package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/infra/db"
	"sofipo/test/contract"
	"sofipo/test/ground"
)

// door is the API on an empty SQLite database, with one user a role and a
// client who has a loan of 1,000.
type door struct {
	*contract.Door
	t      *testing.T
	tokens map[access.Role]string
	client string // its id
	loan   string // its id

	position *atomic.Pointer[string] // commit token of the last write, which reads ask for; nil: none
}

func open(t *testing.T, change func(*api.Options)) *door {
	t.Helper()
	return openOn(t, ground.Open(t, ground.Config(t, ground.SQLite)), change)
}

// openOn opens the door of a database.
func openOn(t *testing.T, database *db.DB, change func(*api.Options)) *door {
	t.Helper()
	d := &door{t: t, tokens: map[access.Role]string{}, Door: contract.Open(t, database, change), position: &atomic.Pointer[string]{}}
	for _, role := range access.Roles() {
		name := string(role)
		if role != access.Admin {
			d.AddUser(t, name, password, role)
		}
		token, err := d.Keys.Issue(name, time.Hour, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		d.tokens[role] = token
	}
	d.client = d.want(201, d.post("/api/v1/clients/", `{"full_name":"Ana","email":"ana@example.com","rfc":"ANAA800101HNE"}`))["id"].(string)
	d.loan = d.want(201, d.post("/api/v1/loans/", `{"client_id":"`+d.client+`","amount":1000,"interest_rate":0.1,"term_months":12}`))["id"].(string)
	return d
}

// positionHeader is the header with the commit token.
const positionHeader = "X-Sofipo-Position"

// password is the password of all users but admin.
const password = "string of te"

// reply is an answer with its body read.
type reply struct {
	status int
	header http.Header
	body   string
}

var plainClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// send makes a request; headers come in pairs, one without a value is not sent.
func (d *door) send(method, path, body string, headers ...string) reply {
	d.t.Helper()
	request, err := http.NewRequest(method, d.URL+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if d.position != nil && method == http.MethodGet {
		if position := d.position.Load(); position != nil {
			request.Header.Set(positionHeader, *position)
		}
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := plainClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if position := response.Header.Get(positionHeader); position != "" && d.position != nil {
		d.position.Store(&position)
	}
	if response.StatusCode >= 400 {
		d.namedOnce(path, text)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

// namedOnce fails on an answer that is an object with two members of one name.
func (d *door) namedOnce(path string, body []byte) {
	d.t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(body))
	if begin, _ := decoder.Token(); begin != json.Delim('{') {
		return
	}
	seen := map[json.Token]bool{}
	for decoder.More() {
		name, _ := decoder.Token()
		if seen[name] {
			d.t.Errorf("%s: got %q twice, want it once: %s", path, name, body)
		}
		seen[name] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			d.t.Fatalf("%s: %v: %s", path, err, body)
		}
	}
}

func (d *door) as(role access.Role) []string {
	return []string{"Authorization", "Bearer " + d.tokens[role]}
}

func (d *door) post(path, body string, headers ...string) reply {
	d.t.Helper()
	return d.send(http.MethodPost, path, body, append(append(d.as(access.Admin), "Content-Type", "application/json"), headers...)...)
}

func (d *door) get(path string, headers ...string) reply {
	d.t.Helper()
	return d.send(http.MethodGet, path, "", headers...)
}

// want checks the status and returns the body's members.
func (d *door) want(status int, r reply) map[string]any {
	d.t.Helper()
	if r.status != status {
		d.t.Errorf("got status %d, want %d: %s", r.status, status, r.body)
	}
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader([]byte(r.body)))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil && r.body != "" && r.body[0] != '[' {
		d.t.Errorf("body %q: got %v, want a JSON object or a list", r.body, err)
	}
	return members
}

// books returns all data that can be read.
func (d *door) books() string {
	return d.get("/api/v1/clients/?limit=1000").body + d.get("/api/v1/loans/"+d.loan).body + d.get("/api/v1/loans/"+d.loan+"/payments").body +
		d.get("/api/v1/clients/"+d.client+"/loans").body
}
