package api_test

import (
	"encoding/json"
	"time"

	"sofipo/bank/webhooks"
	"sofipo/core/id"
	"sofipo/core/webhook"
	"sofipo/view"
)

// recordAll plays two weeks of a small institution, in which every operation is used.
func (r *recorder) recordAll() {
	client, company := r.recordClients()
	r.recordFiles()
	r.recordProducts()
	payroll := r.recordApplications(client)
	simple := r.recordGrant(client)
	r.recordPaidOff(company)
	r.recordWriteOff(company)
	r.recordDays()
	r.recordCollection(payroll)
	r.recordServicing(payroll, simple)
	r.recordIncoming(client, payroll, simple)
	r.recordDocuments(client, payroll)
	r.recordBooks()
	r.recordReports(payroll)
	r.recordSystem()
	r.recordInstitution()
	r.recordScreening()
	r.recordStaff(client)
	r.recordRequests(client)
	r.recordTills()
	r.recordSessions()
	r.recordImports()
	r.recordPersonalData()
	r.recordWebhooks()
}

// recordWebhooks adds, changes, tests and removes a webhook, with a dead letter as the deliverer
// stores it.
func (r *recorder) recordWebhooks() {
	const hooks = "/api/v1/webhooks"
	r.signIn()
	r.show(201, r.signed, "POST "+hooks, `{"name":"Tablero de BI","url":"https://bi.example.com/eventos","events":["payment_registered","loan_created"]}`, "")
	r.show(200, r.signed, "GET "+hooks, "", "")
	var all []view.WebhookRead
	if err := json.Unmarshal([]byte(r.request(200, r.signed, "GET "+hooks, "").body), &all); err != nil || len(all) != 1 {
		r.t.Fatalf("got %d webhooks, %v, want 1", len(all), err)
	}
	hook := all[0].Webhook
	dead := webhook.Delivery{WebhookID: hook.ID, EventID: id.New(*r.at.Load(), [10]byte{3}), EventType: "payment_registered", Sequence: all[0].Progress.Sequence,
		State: webhook.Dead, Attempts: 12, Status: 422, DurationMS: 85, Problem: "status 422", At: *r.at.Load()}
	columns := webhooks.Deliveries.Columns
	rows := columns.Insert("webhook_deliveries").Rows()
	columns.Add(rows, &dead)
	r.store(rows)
	path := hooks + "/" + hook.ID.String()
	r.show(200, r.signed, "GET "+path, "", "")
	r.show(200, r.signed, "GET "+path+"/deliveries?dead=true", "", "")
	r.show(200, r.signed, "POST "+path+"/deliveries/"+dead.EventID.String()+"/replay", "", "")
	r.show(200, r.signed, "POST "+path+"/replay", "", "")
	r.show(200, r.signed, "POST "+path+"/test", "", "")
	r.show(200, r.signed, "PUT "+path, `{"events":["payment_registered"]}`, "")
	r.show(200, r.signed, "POST "+path+"/secret", `{"hours":24}`, "")
	r.show(200, r.signed, "POST "+path+"/pause", "", "")
	r.show(200, r.signed, "POST "+path+"/resume", "", "")
	r.show(204, r.signed, "DELETE "+path, "", "")
}

// recordPersonalData erases a client without loans, ten years later.
func (r *recorder) recordPersonalData() {
	gone := r.do(201, r.signed, "POST "+clientsURL, `{"full_name":"Rosa Elena Medina Cruz","email":"re.medina@correo.example.mx","rfc":"MECR840612KT3"}`, "id")
	data := clientsURL + gone + "/personal-data/"
	r.show(200, r.signed, "POST "+data+"export", "", "")
	r.show(200, r.signed, "POST "+data+"block", `{"reason":"Solicitud de cancelación del titular"}`, "")
	r.setClock(r.at.Load().AddDate(10, 0, 1))
	r.signIn()
	r.show(200, r.signed, "POST "+data+"destruction", "", "")
}

func (r *recorder) recordScreening() {
	const screening = "/api/v1/screening"
	file := "full_name,rfc,birth_date,reference\nBarrera Ojeda Tomás,BAOT700211AB1,1970-02-11,LPB-0001\nPerla Nácar,,,LPB-0002\n"
	r.show(201, r.signed, "POST "+screening+"/lists/LPB/versions", file, "")
	r.show(200, r.signed, "GET "+screening+"/lists", "", "")
	r.show(200, r.signed, "GET "+screening+"/lists/LPB/versions", "", "")
	r.request(403, r.signed, "POST "+clientsURL, `{"full_name":"Tomás Barrera Ojeda","email":"t.barrera@correo.example.mx","rfc":"BAOT700211AB1"}`)
	r.show(200, r.signed, "GET "+screening+"/alerts?status=open", "", "")
	var alerts []struct{ ID string }
	if err := json.Unmarshal([]byte(r.request(200, r.signed, "GET "+screening+"/alerts", "").body), &alerts); err != nil || len(alerts) != 1 {
		r.t.Fatalf("got the alerts %v, %v; want one", alerts, err)
	}
	alert := screening + "/alerts/" + alerts[0].ID
	r.show(200, r.second, "GET "+alert+"/entry", "", "")
	r.show(200, r.second, "POST "+alert+"/decision", `{"decision":"cleared","reason":"Otra persona: CURP y fotografía distintas"}`, "")
}

func (r *recorder) recordInstitution() {
	const institution = "/api/v1/institution"
	r.show(200, r.signed, "PUT "+institution, `{"name":"Caja Ejemplo","legal_name":"Caja Ejemplo, S.A. de C.V., S.F.P.","rfc":"CEJ100215AB1",`+
		`"address":"Av. Juárez 120, Centro, 44100 Guadalajara, Jal.","phones":["33 3614 0000"],"web":"www.cajaejemplo.example.mx",`+
		`"registrations":[{"register":"SIPRES","number":"4321"}],"une":{"name":"Lic. Rosa Ibarra","phone":"800 123 4567",`+
		`"email":"une@cajaejemplo.example.mx","hours":"lunes a viernes de 9:00 a 18:00"},"footer":"Conserve este recibo para cualquier aclaración."}`, "")
	r.show(200, r.signed, "GET "+institution, "", "")
	r.show(200, r.signed, "PUT "+institution+"/logo", picture(r.t, 120, 40), "")
	r.show(200, r.signed, "GET "+institution+"/logo", "", "")
	r.show(204, r.signed, "DELETE "+institution+"/logo", "", "")
}

const (
	clientsURL = "/api/v1/clients/"
	loansURL   = "/api/v1/loans/"
)

func (r *recorder) recordClients() (client, company string) {
	r.show(200, "", "POST /api/v1/auth/token", "grant_type=password&username=laura.mendez&password=una+contrase%C3%B1a+larga", "")
	client = r.show(201, r.signed, "POST "+clientsURL, `{"full_name":"María Fernanda López Hernández","email":"mf.lopez@correo.example.mx","rfc":"LOHF850314QX5"}`, "id")
	company = r.do(201, r.signed, "POST "+clientsURL, `{"full_name":"Abarrotes El Roble, S.A. de C.V.","email":"contacto@elroble.example.mx","rfc":"AER120615KJ4"}`, "id")
	gone := r.do(201, r.signed, "POST "+clientsURL, `{"full_name":"José Luis Ramírez Ortega","email":"jl.ramirez@correo.example.mx","rfc":"RAOL900722MB2"}`, "id")
	r.show(200, r.signed, "PUT "+clientsURL+company, `{"email":"administracion@elroble.example.mx"}`, "")
	r.show(204, r.signed, "DELETE "+clientsURL+gone, "", "")
	r.show(200, r.signed, "GET "+clientsURL+"?limit=2", "", "")
	r.show(200, r.signed, "GET "+clientsURL+"LOHF850314QX5", "", "")
	r.show(200, r.signed, "GET /api/v1/search?q=C-100-014", "", "")
	r.show(200, r.signed, "GET /api/v1/loans/?status=ACTIVE&sort=-amount&limit=2", "", "")
	r.show(200, r.signed, "GET /api/v1/loans/applications?status=APPLIED&limit=2", "", "")
	r.show(200, r.signed, "GET /api/v1/payments?method=transfer&status=APPLIED&limit=2", "", "")
	return client, company
}

func (r *recorder) recordFiles() {
	const emma = `"kind":"person","given_names":"Emma","paternal_surname":"Gómez","maternal_surname":"Díaz","birth_date":"1956-12-31","birth_state":"JC","sex":"female",` +
		`"marital_status":"married","nationality":"MX","curp":"GODE561231MJCMZM07","rfc":"GODE561231GR8","email":"familia.gomez@correo.example.mx","occupation":"comerciante",` +
		`"activity":"venta de abarrotes","monthly_income":18500,"phones":[{"kind":"mobile","number":"3312345678"}],"pep":{"exposure":"none","declared_on":"2026-08-24"},"acts_for":"self",` +
		`"identifications":[{"kind":"voter_card","number":"GMDZEM56123114M100","expires_on":"2031-12-31"}]`
	r.show(200, r.signed, "POST "+clientsURL+"files/suggestions", `{"given_names":"Emma","paternal_surname":"Gómez","maternal_surname":"Díaz","birth_date":"1956-12-31","sex":"female","birth_state":"JC"}`, "")
	emmaID := r.show(201, r.signed, "POST "+clientsURL+"files", `{`+emma+`}`, "client_id")
	file := clientsURL + emmaID + "/file"
	r.show(200, r.signed, "PUT "+file, `{"revision":1,`+emma+`,"employment":{"employer":"Abarrotes Gómez","position":"propietaria","since":"1990-05-01"}}`, "")
	r.show(201, r.signed, "POST "+file+"/phones", `{"kind":"home","number":"+52 33 3615 0000"}`, "")
	r.show(201, r.signed, "POST "+file+"/addresses", `{"kind":"home","street":"Av. Juárez","exterior_number":"120","interior_number":"3","colonia":"Centro","municipality":"Guadalajara","state":"JC","postal_code":"44100","country":"MX"}`, "")
	r.show(201, r.signed, "POST "+file+"/accounts", `{"clabe":"002180000118359710"}`, "")
	r.show(200, r.signed, "PUT "+file+"/risk", `{"grade":"low","reason":"Negocio propio con ingresos comprobados"}`, "")
	r.show(201, r.signed, "POST "+file+"/consents", `{"kind":"privacy_notice","notice_version":"2026-01","channel":"paper","given_on":"2026-08-24"}`, "")
	other := r.do(201, r.signed, "POST "+file+"/consents", `{"kind":"marketing","notice_version":"2026-01","channel":"paper"}`, "id")
	r.show(200, r.signed, "POST "+file+"/consents/"+other+"/withdrawal", "", "")
	r.show(201, r.signed, "POST "+file+"/notes", `{"text":"Prefiere que se le llame por la tarde"}`, "")
	r.show(200, r.signed, "GET "+file+"/notes", "", "")
	document := r.show(201, r.signed, "POST "+file+"/documents?kind=identification&name=INE+por+ambos+lados", "%PDF-1.7 INE", "id")
	r.show(200, r.signed, "GET "+file+"/documents/"+document, "", "")
	r.show(200, r.signed, "GET "+file, "", "")
	r.show(200, r.signed, "GET "+file+"/changes?limit=2", "", "")
}

func (r *recorder) recordProducts() {
	const products = "/api/v1/products/"
	terms := `"classification":"consumer","method":"level","frequency":"quincenal","day_count":"ACT/360","iva":{"rate":0.16},` +
		`"fees":{"origination":{"rate":0.02},"iva_rate":0.16},"penalty_interest":{"rate":0.6},` +
		`"limits":{"min_amount":5000,"max_amount":250000,"min_rate":0.2,"max_rate":0.6,"min_periods":6,"max_periods":72}`
	r.show(201, r.signed, "POST "+products, `{"code":"nomina","name":"Crédito de nómina",`+terms+`}`, "")
	r.do(201, r.signed, "POST "+products, `{"code":"temporada","name":"Crédito de temporada"}`, "")
	r.show(200, r.signed, "PUT "+products+"nomina", `{"name":"Crédito de nómina 2027","effective_from":"2026-10-01",`+terms+`}`, "")
	r.show(204, r.signed, "DELETE "+products+"temporada", "", "")
	r.show(200, r.signed, "GET "+products, "", "")
	r.show(200, r.signed, "GET "+products+"nomina", "", "")
	r.show(200, r.signed, "POST "+loansURL+"quote", `{"product":"nomina","amount":60000,"annual_rate":0.36,"periods":24,"disbursement_date":"2026-08-24"}`, "")
}

// recordApplications grants the loan of 180,000 that two users must approve.
func (r *recorder) recordApplications(client string) (loan string) {
	apply := func(amount string) string {
		return `{"client_id":"` + client + `","product":"nomina","amount":` + amount + `,"annual_rate":0.36,"periods":24}`
	}
	loan = r.show(201, r.signed, "POST "+loansURL+"applications", apply("180000"), "id")
	r.show(200, r.second, "POST "+loansURL+loan+"/approval", "", "")
	r.show(200, r.signed, "POST "+loansURL+loan+"/disbursement", `{"first_due_date":"2026-08-31"}`, "")
	refused := r.do(201, r.signed, "POST "+loansURL+"applications", apply("250000"), "id")
	r.show(200, r.second, "POST "+loansURL+refused+"/rejection", `{"reason":"Ingresos insuficientes para el plazo solicitado"}`, "")
	returned := r.do(201, r.signed, "POST "+loansURL+"applications", apply("70000"), "id")
	r.show(200, r.second, "POST "+loansURL+returned+"/return", `{"reason":"Falta la firma del cliente"}`, "")
	r.show(200, r.signed, "GET "+loansURL+returned+"/application/steps", "", "")
	r.do(200, r.signed, "POST "+loansURL+returned+"/cancellation", "", "")
	cancelled := r.do(201, r.signed, "POST "+loansURL+"applications", apply("60000"), "id")
	r.show(200, r.signed, "POST "+loansURL+cancelled+"/cancellation", `{"reason":"El cliente desistió"}`, "")
	return loan
}

func (r *recorder) recordGrant(client string) (loan string) {
	loan = r.show(201, r.signed, "POST "+loansURL, `{"client_id":"`+client+`","amount":50000,"interest_rate":0.24,"term_months":24}`, "id")
	r.show(200, r.signed, "GET "+loansURL+loan, "", "")
	return loan
}

func (r *recorder) grant(client, amount string) (loan string) {
	return r.do(201, r.signed, "POST "+loansURL, `{"client_id":"`+client+`","amount":`+amount+`,"interest_rate":0.24,"term_months":12}`, "id")
}

func (r *recorder) recordPaidOff(client string) {
	loan := r.grant(client, "8000")
	r.do(201, r.signed, "POST "+loansURL+loan+"/payments", `{"amount":8000}`, "id")
	r.show(200, r.signed, "GET "+loansURL+loan+"/no-debt.pdf", "", "")
}

func (r *recorder) recordWriteOff(client string) {
	loan := r.grant(client, "12000")
	r.show(201, r.signed, "POST "+loansURL+loan+"/write-off", "", "")
	r.show(201, r.signed, "POST "+loansURL+loan+"/recoveries", `{"amount":1500}`, "")
}

// recordDays closes all days until 7 September.
func (r *recorder) recordDays() {
	r.setClock(time.Date(2026, 9, 8, 10, 0, 0, 0, r.at.Load().Location()))
	r.signIn()
	for day := time.Date(2026, 8, 24, 0, 0, 0, 0, time.UTC); day.Day() != 7; day = day.AddDate(0, 0, 1) {
		r.do(200, r.signed, "POST /api/v1/days/close", `{"date":"`+day.Format(time.DateOnly)+`"}`, "")
	}
	r.show(200, r.signed, "POST /api/v1/days/close", `{"date":"2026-09-07"}`, "")
	r.show(200, r.signed, "GET /api/v1/days?limit=2", "", "")
}

// recordCollection collects the loan that is overdue.
func (r *recorder) recordCollection(late string) {
	const work = "/api/v1/collections/"
	loan := loansURL + late
	r.show(200, r.signed, "POST "+work+"assignments", `{"collector":"jorge.salas","loans":["`+late+`"]}`, "")
	r.show(200, r.signed, "PUT "+loan+"/collector", `{"collector":"laura.mendez"}`, "")
	r.show(201, r.signed, "POST "+loan+"/contacts", `{"channel":"visit","result":"promises","address_kind":"home","latitude":19.432608,"longitude":-99.133209,"next_channel":"call","next_on":"2026-09-12"}`, "")
	first := r.do(201, r.signed, "POST "+loan+"/promises", `{"amount":9500,"promised_on":"2026-09-10"}`, "id")
	r.show(200, r.signed, "POST "+loan+"/promises/"+first+"/cancellation", `{"reason":"El cliente pidió otra fecha"}`, "")
	r.show(201, r.signed, "POST "+loan+"/promises", `{"amount":9500,"promised_on":"2026-09-11"}`, "")
	r.show(201, r.signed, "POST "+loan+"/collection-notes", `{"note":"Cobra los días 10 y 25"}`, "")
	r.show(200, r.signed, "GET "+loan+"/collection-history?limit=3", "", "")
	r.show(200, r.signed, "GET "+work+"work-list?collector=laura.mendez", "", "")
	r.show(200, r.signed, "GET "+work+"visits.pdf?collector=laura.mendez", "", "")
	r.show(200, r.signed, "GET /api/v1/reports/promises?from=2026-09-01&to=2026-09-30", "", "")
}

// recordServicing pays one loan late and restructures the other.
func (r *recorder) recordServicing(late, simple string) {
	loan := loansURL + late
	r.show(200, r.signed, "GET "+loan+"/owing?date=2026-09-08", "", "")
	r.show(200, r.signed, "GET "+loan+"/payoff?date=2026-09-08", "", "")
	payment := r.show(201, r.signed, "POST "+loan+"/payments", `{"amount":9500,"kind":"payment","value_date":"2026-09-08"}`, "id")
	twice := r.do(201, r.signed, "POST "+loan+"/payments", `{"amount":9500}`, "id")
	r.show(201, r.second, "POST "+loan+"/transactions/"+twice+"/reversal", `{"reason":"Registrado dos veces"}`, "")
	r.show(200, r.signed, "GET "+loan+"/transactions/"+payment, "", "")
	r.show(200, r.signed, "GET "+loan+"/transactions/"+payment+"/receipt.pdf", "", "")
	r.show(200, r.signed, "GET "+loan+"/payments?limit=2", "", "")
	r.show(200, r.signed, "GET "+loan+"/transactions?limit=2", "", "")
	r.show(201, r.second, "POST "+loansURL+simple+"/restructure", `{"annual_rate":0.18,"periods":36,"first_due_date":"2026-10-08","capitalise":true}`, "")
	r.show(200, r.signed, "GET "+loansURL+simple+"/versions", "", "")
	r.show(200, r.signed, "GET "+loan+"/schedule", "", "")
}

// suspended returns the ids of the unidentified deposits.
func (r *recorder) suspended() (ids []string) {
	r.t.Helper()
	var all []struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(r.request(200, r.signed, "GET /api/v1/incoming-payments?status=SUSPENSE", "").body), &all); err != nil {
		r.t.Fatal(err)
	}
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	return ids
}

// recordIncoming imports a bank's file for a loan, resolves the deposits without a reference,
// and moves and refunds money.
func (r *recorder) recordIncoming(client, loan, other string) {
	r.show(200, r.signed, "PUT "+mainAccount+"/file-layout", layoutBody, "")
	r.show(200, r.signed, "GET "+mainAccount+"/file-layout", "", "")
	reference := r.show(200, r.signed, "GET "+loansURL+loan+"/payment-references", "", "transfer")
	file := uploaded("07/09/2026,4711,1500,PAGO "+reference+",MARIA FERNANDA LOPEZ", "08/09/2026,4712,100,,JUAN PEREZ", "08/09/2026,4713,200,,JUAN PEREZ", "08/09/2026,4714,300,,ANA RUIZ", "08/09/2026,4715,1.234,,")
	r.show(200, r.signed, "POST "+mainAccount+"/files/preview", file, "")
	r.show(200, r.signed, "POST "+mainAccount+"/files", file, "")
	r.show(200, r.signed, "GET /api/v1/bank-files", "", "")
	r.show(200, r.signed, "GET /api/v1/incoming-payments?status=SUSPENSE&limit=2", "", "")
	const payments = "/api/v1/incoming-payments/"
	deposits := r.suspended()
	r.show(201, r.signed, "POST "+payments+deposits[0]+"/assignment", `{"loan_id":"`+loan+`"}`, "")
	r.show(201, r.signed, "POST "+payments+deposits[1]+"/return", `{"reference":"2026090840014BMOV0000403216610"}`, "")
	r.show(201, r.second, "POST "+payments+deposits[2]+"/income", `{"reason":"No reclamado en el plazo"}`, "")
	r.show(200, r.signed, "GET "+payments+deposits[0], "", "")
	paid := r.do(201, r.signed, "POST "+loansURL+loan+"/payments", `{"amount":900}`, "id")
	r.show(201, r.second, "POST "+loansURL+loan+"/transactions/"+paid+"/move", `{"to_loan_id":"`+other+`","reason":"Se aplicó al préstamo equivocado"}`, "")
	advanced := r.grant(client, "5000")
	r.do(201, r.signed, "POST "+loansURL+advanced+"/payments", `{"amount":6000,"keep_excess":true}`, "")
	r.show(201, r.signed, "POST "+loansURL+advanced+"/refunds", `{"amount":1000}`, "")
}

func (r *recorder) recordDocuments(client, loan string) {
	period := "?from=2026-08-24&to=2026-09-08"
	for _, name := range []string{"/schedule.pdf", "/schedule.csv", "/schedule.xlsx", "/payoff.pdf?date=2026-09-08", "/statement.pdf" + period, "/statement.csv" + period, "/statement.xlsx" + period} {
		r.show(200, r.signed, "GET "+loansURL+loan+name, "", "")
	}
	r.show(200, r.signed, "GET "+clientsURL+client+"/loans", "", "")
	statement := "GET " + loansURL + "clients/" + client + "/account-statement"
	r.show(200, r.signed, statement, "", "")
	r.show(200, r.signed, statement+".pdf"+period, "", "")
	r.show(200, r.signed, statement+".csv"+period, "", "")
	r.show(200, r.signed, statement+".xlsx"+period, "", "")
}

func (r *recorder) recordBooks() {
	const books = "/api/v1/books"
	propose := `{"entry_date":"2026-09-08","description":"Aportación de capital","lines":[{"account":"1102","debit":500000},{"account":"4101","credit":500000}]}`
	entry := r.show(201, r.signed, "POST "+books+"/manual-entries", propose, "id")
	r.show(200, r.signed, "GET "+books+"/manual-entries?status=PROPOSED", "", "")
	posted := r.show(200, r.second, "POST "+books+"/manual-entries/"+entry+"/posting", "", "entry_id")
	r.show(200, r.signed, "GET "+books+"/manual-entries/"+entry, "", "")
	wrong := r.do(201, r.signed, "POST "+books+"/manual-entries", propose, "id")
	r.show(200, r.second, "POST "+books+"/manual-entries/"+wrong+"/rejection", "", "")
	r.show(200, r.signed, "GET "+books+"/entries/"+posted, "", "")
	r.show(200, r.signed, "GET "+books+"/accounts?date=2026-09-08", "", "")
	r.show(200, r.signed, "GET "+books+"/accounts/1102/ledger?from=2026-09-08&to=2026-09-08", "", "")
	r.show(200, r.signed, "GET "+books+"/trial-balance?from=2026-09-01&to=2026-09-08", "", "")
	r.show(200, r.second, "POST "+books+"/periods/2026-08/close", "", "")
	r.show(200, r.signed, "GET "+books+"/periods", "", "")
}

func (r *recorder) recordReports(loan string) {
	const reports = "GET /api/v1/reports/"
	r.show(200, r.signed, reports+"portfolio?date=2026-09-07", "", "")
	r.show(200, r.signed, reports+"delinquency?date=2026-09-07&bucket=1-7", "", "")
	r.show(200, r.signed, reports+"collections?date=2026-09-15", "", "")
	r.show(200, r.signed, reports+"transactions?from=2026-09-01&to=2026-09-08", "", "")
	r.show(200, r.signed, "GET "+loansURL+loan+"/daily-positions?from=2026-09-06&to=2026-09-07", "", "")
}

func (r *recorder) recordSystem() {
	r.relayed()
	r.show(200, r.signed, "GET /api/v1/events?event_type=payment_registered&limit=2", "", "")
	r.show(200, r.signed, "GET /api/v1/audit?action=receive_payment&limit=2", "", "")
	r.show(200, r.signed, "GET /api/v1/audit/viewings?from=2026-09-08&to=2026-09-08", "", "")
	r.show(200, "", "GET /", "", "")
	r.show(200, "", "GET /healthz", "", "")
	r.show(200, "", "GET /readyz", "", "")
	r.show(200, "", "GET /metrics", "", "")
}

// recordImports uploads a file of clients, previews and imports it.
func (r *recorder) recordImports() {
	const imports = "/api/v1/imports"
	r.show(200, r.signed, "GET /api/v1/import-templates/clients?format=csv", "", "")
	file := "full_name,No. de cliente,rfc,Mail,fecha de alta\nBeatriz Solís Mora,C-0001,SOMB840612KT3,b.solis@correo.example.mx,2019-03-01\nTomás Ríos,C-0002,,,\nAna Luisa Soto Vera,C-0003,SOVA900214QX1,al.soto@correo.example.mx,30/02/2020\n"
	upload := imports + "/" + r.show(201, r.signed, "POST "+imports+"?kind=clients&name=clientes.csv", file, "id")
	settings := `{"columns":[{"column":"Mail","field":"email"}]}`
	r.show(200, r.signed, "POST "+upload+"/preview", settings, "")
	r.show(202, r.signed, "POST "+upload+"/confirmation", settings, "")
	if err := r.imports.RunConfirmed(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.show(200, r.signed, "GET "+upload, "", "")
	r.show(200, r.signed, "GET "+upload+"/report", "", "")
	r.show(200, r.signed, "GET "+upload+"/rejected-rows", "", "")
	other := imports + "/" + r.do(201, r.signed, "POST "+imports+"?kind=loans&name=creditos.csv", "full_name,contrato\nRosa,1\n", "id")
	r.show(200, r.signed, "GET "+imports+"?limit=2", "", "")
	r.show(204, r.signed, "DELETE "+other, "", "")
}
