package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/core/access"
	"sofipo/infra/db"
	"sofipo/infra/files"
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
		{"POST", "/api/v1/tills", `{"code":"c2","name":"Caja","branch":"11111111-1111-1111-1111-111111111111"}`, 422, `["body","branch"]`},
		{"POST", "/api/v1/tills", `{"code":"c2","name":"Caja","branch":"009"}`, 422, `["body","branch"]`},
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

// TestBadInputWritesNothing: files with bad rows, an impossible CURP, an expired identification, a
// closed till, an exceeded limit and an unknown member are refused by name on both databases, and
// what is read back afterwards is as before.
func TestBadInputWritesNothing(t *testing.T) {
	bothDoors(t, func(t *testing.T, d *door, database *db.DB, _ files.Folder) {
		till := d.want(201, d.post("/api/v1/tills", `{"code":"c1","name":"Caja 1","branch":"001"}`))["id"].(string)
		admin := append(d.as(access.Admin), "Content-Type", "application/json")
		csv := append(d.as(access.Admin), "Content-Type", "text/csv")
		lists := "/api/v1/screening/lists/LPB/versions"
		state := func() string {
			return d.books() + d.get("/api/v1/clients/?limit=1000").body + d.get(lists, admin...).body + d.get("/api/v1/tills", admin...).body +
				d.get("/api/v1/till-sessions", admin...).body + d.get("/api/v1/loans/", admin...).body + fmt.Sprint(d.today())
		}
		before := state()
		for _, c := range []struct {
			role               access.Role
			method, path, body string
			status             int
			says               string
		}{
			{access.Compliance, "POST", lists, "full_name,birth_date,rfc\nAna Ruiz,1980-02-30,\n,,\nLuis Paz,,x\n", 422, `"birth_date"`},
			{access.Officer, "POST", filesURL, "{" + emma + `,"curp":"GODE561331MJCMZM09"}`, 422, `["body","curp"]`},
			{access.Officer, "POST", filesURL, "{" + emma + `,"curp":"GODE561231MJCMZM00"}`, 422, `["body","curp"]`},
			{access.Officer, "POST", filesURL, strings.Replace("{"+emma+"}", "2099-01-01", "2020-01-01", 1), 422, `["body","identifications",0,"expires_on"]`},
			{access.Teller, "POST", "/api/v1/loans/" + d.loan + "/payments", `{"amount":1,"method":"cash","till":"` + till + `"}`, 409, `"code":"till_closed"`},
			{access.Officer, "POST", "/api/v1/loans/", `{"client_id":"` + d.client + `","amount":9999999999,"interest_rate":0.1,"term_months":12}`, 403, `"code":"authority_exceeded"`},
			{access.Officer, "POST", filesURL, "{" + emma + `,"curpp":"x"}`, 422, `["body","curpp"]`},
			{access.Admin, "POST", "/api/v1/tills", `{"code":"c2","name":"Caja 2","branch":"001","vaults":true}`, 422, `["body","vaults"]`},
		} {
			headers := admin
			if c.path == lists {
				headers = csv
			}
			r := d.send(c.method, c.path, c.body, append(slices.Clone(headers), d.as(c.role)...)...)
			if r.status != c.status || !strings.Contains(r.body, c.says) {
				t.Errorf("%s %s: got %d %.400s\nwant %d with %s", c.path, c.body, r.status, r.body, c.status, c.says)
			}
			if after := state(); after != before {
				t.Fatalf("%s %s: got another state after the refusal, want no change:\n%s\n%s", c.path, c.body, after, before)
			}
		}
	})
}

// TestBadRowsOfABankFile: each bad row is listed with its line, field and reason, good rows are
// taken once, and the same file again changes nothing.
func TestBadRowsOfABankFile(t *testing.T) {
	bothDoors(t, func(t *testing.T, d *door, database *db.DB, _ files.Folder) {
		day := d.today()
		date := fmt.Sprintf("%02d/%02d/%04d", day.Day, day.Month, day.Year)
		reference := d.want(200, d.getAs(access.Auditor, "/api/v1/loans/"+d.loan+"/payment-references"))["transfer"].(string)
		d.want(200, d.putAs(access.Accountant, mainAccount+"/file-layout", layoutBody))
		file := uploaded(date+",1,100.50,PAGO "+reference+",MARIA", "31/02/2026,2,20,,JUAN", date+",3,diez,,JUAN", date+",4,-5,,JUAN", date+",5", date+",6,7.001,,JUAN")
		balance := func() string {
			return fmt.Sprint(d.want(200, d.get("/api/v1/loans/"+d.loan))["current_balance"]) + d.get("/api/v1/loans/"+d.loan+"/payments").body +
				d.getAs(access.Auditor, "/api/v1/incoming-payments").body
		}
		var kept string
		for _, outcome := range []string{"APPLIED", "KNOWN"} {
			done := d.want(200, d.do(access.Accountant, mainAccount+"/files", file))
			got := ""
			for _, row := range done["rows"].([]any) {
				one := row.(map[string]any)
				got += fmt.Sprint(one["line"], " ", one["outcome"], " ", one["field"], ";")
				if one["outcome"] == "BAD" && one["reason"] == nil {
					t.Errorf("got %v, want a reason", one)
				}
			}
			if want := "2 " + outcome + " <nil>;3 BAD date;4 BAD amount;6 BAD amount;7 BAD amount;"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if kept == "" {
				kept = balance()
			}
		}
		if again := balance(); again != kept || !strings.HasPrefix(again, "899.50") {
			t.Errorf("got\n%s\nafter the same file again, want no change, and a balance of 899.50:\n%s", again, kept)
		}
	})
}
