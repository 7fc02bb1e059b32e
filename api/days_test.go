package api_test

import (
	"strings"
	"testing"

	"sofipo/infra/auth"
)

func TestDaysOverHTTP(t *testing.T) {
	d := open(t, nil)
	const days, close = "/api/v1/days", "/api/v1/days/close"
	today := d.today()
	post := func(body string, role auth.Role, headers ...string) reply {
		t.Helper()
		return d.send("POST", close, body, append(append(d.as(role), "Content-Type", "application/json"), headers...)...)
	}
	read := func(query string) reply {
		t.Helper()
		return d.get(days+query, d.as(auth.Auditor)...)
	}
	if r := read(""); r.status != 200 || r.body != `{"business_date":"`+today.String()+`","next_to_close":"`+today.String()+`","days":[]}` {
		t.Errorf("%d %s", r.status, r.body)
	}
	d.refused(d.get(days, d.as(auth.Teller)...), 403, `"code":"forbidden"`)
	for _, role := range []auth.Role{auth.Teller, auth.Officer, auth.Auditor} {
		d.refused(post("", role), 403, `"code":"forbidden"`)
	}
	d.refused(post(`{"date":"`+today.AddDays(1).String()+`"}`, auth.Admin), 422, `"latest":"`+today.String()+`"`)
	d.refused(post(`{"date":"2026-02-30"}`, auth.Admin), 422, `["body","date"]`)
	d.refused(post(`{"day":"2026-02-03"}`, auth.Admin), 422, `["body","day"]`)
	d.refused(post("", auth.Admin, "Idempotency-Key", "ñ"), 422, `["header","Idempotency-Key"]`)
	if r := read(""); !strings.Contains(r.body, `"days":[]`) {
		t.Errorf("a refusal changed something: %s", r.body)
	}

	done := post("", auth.Accountant, "Idempotency-Key", "first")
	if done.status != 200 || done.body != `{"day":"`+today.String()+`","loans":1,"interest":0.28,"provisions":`+provisionOf(done.body)+`}` || done.header.Get("X-Sofipo-Position") == "" {
		t.Errorf("%d %s %v", done.status, done.body, done.header)
	}
	again := post("", auth.Accountant, "Idempotency-Key", "first")
	if again.status != 200 || again.body != done.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("with its key again: %d %s", again.status, again.body)
	}
	d.refused(post(`{"date":"`+today.String()+`"}`, auth.Accountant, "Idempotency-Key", "first"), 422, `"code":"idempotency_reused"`)
	d.refused(post(`{"date":"`+today.String()+`"}`, auth.Admin), 409, `"next":"`+today.AddDays(1).String()+`"`)
	d.refused(post("", auth.Admin), 422, `"code":"invalid"`)
	r := read("?limit=1")
	if !strings.Contains(r.body, `"business_date":"`+today.AddDays(1).String()+`"`) || !strings.Contains(r.body, `"status":"CLOSED","actor":"accountant"`) ||
		r.header.Get("Link") != `</api/v1/days?limit=1&before=`+today.String()+`>; rel="next"` {
		t.Errorf("%s %v", r.body, r.header)
	}
	if r := read("?limit=1&before=" + today.String()); !strings.Contains(r.body, `"days":[]`) || r.header.Get("Link") != "" {
		t.Errorf("%s %v", r.body, r.header)
	}
	d.refused(read("?limit=0"), 422, `["query","limit"]`)
}

// provisionOf is the figure at the end, which the regime in force today decides.
func provisionOf(body string) string {
	_, figure, _ := strings.Cut(strings.TrimSuffix(body, "}"), `"provisions":`)
	return figure
}
