package layout_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/document/layout"
)

// dotted writes an amount with thousands separators, by other code than the documents.
func dotted(a money.Amount) string {
	whole := strconv.FormatInt(int64(a)/100, 10)
	var groups []string
	for ; len(whole) > 3; whole = whole[:len(whole)-3] {
		groups = append([]string{whole[len(whole)-3:]}, groups...)
	}
	return strings.Join(append([]string{whole}, groups...), ",") + fmt.Sprintf(".%02d", int64(a)%100)
}

// short is a date as tables show it.
func short(d civil.Date) string {
	return fmt.Sprintf("%d %s %d", d.Day, strings.Fields("ene feb mar abr may jun jul ago sep oct nov dic")[d.Month-1], d.Year)
}

// rowOf is how the document shows a row of the schedule.
func rowOf(r schedule.Row) string {
	cells := []string{strconv.Itoa(r.Number), short(r.Due)}
	for _, a := range []money.Amount{r.Principal, r.Interest, r.IVA, r.Fee, r.FeeIVA, r.Insurance, r.Total, r.Balance} {
		cells = append(cells, dotted(a))
	}
	return strings.Join(cells, " ")
}

func TestTableShowsTheSchedule(t *testing.T) {
	l := lived(t)
	pages := read(t, made(t, layout.Table{Credit: l.Credit, Issued: date(2026, 1, 15)}.PDF))
	if len(pages) != 1 {
		t.Errorf("24 instalments: got %d pages, want 1", len(pages))
	}
	text := strings.Join(pages, "\n")
	for _, r := range l.Contract.Rows {
		holds(t, text, rowOf(r))
	}
	holds(t, text, "1 15 feb 2026 1,799.33 625.00 100.00 50.00 8.00 35.00 2,617.33 48,200.67", // docs/rules/amortization.md
		"Totales 50,000.00 8,183.99 1,309.42 1,200.00 192.00 840.00 61,725.41",
		"Caja Ñandú del Bajío", "José Ángel Peña Güemes", "PEGJ800101HN5", "P-100-012", "Crédito simple",
		"$50,000.00", "15.00 %", "30.00 %", "24 pagos mensuales", "15 de febrero de 2026", "15 de enero de 2028",
		"$1,000.00 más IVA $160.00", "$62,885.41", "1234-439-012345/01-00001-0126", "Página 1 de 1",
		"CAT "+l.Contract.CAT.Percent()+" % sin IVA. Para fines informativos y de comparación. Fecha de cálculo: 15 de enero de 2026.")
}

func TestTableOfManyPages(t *testing.T) {
	contract := exampleLoan(t, 600, func(terms *schedule.Terms) { terms.Frequency = schedule.Weekly })
	pages := read(t, made(t, layout.Table{Credit: credit(contract), Issued: date(2026, 1, 15)}.PDF))
	if len(pages) != 13 {
		t.Errorf("600 instalments: got %d pages, want 13", len(pages))
	}
	for i, page := range pages {
		holds(t, page, "Capital Intereses", fmt.Sprintf("Página %d de %d", i+1, len(pages)), "Tabla de amortización", "Caja Ñandú del Bajío")
	}
	next, text := 0, strings.Join(pages, "\n")
	for line := range strings.Lines(text) {
		if next < len(contract.Rows) && strings.TrimSpace(line) == rowOf(contract.Rows[next]) {
			next++
		}
	}
	if next != 600 {
		t.Errorf("got %d rows in order, want 600; row %d should be %s", next, next+1, rowOf(contract.Rows[min(next, 599)]))
	}
}

// TestNothingIsCutOff makes documents of the longest texts and the largest figures;
// read finds what leaves the page or is covered.
func TestNothingIsCutOff(t *testing.T) {
	l := lived(t)
	huge := exampleLoan(t, 24, func(terms *schedule.Terms) { terms.Amount = money.Max })
	l.Contract = huge
	l.Institution.Name = longName
	l.Client.Name = longName
	l.Client.Email = strings.Repeat("correo", 40) + "@ejemplo.mx"
	l.Client.Address = strings.Repeat("Ñ", 255)
	l.Product = strings.Repeat("W", 120)
	text := strings.Join(read(t, made(t, layout.Table{Credit: l.Credit, Issued: date(2026, 1, 15)}.PDF)), "\n")
	holds(t, text, rowOf(huge.Rows[0]), rowOf(huge.Rows[23]), dotted(money.Max))

	m := l.transactions[2]
	m.Amount, m.Actor = money.Max, strings.Repeat("cajero", 20)
	for i := range m.Split.Lines {
		m.Split.Lines[i].Amount = money.Max / 10
	}
	m.Split.Balance = money.Max
	read(t, made(t, layout.Receipt{Credit: l.Credit, Transaction: m}.PDF))

	st := l.statement(t, date(2026, 1, 1), date(2026, 4, 30))
	st.Transactions = append(st.Transactions, m)
	st.Position.Opening, st.Position.Closing, st.Position.NextAmount = money.Max, money.Max, money.Max
	read(t, made(t, st.PDF))
}

// TestStrangeText puts every character of the basic plane, and what is no text
// at all, into a name.
func TestStrangeText(t *testing.T) {
	var all strings.Builder
	for r := range rune(0x10000) {
		if utf8.ValidRune(r) && r%16 == 0 {
			all.WriteRune(r)
		}
	}
	c := credit(exampleLoan(t, 3, nil))
	for _, name := range []string{all.String(), "\xff\xf0\x9f", "𝔸😀 Ñ", "", "a\tb\nc\x00", "\uFFFF\uFFFE"} {
		c.Client.Name = name
		if err := (layout.Table{Credit: c}).PDF(io.Discard); err != nil {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	c.Client.Name = "Ana 😀 Ñandú\x00"
	holds(t, strings.Join(read(t, made(t, layout.Table{Credit: c}.PDF)), "\n"), "Ñandú")
}

// sheetOf reads a CSV by its names and checks its form.
func sheetOf(t *testing.T, text []byte) (rows []map[string]string) {
	t.Helper()
	if n := bytes.Count(text, []byte("\n")); n == 0 || n != bytes.Count(text, []byte("\r\n")) {
		t.Errorf("got lines that do not end in CRLF, %q, want CRLF at the end of each", text)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// summed adds up a column.
func summed(t *testing.T, rows []map[string]string, name string) (sum money.Amount) {
	t.Helper()
	for _, row := range rows {
		a, err := money.Parse(row[name])
		if err != nil {
			t.Fatalf("%s: %q: %v", name, row[name], err)
		}
		sum += a
	}
	return sum
}

func TestTableCSVAddsUp(t *testing.T) {
	l := lived(t)
	rows := sheetOf(t, made(t, layout.Table{Credit: l.Credit}.Report().CSV))
	total := l.Contract.Totals
	for name, want := range map[string]money.Amount{
		"capital": total.Principal, "interes": total.Interest, "iva_interes": total.IVA, "comision": total.Fee,
		"iva_comision": total.FeeIVA, "seguro": total.Insurance, "total": total.Total, "pagado": 0, "moratorio": 0,
	} {
		if got := summed(t, rows, name); got != want {
			t.Errorf("%s: got the sum %s, want %s", name, got, want)
		}
	}
	first, last := rows[0], rows[23]
	if len(rows) != 24 || first["numero"] != "1" || first["fecha_vencimiento"] != "2026-02-15" || first["saldo_insoluto"] != "48200.67" || last["saldo_insoluto"] != "0.00" {
		t.Errorf("got %d rows, first %v, last %v, want 24 rows, numero 1, fecha_vencimiento 2026-02-15, saldo_insoluto 48200.67, saldo_insoluto 0.00", len(rows), first, last)
	}
}

func TestTableOfALaterVersion(t *testing.T) {
	l := lived(t)
	a, _ := servicing.Roll(l.account, date(2026, 4, 30))
	table := layout.Table{Credit: l.Credit, Issued: a.Day, Plan: &layout.Plan{Version: a.Version, Instalments: a.Instalments}}
	rows := sheetOf(t, made(t, table.Report().CSV))
	if len(rows) != 22 || rows[0]["numero"] != "3" || rows[0]["pagado"] != "800.00" {
		t.Errorf("got %d rows, first %v; want the 22 from number 3 on, with 800.00 paid on number 3", len(rows), rows[0])
	}
	if got, want := summed(t, rows, "capital"), a.Outstanding+a.Instalments[2].Paid.Principal; got != want {
		t.Errorf("principal: got the sum %s, want %s", got, want)
	}
	text := strings.Join(read(t, made(t, table.PDF)), "\n")
	holds(t, text, "Versión 3 de la tabla, vigente desde el 30 de marzo de 2026: pago anticipado que reduce el importe de los pagos",
		"1,802.50 800.00 34,908.99", "24 15 ene 2028")
	if strings.Contains(text, "\n2 15 mar 2026") {
		t.Error("got a paid instalment in the rest of the table, want none")
	}
}

// TestDocumentsAtOnce makes one document many times side by side: it is the same each
// time, and dated by what it was given.
func TestDocumentsAtOnce(t *testing.T) {
	table := layout.Table{Credit: credit(exampleLoan(t, 12, nil)), Issued: date(2026, 1, 15)}
	want := made(t, table.PDF)
	if n := bytes.Count(want, []byte("(D:20260115000000")); n != 2 {
		t.Errorf("got the date of issue %d times in the PDF, want 2", n)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			var got bytes.Buffer
			if err := table.PDF(&got); err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got %d bytes, %v, want the same %d bytes", got.Len(), err, len(want))
			}
		})
	}
	group.Wait()
}

// TestLateInterestPaysNoInstalment: what was paid besides the schedule does not
// hide what is left of it.
func TestLateInterestPaysNoInstalment(t *testing.T) {
	l := lived(t)
	in := *l.account.Instalments[2]
	in.Paid = servicing.Amounts{PenaltyInterest: 5_000_00, Principal: in.Contract.Principal - 1_00}
	plan := &layout.Plan{Version: l.account.Version, Instalments: []*servicing.Instalment{&in}}
	rows := sheetOf(t, made(t, layout.Table{Credit: l.Credit, Plan: plan}.Report().CSV))
	if len(rows) != 1 || rows[0]["pagado"] != (in.Contract.Principal-1_00).String() {
		t.Errorf("got %v, want the instalment with %s of it paid", rows, in.Contract.Principal-1_00)
	}
}

func BenchmarkTable(b *testing.B) {
	terms := schedule.Terms{Amount: 50_000_00, AnnualRate: 150_000, Periods: 24, Disbursement: date(2026, 1, 15)}
	contract, err := schedule.Build(terms)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := (layout.Table{Credit: credit(contract)}).PDF(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
