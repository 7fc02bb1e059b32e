package api_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sofipo/api"
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	booked "sofipo/bank/institution"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/core/nouns"
	"sofipo/core/wire"
	"sofipo/infra/db"
	"sofipo/test/contract"
	"sofipo/test/ground"
	"sofipo/test/office"
)

const (
	reports  = "/api/v1/reports"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// reported is a door on an institution whose days were closed through
// 2050-02-28, at noon of the day after.
type reported struct {
	*door
	loans []id.ID // the first two are late
}

func openReported(t *testing.T) *reported {
	t.Helper()
	return openReportedOn(t, ground.Open(t, ground.Config(t, ground.SQLite)))
}

// openReportedOn is openReported on a database.
func openReportedOn(t *testing.T, database *db.DB) *reported {
	t.Helper()
	r := &reported{loans: lived(t, database)}
	noon := time.Date(2050, 3, 1, 12, 0, 0, 0, time.UTC)
	r.door = &door{t: t, tokens: map[access.Role]string{}, Door: contract.Open(t, database, func(o *api.Options) {
		o.Clock, o.Location = func() time.Time { return noon }, time.UTC
	})}
	named := &booked.ChangeInstitution{Institution: institution.Institution{Name: "Caja Ñandú, S.F.P."}}
	if _, err := bank.Do(t.Context(), r.Bank, bank.By{System: true, Actor: "test"}, named); err != nil {
		t.Fatal(err)
	}
	for _, role := range access.Roles() {
		if role != access.Admin {
			r.AddUser(t, string(role), password, role)
		}
		token, err := r.Keys.Issue(string(role), time.Hour, noon)
		if err != nil {
			t.Fatal(err)
		}
		r.tokens[role] = token
	}
	return r
}

// lived grants three loans on 2050-01-20, pays the third, and closes the days.
func lived(t *testing.T, database *db.DB) (loans []id.ID) {
	t.Helper()
	today := time.Date(2050, 1, 20, 12, 0, 0, 0, time.UTC)
	b := office.OpenBank(t, database, office.Clock(func() time.Time { return today }))
	defer b.Close()
	for i, name := range []string{"=HYPERLINK(\"http://example.com\")", "Beatriz Peña", "Carlos"} {
		holder := office.Must(t, b, &clients.RegisterClient{FullName: name, Email: fmt.Sprintf("c%d@example.com", i), RFC: fmt.Sprintf("PEPJ80010%dHNE", i+1)})
		loans = append(loans, office.Grant(t, b, holder.ID, 12_000_00, office.At(360_000, 12)).ID)
	}
	for ; today.Month() < 3; today = today.AddDate(0, 0, 1) {
		if today.Month() == 2 && today.Day() == 20 {
			office.Pay(t, b, loans[2], 1_300_00)
		}
		if _, err := dayend.New(b, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cora"}, civil.DateOf(today), nil); err != nil {
			t.Fatal(err)
		}
	}
	return loans
}

// tell reads a report as JSON.
func tell[T any](r *reported, path string) (answer T) {
	r.t.Helper()
	got := r.get(path, r.as(access.Auditor)...)
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil || got.status != 200 || got.header.Get("Content-Type") != "application/json" {
		r.t.Fatalf("%s: got %d %s %v, want status 200, Content-Type application/json", path, got.status, got.body, err)
	}
	return answer
}

// file is a report as rows: the headings and what is under them, of CSV and of XLSX,
// which must agree. XLSX has no ids, which are the last columns of CSV.
func (r *reported) file(path, name string) [][]string {
	r.t.Helper()
	and := "?"
	if strings.Contains(path, "?") {
		and = "&"
	}
	text, book := r.get(path+and+"format=csv", r.as(access.Auditor)...), r.get(path+and+"format=xlsx", r.as(access.Auditor)...)
	for ending, got := range map[string]reply{"csv": text, "xlsx": book} {
		media := map[string]string{"csv": "text/csv; charset=utf-8", "xlsx": xlsxType}[ending]
		if got.status != 200 || got.header.Get("Content-Type") != media || got.header.Get("Content-Disposition") != fmt.Sprintf("attachment; filename=%q", name+"."+ending) {
			r.t.Fatalf("%s as %s: got %d %v %.300s, want status 200, Content-Type %v, Content-Disposition %v", path, ending, got.status, got.header, got.body, media, fmt.Sprintf("attachment; filename=%q", name+"."+ending))
		}
	}
	plain, err := csv.NewReader(strings.NewReader(text.body)).ReadAll()
	if err != nil {
		r.t.Fatal(err)
	}
	f, err := excelize.OpenReader(strings.NewReader(book.body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	shown, err := f.GetRows(f.GetSheetName(0))
	if err != nil || len(shown) != len(plain)+2 || !strings.HasPrefix(shown[1][0], "Caja Ñandú, S.F.P. · ") {
		r.t.Fatalf("got %d rows under %q for %d of CSV, %v, want two rows more than the CSV, under the name of the institution", len(shown), shown[:2], len(plain), err)
	}
	for _, cell := range slices.Concat(shown...) {
		if _, err := id.Parse(cell); err == nil {
			r.t.Errorf("%s: got the id %s in the XLSX, want only numbers for people", path, cell)
		}
	}
	for i := range plain[1:] {
		for k, cell := range plain[i+1][:len(shown[2])] {
			var want string
			if k < len(shown[i+3]) {
				want = strings.TrimSuffix(shown[i+3][k], "%")
			}
			if _, err := money.Parse(strings.ReplaceAll(want, ",", "")); err == nil {
				want = strings.ReplaceAll(want, ",", "")
			}
			if moment, err := time.Parse(wire.Moment, cell); err == nil {
				cell = moment.Format("2006-01-02 15:04") // as a cell shows it
			}
			if strings.TrimPrefix(cell, "'") != want {
				r.t.Errorf("%s: row %d, %s: got %q in the CSV, want %q as in the XLSX", path, i, plain[0][k], cell, want)
			}
		}
	}
	return plain
}

// column returns the values under a heading of a file.
func column(rows [][]string, name string) (cells []string) {
	at := slices.Index(rows[0], name)
	for _, row := range rows[1:] {
		cells = append(cells, row[at])
	}
	return cells
}

func TestPortfolioReport(t *testing.T) {
	r := openReported(t)
	p := tell[map[string]any](r, reports+"/portfolio")
	total, products := p["total"].(map[string]any), p["products"].([]any)
	buckets := total["buckets"].([]any)
	if p["date"] != "2050-02-28" || len(products) != 1 || len(buckets) != 8 || total["sums"].(map[string]any)["loans"] != 3. || total["imor"] != 0. || total["icor"] != nil {
		t.Errorf("got %v, want 1 product and 8 buckets on 2050-02-28, 3 loans, IMOR 0 and no ICOR", p)
	}
	if late := buckets[2].(map[string]any); late["bucket"] != "8-30" || late["loans"] != 2. || late["balance"] != 24000. {
		t.Errorf("got %v, want the bucket 8-30 with 2 loans and a balance of 24000.00", late)
	}
	rows := r.file(reports+"/portfolio?date=2050-02-28", "cartera-2050-02-28")
	if names := strings.Join(rows[0], " "); names != "producto nombre dias_de_atraso creditos saldo_de_capital capital_exigible_vencido intereses_devengados intereses_suspendidos iva_por_cobrar "+
		"estimacion_preventiva estimacion_por_intereses cartera_vencida castigos_de_12_meses imor imora icor par_1 par_30 par_90" {
		t.Errorf("got %v, want the 19 columns of the portfolio", names)
	}
	if got := column(rows, "dias_de_atraso"); len(got) != 18 || got[1] != "1 a 7" || got[7] != "181 o más" || got[8] != "Total" || rows[18][0] != "Total" {
		t.Errorf("got %q, want 18 rows, from 1 a 7 to 181 o más, then the total", got)
	}
	par := column(rows, "par_1")
	if par[17] != fmt.Sprintf("%.2f", total["par_1"]) || par[8] != par[17] || par[0] != "" || column(rows, "saldo_de_capital")[17] != fmt.Sprintf("%.2f", total["sums"].(map[string]any)["balance"]) {
		t.Errorf("got %q, want par_1 and the balance as in the JSON, %v", par, total)
	}
	first := tell[map[string]any](r, reports+"/portfolio?date=2050-01-20")
	if first["total"].(map[string]any)["par_1"] != 0. {
		t.Errorf("got %v, want a par_1 of 0", first)
	}
	again := r.get(reports+"/portfolio?format=xlsx", r.as(access.Auditor)...)
	if once := r.get(reports+"/portfolio?format=xlsx", r.as(access.Auditor)...); once.body != again.body {
		t.Error("the same workbook has other bytes, want the same bytes")
	}
}

func TestDelinquencyReport(t *testing.T) {
	r := openReported(t)
	got := r.get(reports+"/delinquency?limit=1", r.as(access.Officer)...)
	var pages []api.Delinquency
	for {
		var page api.Delinquency
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.status != 200 {
			t.Fatalf("got %d %s %v, want status 200", got.status, got.body, err)
		}
		pages = append(pages, page)
		link, _, found := strings.Cut(strings.TrimPrefix(got.header.Get("Link"), "<"), ">")
		if !found {
			break
		}
		got = r.get(link, r.as(access.Officer)...)
	}
	if len(pages) != 3 || len(pages[2].Loans) != 0 || pages[0].Sums.Loans != 2 || pages[0].Loans[0].Loan != r.loans[0] || pages[1].Loans[0].Loan != r.loans[1] {
		t.Fatalf("got %+v, want loan %v, loan %v and an empty page, and 2 loans in the sums", pages, r.loans[0], r.loans[1])
	}
	if l := pages[1].Loans[0]; l.DaysPastDue != 8 || l.Bucket != "8-30" || l.Stage != 1 || l.Name != "Beatriz Peña" || l.RFC != "PEPJ800102HNE" || l.Balance != 12_000_00 || l.OverduePrincipal == 0 {
		t.Errorf("got %+v, want days past due 8, bucket 8-30, stage 1, name Beatriz Peña, RFC PEPJ800102HNE, balance 12000.00, some overdue principal", l)
	}
	rows := r.file(reports+"/delinquency?limit=1&bucket=8-30&product=seed", "mora-2050-02-28")
	if names := column(rows, "cliente"); !slices.Equal(names, []string{`'=HYPERLINK("http://example.com")`, "Beatriz Peña", "2 préstamos"}) {
		t.Errorf("got the clients %q, want the formula as text, Beatriz Peña and the total of 2 loans", names)
	}
	if sums := column(rows, "saldo_de_capital"); !slices.Equal(sums, []string{"12000.00", "12000.00", "24000.00"}) {
		t.Errorf("got %q, want %+v", sums, []string{"12000.00", "12000.00", "24000.00"})
	}
	if none := tell[api.Delinquency](r, reports+"/delinquency?bucket=90-120"); len(none.Loans) != 0 || none.Sums.Loans != 0 {
		t.Errorf("got %+v, want no loans", none)
	}
}

func TestCollectionsReport(t *testing.T) {
	r := openReported(t)
	today := tell[api.Collections](r, reports+"/collections")
	if today.Date.String() != "2050-03-01" || len(today.Loans) != 2 || today.Loans[0].Loan != r.loans[0] || today.Loans[0].Due != 0 || today.Loans[0].Overdue == 0 || today.Loans[0].DaysPastDue != 9 {
		t.Errorf("got %+v, want 2 loans on 2050-03-01, the first %v, 9 days past due, with an amount overdue and none due", today, r.loans[0])
	}
	later := tell[api.Collections](r, reports+"/collections?date=2050-03-20&limit=10")
	if len(later.Loans) != 3 || later.Loans[2].Due == 0 || later.Loans[2].Overdue != 0 || later.Loans[2].Instalment != 2 || later.Loans[0].Due == 0 {
		t.Errorf("got %+v, want 3 loans, the third with instalment 2 due and nothing overdue, the first with an amount due", later)
	}
	rows := r.file(reports+"/collections?date=2050-03-20", "cobranza-2050-03-20")
	totals := column(rows, "total_por_cobrar")
	sum := later.Loans[0].Total + later.Loans[1].Total + later.Loans[2].Total
	if len(totals) != 4 || totals[3] != sum.String() || column(rows, "vencimiento")[2] != "2050-03-20" {
		t.Errorf("got the totals %q, want %s for the last row and its due date 2050-03-20", totals, sum)
	}
	r.refused(r.get(reports+"/collections?date=2050-02-28", r.as(access.Admin)...), 422, `"loc":["query","date"],"msg":"must be from 2050-03-01 to 2050-04-01"`)
	r.refused(r.get(reports+"/collections?date=2050-04-02&format=csv", r.as(access.Admin)...), 422, `["query","date"]`)
}

func TestMoneyAndDailyPositionsReports(t *testing.T) {
	r := openReported(t)
	money := tell[api.MoneyMoved](r, reports+"/transactions?from=2050-01-01&to=2050-02-28")
	if len(money.Rows) != 2 || money.In != 1_300_00 || money.Out != 36_000_00 || money.Rows[0].Count != 3 || money.Rows[1].Kind != "payment" {
		t.Errorf("got %+v, want 2 rows, 1300.00 in, 36000.00 out, 3 disbursements, then payments", money)
	}
	rows := r.file(reports+"/transactions?from=2050-01-01&to=2050-02-28", "movimientos-2050-01-01-2050-02-28")
	if got := fmt.Sprint(rows[1:]); got != "[[2050-01-20 seed Entrega del préstamo 3 0.00 36000.00] [2050-02-20 seed Pago 1 1300.00 0.00] [  Total 4 1300.00 36000.00]]" {
		t.Errorf("got %s, want 3 disbursements of 36000.00, 1 payment of 1300.00 and the total", got)
	}
	if now := tell[api.MoneyMoved](r, reports+"/transactions"); now.From.String() != "2050-03-01" || now.To.String() != "2050-03-01" || now.Rows == nil {
		t.Errorf("got %+v, want 2050-03-01 alone, with a list of rows", now)
	}
	path := "/api/v1/loans/" + r.loans[0].String() + "/daily-positions"
	all := tell[[]api.DailyPosition](r, path+"?from=2050-01-01")
	if len(all) != 40 || all[0].Date.String() != "2050-01-20" || all[39].Date.String() != "2050-02-28" || all[39].DaysPastDue != 8 || all[39].Balance != 12_000_00 || all[39].Provision == 0 {
		t.Errorf("got %d positions, %+v, want 40 from 2050-01-20 to 2050-02-28, the last 8 days past due with a balance of 12000.00 and a provision", len(all), all)
	}
	if rows := r.file(path+"?from=2050-02-19&to=2050-02-22", "posiciones-P-100-014"); len(rows) != 5 || fmt.Sprint(column(rows, "dias_de_atraso")) != "[0 0 1 2]" || rows[1][1] != "Activo" {
		t.Errorf("got %q, want 4 days with 0, 0, 1 and 2 days past due, the first Activo", rows)
	}
	if none := tell[[]api.DailyPosition](r, path); len(none) != 0 {
		t.Errorf("the open month: got %+v, want no positions", none)
	}
}

// TestReportsRefuse: an invalid question is refused, in every format.
func TestReportsRefuse(t *testing.T) {
	r := openReported(t)
	loans := "/api/v1/loans/" + r.loans[0].String() + "/daily-positions"
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{reports + "/portfolio?date=2050-03-01", 404, `"code":"no_daily_positions","date":"2050-03-01","last_closed_day":"2050-02-28"`},
		{reports + "/portfolio?date=2050-01-19", 404, `"detail":"There are no daily positions for 2050-01-19; the last closed day is 2050-02-28"`},
		{reports + "/delinquency?date=2999-01-01", 404, `"code":"no_daily_positions"`},
		{reports + "/delinquency?product=nope", 404, `"code":"product_not_found"`},
		{reports + "/delinquency?bucket=0", 422, `["query","bucket"]`},
		{reports + "/delinquency?bucket=181+", 422, `["query","bucket"]`}, // a blank: the plus has to be escaped
		{reports + "/portfolio?dat=2050-02-20", 422, `"loc":["query","dat"],"msg":"unknown parameter: use date, format, bom"`},
		{reports + "/portfolio?a&b&c&d&e&f&g", 422, `["query","e"],"msg":"unknown parameter: use date, format, bom","type":"value_error.extra"}]`}, // five are listed
		{reports + "/transactions?date=2050-02-20", 422, `["query","date"]`},
		{reports + "/delinquency?products=seed", 422, `["query","products"]`},
		{loans + "?limit=1", 422, `["query","limit"]`},
		{reports + "/delinquency?limit=0", 422, `["query","limit"]`},
		{reports + "/delinquency?limit=1001", 422, `["query","limit"]`},
		{reports + "/delinquency?after=" + r.loans[2].String(), 422, `["query","after"]`},
		{reports + "/delinquency?after=x", 422, `["query","after"]`},
		{reports + "/delinquency?product=%00", 422, `["query","product"]`},
		{reports + "/collections?limit=x", 422, `["query","limit"]`},
		{reports + "/transactions?from=2050-02-02&to=2050-02-01", 422, `"loc":["query","from"],"msg":"must not be after 2050-02-01"`},
		{reports + "/transactions?from=2049-01-31&to=2050-02-01", 422, `"loc":["query","from"],"msg":"must be 2049-02-01 or later: the range may have at most 366 days"`},
		{reports + "/transactions?to=2050-02-30", 422, `["query","to"]`},
		{loans + "?from=2050-02-02&to=2050-02-01", 422, `["query","from"]`},
		{loans + "?from=yesterday", 422, `["query","from"]`},
		{"/api/v1/loans/" + id.ID{1}.String() + "/daily-positions", 404, `"code":"loan_not_found"`},
		{"/api/v1/loans/x/daily-positions", 422, `["path","loan_id"]`},
	} {
		and := "?"
		if strings.Contains(c.path, "?") {
			and = "&"
		}
		for _, format := range []string{"json", "csv", "xlsx"} {
			got := r.get(c.path+and+"format="+format, r.as(access.Auditor)...)
			if tabular := strings.Contains(c.path, "after=") || strings.Contains(c.path, "limit="); tabular && format != "json" && got.status == 200 {
				continue // of JSON only
			}
			if r.refused(got, c.status, c.says); got.header.Get("Content-Type") != "application/json" || got.header.Get("Content-Disposition") != "" {
				t.Errorf(`%s: got %v, want Content-Type application/json, Content-Disposition ""`, c.path, got.header)
			}
		}
	}
	for _, path := range []string{reports + "/portfolio", reports + "/delinquency", reports + "/collections", reports + "/transactions", loans} {
		r.refused(r.get(path+"?format=pdf", r.as(access.Admin)...), 422, `["query","format"]`)
		r.refused(r.get(path, append(r.as(access.Admin), "X-Sofipo-Position", "x")...), 422, `["header","X-Sofipo-Position"]`)
		r.want(401, r.get(path))
		permission := risk.ReadReports
		if path == loans {
			permission = loan.Read
		}
		for _, role := range access.Roles() {
			if got := r.get(path, r.as(role)...); path == loans && role == access.Collector { // the loan has no officer
				r.refused(got, 403, `"code":"out_of_scope"`)
			} else if (got.status == 200) != nouns.May(role, permission) || got.status != 200 && got.status != 403 {
				t.Errorf("%s as %s: got %d, want 200 with the permission (the role has it: %t), else 403", path, role, got.status, nouns.May(role, permission))
			}
		}
	}
	empty := open(t, nil)
	empty.refused(empty.get(reports+"/portfolio", empty.as(access.Admin)...), 404, `no day has been closed yet`)
}

func TestTablesOfTheBooks(t *testing.T) {
	r := openReported(t)
	const days = "from=2050-01-01&to=2050-02-28"
	balance := r.file("/api/v1/books/trial-balance?"+days, "balanza-2050-01-01-2050-02-28")
	if names := strings.Join(balance[0], " "); names != "cuenta codigo_cnbv nombre naturaleza saldo_inicial cargos abonos saldo_final" {
		t.Errorf("got the columns %s, want those of the trial balance", names)
	}
	if sides := column(balance, "naturaleza"); !slices.Contains(sides, "deudora") || !slices.Contains(sides, "acreedora") {
		t.Errorf("got the sides %q, want deudora and acreedora", sides)
	}
	page := tell[map[string]any](r, "/api/v1/books/accounts/1102/ledger?"+days)
	ledger := r.file("/api/v1/books/accounts/1102/ledger?limit=1&"+days, "auxiliar-1102-2050-01-01-2050-02-28")
	postings := page["postings"].([]any)
	if concepts := column(ledger, "concepto"); len(concepts) != len(postings)+2 || concepts[0] != "Saldo inicial" || concepts[len(concepts)-1] != "Totales y saldo final" {
		t.Errorf("got the rows %q, want the opening balance, %d postings and the totals", concepts, len(postings))
	}
	if got := column(ledger, "saldo"); got[len(got)-1] != fmt.Sprintf("%.2f", page["closing_balance"]) {
		t.Errorf("got the closing balance %s, want %.2f", got[len(got)-1], page["closing_balance"])
	}
	if got := r.get("/api/v1/books/trial-balance?format=csv&bom=true", r.as(access.Auditor)...); !strings.HasPrefix(got.body, "\ufeffcuenta,") {
		t.Errorf("got %.40q, want a byte order mark before the names", got.body)
	}
	if got := r.get("/api/v1/books/accounts/9999/ledger?format=xlsx", r.as(access.Auditor)...); got.status != 404 {
		t.Errorf("got %d for an unknown account, want 404", got.status)
	}
}
