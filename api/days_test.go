package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/bank/dayend"
	"sofipo/core/access"
	"sofipo/infra/db"
	"sofipo/test/contract"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

func TestDaysOverHTTP(t *testing.T) {
	d := open(t, nil)
	const days, close = "/api/v1/days", "/api/v1/days/close"
	today := d.today()
	post := func(body string, role access.Role, headers ...string) reply {
		t.Helper()
		return d.send("POST", close, body, append(append(d.as(role), "Content-Type", "application/json"), headers...)...)
	}
	read := func(query string) reply {
		t.Helper()
		return d.get(days+query, d.as(access.Auditor)...)
	}
	if r := read(""); r.status != 200 || r.body != `{"business_date":"`+today.String()+`","next_to_close":"`+today.String()+`","days":[]}` {
		t.Errorf("got %d %s, want status 200, both dates %s, no days", r.status, r.body, today)
	}
	d.refused(d.get(days, d.as(access.Teller)...), 403, `"code":"forbidden"`)
	for _, role := range []access.Role{access.Teller, access.Officer, access.Auditor} {
		d.refused(post("", role), 403, `"code":"forbidden"`)
	}
	d.refused(post(`{"date":"`+today.AddDays(1).String()+`"}`, access.Admin), 422, `"loc":["body","date"],"msg":"must not be after today (`+today.String()+`)`)
	d.refused(post(`{"date":"2026-02-30"}`, access.Admin), 422, `["body","date"]`)
	d.refused(post(`{"day":"2026-02-03"}`, access.Admin), 422, `["body","day"]`)
	d.refused(post("", access.Admin, "Idempotency-Key", "ñ"), 422, `["header","Idempotency-Key"]`)
	if r := read(""); !strings.Contains(r.body, `"days":[]`) {
		t.Errorf("after a refusal: got %s, want no days", r.body)
	}

	for _, body := range []string{"", "{}", `{"max_days":30}`} { // not the clock's own day
		d.refused(post(body, access.Admin), 409, `"code":"no_open_day","next":"`+today.String()+`","today":"`+today.String()+`"`)
	}
	for _, most := range []string{"0", "1.5", "true", "100001", "99999999999"} {
		d.refused(post(`{"max_days":`+most+`}`, access.Admin), 422, `["body","max_days"]`)
	}
	d.refused(post(`{"max_days":3,"date":"`+today.String()+`"}`, access.Admin), 422, `"loc":["body","max_days"],"msg":"must not be given together with date"`)

	itself := `{"date":"` + today.String() + `"}`
	done := post(itself, access.Accountant, "Idempotency-Key", "first")
	if done.status != 200 || done.body != `{"day":"`+today.String()+`","loans":1,"interest":0.28,"provisions":`+provisionOf(done.body)+`}` || done.header.Get("X-Sofipo-Position") == "" {
		t.Errorf("got %d %s %v, want status 200, day %s, 1 loan, interest 0.28, a token", done.status, done.body, done.header, today)
	}
	again := post(itself, access.Accountant, "Idempotency-Key", "first")
	if again.status != 200 || again.body != done.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("with its key again: got %d %s, want status 200, body %v, Idempotent-Replayed true", again.status, again.body, done.body)
	}
	d.refused(post("", access.Accountant, "Idempotency-Key", "first"), 422, `"code":"idempotency_reused"`)
	d.refused(post(`{"date":"`+today.String()+`"}`, access.Admin), 409, `"next":"`+today.AddDays(1).String()+`"`)
	d.refused(post("", access.Admin), 409, `"code":"no_open_day"`)
	r := read("?limit=1")
	if !strings.Contains(r.body, `"business_date":"`+today.AddDays(1).String()+`"`) || !strings.Contains(r.body, `"status":"CLOSED","actor":"accountant"`) ||
		r.header.Get("Link") != `</api/v1/days?limit=1&before=`+today.String()+`>; rel="next"` {
		t.Errorf("got %s and the link %q, want the business date %s, a day closed by the accountant, and a link to the days before %s", r.body, r.header.Get("Link"), today.AddDays(1), today)
	}
	if r := read("?limit=1&before=" + today.String()); !strings.Contains(r.body, `"days":[]`) || r.header.Get("Link") != "" {
		t.Errorf("got %s and the link %q, want no days and no link", r.body, r.header.Get("Link"))
	}
	d.refused(read("?limit=0"), 422, `["query","limit"]`)
}

// TestOpenDaysOverHTTP: without a date, all open days before the clock's day are closed, if
// they are not more than the request accepts.
func TestOpenDaysOverHTTP(t *testing.T) {
	now := time.Date(2050, 3, 2, 12, 0, 0, 0, time.UTC)
	database := ground.Open(t, ground.Config(t, ground.SQLite))
	b := office.OpenBank(t, database, office.Clock(func() time.Time { return now }))
	d := &door{t: t, Door: contract.Open(t, database, func(o *api.Options) {
		o.Bank, o.Days, o.Clock, o.Location, o.Training = b, dayend.New(b, dayend.Options{}), func() time.Time { return now }, time.UTC, true
	})}
	token, err := d.Keys.Issue("admin", 24*365*time.Hour, now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	post := func(body string, headers ...string) reply {
		t.Helper()
		return d.send("POST", "/api/v1/days/close", body, append([]string{"Authorization", "Bearer " + token, "Content-Type", "application/json"}, headers...)...)
	}
	office.Grant(t, b, office.Register(t, b, 2).ID, 1_000_00)
	now = now.AddDate(0, 0, 3)
	three := post("", "Idempotency-Key", "three")
	if three.status != 200 || !strings.HasPrefix(three.body, `{"day":"2050-03-04","loans":`) || !strings.Contains(three.body, `"earlier_days":[{"day":"2050-03-02","loans":`) || strings.Count(three.body, `"day":`) != 3 {
		t.Errorf("got %d %s, want status 200 and the days 2050-03-04, 2050-03-02 and 2050-03-03", three.status, three.body)
	}
	if got := three.header.Get("X-Sofipo-Business-Date"); got != "2050-03-05" {
		t.Errorf("got business date %q, want 2050-03-05", got)
	}
	if again := post("", "Idempotency-Key", "three"); again.status != 200 || again.body != three.body || again.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: got %d %s, want the same response, replayed", again.status, again.body)
	}
	now = now.AddDate(0, 0, 8)
	d.refused(post(""), 409, `8 days are open, from 2050-03-05 to 2050-03-12, but at most 7 may be closed`)
	d.refused(post(`{"max_days":6}`), 409, `"latest":"2050-03-12","most":6,"next":"2050-03-05","open":8`)
	if got := post(`{"max_days":8}`); got.status != 200 || strings.Count(got.body, `"day":`) != 8 {
		t.Errorf("got %d %s, want status 200 and 8 days", got.status, got.body)
	}
	d.refused(post(""), 409, `"code":"no_open_day"`)
	if got := d.get("/healthz"); got.body != `{"status":"ok","business_date":"2050-03-13"}` || got.header.Get("X-Sofipo-Business-Date") != "2050-03-13" {
		t.Errorf("got %s %v, want the business date 2050-03-13", got.body, got.header)
	}
	if got := d.get("/readyz"); got.body != `{"status":"ready","checks":{},"business_date":"2050-03-13"}` {
		t.Errorf("got %s, want the business date 2050-03-13", got.body)
	}
	if got := d.get("/nowhere"); got.status != 404 || got.header.Get("X-Sofipo-Business-Date") != "2050-03-13" {
		t.Errorf("got %d %v, want 404 with the business date 2050-03-13", got.status, got.header)
	}
}

// provisionOf is the figure at the end, which the regime in force today decides.
func provisionOf(body string) string {
	_, figure, _ := strings.Cut(strings.TrimSuffix(body, "}"), `"provisions":`)
	return figure
}

// otherNode is an API server of the same bank with a view of its own.
func (d *door) otherNode(database *db.DB) *door {
	d.t.Helper()
	options := d.Options
	options.View, options.Registry = view.Open(database, nil), nil
	server := httptest.NewServer(api.New(options))
	d.t.Cleanup(server.Close)
	other := *d
	other.Door = &contract.Door{Target: contract.Target{URL: server.URL}, View: options.View}
	return &other
}

// TestDefaultsFollowTheBusinessDate closes the clock's own day: from then on every
// default is the next day, on this node at once and on others as soon as what they
// read has the close.
func TestDefaultsFollowTheBusinessDate(t *testing.T) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		d := openOn(t, database, nil)
		today := d.today()
		day, next := today.String(), today.AddDays(1).String()
		made := d.post("/api/v1/products/", `{"code":"later","name":"Mañana","effective_from":"`+next+`"}`)
		d.want(201, made)
		loan, client := "/api/v1/loans/"+d.loan, "/api/v1/loans/clients/"+d.client+"/account-statement"
		const quote = `{"amount":1000,"annual_rate":0.1,"periods":2}`
		asks := []struct{ path, before, after string }{
			{loan + "/owing", `"date":"` + day + `"`, `"date":"` + next + `"`},
			{loan + "/payoff", `"date":"` + day + `"`, `"date":"` + next + `"`},
			{loan + "/schedule", `"date":"` + day + `"`, `"date":"` + next + `"`},
			{loan + "/payoff.pdf", "P-100-014-" + day + ".pdf", "P-100-014-" + next + ".pdf"},
			{loan + "/statement.csv", "-" + day + ".csv", "-" + next + ".csv"},
			{loan + "/statement.pdf?to=" + next, "-" + day + ".pdf", "-" + next + ".pdf"},
			{client + ".pdf", "-" + day + ".pdf", "-" + next + ".pdf"},
			{client + ".csv?from=" + next, `["query","from"]`, "-" + next + ".csv"},
			{"/api/v1/products/", `"code":"seed"`, `"code":"later"`},
			{"/api/v1/books/trial-balance", `"to":"` + day + `"`, `"to":"` + next + `"`},
			{"/api/v1/books/trial-balance?format=csv", "-" + day + ".csv", "-" + next + ".csv"},
			{"/api/v1/books/trial-balance?from=" + next, `["query","from"]`, `"to":"` + next + `"`},
			{"/api/v1/books/accounts/1102/ledger", `"to":"` + day + `"`, `"to":"` + next + `"`},
			{"/api/v1/books/accounts/1102/ledger?from=" + next, `["query","from"]`, `"to":"` + next + `"`},
			{loan + "/daily-positions?from=" + next, `["query","from"]`, `[]`},
			{"/api/v1/reports/collections", `"date":"` + day + `"`, `"date":"` + next + `"`},
			{"/api/v1/reports/transactions", `"to":"` + day + `"`, `"to":"` + next + `"`},
		}
		admin := d.as(access.Admin)
		check := func(on *door, path, want string, headers ...string) {
			t.Helper()
			r := on.get(path, append(headers, admin...)...)
			if text := r.header.Get("Content-Disposition") + " " + r.body; !strings.Contains(text, want) {
				t.Errorf("%s: got %d %.300q\nwant %q in it", path, r.status, text, want)
			}
		}
		idle := d.otherNode(database)
		nodes := make([]*door, len(asks))
		for i, ask := range asks {
			nodes[i] = d.otherNode(database)
			check(nodes[i], ask.path, ask.before, "X-Sofipo-Position", made.header.Get("X-Sofipo-Position"))
		}
		quoted := func(on *door) string {
			t.Helper()
			return on.want(200, on.post("/api/v1/loans/quote", quote))["terms"].(map[string]any)["disbursement_date"].(string)
		}
		for _, node := range []*door{d, idle} {
			if got := quoted(node); got != day {
				t.Errorf("a quote before the close: got the date %s, want %v", got, day)
			}
		}

		closed := d.send("POST", "/api/v1/days/close", `{"date":"`+day+`"}`, append(d.as(access.Accountant), "Content-Type", "application/json")...)
		d.want(200, closed)
		if got := quoted(d); got != next {
			t.Errorf("a quote after the close: got the date %s, want %v", got, next)
		}
		for i, ask := range asks {
			check(nodes[i], ask.path, ask.after, "X-Sofipo-Position", closed.header.Get("X-Sofipo-Position"))
			check(d, ask.path, ask.after)
		}
		for end := time.Now().Add(time.Minute); quoted(idle) != next; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("an idle node did not learn of the close within a minute, want it to learn of it")
			}
		}
	})
}
