package bankfile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
)

var today = civil.On(2026, 3, 10)

// comma is a usual layout: named columns, a signed amount.
var comma = bankfile.Layout{
	Method: settlement.Transfer, Delimiter: bankfile.Comma, Encoding: bankfile.UTF8, Header: true, DateFormat: "DD/MM/YYYY", Decimal: bankfile.PointMark, Thousands: bankfile.CommaMark, Excess: bankfile.ToUnapplied,
	Columns: []bankfile.Column{
		{Field: bankfile.Date, Name: "Fecha"}, {Field: bankfile.Amount, Name: "Importe"}, {Field: bankfile.Operation, Name: "Folio"}, {Field: bankfile.Concept, Name: "Concepto"},
	},
}

// show writes the result of a parse as text.
func show(f bankfile.File) string {
	var b strings.Builder
	for _, r := range f.Rows {
		fmt.Fprintf(&b, "%d %s %s op=%s ref=%s con=%s from=%s\n", r.Line, r.Date, r.Amount, r.Operation, r.Reference, r.Concept, r.Sender)
	}
	for _, bad := range f.Bad {
		fmt.Fprintf(&b, "%d %s %s\n", bad.Line, bad.Flaw.Name(), bad.Flaw.Rule)
	}
	if f.Out > 0 {
		fmt.Fprintf(&b, "out %d\n", f.Out)
	}
	return b.String()
}

func TestParse(t *testing.T) {
	fixed := bankfile.Layout{
		Method: settlement.Transfer, Delimiter: bankfile.Fixed, Encoding: bankfile.Latin1, DateFormat: "YYYYMMDD", Decimal: bankfile.PointMark, Thousands: bankfile.NoMark, Excess: bankfile.ToSuspense, Incoming: []string{"A"},
		Columns: []bankfile.Column{
			{Field: bankfile.Date, From: 1, To: 8}, {Field: bankfile.Amount, From: 9, To: 18}, {Field: bankfile.Side, From: 19, To: 19}, {Field: bankfile.Sender, From: 20, To: 40},
		},
	}
	sides := bankfile.Layout{
		Method: settlement.Transfer, Delimiter: bankfile.Semicolon, Encoding: bankfile.UTF8, SkipLines: 2, Header: true, DateFormat: "DD-MM-YY", Decimal: bankfile.CommaMark, Thousands: bankfile.PointMark, Excess: bankfile.ToUnapplied,
		Columns: []bankfile.Column{
			{Field: bankfile.Date, Position: 1}, {Field: bankfile.Debit, Name: "cargo"}, {Field: bankfile.Credit, Name: "ABONO"}, {Field: bankfile.Reference, Position: 4},
		},
	}
	for name, c := range map[string]struct {
		layout        bankfile.Layout
		content, want string
	}{
		"byte order mark, CRLF, quotes, blank lines": {comma, "\ufeffFolio,Fecha,Importe,Concepto\r\n7,09/03/2026,\"1,234.50\",\"PAGO \"\"A\"\", B\"\r\n\r\n,,,\r\n8, 10/03/2026 ,$2.5,\r\n",
			"2 2026-03-09 1234.50 op=7 ref= con=PAGO \"A\", B from=\n5 2026-03-10 2.50 op=8 ref= con= from=\n"},
		"bad rows": {comma, "Folio,Fecha,Importe,Concepto\n1,9/3/2026x,1,\n2,31/02/2026,1,\n3,11/03/2026,1,\n4,08/03/2025,1,\n5,09/03/2026,,\n6,09/03/2026,0,\n" +
			"7,09/03/2026,1.234,\n8,09/03/2026,12,\n9,09/03/2026,\"1,23\",\n10,09/03/2026,1e5,\n11,09/03/2026,99999999999999999,\n12,09/03/2026,5,\"abierto\n13,09/03/2026,-5,\n14,09/03/2026,5,a\x00b\n15\n",
			"9 2026-03-09 12.00 op=8 ref= con= from=\n2 date bank_row_date\n3 date bank_row_date\n4 date not_future\n5 date bank_row_old\n6 amount missing\n7 amount positive\n" +
				"8 amount bank_row_amount\n10 amount bank_row_amount\n11 amount bank_row_amount\n12 amount at_most\n13  bank_row_quote\n15 concept printable\n16 date bank_row_date\nout 1\n"},
		"fixed places, Latin-1": {fixed, "20260309   1500.00AMU\xd1OZ  \n20260309      3.00CX\n20260309\n",
			"1 2026-03-09 1500.00 op= ref= con= from=MUÑOZ\n3 amount missing\nout 1\n"},
		"debits and credits": {sides, "BANCO\nCUENTA 1\nFecha;Cargo;Abono;Ref\n09-03-26;;1.234,5;77\n09-03-26;10;;\n09-03-26;1;1;\n09-03-26;0;0,00;\n09-03-26;x;;\n",
			"4 2026-03-09 1234.50 op= ref=77 con= from=\n6 credit bank_row_side\n7 credit positive\n8 debit bank_row_amount\nout 1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.layout.Check(); err != nil {
				t.Fatal(err)
			}
			f, err := c.layout.Parse([]byte(c.content), today)
			if got := show(f); err != nil || got != c.want {
				t.Errorf("got %v\n%swant\n%s", err, got, c.want)
			}
		})
	}
}

// TestFileRefused: a file that does not fit its layout is refused as a whole.
func TestFileRefused(t *testing.T) {
	for want, content := range map[fault.Rule]string{
		bankfile.NoRows:      "Folio,Fecha,Importe,Concepto\n\n",
		bankfile.NoColumn:    "Folio,Fecha,Monto,Concepto\n1,09/03/2026,1,\n",
		bankfile.NotUTF8:     "Folio,Fecha,Importe,Concepto\n1,09/03/2026,1,\xd1\n",
		bankfile.TooManyRows: "Folio,Fecha,Importe,Concepto\n" + strings.Repeat("1,09/03/2026,1,\n", bankfile.MaxRows+1),
		bankfile.TooLarge:    strings.Repeat(" ", bankfile.MaxBytes+1),
	} {
		_, err := comma.Parse([]byte(content), today)
		var got fault.Rule
		if e := (*fault.Error)(nil); errors.As(err, &e) {
			got = e.Flaws[0].Rule
		}
		if got != want {
			t.Errorf("got %v, want the rule %s", err, want)
		}
	}
}

func TestCheckLayout(t *testing.T) {
	for want, change := range map[string]func(*bankfile.Layout){
		"method one_of":                     func(l *bankfile.Layout) { l.Method = settlement.Cash },
		"delimiter one_of":                  func(l *bankfile.Layout) { l.Delimiter = ":" },
		"encoding one_of":                   func(l *bankfile.Layout) { l.Encoding = "ebcdic" },
		"skip_lines between":                func(l *bankfile.Layout) { l.SkipLines = -1 },
		"date_format bank_date_format":      func(l *bankfile.Layout) { l.DateFormat = "MM/YYYY" },
		"decimal one_of":                    func(l *bankfile.Layout) { l.Decimal = "" },
		"thousands bank_other_mark":         func(l *bankfile.Layout) { l.Thousands = l.Decimal },
		"excess one_of":                     func(l *bankfile.Layout) { l.Excess = "" },
		"columns bank_needs_fields":         func(l *bankfile.Layout) { l.Columns = l.Columns[:1] },
		"columns.4.field bank_field_twice":  func(l *bankfile.Layout) { l.Columns = append(l.Columns, l.Columns[0]) },
		"columns.4.field one_of":            func(l *bankfile.Layout) { l.Columns = append(l.Columns, bankfile.Column{Field: "x", Position: 1}) },
		"columns.4.position bank_one_place": func(l *bankfile.Layout) { l.Columns = append(l.Columns, bankfile.Column{Field: bankfile.Sender}) },
		"columns.0.name bank_needs_header":  func(l *bankfile.Layout) { l.Header = false },
		"incoming bank_with_side":           func(l *bankfile.Layout) { l.Incoming = []string{"C"} },
		"columns.0.from bank_fixed_place":   func(l *bankfile.Layout) { l.Delimiter, l.Header = bankfile.Fixed, false },
		"header bank_no_header":             func(l *bankfile.Layout) { l.Delimiter = bankfile.Fixed },
		"columns.4.position between": func(l *bankfile.Layout) {
			l.Columns = append(l.Columns, bankfile.Column{Field: bankfile.Sender, Position: 201})
		},
	} {
		l := comma
		l.Columns = slices.Clone(comma.Columns)
		change(&l)
		got := ""
		if err := (*fault.Error)(nil); errors.As(l.Check(), &err) {
			for _, f := range err.Flaws {
				got += fmt.Sprint(f.Name(), " ", f.Rule, ";")
			}
		}
		if !strings.Contains(got, want+";") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestIdentify: a row has one id in all files, equal rows of a day have different ids.
func TestIdentify(t *testing.T) {
	account, row := id.ID{1}, bankfile.Row{Date: today, Amount: 100, Concept: "PAGO"}
	ids := func(account id.ID, rows ...bankfile.Row) (all []id.ID) {
		f := bankfile.File{Rows: rows}
		f.Identify(account)
		for _, r := range f.Rows {
			all = append(all, r.ID)
		}
		return all
	}
	other := row
	other.Line, other.Date = 9, today.AddDays(1)
	first, both := ids(account, row), ids(account, other, row, row)
	if both[1] != first[0] || both[2] == first[0] || both[0] == first[0] {
		t.Errorf("got %v after %v, want the second equal to it and the others different", both, first)
	}
	if elsewhere := ids(id.ID{2}, row); elsewhere[0] == first[0] {
		t.Error("another account: got the same id, want another")
	}

	numbered := row
	numbered.Operation = "77"
	later := numbered
	later.Concept = "PAGO 2"
	if a, b := ids(account, numbered), ids(account, later); a[0] != b[0] {
		t.Errorf("got %v and %v, want the id of the operation", a, b)
	}
	f := bankfile.File{Rows: []bankfile.Row{numbered, later, {Line: 3, Date: today, Amount: money.Amount(101), Operation: "77"}}}
	f.Identify(account)
	if len(f.Rows) != 1 || len(f.Repeated) != 1 || len(f.Bad) != 1 || f.Bad[0].Line != 3 || f.Bad[0].Flaw.Rule != bankfile.Differs {
		t.Errorf("got %+v, want one row, one repeated and line 3 bad", f)
	}
}
