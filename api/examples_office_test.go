package api_test

import (
	"time"

	"github.com/pquerna/otp/totp"

	"sofipo/core/settlement"
	"sofipo/infra/auth"
)

// recordStaff opens a branch, hires two people, and assigns a client to one of them.
func (r *recorder) recordStaff(client string) {
	const users, branches, roles = "/api/v1/users", "/api/v1/branches", "/api/v1/roles"
	r.show(201, r.signed, "POST "+branches, `{"code":"002","name":"Centro","address":"Av. Juárez 10, Puebla","phone":"222 123 4567"}`, "")
	r.show(200, r.signed, "PUT "+branches+"/002", `{"name":"Puebla Centro"}`, "")
	r.do(201, r.signed, "POST "+branches, `{"code":"003","name":"Temporal"}`, "")
	r.show(200, r.signed, "POST "+branches+"/003/close", "", "")
	r.show(200, r.signed, "GET "+branches, "", "")
	r.show(201, r.signed, "POST "+users, `{"username":"rosa.ruiz","password":"una frase larga","full_name":"Rosa Ruiz"}`, "")
	r.do(201, r.signed, "POST "+users, `{"username":"luis.mora","password":"una frase larga","full_name":"Luis Mora","branch":"002"}`, "")
	r.show(200, r.signed, "PUT "+users+"/rosa.ruiz", `{"full_name":"Rosa Ruiz Peña"}`, "")
	r.show(200, r.signed, "PUT "+users+"/rosa.ruiz/role", `{"role":"officer"}`, "")
	r.do(200, r.signed, "PUT "+users+"/luis.mora/role", `{"role":"officer"}`, "")
	r.show(200, r.signed, "POST "+users+"/luis.mora/disable", "", "")
	r.show(200, r.signed, "POST "+users+"/luis.mora/enable", "", "")
	r.show(200, r.signed, "PUT "+users+"/luis.mora/password", `{"password":"otra frase larga"}`, "")
	r.show(200, r.signed, "GET "+users, "", "")
	r.show(200, r.signed, "PUT "+roles+"/cajero_principal", `{"title":"Cajero principal","permissions":["clients.read","payments.receive"],"scope":"branch","limits":{"approval":0,"disbursement":20000,"alone":0,"write_off":0,"early_write_off":0,"restructure":0,"reversal":5000,"back_dating":0,"back_dating_days":0}}`, "")
	r.show(200, r.signed, "GET "+roles, "", "")
	const accounts = "/api/v1/service-accounts"
	r.show(201, r.signed, "POST "+accounts, `{"username":"portal","full_name":"Portal de pagos"}`, "")
	r.do(200, r.signed, "PUT "+users+"/portal/role", `{"role":"teller"}`, "")
	key, _, _ := auth.ParseAPIKey(r.show(201, r.signed, "POST "+accounts+"/portal/keys", `{"name":"Servidor de pagos","days":90,"permissions":["loans.read"]}`, "api_key"))
	r.show(200, r.signed, "GET "+accounts+"/portal/keys", "", "")
	r.show(200, r.second, "POST "+accounts+"/portal/keys/"+key.String()+"/activation", "", "")
	r.show(200, r.signed, "POST "+accounts+"/portal/keys/"+key.String()+"/revocation", "", "")
	rosa := r.tokenOf("rosa.ruiz")
	r.show(200, rosa, "GET /api/v1/me", "", "")
	r.show(200, rosa, "PUT /api/v1/me/password", `{"current_password":"una frase larga","password":"otra frase larga"}`, "")
	r.show(200, r.signed, "POST /api/v1/assignments", `{"clients":["`+client+`"],"officer":"rosa.ruiz"}`, "")
}

// recordSessions opens, refreshes, lists and ends sessions of rosa.ruiz.
func (r *recorder) recordSessions() {
	const mine, hers, signIn = "/api/v1/me/sessions", "/api/v1/users/rosa.ruiz/sessions", `{"username":"rosa.ruiz","password":"otra frase larga"}`
	r.signIn()
	first := r.show(201, "", "POST /api/v1/auth/sessions", signIn, "refresh_token")
	first = r.show(200, "", "POST /api/v1/auth/refresh", `{"refresh_token":"`+first+`"}`, "refresh_token")
	second := r.do(201, "", "POST /api/v1/auth/sessions", signIn, "session_id")
	third := r.do(201, "", "POST /api/v1/auth/sessions", signIn, "session_id")
	access := r.do(201, "", "POST /api/v1/auth/sessions", signIn, "access_token")
	r.show(200, access, "GET "+mine, "", "")
	r.show(200, access, "POST "+mine+"/"+second+"/end", "", "")
	r.show(200, r.signed, "GET "+hers, "", "")
	r.show(200, r.signed, "POST "+hers+"/"+third+"/end", "", "")
	r.show(200, "", "POST /api/v1/auth/revoke", `{"token":"`+first+`"}`, "")
	r.do(201, "", "POST /api/v1/auth/sessions", signIn, "")
	r.show(200, access, "POST "+mine+"/end-others", "", "")
	r.show(200, r.signed, "POST /api/v1/users/rosa.ruiz/end-sessions", "", "")
	secret := r.show(201, "", "POST /api/v1/auth/factor", `{"username":"rosa.ruiz","password":"otra frase larga"}`, "secret")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	r.show(200, "", "POST /api/v1/auth/factor/confirm", `{"username":"rosa.ruiz","password":"otra frase larga","otp":"`+code+`"}`, "")
	r.show(200, r.signed, "POST /api/v1/users/rosa.ruiz/reset-factor", "", "")
}

// tokenOf returns a token of a user that is valid one second later, as a change of password
// makes earlier ones invalid.
func (r *recorder) tokenOf(user string) string {
	r.t.Helper()
	token, err := r.Keys.Issue(user, time.Hour, r.at.Load().Add(time.Second))
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// recordRequests edits an application, and files what is beyond an officer's limits.
func (r *recorder) recordRequests(client string) {
	r.setClock(r.at.Load().Add(10 * time.Second))
	rosa := r.tokenOf("rosa.ruiz")
	applied := r.do(201, rosa, "POST "+loansURL+"applications", `{"client_id":"`+client+`","product":"nomina","amount":20000,"annual_rate":0.36,"periods":12}`, "id")
	r.show(200, rosa, "PUT "+loansURL+applied+"/application", `{"product":"nomina","amount":15000,"annual_rate":0.36,"periods":12}`, "")
	loan := r.grant(client, "6000")
	file := func(why string) string {
		return r.do(202, rosa, "POST "+loansURL+loan+"/write-off?request_reason="+why, "", "id")
	}
	const requests = "/api/v1/requests"
	withdrawn, rejected, approved := file("Sin+contacto"), file("Cliente+fallecido"), file("Domicilio+abandonado")
	r.show(200, rosa, "POST "+requests+"/"+withdrawn+"/withdrawal", `{"reason":"El cliente ya pagó"}`, "")
	r.show(200, r.second, "POST "+requests+"/"+rejected+"/rejection", `{"reason":"Falta el acta de defunción"}`, "")
	r.show(200, r.second, "GET /api/v1/inbox", "", "")
	r.show(200, r.second, "POST "+requests+"/"+approved+"/approval", `{"reason":"Comité del 8 de septiembre"}`, "")
	r.show(200, r.second, "GET "+requests+"?state=APPROVED", "", "")
	r.show(200, r.second, "GET "+requests+"/"+approved, "", "")
}

// recordTills moves money into a vault, and uses, counts and closes tills.
func (r *recorder) recordTills() {
	const tills, accounts = "/api/v1/tills", "/api/v1/bank-accounts"
	vault := settlement.MainVault.String()
	r.show(201, r.signed, "POST "+accounts, `{"code":"cobranza","name":"Cobranza","bank":"STP","clabe":"646180157000000004"}`, "")
	r.show(201, r.signed, "POST /api/v1/fund-transfers", `{"from_account":"`+settlement.MainAccount.String()+`","to_vault":"`+vault+`","amount":20000,"reason":"Dotación de efectivo"}`, "")
	r.show(200, r.signed, "GET "+accounts, "", "")
	till := r.show(201, r.signed, "POST "+tills, `{"code":"c1","name":"Caja 1","branch":"001"}`, "id")
	other := r.do(201, r.signed, "POST "+tills, `{"code":"c2","name":"Caja 2","branch":"00000000-0000-7000-8000-000000000001"}`, "id")
	session := r.show(201, r.signed, "POST "+tills+"/"+till+"/sessions", `{"opening":2000}`, "id")
	r.do(201, r.second, "POST "+tills+"/"+other+"/sessions", `{"opening":500}`, "id")
	r.show(201, r.signed, "POST "+tills+"/"+till+"/cash-moves", `{"kind":"cash_out","amount":150,"reason":"Papelería"}`, "")
	r.show(201, r.signed, "POST "+tills+"/"+till+"/vault-transfers", `{"kind":"to_vault","amount":1000,"reason":"Exceso de efectivo"}`, "")
	r.show(201, r.signed, "POST "+tills+"/"+till+"/counts", `{"sheet":[{"value":500,"pieces":1},{"value":50,"pieces":7}]}`, "")
	r.show(200, r.signed, "POST "+tills+"/"+till+"/close", `{"sheet":[{"value":500,"pieces":1},{"value":50,"pieces":7}]}`, "")
	r.show(200, r.signed, "GET /api/v1/till-sessions?till="+till, "", "")
	r.show(200, r.signed, "GET /api/v1/till-sessions/"+session, "", "")
	r.show(200, r.signed, "GET /api/v1/denominations", "", "")
	r.show(200, r.signed, "GET "+tills, "", "")
	r.setClock(r.at.Load().AddDate(0, 0, 1))
	r.signIn()
	r.show(200, r.signed, "GET /api/v1/till-sessions/blocking-close", "", "")
	r.show(200, r.signed, "POST /api/v1/days/forced-close", `{"reason":"El cajero de la caja 2 no se presentó"}`, "")
	r.show(200, r.signed, "GET /api/v1/days/forced-closes", "", "")
	r.show(200, r.signed, "GET /api/v1/till-sessions/left-open", "", "")
	r.show(200, r.signed, "POST "+tills+"/"+other+"/forced-close", `{"sheet":[{"value":500,"pieces":1}],"reason":"El cajero no se presentó"}`, "")
	r.show(200, r.signed, "PUT "+tills+"/"+other, `{"name":"Ventanilla"}`, "")
	r.show(200, r.signed, "POST "+tills+"/"+other+"/retire", "", "")
	closing := r.do(201, r.signed, "POST "+accounts, `{"code":"antigua","name":"Cuenta antigua","bank":"STP"}`, "id")
	r.show(200, r.signed, "PUT "+accounts+"/"+closing, `{"name":"Cuenta antigua de cobranza"}`, "")
	r.show(200, r.signed, "POST "+accounts+"/"+closing+"/close", "", "")
}
