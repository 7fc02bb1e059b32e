package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sofipo/api"
	"sofipo/core/access"
)

// TestCollectionRoutes: the day of a collector over HTTP, and what is refused by name.
func TestCollectionRoutes(t *testing.T) {
	d := open(t, nil)
	loan := "/api/v1/loans/" + d.loan
	as := func(role access.Role, method, path, body string) reply {
		return d.send(method, path, body, append(d.as(role), "Content-Type", "application/json")...)
	}
	fields := func(r reply) string {
		t.Helper()
		var names []string
		for _, e := range d.want(422, r)["errors"].([]any) {
			names = append(names, e.(map[string]any)["field"].(string))
		}
		return strings.Join(names, " ")
	}
	due := d.today().AddDays(7).String()

	d.want(403, as(access.Collector, "POST", loan+"/collection-notes", `{"note":"not mine"}`))
	d.want(403, as(access.Collector, "GET", loan+"/collection-history", ""))
	d.want(200, as(access.Admin, "PUT", loan+"/collector", `{"collector":"collector"}`))
	refused := d.want(409, as(access.Admin, "PUT", loan+"/collector", `{"collector":"nadie"}`))
	if refused["code"] != "collector_unknown" || refused["collector"] != "nadie" {
		t.Errorf("got %v, want collector_unknown with the name", refused)
	}
	d.want(403, as(access.Collector, "PUT", loan+"/collector", `{"collector":"collector"}`))
	d.want(403, as(access.Auditor, "POST", loan+"/collection-notes", `{"note":"x"}`))
	d.want(403, as(access.Teller, "GET", loan+"/collection-history", ""))

	contact := d.want(201, as(access.Collector, "POST", loan+"/contacts", `{"channel":"visit","result":"not_reached","address_kind":"work","latitude":"19.4","longitude":-99.133209}`))
	if contact["latitude"] != json.Number("19.400000") || contact["made_by"] != "collector" {
		t.Errorf("got %v, want the visit at 19.400000 by collector", contact)
	}
	for body, want := range map[string]string{
		`{"channel":"fax","result":"reached"}`:                                                      "channel",
		`{"channel":"call","result":"returned"}`:                                                    "result",
		`{"channel":"call","result":"reached","address_kind":"home","note":"x","latitude":1}`:       "address_kind latitude",
		`{"channel":"visit","result":"reached"}`:                                                    "address_kind",
		`{"channel":"visit","result":"reached","address_kind":"home","latitude":91,"longitude":-1}`: "latitude",
		`{"channel":"visit","result":"reached","address_kind":"home","latitude":19.1}`:              "longitude",
		`{"channel":"call","result":"reached","next_on":"` + due + `"}`:                             "next_channel",
		`{"channel":"call","result":"reached","contacted_at":"2020-01-01T10:00:00Z"}`:               "contacted_at",
		`{"channel":"call","result":"reached","nota":"x"}`:                                          "nota",
		`{"result":"reached"}`: "channel",
	} {
		if got := fields(as(access.Collector, "POST", loan+"/contacts", body)); got != want {
			t.Errorf("%s: got the wrong fields %q, want %q", body, got, want)
		}
	}
	if got := fields(as(access.Collector, "POST", loan+"/promises", `{"amount":0,"promised_on":"2020-01-01"}`)); got != "amount promised_on" {
		t.Errorf("got the wrong fields %q, want amount and promised_on", got)
	}
	if got := fields(as(access.Collector, "POST", loan+"/collection-notes", `{"note":"  "}`)); got != "note" {
		t.Errorf("got the wrong fields %q, want note", got)
	}
	made := d.want(201, as(access.Collector, "POST", loan+"/promises", `{"amount":100,"promised_on":"`+due+`"}`))
	again := d.want(409, as(access.Officer, "POST", loan+"/promises", `{"amount":100,"promised_on":"`+due+`"}`))
	if made["collector"] != "collector" || again["code"] != "promise_open" || again["promised_on"] != due {
		t.Errorf("got %v and %v, want a promise of collector and promise_open", made, again)
	}
	path := loan + "/promises/" + made["id"].(string) + "/cancellation"
	d.want(200, as(access.Officer, "POST", path, `{"reason":"otra fecha"}`))
	d.want(409, as(access.Officer, "POST", path, ""))
	d.want(404, as(access.Officer, "POST", loan+"/promises/"+d.loan+"/cancellation", ""))
	d.want(201, as(access.Collector, "POST", loan+"/collection-notes", `{"note":"línea 1\nlínea 2"}`))

	var kinds []string
	for next := loan + "/collection-history?limit=1"; next != ""; {
		r := as(access.Auditor, "GET", next, "")
		for _, one := range d.want(200, r)["work"].([]any) {
			kinds = append(kinds, one.(map[string]any)["kind"].(string))
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(r.header.Get("Link"), "<"), ">")
	}
	if got := strings.Join(kinds, " "); got != "note promise contact" {
		t.Errorf("got the history %q, want note, promise, contact", got)
	}
	d.want(404, as(access.Auditor, "GET", "/api/v1/loans/"+d.client+"/collection-history", ""))
}

// TestAssignManyLoans: each loan of a list is assigned by itself, and a repeated request
// changes nothing.
func TestAssignManyLoans(t *testing.T) {
	d := open(t, nil)
	body := fmt.Sprintf(`{"collector":"collector","loans":["%s","%s"]}`, d.loan, d.client)
	for _, key := range []string{"a", "a", "b"} {
		got := d.want(200, d.post("/api/v1/collections/assignments", body, "Idempotency-Key", key))
		refused, _ := got["refused"].([]any)
		if got["assigned"] != json.Number("1") || len(refused) != 1 || refused[0].(map[string]any)["code"] != "loan_not_found" || refused[0].(map[string]any)["loan_id"] != d.client {
			t.Errorf("got %v, want one loan assigned and loan_not_found of the other", got)
		}
	}
	d.want(422, d.post("/api/v1/collections/assignments", `{"collector":"collector","loans":["x"]}`))
	d.want(422, d.post("/api/v1/collections/assignments", `{"collector":"collector"}`))
}

// TestWorkListAsFiles: the work list as JSON, tables and a list of visits.
func TestWorkListAsFiles(t *testing.T) {
	r := openReported(t)
	r.want(200, r.send("PUT", "/api/v1/loans/"+r.loans[1].String()+"/collector", `{"collector":"collector"}`, append(r.as(access.Admin), "Content-Type", "application/json")...))
	list := tell[api.WorkList](r, "/api/v1/collections/work-list?collector=collector")
	if len(list.Loans) != 1 || list.Loans[0].Loan != r.loans[1] || list.Loans[0].Overdue == 0 || list.Loans[0].Next == "" {
		t.Errorf("got %+v, want the second loan with an overdue amount and a next action", list)
	}
	if all := tell[api.WorkList](r, "/api/v1/collections/work-list"); len(all.Loans) != 2 {
		t.Errorf("got %d loans, want the 2 late ones", len(all.Loans))
	}
	if rows := r.file("/api/v1/collections/work-list?collector=collector", "gestion-de-cobranza-2050-03-01"); len(rows) != 3 || rows[1][1] != "Beatriz Peña" {
		t.Errorf("got %v, want a heading, Beatriz Peña and a total", rows)
	}
	r.file(reports+"/promises?from=2050-02-01&to=2050-03-01", "promesas-2050-02-01-2050-03-01")
	visits := r.get("/api/v1/collections/visits.pdf?collector=collector", r.as(access.Collector)...)
	if got := r.text(visits); !strings.Contains(got, "Beatriz Peña") || !strings.Contains(got, "Lista de visitas") {
		t.Errorf("got %s, want a list of visits with Beatriz Peña", got)
	}
	own := r.get("/api/v1/collections/work-list", r.as(access.Collector)...)
	if !strings.Contains(own.body, "Beatriz") || strings.Contains(own.body, "HYPERLINK") {
		t.Errorf("got %s, want only the loan of the collector", own.body)
	}
}
