package day

import (
	"strings"

	"sofipo/test/program"
)

// hire adds a user, whose role another person approves.
func (o *office) hire(admin, director person, username, role, branch string) {
	o.Helper()
	admin.makes("/users", object{"username": username, "password": password, "full_name": strings.ToUpper(username[:1]) + username[1:] + " Prueba", "branch": branch})
	filed := admin.does(202, "PUT", "/users/"+username+"/role"+because("Contratación"), object{"role": role})
	o.approve(admin, director, filed)
}

// approve lets a second person approve a request, after the first one tried.
func (o *office) approve(first, second person, filed program.Answer) {
	o.Helper()
	path := strings.TrimPrefix(filed.Header.Get("Location"), "/api/v1")
	first.refused(403, "four_eyes", "POST", path+"/approval", nil)
	second.does(200, "POST", path+"/approval", object{"reason": "De acuerdo"})
}

// administrationSetsUp: an administrator and the director hire everybody; the manager adds the
// branch's vault and till; the accountants record the capital and supply the vault.
func (o *office) administrationSetsUp() {
	raul, dora := o.login("raul"), o.login("dora")
	raul.does(201, "POST", "/branches", object{"code": "002", "name": "Puebla Centro", "address": "Av. Juárez 10, Puebla"})
	for _, user := range [][]string{
		{"ofelia", "officer", "002"}, {"mario", "branch_manager", "002"}, {"tere", "teller", "002"}, {"carla", "collector", "002"},
		{"abel", "accountant", "001"}, {"ana", "accountant", "001"}, {"coco", "compliance", "001"}, {"aldo", "auditor", "001"}, {"otto", "operator", "001"},
	} {
		o.hire(raul, dora, user[0], user[1], user[2])
	}
	dora.mayNot("users.manage", "POST", "/users", object{"username": "nadie", "password": password})
	dora.does(201, "POST", "/products/", object{"code": "personal", "name": "Crédito personal"})

	mario := o.login("mario")
	branch := mario.row("/branches", "code", "002")["id"].(string)
	o.vault = mario.makes("/tills", object{"code": "b2", "name": "Bóveda de Puebla", "branch": branch, "vault": true})
	o.till = mario.makes("/tills", object{"code": "p1", "name": "Caja 1 de Puebla", "branch": branch})

	abel, ana := o.login("abel"), o.login("ana")
	o.account = abel.rows("/bank-accounts")[0]["id"].(string)
	capital := abel.makes("/books/manual-entries", object{"description": "Aportación de capital", "lines": []object{
		{"account": "1102", "debit": 1000000, "credit": 0}, {"account": "4101", "debit": 0, "credit": 1000000}}})
	abel.refused(403, "four_eyes", "POST", "/books/manual-entries/"+capital+"/posting", nil)
	ana.row("/inbox", "id", capital)
	ana.does(200, "POST", "/books/manual-entries/"+capital+"/posting", nil)
	abel.makes("/fund-transfers", object{"from_account": o.account, "to_vault": o.vault, "amount": 150000, "reason": "Dotación de efectivo"})
	abel.mayNot("tills.manage", "POST", "/tills", object{"code": "p2", "name": "Caja 2", "branch": branch})
}

// emmasFile is the whole file of a person.
func emmasFile() object {
	return object{
		"kind": "person", "given_names": "Emma", "paternal_surname": "Gómez", "maternal_surname": "Díaz", "birth_date": "1956-12-31", "birth_state": "JC",
		"sex": "female", "marital_status": "married", "nationality": "MX", "curp": "GODE561231MJCMZM07", "rfc": "GODE561231GR8",
		"email": "familia.gomez@example.com", "occupation": "comerciante", "activity": "venta de abarrotes", "monthly_income": 18500,
		"employment":      object{"employer": "Abarrotes Gómez", "position": "propietaria", "since": "1990-05-01"},
		"phones":          []object{{"kind": "mobile", "number": "2221234567"}},
		"addresses":       []object{{"kind": "home", "street": "Av. Juárez", "exterior_number": "120", "colonia": "Centro", "municipality": "Puebla", "state": "PL", "postal_code": "72000"}},
		"identifications": []object{{"kind": "voter_card", "number": "GMDZEM56123114M100", "expires_on": "2031-12-31"}},
		"beneficiaries":   []object{{"name": "Luis Gómez Díaz", "relationship": "hijo", "share": 1}},
		"accounts":        []object{{"clabe": "002180000118359710"}},
		"pep":             object{"exposure": "none", "declared_on": "2026-03-02"}, "acts_for": "self",
	}
}

// officerServesClients: the officer registers three clients, quotes, and applies for their
// loans.
func (o *office) officerServesClients() {
	ofelia := o.login("ofelia")
	file := emmasFile()
	file["sex"] = "male"
	ofelia.refused(409, "needs_confirmation", "POST", "/clients/files", file)
	o.emma = ofelia.does(201, "POST", "/clients/files", emmasFile()).Field("client_id")
	ofelia.does(201, "POST", "/clients/"+o.emma+"/file/consents", object{"kind": "privacy_notice", "notice_version": "2026-01", "channel": "paper"})
	ofelia.does(201, "POST", "/clients/"+o.emma+"/file/consents", object{"kind": "bureau_query", "notice_version": "2026-01", "channel": "paper"})

	hector := object{"kind": "person", "given_names": "Héctor", "paternal_surname": "Salas", "maternal_surname": "Mora", "birth_date": "1980-02-11",
		"phones": []object{{"kind": "mobile", "number": "2221234567"}}}
	warned := ofelia.refused(409, "needs_confirmation", "POST", "/clients/files", hector)
	if !strings.Contains(string(warned.Body), `"duplicate_phone"`) {
		o.Errorf("got %s, want the warning duplicate_phone", warned.Body)
	}
	hector["confirmed"] = []string{"duplicate_phone"}
	o.hector = ofelia.does(201, "POST", "/clients/files", hector).Field("client_id")
	o.rosa = ofelia.does(201, "POST", "/clients/files", object{"kind": "person", "given_names": "Rosa", "paternal_surname": "Perla", "maternal_surname": "Nácar", "birth_date": "1975-05-05"}).Field("client_id")

	terms := object{"product": "personal", "amount": 80000, "annual_rate": 0.36, "periods": 12}
	ofelia.does(200, "POST", "/loans/quote", terms)
	ofelia.refused(403, "authority_exceeded", "POST", "/loans/", object{"client_id": o.emma, "amount": 80000, "interest_rate": 0.36, "term_months": 12})
	o.emmasLoan = ofelia.apply(o.emma, 80000)
	ofelia.does(403, "POST", "/loans/"+o.emmasLoan+"/approval", nil)
	terms["amount"] = 60000
	ofelia.does(200, "PUT", "/loans/"+o.emmasLoan+"/application", terms)
	o.hectorsLoan, o.rosaLoan = ofelia.apply(o.hector, 20000), ofelia.apply(o.rosa, 10000)

	ofelia.mayNot("payments.receive", "POST", "/loans/"+o.emmasLoan+"/payments", object{"amount": 1})
	ofelia.mayNot("tills.operate", "POST", "/tills/"+o.till+"/sessions", object{"opening": 1})
	ofelia.mayNot("clients.risk.grade", "PUT", "/clients/"+o.emma+"/file/risk", object{"grade": "low", "reason": "Conocida"})
	ofelia.mayNot("events.read", "GET", "/audit", nil)
}

// apply enters an application.
func (p person) apply(client string, amount int) string {
	p.Helper()
	return p.makes("/loans/applications", object{"client_id": client, "product": "personal", "amount": amount, "annual_rate": 0.36, "periods": 12})
}

// managerDecides: the branch manager approves what waits in the inbox, but not what is the own,
// and rejects with a reason.
func (o *office) managerDecides() {
	mario, dora := o.login("mario"), o.login("dora")
	waiting := mario.row("/inbox", "subject", o.emmasLoan)
	if got := o.amount(waiting["exposure"]); got != 6_000_000 || waiting["made_by"] != "ofelia" {
		o.Errorf("got %v, want the application of ofelia with the exposure 60,000.00", waiting)
	}
	mario.equal(mario.does(200, "POST", "/loans/"+o.emmasLoan+"/approval", nil), "status", "APPROVED")
	mario.does(200, "POST", "/loans/"+o.hectorsLoan+"/approval", nil)
	mario.does(200, "POST", "/loans/"+o.rosaLoan+"/approval", nil)

	own := mario.apply(o.hector, 60000)
	mario.does(403, "POST", "/loans/"+own+"/approval", nil)
	dora.row("/inbox", "subject", own)
	dora.equal(dora.does(200, "POST", "/loans/"+own+"/rejection", object{"reason": "El cliente ya tiene un crédito"}), "status", "REJECTED")
	second := o.login("ofelia").apply(o.hector, 5000)
	mario.equal(mario.does(200, "POST", "/loans/"+second+"/rejection", object{"reason": "Ingresos sin comprobar"}), "status", "REJECTED")

	mario.mayNot("payments.receive", "POST", "/loans/"+o.emmasLoan+"/payments", object{"amount": 1})
	mario.mayNot("books.write", "POST", "/books/manual-entries", object{"description": "x", "lines": []object{}})
}

// tellerPaysOut: the teller opens the till, disburses in cash within the own limit and the cash
// of the till, and closes the till.
func (o *office) tellerPaysOut() {
	tere := o.login("tere")
	inCash := object{"method": "cash", "till": o.till}
	tere.refused(409, "till_closed", "POST", "/loans/"+o.hectorsLoan+"/disbursement", inCash)
	tere.makes("/tills/"+o.till+"/sessions", object{"opening": 50000})
	tere.refused(409, "not_enough_cash", "POST", "/loans/"+o.emmasLoan+"/disbursement", inCash)
	mario := o.login("mario")
	mario.makes("/tills/"+o.till+"/vault-transfers", object{"kind": "from_vault", "amount": 50000, "reason": "Entregas del día"})
	tere.equal(tere.does(200, "POST", "/loans/"+o.emmasLoan+"/disbursement", inCash), "status", "ACTIVE")
	tere.does(200, "POST", "/loans/"+o.hectorsLoan+"/disbursement", inCash)
	tere.equal(tere.does(200, "POST", "/tills/"+o.till+"/close", sheet(500, 40)), "counted", "20000.00")

	tere.mayNot("loans.approve", "POST", "/loans/"+o.rosaLoan+"/approval", nil)
	tere.mayNot("loans.apply", "POST", "/loans/applications", object{})
	tere.mayNot("tills.manage", "POST", "/tills/"+o.till+"/vault-transfers", object{"kind": "from_vault", "amount": 1, "reason": "x"})
	tere.mayNot("days.close", "POST", "/days/close", nil)
}

// sheet is a count: values and pieces by turns.
func sheet(pairs ...any) object {
	var lines []object
	for i := 0; i < len(pairs); i += 2 {
		lines = append(lines, object{"value": pairs[i], "pieces": pairs[i+1]})
	}
	return object{"sheet": lines}
}

// accountantEndsTheDay closes the business date.
func (o *office) accountantEndsTheDay() {
	abel := o.login("abel")
	abel.equal(abel.does(200, "POST", "/days/close", object{"date": "2026-03-02"}), "day", "2026-03-02")
}
