package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"sofipo/api"
	"sofipo/core/access"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/web"
)

// rowsOf are the rows of a list or report as JSON, of all pages of at most two rows.
func (d *door) rowsOf(path, member string, paged bool) (all []string) {
	d.t.Helper()
	for next := path; next != ""; {
		if paged && !strings.Contains(next, "limit=") {
			next += map[bool]string{true: "&", false: "?"}[strings.Contains(next, "?")] + "limit=2"
		}
		got := d.get(next, d.as(access.Admin)...)
		if got.status != 200 {
			d.t.Fatalf("%s: got %d %.300s, want 200", next, got.status, got.body)
		}
		body := json.RawMessage(got.body)
		if member != "" {
			var members map[string]json.RawMessage
			if err := json.Unmarshal(body, &members); err != nil {
				d.t.Fatal(err)
			}
			body = members[member]
		}
		var rows []json.RawMessage
		if err := json.Unmarshal(body, &rows); err != nil {
			d.t.Fatalf("%s: %v in %.300s", next, err, body)
		}
		for _, row := range rows {
			all = append(all, string(row))
		}
		next = web.NextOf(got.header.Get("Link"))
	}
	return all
}

// TestListsAsFiles: the lists and reports have the same rows as JSON, JSON lines, CSV and XLSX.
func TestListsAsFiles(t *testing.T) {
	ground.Each(t, func(t *testing.T, database *db.DB) {
		r := openReportedOn(t, database)
		loan := "/api/v1/loans/" + r.loans[2].String()
		most := 0
		for len(r.rowsOf("/api/v1/users", "", false)) < len(access.Roles()) { // until the replica has the last one
			time.Sleep(10 * time.Millisecond)
		}
		for _, c := range []struct {
			path, member string
			paged        bool
			totals       int // rows of totals in the table
			least        int
		}{
			{path: "/api/v1/users", least: 4}, {path: "/api/v1/branches", least: 1}, {path: "/api/v1/roles", least: 4},
			{path: "/api/v1/clients/", paged: true, least: 3}, {path: "/api/v1/clients/?sort=-name", paged: true, least: 3},
			{path: "/api/v1/loans/", paged: true, least: 3}, {path: "/api/v1/loans/?sort=-amount", paged: true, least: 3}, {path: "/api/v1/loans/applications", paged: true},
			{path: "/api/v1/payments", paged: true, least: 1}, {path: loan + "/transactions", paged: true, least: 2}, {path: loan + "/payments", paged: true, least: 1},
			{path: loan + "/versions", least: 1}, {path: loan + "/schedule", member: "instalments", least: 12}, {path: loan + "/owing", member: "lines"},
			{path: "/api/v1/products/", least: 1}, {path: "/api/v1/days", member: "days", paged: true, least: 40}, {path: "/api/v1/books/accounts", least: 20},
			{path: "/api/v1/books/periods", member: "months", least: 2}, {path: "/api/v1/search?q=beatriz", least: 1}, {path: "/api/v1/denominations", least: 10},
			{path: "/api/v1/bank-accounts", least: 1}, {path: "/api/v1/tills", paged: true}, {path: "/api/v1/audit?from=2050-01-01", paged: true, least: 5},
			{path: reports + "/portfolio", member: "products", totals: 17, least: 1}, {path: reports + "/delinquency", member: "loans", paged: true, totals: 1, least: 2},
			{path: reports + "/collections", member: "loans", paged: true, totals: 1, least: 2}, {path: reports + "/transactions?from=2050-01-01", member: "rows", totals: 1, least: 2},
			{path: loan + "/daily-positions?from=2050-01-20", least: 30}, {path: "/api/v1/books/accounts/1301/ledger?from=2050-01-01", member: "postings", paged: true, totals: 2, least: 2},
		} {
			want := r.rowsOf(c.path, c.member, c.paged)
			if len(want) < c.least {
				t.Errorf("%s: got %d rows as JSON, want at least %d", c.path, len(want), c.least)
			}
			most = max(most, len(want))
			and := map[bool]string{true: "&", false: "?"}[strings.Contains(c.path, "?")]
			lines := r.get(c.path+and+"format=jsonl", r.as(access.Admin)...)
			if media := lines.header.Get("Content-Type"); lines.status != 200 || media != "application/x-ndjson" {
				t.Fatalf("%s: got %d %s %.300s, want 200 application/x-ndjson", c.path, lines.status, media, lines.body)
			}
			got := strings.Split(strings.TrimSuffix(lines.body, "\n"), "\n")
			if lines.body == "" {
				got = nil
			}
			if c.path != "/api/v1/audit?from=2050-01-01" && !slices.Equal(got, want) || len(got) < len(want) { // the audit has the exports before
				t.Errorf("%s: got the lines\n%s\nwant\n%s", c.path, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			text := r.get(c.path+and+"format=csv&bom=1", r.as(access.Admin)...)
			plain, marked := strings.CutPrefix(text.body, "\ufeff")
			records, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
			if text.status != 200 || !marked || err != nil {
				t.Fatalf("%s: got %d %v %.300s, want a CSV with a byte order mark", c.path, text.status, err, text.body)
			}
			if n := len(records) - 1 - c.totals; n != len(want) && !strings.Contains(c.path, "audit") {
				t.Errorf("%s: got %d rows of CSV, want %d:\n%s", c.path, n, len(want), plain)
			}
			sheet := r.get(c.path+and+"format=xlsx", r.as(access.Admin)...)
			book, err := excelize.OpenReader(bytes.NewReader([]byte(sheet.body)))
			if sheet.status != 200 || err != nil {
				t.Fatalf("%s: got %d %v %.100s, want a workbook", c.path, sheet.status, err, sheet.body)
			}
			cells, err := book.GetRows(book.GetSheetName(0))
			if n := len(cells) - 3 - c.totals; err != nil || n < len(want) {
				t.Errorf("%s: got %d rows of XLSX, %v, want %d", c.path, n, err, len(want))
			}
		}
		if most < 30 {
			t.Errorf("got at most %d rows, want a list of several pages", most)
		}
	})
}

// TestAListAsCSV: amounts, dates, labels, objects and what a spreadsheet would read as a formula.
func TestAListAsCSV(t *testing.T) {
	r := openReported(t)
	got := r.get("/api/v1/loans/?sort=date&format=csv", r.as(access.Admin)...)
	records, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
	if err != nil || len(records) != 4 {
		t.Fatalf("got %v %s, want a heading and three rows", err, got.body)
	}
	want := "id,numero,id_del_cliente,cliente,producto,estado,importe,saldo_de_capital,dias_de_atraso,fecha_de_otorgamiento,dia_de_la_disposicion,id_de_la_sucursal,ejecutivo"
	if head := strings.Join(records[0], ","); head != want {
		t.Errorf("got the columns %s, want %s", head, want)
	}
	row := records[1]
	for at, want := range map[int]string{1: "P-100-014", 3: `'=HYPERLINK("http://example.com")`, 5: "activo", 6: "12000.00", 7: "12000.00", 10: "2050-01-20"} {
		if row[at] != want {
			t.Errorf("column %s: got %q, want %q", records[0][at], row[at], want)
		}
	}
	if name := got.header.Get("Content-Disposition"); name != `attachment; filename="prestamos-2050-03-01.csv"` {
		t.Errorf("got %s, want the file prestamos-2050-03-01.csv", name)
	}
	nested := r.get("/api/v1/loans/"+r.loans[2].String()+"/versions?format=csv", r.as(access.Admin)...)
	if head, _, _ := strings.Cut(nested.body, "\r\n"); !strings.Contains(head, ",condiciones_tasa_anual") || !strings.Contains(nested.body, ",36.00,") {
		t.Errorf("got %s, want the members of the terms, with rates in per cent", nested.body)
	}
}

// TestFilesAreRefused: an unknown format, a file that begins at a page, wrong filters, and a caller
// whom the audit cannot name.
func TestFilesAreRefused(t *testing.T) {
	d := open(t, func(o *api.Options) { o.PublicReads = api.Full })
	for _, c := range []struct {
		path string
		role access.Role
		want int
		says string
	}{
		{"/api/v1/loans/?format=pdf", access.Admin, 422, "json, csv, xlsx or jsonl"},
		{"/api/v1/reports/delinquency?format=ods", access.Admin, 422, "json, csv, xlsx or jsonl"},
		{"/api/v1/loans/?format=csv&after=" + d.loan, access.Admin, 422, "after"},
		{"/api/v1/loans/?format=jsonl&before=" + d.loan, access.Admin, 422, "before"},
		{"/api/v1/clients/?format=csv&skip=1", access.Admin, 422, "skip"},
		{"/api/v1/payments?format=csv&status=paid", access.Admin, 422, "status"},
		{"/api/v1/payments?format=csv&from=2050-02-02&to=2050-01-01", access.Admin, 422, "to"},
		{"/api/v1/users?format=csv", access.Teller, 403, "users.read"},
		{"/api/v1/clients/?format=csv", "", 401, ""},
	} {
		var headers []string
		if c.role != "" {
			headers = d.as(c.role)
		}
		if got := d.get(c.path, headers...); got.status != c.want || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: got %d %s, want %d with %q", c.path, got.status, got.body, c.want, c.says)
		}
	}
	if got := d.get("/api/v1/clients/"); got.status != 200 {
		t.Errorf("a public read: got %d, want 200", got.status)
	}
}

// TestListsAsFilesAreInTheAudit: the audit has each list that a user got as a file.
func TestListsAsFilesAreInTheAudit(t *testing.T) {
	d := open(t, nil)
	today := d.today().String()
	want := ""
	for _, format := range []string{"csv", "xlsx", "jsonl"} {
		name := map[bool]string{true: "clients-", false: "clientes-"}[format == "jsonl"] + today + "." + format
		want += fmt.Sprintf("officer map[file:%s request:/api/v1/clients/?format=%s rows:1]\n", name, format)
		if got := d.get("/api/v1/clients/?format="+format, d.as(access.Officer)...); got.status != 200 {
			t.Errorf("%s: got %d %s, want 200", format, got.status, got.body)
		}
	}
	got := ""
	for _, row := range d.listed(access.Auditor, "/api/v1/audit?action=export_data") {
		got += fmt.Sprintln(row["actor"], row["export"])
	}
	if got != want {
		t.Errorf("got the exports\n%s\nwant\n%s", got, want)
	}
}

// TestFilesTakeFromTheBudget: a file is refused while large answers use the budget.
func TestFilesTakeFromTheBudget(t *testing.T) {
	d := open(t, func(o *api.Options) { o.AnswerBytes = 1 })
	if got := d.get("/api/v1/loans/?format=jsonl", d.as(access.Admin)...); got.status != 200 {
		t.Errorf("the only answer: got %d %s, want 200", got.status, got.body)
	}
}
