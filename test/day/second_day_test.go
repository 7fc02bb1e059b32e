package day

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"sofipo/core/money"
	"sofipo/test/program"
)

// accountantClosesDaysBehind closes the days until yesterday.
func (o *office) accountantClosesDaysBehind() {
	abel := o.login("abel")
	abel.does(409, "POST", "/days/close", object{"max_days": 7})
	abel.equal(abel.does(200, "POST", "/days/close", object{"max_days": 60}), "day", "2026-04-13")
}

// collectorVisits: the collector sees the assigned loan only, visits the client, and registers
// a promise and a note.
func (o *office) collectorVisits() {
	mario, carla := o.login("mario"), o.login("carla")
	mario.does(200, "PUT", "/loans/"+o.hectorsLoan+"/collector", object{"collector": "carla"})
	var late struct {
		Loans []struct {
			ID   string `json:"loan_id"`
			Days int    `json:"days_past_due"`
		}
	}
	if err := json.Unmarshal(carla.gets("/collections/work-list").Body, &late); err != nil {
		o.Fatal(err)
	}
	if len(late.Loans) != 1 || late.Loans[0].ID != o.hectorsLoan || late.Loans[0].Days != 12 {
		o.Errorf("got the work list %v, want the loan %s with 12 days past due", late, o.hectorsLoan)
	}
	loan := "/loans/" + o.hectorsLoan
	carla.makes(loan+"/contacts", object{"channel": "call", "result": "not_reached"})
	carla.makes(loan+"/contacts", object{"channel": "visit", "result": "promises", "address_kind": "home", "latitude": 19.043, "longitude": -98.198})
	carla.makes(loan+"/promises", object{"amount": 500, "promised_on": "2026-04-16"})
	carla.makes(loan+"/collection-notes", object{"note": "Cobra los días 15"})
	carla.gets(loan + "/collection-history")
	carla.refused(403, "out_of_scope", "GET", "/loans/"+o.emmasLoan, nil)
	carla.mayNot("collections.assign", "PUT", loan+"/collector", object{"collector": "carla"})
	carla.mayNot("payments.receive", "POST", loan+"/payments", object{"amount": 1})
}

// tellerReceives: three methods, a payment on the wrong loan, a transfer to the vault, a count,
// and a close with a difference.
func (o *office) tellerReceives() {
	tere, mario, abel := o.login("tere"), o.login("mario"), o.login("abel")
	session := tere.makes("/tills/"+o.till+"/sessions", object{"opening": 1000})
	pay := func(loan string, body object) string {
		o.Helper()
		return tere.makes("/loans/"+loan+"/payments", body)
	}
	cash := pay(o.emmasLoan, object{"amount": 2500, "method": "cash", "till": o.till})
	pay(o.emmasLoan, object{"amount": 1500, "method": "transfer", "reference": "SPEI 4711"})
	pay(o.emmasLoan, object{"amount": 900, "method": "cheque", "reference": "BBVA 0000123"})
	tere.does(422, "POST", "/loans/"+o.emmasLoan+"/payments", object{"amount": 900, "method": "cheque"})
	tere.gets("/loans/" + o.emmasLoan + "/transactions/" + cash + "/receipt.pdf")

	wrong := pay(o.hectorsLoan, object{"amount": 700, "method": "cash", "till": o.till})
	move := "/loans/" + o.hectorsLoan + "/transactions/" + wrong + "/move"
	tere.mayNot("payments.reverse", "POST", move, object{"to_loan_id": o.emmasLoan})
	mario.does(201, "POST", move, object{"to_loan_id": o.emmasLoan, "reason": "Se aplicó al préstamo equivocado"})
	if got := tere.row("/loans/"+o.emmasLoan+"/transactions", "amount", "700.00"); got["method"] != "cash" || got["till"] != o.till {
		o.Errorf("got %v, want the moved payment in cash at the till", got)
	}

	mario.makes("/tills/"+o.till+"/vault-transfers", object{"kind": "to_vault", "amount": 3000, "reason": "Exceso de efectivo"})
	abel.refused(409, "tills_open", "POST", "/days/close", object{"date": o.today.String()})
	short := sheet(500, 2, 50, 3, 20, 2, 5, 1) // 1,195.00 of 1,200.00
	tere.equal(tere.does(201, "POST", "/tills/"+o.till+"/counts", short), "expected", "1200.00")
	tere.does(200, "POST", "/tills/"+o.till+"/close", short)
	report := tere.gets("/till-sessions/" + session)
	tere.equal(report, "expected", "1200.00")
	tere.equal(report, "counted", "1195.00")
	tere.refused(409, "till_closed", "POST", "/loans/"+o.emmasLoan+"/payments", object{"amount": 100, "method": "cash", "till": o.till})
}

// accountantTakesBankFile: the bank's file, an unidentified deposit, a manual entry, the close of the
// day and of a month.
func (o *office) accountantTakesBankFile() {
	abel, ana := o.login("abel"), o.login("ana")
	account := "/bank-accounts/" + o.account
	abel.does(200, "PUT", account+"/file-layout", object{"delimiter": "comma", "header": true, "date_format": "DD/MM/YYYY", "columns": []object{
		{"field": "date", "name": "Fecha"}, {"field": "operation", "name": "Folio"}, {"field": "amount", "name": "Importe"}, {"field": "concept", "name": "Concepto"}}})
	reference := abel.gets("/loans/" + o.hectorsLoan + "/payment-references").Field("transfer")
	content := "Fecha,Folio,Importe,Concepto\r\n14/04/2026,1,600.00,PAGO " + reference + "\r\n14/04/2026,2,300.00,ABONO\r\n14/04/2026,3,1.234,ABONO"
	file := object{"name": "movimientos.csv", "content": base64.StdEncoding.EncodeToString([]byte(content))}
	imported := abel.does(200, "POST", account+"/files", file)
	if !strings.Contains(string(imported.Body), `"rows":2,"applied":1,"suspended":1,"known":0,"bad":1,`) || !strings.Contains(string(imported.Body), `"line":4,"outcome":"BAD","field":"amount"`) {
		o.Errorf("got %s, want one row applied, one in suspense, and line 4 bad by its amount", imported.Body)
	}
	if again := abel.does(200, "POST", account+"/files", file); strings.Count(string(again.Body), `"outcome":"KNOWN"`) != 2 {
		o.Errorf("the same file again: got %s, want its rows known", again.Body)
	}
	deposit := abel.rows("/incoming-payments?status=SUSPENSE")
	if len(deposit) != 1 {
		o.Fatalf("got the deposits %v, want one in suspense", deposit)
	}
	abel.makes("/incoming-payments/"+deposit[0]["id"].(string)+"/assignment", object{"loan_id": o.emmasLoan})

	entry := abel.makes("/books/manual-entries", object{"description": "Renta de abril", "lines": []object{{"account": "6401", "debit": 8000, "credit": 0}, {"account": "1102", "debit": 0, "credit": 8000}}})
	abel.refused(403, "four_eyes", "POST", "/books/manual-entries/"+entry+"/posting", nil)
	ana.does(200, "POST", "/books/manual-entries/"+entry+"/posting", nil)
	abel.does(200, "POST", "/books/periods/2026-03/close", nil)
	abel.refused(409, "period_closed", "POST", "/books/manual-entries", object{"entry_date": "2026-03-31", "description": "Tarde", "lines": []object{
		{"account": "6401", "debit": 1, "credit": 0}, {"account": "1102", "debit": 0, "credit": 1}}})
	abel.mayNot("clients.files.read", "GET", "/clients/"+o.emma+"/file", nil)
	abel.mayNot("loans.approve", "POST", "/loans/"+o.rosaLoan+"/approval", nil)
}

// complianceWatches: the compliance officer completes a file, imports a list of blocked persons
// and decides on the alert of a client.
func (o *office) complianceWatches() {
	coco, ofelia := o.login("coco"), o.login("ofelia")
	file := "/clients/" + o.emma + "/file"
	coco.does(201, "POST", file+"/notes", object{"text": "Domicilio verificado"})
	answer, err := coco.client.SendBytes(o.Context(), "POST", "/api/v1"+file+"/documents?kind=identification&name="+url.QueryEscape("INE por ambos lados"), "application/pdf", []byte("%PDF-1.7 INE"))
	if err != nil || answer.Status != 201 {
		o.Fatalf("coco: document: got %d %s, %v; want 201", answer.Status, answer.Body, err)
	}
	coco.does(200, "PUT", file+"/risk", object{"grade": "low", "reason": "Negocio propio con ingresos comprobados"})
	coco.equal(coco.gets(file), "complete_until", "2031-12-31")

	list := "full_name,birth_date,reference\nPerla Nácar Rosa,1975-05-05,LPB-0001\nBarrera Ojeda Tomás,1970-02-11,LPB-0002\n"
	if answer, err = coco.client.SendBytes(o.Context(), "POST", "/api/v1/screening/lists/LPB/versions", "text/csv", []byte(list)); err != nil || answer.Status != 201 {
		o.Fatalf("coco: list: got %d %s, %v; want 201", answer.Status, answer.Body, err)
	}
	ofelia.refused(403, "blocked_person", "POST", "/clients/files", object{"kind": "person", "given_names": "Tomás", "paternal_surname": "Barrera", "maternal_surname": "Ojeda", "birth_date": "1970-02-11"})
	ofelia.refused(403, "blocked_person", "POST", "/loans/"+o.rosaLoan+"/disbursement", nil)
	alert := coco.row("/screening/alerts?status=open", "client_id", o.rosa)["id"].(string)
	coco.gets("/screening/alerts/" + alert + "/entry")
	coco.does(200, "POST", "/screening/alerts/"+alert+"/decision", object{"decision": "confirmed", "reason": "Misma fecha de nacimiento y CURP"})
	ofelia.refused(403, "blocked_person", "POST", "/loans/"+o.rosaLoan+"/disbursement", nil)

	ofelia.mayNot("screening.decide", "POST", "/screening/alerts/"+alert+"/decision", object{"decision": "cleared", "reason": "x"})
	coco.mayNot("loans.disburse", "POST", "/loans/"+o.rosaLoan+"/disbursement", nil)
	coco.mayNot("books.read", "GET", "/books/trial-balance", nil)
}

// auditorAsks: who did what, by user, client, day and operation.
func (o *office) auditorAsks() {
	aldo := o.login("aldo")
	count := func(query string, want int) {
		o.Helper()
		if all := aldo.rows("/audit?limit=1000&" + query); len(all) != want {
			o.Errorf("GET /audit?%s: got %d rows %v, want %d", query, len(all), all, want)
		}
	}
	count("actor=tere&action=receive_payment", 4)
	count("actor=tere&action=disburse_loan&from=2026-03-02&to=2026-03-02&client_id="+o.emma, 1)
	count("actor=nobody", 0)
	for _, row := range aldo.rows("/audit?client_id=" + o.hector) {
		if row["client_id"] != o.hector {
			o.Errorf("got %v, want only rows of the client", row)
		}
	}
	if row := aldo.row("/audit?action=move_payment", "actor", "mario"); row["refusal"] != nil {
		o.Errorf("got %v, want the moved payment of mario", row)
	}
	if row := aldo.row("/audit?actor=tere&action=payments.reverse", "refusal", "forbidden"); row["actor"] != "tere" {
		o.Errorf("got %v, want the refusal of tere", row)
	}
	aldo.gets("/events?event_type=payment_moved")
	aldo.gets("/clients/" + o.emma + "/file/changes")
	aldo.mayNot("clients.write", "POST", "/clients/files", object{})
	aldo.mayNot("payments.receive", "POST", "/loans/"+o.emmasLoan+"/payments", object{"amount": 1})
	aldo.mayNot("books.close", "POST", "/books/periods/2026-04/close", nil)
}

// othersLook: what the director and the operator see.
func (o *office) othersLook() {
	dora, otto := o.login("dora"), o.login("otto")
	dora.gets("/inbox")
	dora.gets("/reports/portfolio?date=2026-04-13")
	dora.gets("/loans/" + o.hectorsLoan)
	dora.gets("/audit")
	dora.mayNot("payments.receive", "POST", "/loans/"+o.emmasLoan+"/payments", object{"amount": 1})
	dora.mayNot("books.write", "POST", "/books/manual-entries", object{"description": "x", "lines": []object{}})
	otto.gets("/users")
	otto.mayNot("clients.read", "GET", "/clients/", nil)
	otto.mayNot("loans.read", "GET", "/loans/"+o.emmasLoan, nil)
	otto.mayNot("clients.files.read", "GET", "/clients/"+o.emma+"/file", nil)
	otto.mayNot("events.read", "GET", "/audit", nil)
	otto.does(200, "POST", "/days/close", object{"date": o.today.String()})
}

// everythingTies: debits equal credits, the control accounts equal the sums of tills, bank accounts
// and loans, and the doctor finds nothing.
func (o *office) everythingTies() {
	abel := o.login("abel")
	var balance struct {
		Accounts []struct {
			Account         string
			Nature          string
			Debits, Credits json.Number
			Closing         json.Number `json:"closing_balance"`
		}
	}
	if err := json.Unmarshal(abel.gets("/books/trial-balance?from=2026-03-01").Body, &balance); err != nil {
		o.Fatal(err)
	}
	closing := map[string]money.Amount{}
	var debits, credits, difference money.Amount
	for _, a := range balance.Accounts {
		closing[a.Account] = o.amount(a.Closing)
		debits, credits = debits+o.amount(a.Debits), credits+o.amount(a.Credits)
		if a.Nature == "debit" {
			difference += closing[a.Account]
		} else {
			difference -= closing[a.Account]
		}
	}
	if debits != credits || debits == 0 || difference != 0 {
		o.Errorf("trial balance: got %s in debits, %s in credits and a difference of %s of the balances, want no difference", debits, credits, difference)
	}
	sums := map[string]money.Amount{"6402": 500}
	for _, till := range abel.rows("/tills") {
		sums["1101"] += o.amount(till["balance"])
	}
	for _, account := range abel.rows("/bank-accounts") {
		sums["1102"] += o.amount(account["balance"])
		sums["1103"] += o.amount(account["expected"])
	}
	for _, loan := range []string{o.emmasLoan, o.hectorsLoan} {
		sums["1301"] += o.amount(abel.gets("/loans/" + loan).Field("current_balance"))
	}
	for account, want := range sums {
		if closing[account] != want {
			o.Errorf("account %s: got %s, want %s, the sum of its parts", account, closing[account], want)
		}
	}
	if closing["1420"] != 0 {
		o.Errorf("got %s in suspense, want none", closing["1420"])
	}
	if code := o.server.Terminate(o); code != 0 {
		o.Errorf("got exit code %d, want 0", code)
	}
	if r := program.Run(o, o.on(o.today.AddDays(1).String()), "", "doctor"); r.Code != 0 {
		o.Errorf("doctor: got %v, want exit code 0", r)
	}
}
