package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/test/ground"
)

const books = "/api/v1/books"

// ask sends a read of the books as the auditor.
func (d *door) ask(path string) reply {
	d.t.Helper()
	return d.get(books+path, d.as(access.Auditor)...)
}

// ask returns the answer to a read that must succeed.
func ask[T any](d *door, path string) (answer T) {
	d.t.Helper()
	r := d.ask(path)
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil || r.status != 200 {
		d.t.Fatalf("%s: got %d %s %v, want status 200", path, r.status, r.body, err)
	}
	return answer
}

// refused fails unless the answer has the status and its body the text.
func (d *door) refused(r reply, status int, says string) {
	d.t.Helper()
	if r.status != status || !strings.Contains(r.body, says) {
		d.t.Errorf("got %d %s\nwant %d with %s", r.status, r.body, status, says)
	}
}

// today is the day of the door; it does not end while the tests run.
func (d *door) today() civil.Date { return civil.DateOf(time.Now().In(ground.Noon)) }

func TestChartOfAccounts(t *testing.T) {
	d := open(t, nil)
	chart := ask[[]map[string]any](d, "/accounts")
	byCode := map[string]map[string]any{}
	for i, line := range chart {
		byCode[line["code"].(string)] = line
		if i > 0 && line["code"].(string) <= chart[i-1]["code"].(string) {
			t.Errorf("account %v after %v: got them in this order, want ascending codes", line["code"], chart[i-1]["code"])
		}
	}
	want := `{"cnbv_code":"130000000000","code":"1301","control":true,"kind":"asset","name_en":"Loans current, principal","name_es":"Cartera vigente, capital","nature":"debit","postable":true,"valid_from":"2007-01-01"}`
	if got, _ := json.Marshal(byCode["1301"]); string(got) != want {
		t.Errorf("got %s, want %v", got, want)
	}
	if group := byCode["13"]; group["postable"] != false || group["control"] != false {
		t.Errorf("got %v for account 13, want a group that is neither postable nor a control account", group)
	}
	if r := d.ask("/accounts?date=2006-12-31"); r.status != 200 || r.body != "[]" {
		t.Errorf("before the first catalogue: got %d %s, want status 200, body `[]`", r.status, r.body)
	}
	d.refused(d.ask("/accounts?date=2026-02-30"), 422, `["query","date"]`)
}

func TestTrialBalanceOverHTTP(t *testing.T) {
	d := open(t, nil)
	today := d.today()
	b := ask[api.TrialBalance](d, "/trial-balance")
	if b.From != (civil.Date{Year: today.Year, Month: today.Month, Day: 1}) || b.To != today || len(b.Lines) != 2 || b.Totals.Debits != money.Amount(100_000).Total() || b.Totals.ClosingDebit != b.Totals.ClosingCredit {
		t.Errorf("got %+v, want this month up to %s with 2 lines, debits of 1000.00 and equal closing totals", b, today)
	}
	if r := d.ask("/trial-balance"); !strings.Contains(r.body, `{"account":"1102","cnbv_code":"110000000000","name_es":"Bancos y liquidación SPEI","name_en":"Bank and SPEI settlement","nature":"debit","kind":"asset",`+
		`"opening_balance":0.00,"debits":0.00,"credits":1000.00,"closing_balance":-1000.00}`) {
		t.Errorf("got %v, want the account 1102 with credits of 1000.00", r.body)
	}
	if grouped := ask[api.TrialBalance](d, "/trial-balance?cnbv=true"); len(grouped.Lines) != 2 || grouped.Lines[1].CNBV != "130000000000" || len(grouped.Lines[1].Accounts) != 1 {
		t.Errorf("got %+v, want 2 lines, the second with the CNBV code 130000000000 and 1 account", grouped)
	}
	past := ask[api.TrialBalance](d, "/trial-balance?to=2026-02-28")
	if past.From.String() != "2026-02-01" || len(past.Lines) != 0 {
		t.Errorf("got %+v, want a balance from 2026-02-01 on without lines", past)
	}
	r := d.ask("/trial-balance?format=csv&from=2026-01-01")
	if want := "cuenta,codigo_cnbv,nombre,naturaleza,saldo_inicial,cargos,abonos,saldo_final\r\n" +
		"1102,110000000000,Bancos y liquidación SPEI,deudora,0.00,0.00,1000.00,-1000.00\r\n" +
		"1301,130000000000,\"Cartera vigente, capital\",deudora,0.00,1000.00,0.00,1000.00\r\n"; r.status != 200 || r.body != want || r.header.Get("Content-Type") != "text/csv; charset=utf-8" ||
		r.header.Get("Content-Disposition") != fmt.Sprintf(`attachment; filename="balanza-2026-01-01-%s.csv"`, today) {
		t.Errorf("got %d %s %v, want status 200, body %v, Content-Type text/csv; charset=utf-8, Content-Disposition %v", r.status, r.body, r.header, want, fmt.Sprintf(`attachment; filename="balanza-2026-01-01-%s.csv"`, today))
	}
	d.refused(d.ask("/trial-balance?from=2026-03-01&to=2026-02-28"), 422, `"loc":["query","from"],"msg":"must not be after 2026-02-28"`)
	d.refused(d.ask("/trial-balance?format=xml"), 422, `["query","format"]`)
	d.refused(d.get(books+"/trial-balance", append(d.as(access.Auditor), "X-Sofipo-Position", "x")...), 422, `["header","X-Sofipo-Position"]`)
}

// TestDrillDown: from an account over its postings to the entry and the transaction of the loan.
func TestDrillDown(t *testing.T) {
	d := open(t, nil)
	paid := d.want(201, d.post("/api/v1/loans/"+d.loan+"/payments", `{"amount":100}`))["id"].(string)
	var lines []api.LedgerLine
	pages := 0
	for path := "/accounts/1301/ledger?limit=1"; path != ""; pages++ {
		r := d.ask(path)
		var page api.LedgerPage
		if err := json.Unmarshal([]byte(r.body), &page); err != nil || r.status != 200 || len(page.Postings) > 1 || page.Closing != money.Amount(90_000).Total() || page.Opening != money.Amount(0).Total() {
			t.Fatalf("got %d %s %v, want status 200, at most 1 posting, the opening balance 0.00 and the closing balance 900.00", r.status, r.body, err)
		}
		lines = append(lines, page.Postings...)
		link, _, found := strings.Cut(strings.TrimPrefix(r.header.Get("Link"), "<"+books), ">")
		if path = ""; found {
			path = link
		}
	}
	if pages != 3 || len(lines) != 2 || lines[0].Kind != "loan_disbursed" || lines[1].Kind != "payment_received" || lines[1].Balance != money.Amount(90_000).Total() || lines[1].Subject.String() != d.loan {
		t.Fatalf("got %d pages with the lines %+v, want 3 pages with the disbursement and the payment of loan %s and the balance 900.00", pages, lines, d.loan)
	}
	e := ask[api.Entry](d, "/entries/"+lines[1].Entry.String())
	if m := e.Transaction; m == nil || m.ID.String() != paid || m.Loan.String() != d.loan || m.Number != 1 || m.Kind != "payment" || e.ManualEntry != nil || len(e.Postings) != 2 || e.Postings[1].Credit != 10_000 {
		t.Errorf("got %+v with the transaction %+v, want 2 postings of payment %s, the first transaction of loan %s, with 100.00 credited", e, m, paid, d.loan)
	}
	for _, absent := range []string{"reverses", "reversed_by", "manual_entry"} {
		if r := d.ask("/entries/" + e.ID.String()); strings.Contains(r.body, `"`+absent+`"`) {
			t.Errorf("got %s, want no member %q", r.body, absent)
		}
	}
	d.refused(d.ask("/accounts/9999/ledger"), 404, `"code":"account_not_found"`)
	d.refused(d.ask("/accounts/13/ledger"), 404, `has no account 13`)
	d.refused(d.ask("/accounts/1301/ledger?limit=0"), 422, `["query","limit"]`)
	d.refused(d.ask("/accounts/1301/ledger?limit=1001"), 422, `["query","limit"]`)
	d.refused(d.ask("/accounts/1301/ledger?after="+d.loan), 422, `["query","after"]`)
	d.refused(d.ask("/accounts/1301/ledger?from=2999-01-01"), 422, `["query","from"]`)
	d.refused(d.ask("/entries/"+d.loan), 404, `"code":"entry_not_found"`)
	d.refused(d.ask("/entries/x"), 422, `["path","entry_id"]`)
}

// manualEntry is the JSON of a manual journal entry with two lines.
func manualEntry(date, debit, credit string, debits, credits string) string {
	return fmt.Sprintf(`{"entry_date":%q,"description":"Aportación","lines":[{"account":%q,"debit":%s},{"account":%q,"credit":%s}]}`, date, debit, debits, credit, credits)
}

func TestManualEntries(t *testing.T) {
	d := open(t, nil)
	today := d.today().String()
	propose := func(body string) reply {
		t.Helper()
		return d.send("POST", books+"/manual-entries", body, append(d.as(access.Accountant), "Content-Type", "application/json")...)
	}
	decide := func(id, how string, role access.Role) reply {
		t.Helper()
		return d.send("POST", books+"/manual-entries/"+id+"/"+how, "", d.as(role)...)
	}
	proposed := propose(manualEntry(today, "1102", "4101", "5000", `"5000.00"`))
	posted := d.want(201, proposed)["id"].(string)
	if !strings.Contains(proposed.body, `"entry_date":"`+today+`","description":"Aportación","lines":[{"account":"1102","debit":5000.00,"credit":0.00},{"account":"4101","debit":0.00,"credit":5000.00}],`+
		`"status":"PROPOSED","proposed_by":"accountant"`) {
		t.Errorf("got %v, want the proposed entry of %s by accountant", proposed.body, today)
	}
	d.refused(decide(posted, "posting", access.Accountant), 403, `"code":"four_eyes"`)
	d.refused(decide(posted, "rejection", access.Accountant), 403, `"proposed_by":"accountant"`)
	answer := d.want(200, decide(posted, "posting", access.Admin))
	if answer["status"] != "POSTED" || answer["decided_by"] != "admin" {
		t.Errorf("got %v, want status POSTED, decided_by admin", answer)
	}
	e := ask[api.Entry](d, "/entries/"+answer["entry_id"].(string))
	if e.Kind != "manual" || e.Transaction != nil || e.ManualEntry == nil || e.ManualEntry.ID.String() != posted || e.Postings[0].Subject.String() != posted {
		t.Errorf("got %+v, want the entry of manual entry %s and no transaction", e, posted)
	}
	d.refused(decide(posted, "posting", access.Admin), 409, `"code":"manual_entry_decided"`)
	d.refused(decide(posted, "rejection", access.Admin), 409, `"manual_entry_status":"POSTED"`)
	d.refused(decide(d.loan, "posting", access.Admin), 404, `"code":"manual_entry_not_found"`)
	d.refused(decide("x", "rejection", access.Admin), 422, `["path","manual_entry_id"]`)

	undated := d.want(201, propose(strings.Replace(manualEntry(today, "1101", "1102", "1", "1"), `"entry_date":"`+today+`",`, "", 1)))
	rejected := undated["id"].(string)
	if undated["entry_date"] != today {
		t.Errorf("got %v, want entry_date %v", undated, today)
	}
	d.want(200, decide(rejected, "rejection", access.Admin))
	for status, want := range map[string]int{"": 2, "?status=POSTED": 1, "?status=REJECTED": 1, "?status=PROPOSED": 0, "?limit=1": 1, "?skip=1": 1, "?after=" + rejected: 0} {
		if list := ask[[]json.RawMessage](d, "/manual-entries"+status); len(list) != want {
			t.Errorf("manual entries%s: got %s, want %d of them", status, list, want)
		}
	}
	if one := ask[map[string]any](d, "/manual-entries/"+posted); one["status"] != "POSTED" {
		t.Errorf("got %v, want status POSTED", one)
	}
	d.refused(d.ask("/manual-entries?status=posted"), 422, `["query","status"]`)
	d.refused(d.ask("/manual-entries/"+d.loan), 404, `"code":"manual_entry_not_found"`)

	for body, says := range map[string]string{
		manualEntry(today, "1102", "4101", "5000", "4999.99"):                                             `"loc":["body","lines"],"msg":"must balance: debits are 5000.00, credits are 4999.99"`,
		manualEntry(today, "1199", "4101", "1", "1"):                                                      `"loc":["body","lines",0,"account"],"msg":"must be an account in the chart of accounts on ` + today,
		manualEntry(today, "1102", "41", "1", "1"):                                                        `"loc":["body","lines",1,"account"],"msg":"must be an account, not a group`,
		manualEntry(today, "1301", "1102", "1", "1"):                                                      `"loc":["body","lines",0,"account"],"msg":"must not be a control account`,
		manualEntry(today, "6201", "1390", "1", "1"):                                                      `"loc":["body","lines",1,"account"],"msg":"must not be a control account`,
		manualEntry(today, "1102", "4101", "0", "1"):                                                      `"loc":["body","lines",0],"msg":"must have either a debit or a credit, not both"`,
		manualEntry(today, "1102", "4101", "-1", "1"):                                                     `"loc":["body","lines",0,"debit"]`,
		manualEntry(today, "1102", "4101", "0.001", "1"):                                                  `"loc":["body","lines",0,"debit"],"msg":"ensure that there are no more than 2 decimal places"`,
		manualEntry(d.today().AddDays(1).String(), "1102", "4101", "1", "1"):                              `"loc":["body","entry_date"],"msg":"must not be after the business date`,
		manualEntry("2026-02-30", "1102", "4101", "1", "1"):                                               `"loc":["body","entry_date"]`,
		`{"description":"x","lines":[]}`:                                                                  `"loc":["body","lines"],"msg":"must have 2 to 500 lines"`,
		`{"description":" ","lines":[{"account":"1102","debit":1},{"account":"4101","credit":1}]}`:        `"loc":["body","description"],"msg":"must have 1 to 500 characters"`,
		`{"description":"a\u0000b","lines":[{"account":"1102","debit":1},{"account":"4101","credit":1}]}`: `"loc":["body","description"],"msg":"ensure this value has no NUL and is valid UTF-8"`,
		`{"description":"x"}`:                                                                             `"loc":["body","lines"],"msg":"field required"`,
		`{"description":"x","lines":[{"account":"1102","debit":1,"haber":1}]}`:                            `"loc":["body","lines",0,"haber"],"msg":"unknown field: use account, debit, credit"`,
	} {
		d.refused(propose(body), 422, says)
	}
	if list := ask[[]json.RawMessage](d, "/manual-entries"); len(list) != 2 {
		t.Errorf("after the refusals: got the manual entries %s, want 2", list)
	}
}

func TestPeriods(t *testing.T) {
	d := open(t, nil)
	closing := func(month string) reply {
		t.Helper()
		return d.send("POST", books+"/periods/"+month+"/close", "", d.as(access.Accountant)...)
	}
	last := d.today().AddDays(-int(d.today().Day)) // of the month before
	waiting := d.want(201, d.send("POST", books+"/manual-entries", manualEntry(last.String(), "1102", "4101", "1", "1"), d.as(access.Accountant)...))["id"].(string)
	for _, month := range []string{"2026-13", "2026-1", "x", "2026-01-01", "0000-01"} {
		d.refused(closing(month), 422, `"loc":["path","month"],"msg":"must be a month as YYYY-MM"`)
	}
	d.refused(closing(d.today().String()[:7]), 422, `"loc":["path","month"],"msg":"must be a month that has ended: `+last.String()[:7])
	if r := closing(last.String()[:7]); r.status != 200 || r.body != `{"closed_through":"`+last.String()+`"}` {
		t.Errorf("got %d %s, want status 200, body %v", r.status, r.body, `{"closed_through":"`+last.String()+`"}`)
	}
	d.refused(closing(last.String()[:7]), 409, `; the date must be `+d.today().String()[:7]+`-01 or later","type":"urn:sofipo:error:period_closed"`)
	d.refused(closing(last.AddMonths(-1, 1).String()[:7]), 409, `"closed_through":"`+last.String()+`"`)
	d.refused(d.send("POST", books+"/manual-entries", manualEntry(last.String(), "1102", "4101", "1", "1"), d.as(access.Accountant)...), 409, `"earliest":"`+last.AddDays(1).String()+`"`)
	d.refused(d.send("POST", books+"/manual-entries/"+waiting+"/posting", "", d.as(access.Admin)...), 409, `"code":"period_closed"`)
	d.want(200, d.send("POST", books+"/manual-entries/"+waiting+"/rejection", "", d.as(access.Admin)...))
	p := ask[api.Periods](d, "/periods")
	if p.ClosedThrough != last || p.FirstOpen != last.AddDays(1) || len(p.Months) != 1 || p.Months[0] != (api.Month{Month: d.today().String()[:7], Status: "OPEN"}) {
		t.Errorf("got %+v, want the books closed through %s, open from %s, and one month that is OPEN", p, last, last.AddDays(1))
	}
}

// TestRolesOfBooks: each operation is open to the roles of its permission and to
// no other, whatever reads are public.
func TestRolesOfBooks(t *testing.T) {
	d := open(t, nil)
	for _, c := range []struct {
		method, path, body string
		permission         access.Permission
	}{
		{"GET", "/accounts", "", accounting.Read},
		{"GET", "/trial-balance", "", accounting.Read},
		{"GET", "/accounts/1301/ledger", "", accounting.Read},
		{"GET", "/entries/" + d.loan, "", accounting.Read},
		{"GET", "/manual-entries", "", accounting.Read},
		{"GET", "/manual-entries/" + d.loan, "", accounting.Read},
		{"GET", "/periods", "", accounting.Read},
		{"POST", "/manual-entries", "{}", accounting.Write},
		{"POST", "/manual-entries/" + d.loan + "/posting", "", accounting.Write},
		{"POST", "/manual-entries/" + d.loan + "/rejection", "", accounting.Write},
		{"POST", "/periods/x/close", "", accounting.CloseMonths},
	} {
		d.want(401, d.send(c.method, books+c.path, c.body))
		for _, role := range access.Roles() {
			if r := d.send(c.method, books+c.path, c.body, d.as(role)...); (r.status == 403) == nouns.May(role, c.permission) || r.status == 401 {
				t.Errorf("%s %s as %s: got status %d, want 403 only without the permission (the role has it: %t), and never 401", c.method, c.path, role, r.status, nouns.May(role, c.permission))
			}
		}
	}
}
