package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/core/lending/loan"
	"sofipo/core/nouns"
)

const noSuchID = "01980c5e-7d2c-7b65-9d0a-3f0c5a3b9e11"

// apply makes an application on the default product.
func (d *door) apply(amount string) (path string) {
	d.t.Helper()
	body := fmt.Sprintf(`{"client_id":%q,"product":"seed","amount":%s,"annual_rate":0.24,"periods":12}`, d.client, amount)
	return "/api/v1/loans/" + d.want(201, d.post("/api/v1/loans/applications", body))["id"].(string)
}

// lend applies, approves and disburses.
func (d *door) lend(amount string) (path string) {
	d.t.Helper()
	path = d.apply(amount)
	d.want(200, d.post(path+"/approval", ""))
	d.want(200, d.post(path+"/disbursement", ""))
	return path
}

func (d *door) do(role access.Role, path, body string) reply {
	d.t.Helper()
	return d.send("POST", path, body, append(d.as(role), "Content-Type", "application/json")...)
}

// TestLifeOfALoan leads a loan from its application to the recovery of what was
// written off, each step by one who may.
func TestLifeOfALoan(t *testing.T) {
	d := open(t, nil)
	planned, first := d.today().AddDays(400).String(), d.today().AddDays(40).String()
	made := d.want(201, d.do(access.Officer, "/api/v1/loans/applications", `{"client_id":"`+d.client+`","product":"seed","amount":"12000","annual_rate":"0.24","periods":12,"first_due_date":"`+planned+`"}`))
	if made["status"] != "APPLIED" || made["applied_by"] != "officer" || made["first_due_date"] != planned || made["current_balance"].(json.Number) != "0.00" || made["disbursed_on"] != nil {
		t.Errorf("got %v, want status APPLIED, applied_by officer, first_due_date %v, current_balance 0.00, no disbursed_on", made, planned)
	}
	path := "/api/v1/loans/" + made["id"].(string)
	if r := d.want(200, d.do(access.Officer, path+"/approval", "")); r["status"] != "APPROVED" || r["approved_by"] != "officer" {
		t.Errorf("got %v, want status APPROVED, approved_by officer", r)
	}
	if r := d.want(200, d.do(access.Officer, path+"/disbursement", `{"first_due_date":"`+first+`"}`)); r["status"] != "ACTIVE" || r["first_due_date"] != first || r["current_balance"].(json.Number) != "12000.00" {
		t.Errorf("got %v, want status ACTIVE, first_due_date %v, current_balance 12000.00", r, first)
	}
	paid := d.do(access.Teller, path+"/payments", `{"amount":500}`)
	if !strings.HasPrefix(paid.body, `{"amount":500.00,"id":"`) || !strings.Contains(paid.body, `"number":1,"kind":"payment","value_date":"`) ||
		!strings.Contains(paid.body, `"status":"APPLIED","split":{"totals":{"principal":500.00},"lines":[{"component":"principal","amount":500.00}],"balance":11500.00,"status":"ACTIVE"}}`) {
		t.Errorf("got %v, want payment 1 of 500.00, applied to the principal, with the balance 11500.00", paid.body)
	}
	payment := d.want(201, paid)["id"].(string)
	for kind, says := range map[string]string{"prepayment": `"totals":{"principal":10.00}`, "advance": `"to_unapplied":10.00`} {
		if r := d.do(access.Teller, path+"/payments", `{"amount":10,"kind":"`+kind+`"}`); r.status != 201 || !strings.Contains(r.body, `"kind":"`+kind+`"`) || !strings.Contains(r.body, says) {
			t.Errorf("got %d %s, want status 201, the kind %s and %s in it", r.status, r.body, kind, says)
		}
	}
	reversal := d.want(201, d.do(access.Accountant, path+"/transactions/"+payment+"/reversal", `{"reason":"Captured twice"}`))
	if reversal["kind"] != "reversal" || reversal["amount"].(json.Number) != "500.00" {
		t.Errorf("got %v, want kind reversal, amount 500.00", reversal)
	}
	if m := d.want(200, d.get(path+"/transactions/"+payment)); m["status"] != "REVERSED" || m["reversed_by"] != reversal["id"] {
		t.Errorf("got %v, want status REVERSED, reversed_by %v", m, reversal["id"])
	}
	if r := d.want(409, d.do(access.Accountant, path+"/transactions/"+payment+"/reversal", "")); r["code"] != "loan_state" || r["reversed_by"] != reversal["id"] {
		t.Errorf("got %v, want code loan_state, reversed_by %v", r, reversal["id"])
	}
	if r := d.want(201, d.do(access.Admin, path+"/restructure", `{"annual_rate":0.18,"periods":24}`)); r["kind"] != "restructure" || r["new_terms"] == nil {
		t.Errorf("got %v, want kind restructure with new terms", r)
	}
	if r := d.want(201, d.do(access.Admin, path+"/write-off", "")); r["kind"] != "write_off" {
		t.Errorf("got %v, want kind write_off", r)
	}
	if r := d.want(201, d.do(access.Teller, path+"/recoveries", `{"amount":100}`)); r["kind"] != "recovery" {
		t.Errorf("got %v, want kind recovery", r)
	}
	if l := d.want(200, d.get(path)); l["status"] != "WRITTEN_OFF" || l["current_balance"].(json.Number) != "0.00" {
		t.Errorf("got %v, want status WRITTEN_OFF, current_balance 0.00", l)
	}
	var transactions, payments []map[string]any
	_ = json.Unmarshal([]byte(d.get(path+"/transactions").body), &transactions) // nil if it is none
	_ = json.Unmarshal([]byte(d.get(path+"/payments").body), &payments)
	if len(transactions) != 8 || transactions[0]["kind"] != "disbursement" || len(payments) != 4 {
		t.Errorf("got the transactions %v\nand the payments %v\nwant 8 transactions, the first a disbursement, and 4 payments", transactions, payments)
	}
	page := d.get(path + "/transactions?limit=3&skip=1")
	if link := page.header.Get("Link"); !strings.Contains(link, "after="+transactions[3]["id"].(string)) {
		t.Errorf("got the link %q, want %q in it", link, "after="+transactions[3]["id"].(string))
	}
}

func TestLoansThatEndEarly(t *testing.T) {
	d := open(t, nil)
	if l := d.want(200, d.post(d.apply("5000")+"/rejection", `{"reason":"no income"}`)); l["status"] != "REJECTED" {
		t.Errorf("got %v, want status REJECTED", l)
	}
	returned := d.apply("5000")
	if l := d.want(200, d.post(returned+"/return", `{"reason":"no signature"}`)); l["status"] != "RETURNED" {
		t.Errorf("got %v, want status RETURNED", l)
	}
	if steps := d.send("GET", returned+"/application/steps", "", d.as(access.Admin)...).body; !strings.Contains(steps, `"kind":"RETURNED","made_by":"admin"`) || !strings.Contains(steps, `"reason":"no signature"`) {
		t.Errorf("got the steps %s, want the return with its person and its reason", steps)
	}
	for _, reason := range []string{"", `{}`, `{"reason":" "}`} {
		d.refused(d.post(d.apply("5000")+"/return", reason), 422, `["body","reason"]`)
	}
	d.refused(d.post(returned+"/approval", ""), 409, `"loan_status":"RETURNED"`)
	if l := d.want(200, d.post(returned+"/rejection", `{"reason":"no answer"}`)); l["status"] != "REJECTED" {
		t.Errorf("after the return: got %v, want status REJECTED", l)
	}
	if l := d.want(200, d.post(d.apply("5000")+"/cancellation", "")); l["status"] != "CANCELLED" {
		t.Errorf("got %v, want status CANCELLED", l)
	}
	lent := d.lend("5000")
	if l := d.want(200, d.post(lent+"/cancellation", `{"reason":"wrong client"}`)); l["status"] != "CANCELLED" || l["current_balance"].(json.Number) != "0.00" {
		t.Errorf("got %v, want status CANCELLED, current_balance 0.00", l)
	}
	d.want(200, d.get(lent+"/schedule"))
	paid := d.lend("5000")
	d.want(201, d.post(paid+"/payments", `{"amount":10}`))
	if r := d.want(409, d.post(paid+"/cancellation", "")); r["code"] != "loan_state" || r["operations"].(json.Number) != "1" {
		t.Errorf("got %v, want code loan_state, operations 1", r)
	}
	writeOff := d.want(201, d.post(paid+"/write-off", ""))["id"].(string)
	d.want(201, d.post(paid+"/recoveries", `{"amount":10}`))
	if r := d.want(400, d.post(paid+"/transactions/"+writeOff+"/reversal", "")); !strings.HasPrefix(r["detail"].(string), "Transaction 3 of ") {
		t.Errorf("got %v, want a detail that begins with `Transaction 3 of `", r)
	}
}

func TestFourEyes(t *testing.T) {
	d := open(t, nil)
	d.want(201, d.post("/api/v1/products/", `{"code":"large","name":"Grande","limits":{"approval_limit":1000}}`))
	body := `{"client_id":"` + d.client + `","product":"large","amount":1000.01,"annual_rate":0.2,"periods":6}`
	path := "/api/v1/loans/" + d.want(201, d.do(access.Officer, "/api/v1/loans/applications", body))["id"].(string)
	if r := d.want(403, d.do(access.Officer, path+"/approval", "")); r["code"] != "four_eyes" || r["approval_limit"].(json.Number) != "1000.00" {
		t.Errorf("got %v, want code four_eyes, approval_limit 1000.00", r)
	}
	if r := d.want(200, d.do(access.Admin, path+"/approval", "")); r["approved_by"] != "admin" || r["applied_by"] != "officer" {
		t.Errorf("got %v, want approved_by admin, applied_by officer", r)
	}
}

// TestRefusalsOfLoans: each has its code and field, and none is a 500.
func TestRefusalsOfLoans(t *testing.T) {
	d := open(t, nil)
	applied, active := d.apply("5000"), "/api/v1/loans/"+d.loan
	none := "/api/v1/loans/" + noSuchID
	application := func(change, to string) string {
		return strings.Replace(`{"client_id":"`+d.client+`","product":"seed","amount":1000,"annual_rate":0.2,"periods":6}`, change, to, 1)
	}
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/api/v1/loans/", `{"client_id":"` + d.client + `","amount":1000,"interest_rate":0.1,"term_months":601}`, 422, `["body","term_months"],"msg":"must be from 1 to 600`},
		{"/api/v1/loans/applications", "", 422, `["body"]`},
		{"/api/v1/loans/applications", "{}", 422, `["body","periods"]`},
		{"/api/v1/loans/applications", application(d.client, noSuchID), 404, `"code":"client_not_found"`},
		{"/api/v1/loans/applications", application("seed", "nope"), 404, `"code":"product_not_found"`},
		{"/api/v1/loans/applications", application("seed", `a\u0000b`), 422, `["body","product"]`},
		{"/api/v1/loans/applications", application("seed", `\ud800`), 422, `["body","product"]`},
		{"/api/v1/loans/applications", application("1000", "0"), 422, `["body","amount"]`},
		{"/api/v1/loans/applications", application("1000", "1e14"), 422, `["body","amount"]`},
		{"/api/v1/loans/applications", application("0.2", "1.01"), 422, `["body","annual_rate"]`},
		{"/api/v1/loans/applications", application("0.2", "-0.1"), 422, `["body","annual_rate"]`},
		{"/api/v1/loans/applications", application(":6", ":0"), 422, `["body","periods"]`},
		{"/api/v1/loans/applications", application(":6", ":601"), 422, `["body","periods"]`},
		{"/api/v1/loans/applications", application(":6", `:6,"first_due_date":"1999-01-01"`), 422, `["body","first_due_date"],"msg":"must be after the disbursement date (` + d.today().String() + `)"`},
		{"/api/v1/loans/applications", application(":6", `:6,"first_due_date":"9999-12-31"`), 422, `["body","first_due_date"],"msg":"must be at most 50 years after the disbursement date (` + d.today().String() + `)"`},
		{"/api/v1/loans/applications", application(":6", `:6,"first_due_date":"2026-02-30"`), 422, `["body","first_due_date"]`},
		{none + "/approval", "", 404, `"code":"loan_not_found"`},
		{none + "/rejection", "", 404, `"code":"loan_not_found"`},
		{none + "/disbursement", "", 404, `"code":"loan_not_found"`},
		{none + "/cancellation", "", 404, `"code":"loan_not_found"`},
		{"/api/v1/loans/x/approval", "", 422, `["path","loan_id"]`},
		{active + "/approval", "", 409, `"accepted":["APPLIED"]`},
		{active + "/rejection", "", 409, `"status":409,"code":"loan_state"`},
		{active + "/disbursement", "", 409, `"code":"loan_state"`},
		{applied + "/disbursement", "", 409, `"code":"loan_state"`},
		{applied + "/rejection", `{"reason":"` + strings.Repeat("x", 501) + `"}`, 422, `["body","reason"]`},
		{applied + "/rejection", `{"reason":"a\u0000b"}`, 422, `["body","reason"],"msg":"ensure this value has no NUL and is valid UTF-8"`},
		{applied + "/rejection", `{"reason":null}`, 422, `["body","reason"]`},
		{applied + "/rejection", `null`, 422, `["body"]`},
		{applied + "/rejection", `[`, 422, `["body",1]`},
		{applied + "/cancellation", `{"reason":{}}`, 422, `["body","reason"]`},
		{applied + "/payments", `{"amount":1}`, 400, `"code":"loan_not_active","loan_status":"APPLIED"`},
		{applied + "/write-off", "", 400, `"code":"loan_not_active"`},
		{applied + "/restructure", `{"annual_rate":0.2,"periods":6}`, 400, `"code":"loan_not_active"`},
		{active + "/payments", `{"amount":1,"kind":"gift"}`, 422, `["body","kind"]`},
		{active + "/payments", `{"amount":1,"kind":"recovery"}`, 422, `["body","kind"]`},
		{active + "/payments", `{"amount":1,"value_date":"2001-01-01"}`, 422, `["body","value_date"]`},
		{active + "/payments", `{"amount":1,"value_date":"1999-01-01"}`, 409, `"code":"period_closed","closed_through":"1999-12-31","earliest":"2000-01-01"`},
		{active + "/payments", `{"amount":1,"value_date":"2999-01-01"}`, 422, `["body","value_date"]`},
		{active + "/payments", `{"amount":1,"value_date":"tomorrow"}`, 422, `["body","value_date"]`},
		{active + "/payments", `{"amount":1000.01,"kind":"prepayment"}`, 400, `"code":"over_payment","current_balance":1000.00,"payoff":1000.00`},
		{active + "/recoveries", `{"amount":1}`, 400, `"code":"loan_not_active"`},
		{active + "/recoveries", `{"amount":0}`, 422, `["body","amount"]`},
		{none + "/recoveries", `{"amount":1}`, 404, `"code":"loan_not_found"`},
		{none + "/write-off", ``, 404, `"code":"loan_not_found"`},
		{none + "/restructure", `{"annual_rate":0.2,"periods":6}`, 404, `"code":"loan_not_found"`},
		{active + "/restructure", `{"annual_rate":1.2,"periods":0}`, 422, `["body","annual_rate"]`},
		{active + "/restructure", `{"annual_rate":0.2,"periods":0}`, 422, `["body","periods"]`},
		{active + "/restructure", `{"annual_rate":0.2,"periods":6,"first_due_date":"2001-01-01"}`, 422, `["body","first_due_date"]`},
		{active + "/restructure", `{"annual_rate":0.2,"periods":6,"capitalise":"perhaps"}`, 422, `["body","capitalise"]`},
		{active + "/transactions/" + noSuchID + "/reversal", "", 404, `"code":"transaction_not_found"`},
		{none + "/transactions/" + noSuchID + "/reversal", "", 404, `"code":"loan_not_found"`},
		{active + "/transactions/x/reversal", "", 422, `["path","transaction_id"]`},
		{"/api/v1/loans/applications", application(":6", `:6,"first_due":"2030-01-31"`), 422, `["body","first_due"],"msg":"unknown field: use client_id, product, amount, annual_rate, periods, first_due_date"`},
		{applied + "/rejection", `{"reasons":"x"}`, 422, `["body","reasons"]`},
		{applied + "/cancellation", `{"reasons":"x"}`, 422, `["body","reasons"]`},
		{applied + "/disbursement", `{"first_due":"2030-01-31"}`, 422, `["body","first_due"]`},
		{active + "/restructure", `{"annual_rate":0.2,"periods":6,"capitalize":true}`, 422, `["body","capitalize"]`},
		{active + "/recoveries", `{"amount":1,"valuedate":"2030-01-31"}`, 422, `["body","valuedate"]`},
		{active + "/transactions/" + noSuchID + "/reversal", `{"why":"x"}`, 422, `["body","why"]`},
	} {
		if r := d.post(c.path, c.body); r.status != c.status || !strings.Contains(r.body, c.says) {
			t.Errorf("%s %s: got %d %s\nwant %d with %s", c.path, c.body, r.status, r.body, c.status, c.says)
		}
	}
	disbursement := d.get(active + "/transactions").body[len(`[{"amount":1000.00,"id":"`):][:36]
	if r := d.want(409, d.post(active+"/transactions/"+disbursement+"/reversal", "")); r["code"] != "loan_state" {
		t.Errorf("got %v, want code loan_state", r)
	}
}

func TestLoanQuestions(t *testing.T) {
	d := open(t, nil)
	path, today := d.lend("12000"), d.today()
	d.want(201, d.post(path+"/payments", `{"amount":2000}`))
	s := d.want(200, d.get(path+"/schedule"))
	instalments := s["instalments"].([]any)
	contract := s["contract"].(map[string]any)
	if len(instalments) != 12 || s["outstanding"].(json.Number) != "10000.00" || s["date"] != today.String() || s["version"].(map[string]any)["number"].(json.Number) != "2" ||
		contract["cat"].(json.Number) != "26.8" || contract["totals"].(map[string]any)["principal"].(json.Number) != "12000.00" ||
		instalments[0].(map[string]any)["status"] != "PENDING" {
		t.Errorf("got %v, want 12 instalments, outstanding 10000.00, date %v, number 2, cat 26.8, principal 12000.00, status PENDING", s, today.String())
	}
	versions := d.get(path + "/versions").body
	if !strings.HasPrefix(versions, `[{"serial":1,"current":false,"number":1,"from":"`+today.String()+`","reason":"contract","terms":{"amount":12000.00,`) ||
		!strings.Contains(versions, `{"serial":2,"current":true,"number":2,`) {
		t.Errorf("got %v, want two versions, the first of %s, the second current", versions, today)
	}
	admin := d.as(access.Admin)
	month := today.AddDays(31).String()
	owing := d.want(200, d.get(path+"/owing?date="+month, admin...))
	payoff := d.want(200, d.get(path+"/payoff?date="+month, admin...))
	if len(owing["lines"].([]any)) != 1 || owing["outstanding"].(json.Number) != "10000.00" || payoff["date"] != month {
		t.Errorf("got %v %v, want 1 line, outstanding 10000.00, date %v", owing, payoff, month)
	}
	if now := d.want(200, d.get(path+"/payoff", admin...)); now["total"].(json.Number) != "10000.00" {
		t.Errorf("got %v, want total 10000.00", now)
	}
	if now := d.get(path+"/owing", admin...); !strings.Contains(now.body, `"lines":[],`) {
		t.Errorf("got %v, want no lines", now.body)
	}
	paid := d.want(201, d.post(path+"/payments", `{"amount":10000}`))
	if r := d.get(path+"/payoff", admin...); r.status != 200 || !strings.Contains(r.body, `"total":0.00`) {
		t.Errorf("got %v, want status 200 and a payoff of 0.00", r.body)
	}
	applied := d.apply("100")
	for path, want := range map[string]string{
		path + "/owing?date=2001-01-01":                                       `422 ["query","date"],"msg":"must be from ` + today.String(),
		path + "/owing?date=2001-02-30":                                       `422 ["query","date"]`,
		path + "/payoff?date=2999-01-01":                                      `422 ["query","date"]`,
		path + "/payoff.pdf?date=2999-01-01":                                  `422 ["query","date"]`,
		path + "/payoff.pdf":                                                  `400 "code":"loan_not_active","loan_status":"PAID_OFF"`,
		path + "/statement.pdf?from=2999-01-01":                               `422 ["query","from"]`,
		path + "/statement.csv?to=2001-01-01":                                 `422 ["query","to"]`,
		path + "/transactions/" + noSuchID:                                    `404 "code":"transaction_not_found"`,
		path + "/transactions/" + noSuchID + "/receipt.pdf":                   `404 "code":"transaction_not_found"`,
		path + "/transactions/x":                                              `422 ["path","transaction_id"]`,
		path + "/transactions?after=x":                                        `422 ["query","after"]`,
		applied + "/schedule":                                                 `409 "code":"loan_state","loan_status":"APPLIED"`,
		applied + "/versions":                                                 `409 "code":"loan_state"`,
		applied + "/owing":                                                    `409 "code":"loan_state"`,
		applied + "/payoff":                                                   `409 "code":"loan_state"`,
		applied + "/schedule.pdf":                                             `409 "code":"loan_state"`,
		applied + "/statement.csv":                                            `409 "code":"loan_state"`,
		"/api/v1/loans/" + d.loan + "/no-debt.pdf":                            `409 "code":"loan_state","loan_status":"ACTIVE"`,
		"/api/v1/loans/" + noSuchID + "/transactions":                         `404 "code":"loan_not_found"`,
		"/api/v1/loans/" + noSuchID + "/transactions/" + noSuchID:             `404 "code":"loan_not_found"`,
		"/api/v1/loans/" + noSuchID + "/schedule":                             `404 "code":"loan_not_found"`,
		"/api/v1/loans/" + noSuchID + "/schedule.csv":                         `404 "code":"loan_not_found"`,
		"/api/v1/loans/" + d.loan + "/transactions/" + fmt.Sprint(paid["id"]): `404 "code":"transaction_not_found"`,
	} {
		r := d.get(path, admin...)
		if status, says, _ := strings.Cut(want, " "); fmt.Sprint(r.status) != status || !strings.Contains(r.body, says) {
			t.Errorf("%s: got %d %s\nwant %s", path, r.status, r.body, want)
		}
	}
}

// TestDocuments: each document is a file of its type, with a safe file name.
func TestDocuments(t *testing.T) {
	d := open(t, nil)
	path := d.lend("12000")
	const loan = "P-100-023"
	paid := d.want(201, d.post(path+"/payments", `{"amount":2000}`))["id"].(string)
	today := d.today().String()
	get := func(name string) reply {
		t.Helper()
		d.want(401, d.get(path+name))
		return d.get(path+name, d.as(access.Teller)...)
	}
	for path, name := range map[string]string{
		"/schedule.pdf":                          "tabla-de-amortizacion-" + loan,
		"/transactions/" + paid + "/receipt.pdf": "recibo-R-100-038",
		"/payoff.pdf?date=" + today:              "carta-de-liquidacion-" + loan + "-" + today,
		"/statement.pdf":                         "estado-de-cuenta-" + loan + "-" + today + "-" + today,
	} {
		r := get(path)
		if r.status != 200 || r.header.Get("Content-Type") != "application/pdf" || r.header.Get("Content-Disposition") != `inline; filename="`+name+`.pdf"` ||
			!strings.HasPrefix(r.body, "%PDF-") || r.header.Get("Content-Length") != fmt.Sprint(len(r.body)) || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d %v %.200q, want status 200, Content-Type application/pdf, Content-Disposition %v, a PDF body of the length in its Content-Length, Cache-Control no-store", path, r.status, r.header, r.body, `inline; filename="`+name+`.pdf"`)
		}
	}
	for path, want := range map[string]string{"/schedule.csv": "numero,fecha_vencimiento,", "/statement.csv?from=" + today + "&to=" + today: "numero,folio,fecha_registro,"} {
		r := get(path)
		if r.status != 200 || r.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(r.header.Get("Content-Disposition"), `attachment; filename="`) || !strings.HasPrefix(r.body, want) {
			t.Errorf("%s: got %d %v %.200q, want status 200, Content-Type text/csv; charset=utf-8, an attachment, and a body that begins with %q", path, r.status, r.header, r.body, want)
		}
	}
	for path, want := range map[string]string{"/schedule.csv": "numero,", "/statement.csv": "numero,"} {
		if r := get(path + "?bom=1"); r.status != 200 || !strings.HasPrefix(r.body, "\ufeff"+want) {
			t.Errorf("%s?bom=1: got %d %.40q, want status 200 and a body that begins with a byte order mark and %q", path, r.status, r.body, want)
		}
	}
	for path, rows := range map[string]int{"/schedule.xlsx": 13, "/statement.xlsx": 3} {
		r := get(path)
		f, err := excelize.OpenReader(strings.NewReader(r.body))
		if err != nil || r.status != 200 || r.header.Get("Content-Type") != xlsxType {
			t.Fatalf("%s: got %d %v %v, want status 200 and a workbook", path, r.status, r.header, err)
		}
		defer f.Close()
		if got, err := f.GetRows(f.GetSheetName(0)); err != nil || len(got) != rows+2 {
			t.Errorf("%s: got %d rows, %v, want %d", path, len(got), err, rows+2)
		}
	}
	if lines := strings.Count(get("/statement.csv").body, "\r\n"); lines != 3 {
		t.Errorf("got %d lines, want 3", lines)
	}
	d.want(201, d.post(path+"/payments", `{"amount":10000}`))
	if r := get("/no-debt.pdf"); r.status != 200 || !strings.HasPrefix(r.body, "%PDF-") || !strings.Contains(r.header.Get("Content-Disposition"), "constancia-de-no-adeudo-"+loan) {
		t.Errorf("got %d %v %.200q, want status 200 and the PDF file constancia-de-no-adeudo-%s", r.status, r.header, r.body, loan)
	}
	get("/schedule.pdf")
}

// TestBodiesMayBeLeftOut: where every member is optional a body may be left out, in any form.
func TestBodiesMayBeLeftOut(t *testing.T) {
	d := open(t, nil)
	for _, c := range []struct{ body, kind string }{{"", ""}, {"", "application/json"}, {"", "text/plain"}, {"{}", "application/json"}, {`{"reason":"x"}`, ""}} {
		r := d.send("POST", d.apply("100")+"/rejection", c.body, append(d.as(access.Admin), "Content-Type", c.kind)...)
		d.want(200, r)
	}
	d.want(422, d.send("POST", d.apply("100")+"/rejection", "{}", append(d.as(access.Admin), "Content-Type", "text/plain")...))
	for _, body := range []string{"[]", `""`, `"x"`, "null", `[["reason","x"]]`} {
		path := d.apply("100")
		if r := d.post(path+"/rejection", body); r.status != 422 || !strings.Contains(r.body, `"loc":["body"]`) {
			t.Errorf(`%s: got %d %s, want status 422 with "loc":["body"]`, body, r.status, r.body)
		}
	}
}

func TestRepeatedTransactions(t *testing.T) {
	d := open(t, nil)
	path := d.lend("12000")
	var ids []string
	for _, c := range []struct{ path, body string }{
		{"/payments", `{"amount":100}`}, {"/payments", `{"amount":50,"kind":"advance"}`}, {"/restructure", `{"annual_rate":0.1,"periods":6}`}, {"/write-off", ""}, {"/recoveries", `{"amount":1}`},
	} {
		first := d.post(path+c.path, c.body, "Idempotency-Key", c.path+c.body[:min(len(c.body), 12)])
		again := d.post(path+c.path, c.body, "Idempotency-Key", c.path+c.body[:min(len(c.body), 12)])
		if first.status != 201 || again.status != 201 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: got %d %s\nagain %d %s\nwant 201 and the same answer again", c.path, first.status, first.body, again.status, again.body)
		}
		ids = append(ids, fmt.Sprint(d.want(201, first)["id"]))
	}
	last := path + "/transactions/" + ids[len(ids)-1] + "/reversal"
	first, again := d.post(last, "", "Idempotency-Key", "r"), d.post(last, "", "Idempotency-Key", "r")
	if first.status != 201 || again.body != first.body {
		t.Errorf("got %d %s\nagain %d %s\nwant 201 and the same answer again", first.status, first.body, again.status, again.body)
	}
	if r := d.post(last, `{"reason":"x"}`, "Idempotency-Key", "r"); r.status != 422 || !strings.Contains(r.body, "idempotency_reused") {
		t.Errorf("got %d %s, want status 422 with idempotency_reused", r.status, r.body)
	}
}

// TestRolesOfLoans: each operation on a loan is open to the roles of its permission only.
func TestRolesOfLoans(t *testing.T) {
	d := open(t, nil)
	unknown := "/api/v1/loans/" + noSuchID
	for _, c := range []struct {
		method, path, body string
		permission         access.Permission
	}{
		{"POST", "/api/v1/loans/applications", "{}", loan.Apply},
		{"POST", unknown + "/approval", "", loan.Approve},
		{"POST", unknown + "/rejection", "", loan.Approve},
		{"POST", unknown + "/disbursement", "", loan.Disburse},
		{"POST", unknown + "/cancellation", "", loan.Disburse},
		{"POST", unknown + "/transactions/" + noSuchID + "/reversal", "", loan.Reverse},
		{"POST", unknown + "/write-off", "", loan.Service},
		{"POST", unknown + "/restructure", "{}", loan.Service},
		{"POST", unknown + "/recoveries", "{}", loan.ReceivePayments},
		{"GET", unknown + "/owing", "", loan.Read},
		{"GET", unknown + "/payoff", "", loan.Read},
		{"GET", unknown + "/schedule.pdf", "", loan.Read},
	} {
		d.want(401, d.send(c.method, c.path, c.body))
		for _, role := range access.Roles() {
			if r := d.send(c.method, c.path, c.body, d.as(role)...); (r.status == 403) == nouns.May(role, c.permission) || r.status == 401 || r.status >= 500 {
				t.Errorf("%s %s as %s: got status %d, want 403 only without the permission (the role has it: %t), and neither 401 nor 5xx", c.method, c.path, role, r.status, nouns.May(role, c.permission))
			}
		}
	}
	for _, path := range []string{"", "/schedule", "/versions", "/transactions", "/payments", "/transactions/" + noSuchID} {
		d.want(404, d.get(unknown+path))
	}
	private := open(t, func(o *api.Options) { o.PublicReads = "off" })
	for _, path := range []string{"", "/schedule", "/versions", "/transactions", "/payments", "/transactions/" + noSuchID} {
		private.want(401, private.get(unknown+path))
	}
}
