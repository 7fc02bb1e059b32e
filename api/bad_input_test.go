package api_test

import (
	"strings"
	"testing"

	"sofipo/core/access"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// TestBadInputOfTheOffice: wrong requests about staff, tills, bank accounts, client files and
// imports are refused with a 4xx that names what is at fault, and write nothing.
func TestBadInputOfTheOffice(t *testing.T) {
	database := ground.Open(t, ground.Config(t, ground.SQLite))
	d := openOn(t, database, nil)
	till := d.want(201, d.post("/api/v1/tills", `{"code":"c1","name":"Caja 1","branch":`+head+`}`))["id"].(string)
	rows := func() (n [8]int64) {
		batch := &db.Batch{}
		for i, table := range []string{"journal", "tills", "till_sessions", "bank_accounts", "branches", "users", "clients", "outbox"} {
			batch.Query("SELECT count(*) FROM "+table, func(s db.Scanner) error { return s.Scan(&n[i]) })
		}
		if err := database.ReadPrimary(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := rows()
	one, pay := "/api/v1/tills/"+till, "/api/v1/loans/"+d.loan+"/payments"
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/api/v1/users", `{"username":"x1","password":"una frase larga","rol":"teller"}`, 422, `["body","rol"],"msg":"unknown field`},
		{"POST", "/api/v1/users", `{"username":"X Y","password":"una frase larga"}`, 422, `["body","username"]`},
		{"POST", "/api/v1/users", `{"username":"x1","password":"una frase larga","branch":"009"}`, 422, `["body","branch"]`},
		{"POST", "/api/v1/branches", `{"code":"a","name":"A"}`, 422, `["body","code"]`},
		{"PUT", "/api/v1/branches/001", `{"name":"a\u0000"}`, 422, `["body","name"]`},
		{"POST", "/api/v1/tills", `{"code":"c 2","name":"Caja","branch":` + head + `}`, 422, `["body","code"]`},
		{"POST", "/api/v1/tills", `{"code":"c2","name":"Caja","branch":"11111111-1111-1111-1111-111111111111"}`, 409, `"code":"no_vault"`},
		{"POST", one + "/sessions", `{"opening":-1}`, 422, `["body","opening"]`},
		{"POST", one + "/sessions", `{"opening":100}`, 409, `"code":"not_enough_cash"`},
		{"POST", one + "/cash-moves", `{"kind":"cash_in","amount":1,"reason":"x"}`, 409, `"code":"till_closed"`},
		{"POST", one + "/counts", `{"sheet":[{"value":3,"pieces":1}]}`, 422, `["body","sheet",0,"value"]`},
		{"PUT", one, `{"name":""}`, 422, `["body","name"]`},
		{"PUT", one, `{"name":"Caja","code":"c9"}`, 422, `["body","code"],"msg":"unknown field`},
		{"POST", "/api/v1/bank-accounts", `{"code":"b","name":"B","bank":"B","clabe":"646180157000000005"}`, 422, `["body","clabe"]`},
		{"POST", pay, `{"amount":1,"method":"cash"}`, 422, `["body","till"]`},
		{"POST", pay, `{"amount":1,"method":"cash","till":"` + till + `"}`, 409, `"code":"till_closed"`},
		{"POST", pay, `{"amount":1,"method":"gold"}`, 422, `["body","method"]`},
		{"POST", "/api/v1/clients/files", `{"person":"natural"}`, 422, `"loc":["body"`},
		{"POST", "/api/v1/fund-transfers", `{"amount":1,"reason":"x"}`, 422, `["body","from_vault"]`},
		{"POST", "/api/v1/days/forced-close", `{"reason":" "}`, 422, `["body","reason"]`},
	} {
		r := d.send(c.method, c.path, c.body, append(d.as(access.Admin), "Content-Type", "application/json")...)
		if r.status != c.status || !strings.Contains(r.body, c.says) {
			t.Errorf("%s %s %s: got %d %.300s\nwant %d with %s", c.method, c.path, c.body, r.status, r.body, c.status, c.says)
		}
	}
	if after := rows(); after != before {
		t.Errorf("got the row counts %v, want them unchanged: %v", after, before)
	}
}
