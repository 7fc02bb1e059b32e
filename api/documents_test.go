package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/test/stack"
)

// records reads a CSV: each row by the names of the first.
func (d *door) records(r reply) (rows []map[string]string) {
	d.t.Helper()
	all, err := csv.NewReader(strings.NewReader(r.body)).ReadAll()
	if err != nil || len(all) == 0 || r.status != 200 || r.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		d.t.Fatalf("got %d, %v, %q, %v, want status 200 and a CSV file with at least one row", r.status, r.header, r.body, err)
	}
	for _, one := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = one[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func (d *door) sum(rows []map[string]string, name string) (sum money.Amount) {
	d.t.Helper()
	for _, row := range rows {
		a, err := money.Parse(row[name])
		if err != nil {
			d.t.Errorf("%s %q: %v", name, row[name], err)
		}
		sum += a
	}
	return sum
}

// TestClientStatementDocuments: the documents of a client say what the JSON statement and
// the documents of the loans say.
func TestClientStatementDocuments(t *testing.T) {
	d := open(t, nil)
	first, second, ended := "/api/v1/loans/"+d.loan, d.lend("12000"), d.lend("500")
	d.apply("777")
	taken := d.want(201, d.post(second+"/payments", `{"amount":1500.55}`))["id"].(string)
	d.want(201, d.post(second+"/payments", `{"amount":2000.01}`))
	d.want(201, d.post(first+"/payments", `{"amount":300}`))
	d.want(201, d.post(ended+"/payments", `{"amount":500}`))
	d.want(201, d.post(second+"/transactions/"+taken+"/reversal", ""))
	today := d.today().String()
	path := "/api/v1/loans/clients/" + d.client + "/account-statement"
	d.want(401, d.get(path+".pdf"))
	d.want(401, d.get(path+".csv"))
	teller := d.as(access.Teller)

	name := "estado-de-cuenta-cliente-C-100-014-" + today + "-" + today
	if r := d.get(path+".pdf", teller...); r.status != 200 || !strings.HasPrefix(r.body, "%PDF-") || r.header.Get("Content-Disposition") != `inline; filename="`+name+`.pdf"` {
		t.Errorf("got %d %v %.200q, want status 200, a PDF body, Content-Disposition %v", r.status, r.header, r.body, `inline; filename="`+name+`.pdf"`)
	}
	r := d.get(path+".csv?from="+today+"&to="+today, teller...)
	if disposition := r.header.Get("Content-Disposition"); disposition != `attachment; filename="`+name+`.csv"` {
		t.Errorf("got %v, want %v", disposition, `attachment; filename="`+name+`.csv"`)
	}
	rows := d.records(r)

	var statement api.AccountStatement
	if err := json.Unmarshal([]byte(d.get(path).body), &statement); err != nil {
		t.Fatal(err)
	}
	var owed, paid money.Amount
	for _, l := range statement.ActiveLoans {
		owed += l.Balance
	}
	for _, m := range statement.PaymentHistory {
		if m.Status == servicing.InForce {
			paid += m.Amount
		}
	}
	var ends []map[string]string
	for _, row := range rows {
		if row["movimiento"] == "saldo_final" {
			ends = append(ends, row)
		}
	}
	if len(ends) != 3 || len(statement.ActiveLoans) != 2 || owed != 10_699_99 || d.sum(ends, "saldo_insoluto") != owed || paid != 2_800_01 || d.sum(rows, "abono") != paid {
		t.Errorf("got %d loans that owe %s and paid %s, want 3 loans that owe %s and paid %s, 2 of them active", len(ends), d.sum(ends, "saldo_insoluto"), d.sum(rows, "abono"), owed, paid)
	}
	at := 0
	for i, path := range []string{first, second, ended} {
		own := d.records(d.get(path+"/statement.csv", teller...))
		for k, row := range own {
			if of := rows[at+1+k]; of["id"] != row["id"] || of["capital"] != row["capital"] || of["saldo_insoluto"] != row["saldo_insoluto"] || of["credito"] != path[len("/api/v1/loans/"):] {
				t.Errorf("transaction %d of %s: got\n%v\nwant, as in its own statement,\n%v", k, path, of, row)
			}
		}
		at += len(own) + 2
		payoff := d.want(200, d.get(path+"/payoff", teller...))["amounts"].(map[string]any)["principal"]
		if payoff == nil {
			payoff = "0.00"
		}
		if want := []string{"ACTIVE", "ACTIVE", "PAID_OFF"}[i]; ends[i]["estado_credito"] != want || ends[i]["saldo_insoluto"] != fmt.Sprint(payoff) || ends[i]["saldo_vencido"] != "0.00" {
			t.Errorf("%s: got the last row %v and the payoff %v, want estado_credito %v, saldo_insoluto %v, saldo_vencido 0.00", path, ends[i], payoff, want, fmt.Sprint(payoff))
		}
	}
	if at != len(rows) {
		t.Errorf("got %d rows, want %d", len(rows), at)
	}
}

func TestClientStatementDocumentsOfNobody(t *testing.T) {
	d := open(t, nil)
	teller := d.as(access.Teller)
	made := d.want(201, d.post("/api/v1/clients/", `{"full_name":"B","email":"b@example.com","rfc":"BBBB800101HNE"}`))["id"].(string)
	path := "/api/v1/loans/clients/" + made + "/account-statement"
	if rows := d.records(d.get(path+".csv", teller...)); len(rows) != 0 {
		t.Errorf("got the rows %v, want none", rows)
	}
	if r := d.get(path+".pdf", teller...); r.status != 200 || !strings.HasPrefix(r.body, "%PDF-") {
		t.Errorf("got %d %.200q, want status 200, a PDF body", r.status, r.body)
	}
	today := d.today()
	for _, ending := range []string{".pdf", ".csv"} {
		d.refused(d.get(path+ending+"?from="+today.AddDays(1).String(), teller...), 422, `"loc":["query","from"],"msg":"must be from `+today.String())
		d.refused(d.get(path+ending+"?to="+today.AddDays(-1).String(), teller...), 422, `"loc":["query","to"],"msg":"must be from `+today.String()+" to "+today.String())
		d.refused(d.get(path+ending+"?to=2026-02-30", teller...), 422, `["query","to"]`)
		d.refused(d.get("/api/v1/loans/clients/"+noSuchID+"/account-statement"+ending, teller...), 404, `"code":"client_not_found"`)
		d.refused(d.get("/api/v1/loans/clients/x/account-statement"+ending, teller...), 422, `["path","client_id"]`)
		d.refused(d.get(path+ending, append(teller, "X-Sofipo-Position", "x")...), 422, `["header","X-Sofipo-Position"]`)
	}
}

// TestStatementOfALongerPeriod requests a period that begins before the loan and ends after
// the business date: the statement covers the part with data and says so.
func TestStatementOfALongerPeriod(t *testing.T) {
	d := open(t, nil)
	teller, today := d.as(access.Teller), d.today()
	asked := "?from=" + today.AddDays(-1).String() + "&to=" + today.AddDays(1).MonthEnd().String()
	for _, path := range []string{"/api/v1/loans/" + d.loan + "/statement", "/api/v1/loans/clients/" + d.client + "/account-statement"} {
		for _, ending := range []string{".pdf", ".csv"} {
			r := d.get(path+ending+asked, teller...)
			if got, want := r.header.Get("X-Sofipo-Period"), today.String()+"/"+today.String(); r.status != 200 || got != want {
				t.Errorf("%s: got %d, X-Sofipo-Period %q, want 200, %q", path+ending, r.status, got, want)
			}
		}
		const note = "El periodo solicitado se ajustó a las fechas con información disponible."
		if text := d.text(d.get(path+".pdf"+asked, teller...)); !strings.Contains(text, note) {
			t.Errorf("%s: got a statement without the note, want %q in it:\n%s", path, note, text)
		}
		if text := d.text(d.get(path+".pdf", teller...)); strings.Contains(text, note) {
			t.Errorf("%s: got the note in a statement of the whole period, want none:\n%s", path, text)
		}
	}
}

// TestWhatAClientStatementLists: today has what was alive, moved or was applied for;
// the day after, once today is closed, only what still is.
func TestWhatAClientStatementLists(t *testing.T) {
	d := open(t, nil)
	paid, cancelled, lost, waiting, rejected, late := d.lend("501"), d.lend("502"), d.lend("503"), d.apply("504"), d.apply("505"), d.apply("506")
	d.want(201, d.post(paid+"/payments", `{"amount":501}`))
	d.want(200, d.post(cancelled+"/cancellation", ""))
	d.want(201, d.post(lost+"/write-off", ""))
	d.want(201, d.post(lost+"/recoveries", `{"amount":3}`))
	d.want(200, d.post(rejected+"/rejection", ""))
	numbers := map[string]string{} // paths by number
	for _, path := range []string{waiting, rejected, late} {
		_, found, _ := strings.Cut(d.get(path, d.as(access.Teller)...).body, `"number":"`)
		number, _, _ := strings.Cut(found, `"`)
		numbers[number] = path
	}
	day := d.today()
	d.want(200, d.post("/api/v1/days/close", `{"date":"`+day.String()+`"}`))
	d.want(200, d.post(late+"/approval", ""))
	d.want(200, d.post(late+"/disbursement", ""))
	today, next := day.String(), day.AddDays(1).String()
	path, alive, teller := "/api/v1/loans/clients/"+d.client+"/account-statement", "/api/v1/loans/"+d.loan, d.as(access.Teller)
	for _, c := range []struct {
		period  string
		loans   []string // with their states
		applied []string
		lent    string
	}{
		{"from=" + today + "&to=" + today, []string{alive, "ACTIVE", paid, "PAID_OFF", cancelled, "CANCELLED", lost, "WRITTEN_OFF"}, []string{waiting, "revisión", rejected, "Rechazada", late, "revisión"}, "2,004.00"},
		{"from=" + next + "&to=" + next, []string{alive, "ACTIVE", lost, "WRITTEN_OFF", late, "ACTIVE"}, []string{waiting, "revisión"}, "2,009.00"},
		{"from=" + today + "&to=" + next, []string{alive, "ACTIVE", paid, "PAID_OFF", cancelled, "CANCELLED", lost, "WRITTEN_OFF", late, "ACTIVE"}, []string{waiting, "revisión", rejected, "Rechazada"}, "2,510.00"},
	} {
		var loans []string
		for _, row := range d.records(d.get(path+".csv?"+c.period, teller...)) {
			if row["movimiento"] == "saldo_final" {
				loans = append(loans, "/api/v1/loans/"+row["credito"], row["estado_credito"])
				if debt := row["adeudo_castigado"]; (debt == "500.00") != (row["estado_credito"] == "WRITTEN_OFF") {
					t.Errorf("%s: got %v, want 500.00 to recover exactly when the loan is WRITTEN_OFF", c.period, row)
				}
			}
		}
		if !slices.Equal(loans, c.loans) {
			t.Errorf("%s: got the loans %v\nwant %v", c.period, loans, c.loans)
		}
		text := d.text(d.get(path+".pdf?"+c.period, teller...))
		_, list, _ := strings.Cut(text, "Solicitudes de préstamo")
		list, _, _ = strings.Cut(list, "\nPréstamo ")
		var applied []string
		for line := range strings.Lines(list) {
			if words := strings.Fields(line); len(words) > 2 && numbers[words[0]] != "" {
				applied = append(applied, numbers[words[0]], words[len(words)-1])
			}
		}
		if !slices.Equal(applied, c.applied) || !strings.Contains(text, "Totales "+c.lent) || !strings.Contains(text, "Adeudo castigado por recuperar $500.00") {
			t.Errorf("%s: got the applications %v\nwant %v, lent %s:\n%s", c.period, applied, c.applied, c.lent, text)
		}
	}
}

// text returns the text of a PDF, with single blanks.
func (d *door) text(r reply) string {
	d.t.Helper()
	program, err := stack.Tool(d.t.Context(), "pdftotext")
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(program, "-layout", "-enc", "UTF-8", "-", "-")
	cmd.Stdin = strings.NewReader(r.body)
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("%d %.200q: %v", r.status, r.body, err)
	}
	var text strings.Builder
	for line := range strings.Lines(string(out)) {
		text.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return text.String()
}
