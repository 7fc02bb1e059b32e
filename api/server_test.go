package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/eventlog"
)

func TestSlashes(t *testing.T) {
	d := open(t, nil)
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/api/v1/clients?skip=1&x=%20a", "/api/v1/clients/?skip=1&x=%20a"},
		{"PATCH", "/api/v1/loans", "/api/v1/loans/"},
		{"POST", "/api/v1/auth/token/", "/api/v1/auth/token"},
		{"DELETE", "/api/v1/clients/%C3%91%2F/", "/api/v1/clients/%C3%91%2F"},
		{"GET", "/api/v1/loans/clients/x/account-statement/", "/api/v1/loans/clients/x/account-statement"},
		{"GET", "/api/v1/events/", "/api/v1/events"},
		{"GET", "/healthz/", "/healthz"},
		{"GET", "/openapi.json/", "/openapi.json"},
	} {
		r := d.send(c.method, c.path, "")
		if r.status != 307 || r.header.Get("Location") != c.want || r.body != "" || r.header.Get("Content-Length") != "0" {
			t.Errorf(`%s %s: got %d %q %q, want status 307, Location %v, body "", Content-Length 0`, c.method, c.path, r.status, r.header.Get("Location"), r.body, c.want)
		}
	}
	for _, path := range []string{"//api/v1/clients/", "/api/v1//clients/", "/api/../healthz", "/api/v1/clients/./x", "/api/v1/loans/a/b/c", "/api/v1/", "/nope/"} {
		if r := d.get(path); r.status != 404 || !strings.HasPrefix(r.body, `{"detail":"Not Found",`) {
			t.Errorf("%s: got %d %s, want status 404 and a body that begins with `{\"detail\":\"Not Found\",`", path, r.status, r.body)
		}
	}
	if r := d.send("OPTIONS", "/api/v1/clients/", ""); r.status != 405 || r.header.Get("Allow") != "GET, POST" {
		t.Errorf("got %d %q, want status 405, Allow `GET, POST`", r.status, r.header.Get("Allow"))
	}
}

func TestIdempotency(t *testing.T) {
	d := open(t, nil)
	path := "/api/v1/loans/" + d.loan + "/payments"
	first := d.post(path, `{"amount": 100}`, "Idempotency-Key", "k1")
	d.want(201, first)
	again := d.post(path, `{"amount":"100.00", "note": "other bytes, same request"}`, "Idempotency-Key", "k1")
	if again.status != 201 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("again: got %d %q %s\nwant 201, replayed, %s", again.status, again.header.Get("Idempotent-Replayed"), again.body, first.body)
	}
	if r := d.post(path, `{"amount": 101}`, "Idempotency-Key", "k1"); r.status != 422 || !strings.Contains(r.body, `"code":"idempotency_reused"`) {
		t.Errorf(`got %d %s, want status 422 with "code":"idempotency_reused"`, r.status, r.body)
	}
	d.want(201, d.send("POST", path, `{"amount": 50}`, append(d.as(access.Teller), "Idempotency-Key", "k1")...))
	for _, key := range []string{" ", "a b", strings.Repeat("k", 256), "ñ", ""} {
		r := d.post(path, `{"amount": 0}`, "Idempotency-Key", key)
		if r.status != 422 || !strings.Contains(r.body, `[{"loc":["header","Idempotency-Key"]`) || !strings.Contains(r.body, `"loc":["body","amount"]`) {
			t.Errorf(`%q: got %d %s, want status 422 with [{"loc":["header","Idempotency-Key"] and "loc":["body","amount"]`, key, r.status, r.body)
		}
	}
	if balance := d.want(200, d.get("/api/v1/loans/"+d.loan))["current_balance"]; balance.(json.Number).String() != "850.00" {
		t.Errorf("got the balance %v, want 850.00: each payment applied once", balance)
	}
}

func TestDeleteClient(t *testing.T) {
	d := open(t, nil)
	made := d.want(201, d.post("/api/v1/clients/", `{"full_name":"B","email":"b@example.com","rfc":"BBBB800101HNE"}`))["id"].(string)
	for i, replayed := range []string{"", "true"} {
		r := d.send("DELETE", "/api/v1/clients/"+made, "", append(d.as(access.Admin), "Idempotency-Key", "gone")...)
		if r.status != 204 || r.body != "" || r.header.Get("Content-Type") != "" || r.header.Get("Idempotent-Replayed") != replayed {
			t.Errorf(`%d: got %d %q %v, want status 204, body "", Content-Type "", Idempotent-Replayed %v`, i, r.status, r.body, r.header, replayed)
		}
	}
	d.want(404, d.get("/api/v1/clients/BBBB800101HNE"))
}

// TestPages follows the Link headers through a list that grows meanwhile.
func TestPages(t *testing.T) {
	d := open(t, nil)
	for _, letter := range "BCDEFGH" {
		d.want(201, d.post("/api/v1/clients/", strings.ReplaceAll(`{"full_name":"#","email":"#@example.com","rfc":"####800101HNE"}`, "#", string(letter))))
	}
	next := regexp.MustCompile(`^<([^>]+)>; rel="next"$`)
	var names []string
	for path := "/api/v1/clients/?limit=3&skip=1"; path != ""; {
		r := d.get(path)
		var page []struct {
			Name string `json:"full_name"`
		}
		if err := json.Unmarshal([]byte(r.body), &page); err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			names = append(names, c.Name)
		}
		path = ""
		if link := next.FindStringSubmatch(r.header.Get("Link")); link != nil {
			path = link[1]
		}
	}
	if got := strings.Join(names, ""); got != "BCDEFGH" {
		t.Errorf("got the pages %s, want BCDEFGH", got)
	}
}

func TestCommitTokenHeader(t *testing.T) {
	d := open(t, nil)
	position := d.post("/api/v1/loans/"+d.loan+"/payments", `{"amount":1}`).header.Get("X-Sofipo-Position")
	if position == "" {
		t.Fatal("got no commit token, want one")
	}
	r := d.get("/api/v1/loans/"+d.loan, "X-Sofipo-Position", position)
	if balance := d.want(200, r)["current_balance"].(json.Number).String(); balance != "999.00" {
		t.Errorf("got %v, want 999.00", balance)
	}
	if r := d.get("/api/v1/clients/?limit=x", "X-Sofipo-Position", "-1"); r.status != 422 || !strings.Contains(r.body, `"loc":["header","X-Sofipo-Position"]`) || !strings.Contains(r.body, `"loc":["query","limit"]`) {
		t.Errorf(`got %d %s, want status 422 with "loc":["header","X-Sofipo-Position"] and "loc":["query","limit"]`, r.status, r.body)
	}
}

func TestEvents(t *testing.T) {
	log, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var chain event.Chain
	subject := id.New(at, [10]byte{1})
	for i := range 5 {
		_, e, err := chain.Append(nil, event.Seal(id.New(at, [10]byte{2, byte(i)}), staff.UserAddedEvent(staff.User{Username: "x<y", Role: "teller", ID: subject}),
			event.Origin{Actor: "admin", BusinessDate: civil.DateOf(at), At: at.Add(time.Duration(i) * time.Hour)}))
		var rejected []eventlog.Rejected
		if err == nil {
			rejected, err = log.Put(t.Context(), []event.Encoded{e})
		}
		if err != nil || len(rejected) > 0 {
			t.Fatalf("got the rejected events %v, %v, want none", rejected, err)
		}
	}
	d := open(t, func(o *api.Options) { o.Events = log })
	count := func(query string) (n int, next string) {
		t.Helper()
		answer := d.want(200, d.get("/api/v1/events"+query, d.as(access.Auditor)...))
		next, _ = answer["next"].(string)
		return len(answer["events"].([]any)), next
	}
	n, next := count("?limit=3&subject=" + subject.String())
	rest, end := count("?limit=3&subject=" + subject.String() + "&page=" + next)
	if n != 3 || rest != 2 || end != "" {
		t.Errorf("got pages of %d and %d events, next %q, want 3 events, then 2 and no next page", n, rest, end)
	}
	for query, want := range map[string]int{"": 5, "?event_type=user_added": 5, "?event_type=nope": 0, "?from=2026-11-23T11:00:00Z": 3, "?from=2026-11-23T11:00:00+00:00&to=2026-11-23T12:00:00Z": 1, "?to=2026-11-23": 0} {
		if n, _ := count(query); n != want {
			t.Errorf("%s: got %d events, want %d", query, n, want)
		}
	}
	if r := d.get("/api/v1/events", d.as(access.Auditor)...); !strings.HasPrefix(r.body, `{"events":[{"event_type":"user_added","entity_id":`) || !strings.HasSuffix(r.body, `],"next":null}`) {
		t.Errorf(`got %v, want a list of events that begins with user_added and "next":null at its end`, r.body)
	}
	for query, field := range map[string]string{"?subject=x": "subject", "?from=yesterday": "from", "?limit=0": "limit", "?limit=1001": "limit", "?page=zzz": "page"} {
		if r := d.get("/api/v1/events"+query, d.as(access.Auditor)...); r.status != 422 || !strings.Contains(r.body, `["query","`+field+`"]`) {
			t.Errorf("%s: got %d %s, want status 422 with %q", query, r.status, r.body, `["query","`+field+`"]`)
		}
	}
	away := open(t, nil)
	if r := away.get("/api/v1/events", away.as(access.Auditor)...); r.status != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf(`got %d %s, want status 503 with a Retry-After`, r.status, r.body)
	}
}

func TestReadinessAndMetrics(t *testing.T) {
	var failing error
	d := open(t, func(o *api.Options) {
		o.Ready = func(context.Context) map[string]error { return map[string]error{"database": failing, "x": nil} }
	})
	if r := d.get("/readyz"); r.status != 200 || r.body != `{"status":"ready","checks":{"database":"ok","x":"ok"}}` {
		t.Errorf(`got %d %s, want status 200, body {"status":"ready","checks":{"database":"ok","x":"ok"}}`, r.status, r.body)
	}
	failing = errors.New("secret host")
	if r := d.get("/readyz"); r.status != 503 || r.body != `{"status":"not ready","checks":{"database":"failing","x":"ok"}}` {
		t.Errorf(`got %d %s, want status 503, body {"status":"not ready","checks":{"database":"failing","x":"ok"}}`, r.status, r.body)
	}
	d.get("/api/v1/clients/ANAA800101HNE")
	d.get("/nope")
	r := d.get("/metrics")
	for _, line := range []string{
		`sofipo_http_requests_total{method="GET",route="/api/v1/clients/{client_rfc}",status="200"} 1`,
		`sofipo_http_requests_total{method="none",route="none",status="404"} 1`,
		`sofipo_http_request_duration_seconds_count{method="GET",route="/readyz"} 2`,
		`sofipo_bank_commands_total`,
	} {
		if !strings.Contains(r.body, line) {
			t.Errorf("got\n%s\nwant the line %s in it", r.body, line)
		}
	}
}

// TestDocumentsAreOffline: the pages load nothing from elsewhere.
func TestDocumentsAreOffline(t *testing.T) {
	d := open(t, nil)
	elsewhere := regexp.MustCompile(`(?:src|href)="(?:https?:)?//`)
	asset := regexp.MustCompile(`(?:src|href)="(/docs/[^"]+)"`)
	for _, path := range []string{"/docs", "/docs/", "/redoc"} {
		r := d.get(path)
		if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || elsewhere.MatchString(r.body) {
			t.Errorf("%s: got %d %s %q, want status 200, text/html, no address elsewhere", path, r.status, r.header.Get("Content-Type"), elsewhere.FindString(r.body))
		}
		for _, found := range asset.FindAllStringSubmatch(r.body, -1) {
			if r := d.get(found[1]); r.status != 200 {
				t.Errorf("%s: got %d, want 200", found[1], r.status)
			}
		}
	}
	if !asset.MatchString(d.get("/docs").body) {
		t.Error("/docs: got no assets of its own, want some")
	}
	if page := d.get("/redoc").body; !strings.Contains(page, "/<wbr>api/<wbr>v1/<wbr>loans/<wbr>{loan_id}/<wbr>payments") || !strings.Contains(page, "payments.receive") {
		t.Error("got a page /redoc without the operation payments.receive or its path, want both")
	}
	page := d.get("/redoc")
	for _, want := range []string{`href="#tag-clients"`, `id="tag-clients"`, `href="#register_payment_api_v1_loans__loan_id__payments_post"`, `<code>Idempotency-Key</code>`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("/redoc: got no %s, want it in the page", want)
		}
	}
	if i := strings.IndexByte(page.body, '`'); i >= 0 {
		t.Errorf("got Markdown in /redoc, %s, want none", page.body[max(0, i-40):min(len(page.body), i+40)])
	}
	for _, path := range []string{"/docs", "/redoc"} {
		if policy := d.get(path).header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src '") {
			t.Errorf("%s: got the policy %q, want one with a default", path, policy)
		}
	}
	d.want(405, d.post("/docs", ""))
}

// TestLogAndCorrelation: one line a request, with the correlation id and the
// pattern of the path, and no personal data.
func TestLogAndCorrelation(t *testing.T) {
	var mu sync.Mutex
	var lines bytes.Buffer
	d := open(t, func(o *api.Options) {
		o.Log = slog.New(slog.NewJSONHandler(locked{&mu, &lines}, nil))
	})
	written := func(n int) (text string) { // a line is written after the answer
		for deadline := time.Now().Add(time.Minute); strings.Count(text, "\n") < n && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			mu.Lock()
			text = lines.String()
			mu.Unlock()
		}
		return text
	}
	before := len(written(2)) // of the client and the loan
	r := d.send("GET", "/api/v1/clients/ANAA800101HNE?x=ana@example.com", "", "X-Request-ID", "job-7.a_B")
	if r.header.Get("X-Request-ID") != "job-7.a_B" || r.header.Get("Cache-Control") != "no-store" || r.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %v, want X-Request-ID job-7.a_B, Cache-Control no-store, X-Content-Type-Options nosniff", r.header)
	}
	for _, bad := range []string{"a b", strings.Repeat("x", 65), "ñ"} {
		if got := d.get("/healthz", "X-Request-ID", bad).header.Get("X-Request-ID"); !regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(got) {
			t.Errorf("%q was echoed as %q, want a new UUID", bad, got)
		}
	}
	d.post("/api/v1/loans/"+d.loan+"/payments", `{"amount":1}`)
	text := written(7)[before:]
	if n := strings.Count(text, "\n"); n != 5 {
		t.Errorf("got %d lines:\n%s\nwant 5", n, text)
	}
	for _, want := range []string{`"method":"GET","route":"/api/v1/clients/{client_rfc}","status":200,`, `"correlation_id":"job-7.a_B","user":""`, `"route":"/api/v1/loans/{loan_id}/payments","status":201`, `"user":"admin"`} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant %s in it", text, want)
		}
	}
	if strings.Contains(text, "ANAA") || strings.Contains(text, "example.com") {
		t.Errorf("got personal data in the log:\n%s\nwant none", text)
	}
}

type locked struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(b)
}

func TestTitlesInSpanish(t *testing.T) {
	d := open(t, nil)
	for accept, want := range map[string]string{
		"":                   "Client not found",
		"es-MX,es;q=0.9":     "No se encontró el cliente",
		"en;q=0.5, es;q=0.8": "No se encontró el cliente",
		"en-US,en;q=0.9,es":  "Client not found",
		"de":                 "Client not found",
	} {
		r := d.want(404, d.get("/api/v1/clients/x", "Accept-Language", accept))
		if r["title"] != want || r["detail"] != "Client not found" {
			t.Errorf("%q: got %v, want title %v, detail Client not found", accept, r, want)
		}
	}
}

func TestServerTimeouts(t *testing.T) {
	s := api.NewServer("127.0.0.1:0", http.NotFoundHandler())
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		t.Errorf("got %+v, want every timeout and the limit of the header set", s)
	}
}
