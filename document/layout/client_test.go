package layout_test

import (
	"slices"
	"strings"
	"testing"

	"sofipo/core/folio"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/document/layout"
)

// borrower has a loan that is late, one that begins in the period, one that ended
// before it and is not listed, and an application.
func borrower(t *testing.T) layout.ClientStatement {
	t.Helper()
	from, to := date(2026, 3, 1), date(2026, 4, 30)
	late, ended, begun := lived(t), lived(t), lived(t)
	ended.Loan, ended.Product, begun.Loan, begun.Product = numbered(2), "Crédito de nómina", numbered(3), "=SUMA(A1)"
	ended.Number, begun.Number = 100_029, 100_090
	on := date(2026, 2, 20)
	ended.history.Operations = ended.history.Operations[:1]
	account, _, err := servicing.Recompute(ended.history)
	if err != nil {
		t.Fatal(err)
	}
	ended.history.Operations = append(ended.history.Operations, servicing.Operation{Number: 2, Kind: servicing.Ordinary, ValueDate: on, Amount: servicing.PayoffOf(account, on).Total})
	ended.transactions = nil
	begun.Contract = exampleLoan(t, 24, func(terms *schedule.Terms) { terms.Disbursement = to })
	begun.history.Operations, begun.history.Contract = nil, begun.Contract
	begun.transactions = []servicing.Transaction{{ID: numbered(9), Kind: servicing.Disbursement, ValueDate: to, Amount: begun.Contract.Terms.Amount, Status: servicing.InForce}}
	cs := layout.ClientStatement{Institution: late.Institution, Client: late.Client, From: from, To: to}
	for _, l := range []life{late, ended, begun} {
		if st := l.statement(t, from, to); st.Listed() {
			cs.Loans = append(cs.Loans, st)
		}
	}
	cs.Applications = []layout.Application{{Number: 100_040, Day: date(2026, 4, 2), Product: "Crédito para auto", Amount: 123_456_78, Rate: 210_000, Status: servicing.Rejected}}
	return cs
}

func TestClientStatementHasAllLoans(t *testing.T) {
	cs := borrower(t)
	if len(cs.Loans) != 2 {
		t.Fatalf("got %d loans, want 2", len(cs.Loans))
	}
	late, begun := cs.Loans[0], cs.Loans[1]
	pages := read(t, made(t, cs.PDF))
	text := strings.Join(pages, "\n")
	holds(t, text,
		"Estado de cuenta del cliente", "Caja Ñandú del Bajío", "RFC CNB010101AB1", "José Ángel Peña Güemes", "PEGJ800101HN5", "Calle Añil 7", "jose.pena@ejemplo.mx", "C-100-273",
		"Del 1 mar 2026 al 30 abr 2026", "Pesos mexicanos",
		"$"+dotted(late.Position.Closing+begun.Position.Closing), "$"+dotted(late.Position.Payoff.Total+begun.Position.Payoff.Total), "$13,800.00", // of all loans
		"P-100-012 Crédito simple 15 ene 2026 50,000.00 15.00 % 22.7 % 35,911.49 1,017.03 15 15 may 2026 "+dotted(late.Position.NextAmount)+" 15 días de atraso",
		"Totales 100,000.00 "+dotted(late.Position.Closing+begun.Position.Closing)+" 1,017.03 "+dotted(late.Position.NextAmount+begun.Position.NextAmount),
		"Solicitudes de préstamo", "P-100-040 2 abr 2026 Crédito para auto 123,456.78 21.00 % Rechazada",
		"Préstamo P-100-012: Crédito simple", "2 realizados, 22 por realizar", "Resumen del periodo",
		"Intereses ordinarios "+dotted(late.Position.Charged.Interest)+" 1,126.91 0.00", "25 mar 2026 Pago (núm. 2) 3,000.00 1,957.51", "Totales 13,800.00 12,289.18", "Versión 3 de la tabla",
		"Préstamo P-100-090: =SUMA(A1)", "30 abr 2026 Entrega del préstamo",
		"Incumplir tus obligaciones", "une@nandu.example", "55 5340 0999")
	if n := strings.Count(text, "CONDUSEF"); n != 2 {
		t.Errorf("got the legends %d times, want 2", n)
	}
	for i, page := range pages {
		holds(t, page, "Cliente C-100-273")
		if i > 0 {
			holds(t, page, "Estado de cuenta del cliente")
		}
	}
}

// TestClientStatementCSV adds up to what the statements of the loans say.
func TestClientStatementCSV(t *testing.T) {
	cs := borrower(t)
	rows := sheetOf(t, made(t, cs.Report().CSV))
	var paid, credit money.Amount
	at := 0
	for _, st := range cs.Loans {
		of := sheetOf(t, made(t, st.Report().CSV))
		credit, paid = credit+summed(t, of, "abono"), paid+summed(t, of, "capital")
		first, last := rows[at], rows[at+1+len(of)]
		if first["movimiento"] != "saldo_inicial" || first["fecha_valor"] != "2026-03-01" || first["saldo_insoluto"] != st.Position.Opening.String() || first["saldo_vencido"] != "" {
			t.Errorf(`before the transactions of %s: got %v, want movimiento saldo_inicial, fecha_valor 2026-03-01, saldo_insoluto %v, saldo_vencido ""`, st.Loan, first, st.Position.Opening.String())
		}
		next := ""
		if !st.Position.Next.IsZero() {
			next = st.Position.Next.String()
		}
		if last["concepto"] != "Saldo final" || last["fecha_valor"] != "2026-04-30" || last["saldo_insoluto"] != st.Position.Closing.String() || last["estado_credito"] != string(st.Position.Status) ||
			last["proximo_vencimiento"] != next || last["proximo_pago"] != st.Position.NextAmount.String() {
			t.Errorf("after the transactions of %s: got %v, want concepto Saldo final, fecha_valor 2026-04-30, saldo_insoluto %v, estado_credito %v, proximo_vencimiento %v, proximo_pago %v", st.Loan, last, st.Position.Closing.String(), string(st.Position.Status), next, st.Position.NextAmount.String())
		}
		for i, row := range of {
			for name, value := range row {
				if got := rows[at+1+i][name]; got != value {
					t.Errorf("%s of transaction %d of %s: got %q, want %q as in its own statement", name, i, st.Loan, got, value)
				}
			}
		}
		for _, row := range rows[at : at+2+len(of)] {
			if row["credito"] != st.Loan.String() || row["prestamo"] != folio.Loan.Print(st.Number) || !strings.HasSuffix(row["producto"], st.Product) || row["producto"][0] == '=' {
				t.Errorf("of %s: got %v, want credito %v, its number as prestamo, and a producto that ends with %q and is no formula", st.Loan, row, st.Loan.String(), st.Product)
			}
		}
		at += 2 + len(of)
	}
	if at != len(rows) || summed(t, rows, "abono") != credit || summed(t, rows, "capital") != paid {
		t.Errorf("got %d rows, want %d; got %s paid, want %s", len(rows), at, summed(t, rows, "abono"), credit)
	}
	if row := rows[7]; row["saldo_vencido"] != "1017.03" || row["dias_atraso"] != "15" {
		t.Errorf("of the loan that is late: got %v, want saldo_vencido 1017.03, dias_atraso 15", row)
	}
}

func TestClientStatementWithoutLoans(t *testing.T) {
	cs := borrower(t)
	cs.Loans, cs.Applications = nil, nil
	holds(t, strings.Join(read(t, made(t, cs.PDF)), "\n"), "José Ángel Peña Güemes", "no tuvo préstamos activos ni movimientos en el periodo", "Saldo insoluto de todos los préstamos", "$0.00", "historial crediticio")
	if rows := sheetOf(t, made(t, cs.Report().CSV)); len(rows) != 0 {
		t.Errorf("got the rows %v, want none", rows)
	}
}

// written is the loan written off in May, with 1,000.00 recovered in June.
func written(t *testing.T) life {
	t.Helper()
	l := lived(t)
	for _, o := range []servicing.Operation{
		{Number: 7, Kind: servicing.WriteOffKind, ValueDate: date(2026, 5, 20)},
		{Number: 8, Kind: servicing.RecoveryKind, ValueDate: date(2026, 6, 10), Amount: 1_000_00},
	} {
		l.history.Operations = append(l.history.Operations, o)
		_, splits, err := servicing.Recompute(l.history)
		if err != nil {
			t.Fatal(err)
		}
		l.transactions = append(l.transactions, servicing.Transaction{
			ID: numbered(byte(100 + o.Number)), Number: o.Number, Kind: o.Kind, ValueDate: o.ValueDate, BusinessDate: o.ValueDate, At: o.ValueDate.Midnight(), Amount: o.Amount, Status: servicing.InForce, Split: splits[len(splits)-1],
		})
	}
	return l
}

// TestStatementsOfALoanWrittenOff say what is still owed, and count as paid what the
// client paid.
func TestStatementsOfALoanWrittenOff(t *testing.T) {
	l := written(t)
	st := l.statement(t, date(2026, 5, 1), date(2026, 6, 30))
	lost, left := l.statement(t, date(2026, 5, 1), date(2026, 5, 31)).Position.Owing.WrittenOff.Sum(), st.Position.Owing.WrittenOff.Sum()
	if left != lost-1_000_00 || left < 30_000_00 {
		t.Fatalf("got %s left of %s, want %s, and at least 30000.00", left, lost, lost-1_000_00)
	}
	cs := layout.ClientStatement{Institution: l.Institution, Client: l.Client, From: st.From, To: st.To, Loans: []layout.Statement{st, lived(t).statement(t, st.From, st.To)}}
	own, all := strings.Join(read(t, made(t, st.PDF)), "\n"), strings.Join(read(t, made(t, cs.PDF)), "\n")
	holds(t, own, "Adeudo castigado por recuperar $"+dotted(left), layout.InWords(left), "20 may 2026 Castigo del préstamo 0.00", "$"+dotted(lost), "Castigado")
	for _, wrong := range []string{"realizados", "no tiene pagos", "Importe para liquidar"} {
		if strings.Contains(own, wrong) {
			t.Errorf("got %q in\n%s\nwant it left out", wrong, own)
		}
	}
	holds(t, all, "Adeudo castigado por recuperar $"+dotted(left), "Castigado "+dotted(left), "76 días de atraso Totales")
	if n := strings.Count(all, dotted(left)); n != 4 { // of all loans, of the row, of the sums, of the loan
		t.Errorf("got the amount owed %d times in\n%s\nwant 4", n, all)
	}

	rows := sheetOf(t, made(t, st.Report().CSV))
	var paid money.Amount
	for _, name := range []string{"capital", "interes", "iva_interes", "moratorio", "iva_moratorio", "comision", "iva_comision", "seguro"} {
		paid += summed(t, rows, name)
	}
	if abono, used := summed(t, rows, "abono"), summed(t, rows, "adelantado_usado"); abono != 1_000_00 || paid != abono+used {
		t.Errorf("got the components %s, received %s and used %s, want 1000.00 received and the components to be %s", paid, abono, used, abono+used)
	}
	at := slices.IndexFunc(rows, func(row map[string]string) bool { return row["movimiento"] == "write_off" })
	if at < 0 || rows[at]["importe"] != lost.String() || rows[at]["abono"] != "0.00" {
		t.Errorf("got %v, want a write-off of %s without a payment", rows, lost.String())
	}
	rows = slices.DeleteFunc(sheetOf(t, made(t, cs.Report().CSV)), func(row map[string]string) bool { return row["movimiento"] != "saldo_final" })
	if len(rows) != 2 || rows[0]["adeudo_castigado"] != left.String() || rows[1]["adeudo_castigado"] != "0.00" {
		t.Errorf("got %v, want 2 rows, the first with the adeudo_castigado %v, the second with 0.00", rows, left.String())
	}
	later := l.statement(t, date(2026, 9, 1), date(2026, 9, 30))
	if !later.Listed() || later.Position.Open {
		t.Error("got a debt to recover that is not listed, or with an open position, once the loan has no transactions, want it listed and not open")
	}
}

// TestStatementsOfALoanCancelled have it among what moved, and not in what was lent.
func TestStatementsOfALoanCancelled(t *testing.T) {
	l := lived(t)
	on := l.Contract.Terms.Disbursement
	l.history.Operations = []servicing.Operation{{Number: 1, Kind: servicing.Cancellation, ValueDate: on}}
	_, splits, err := servicing.Recompute(l.history)
	if err != nil {
		t.Fatal(err)
	}
	l.transactions = append(l.transactions[:1:1], servicing.Transaction{ID: numbered(101), Number: 1, Kind: servicing.Cancellation, ValueDate: on, Status: servicing.InForce, Split: splits[0]})
	st := l.statement(t, on, date(2026, 1, 31))
	cs := layout.ClientStatement{Institution: l.Institution, Client: l.Client, From: st.From, To: st.To, Loans: []layout.Statement{st, lived(t).statement(t, st.From, st.To)}}
	text := strings.Join(read(t, made(t, cs.PDF)), "\n")
	holds(t, text, "50,000.00 15.00 % 22.7 % 0.00 0.00 0 — 0.00 Cancelado", "Totales 50,000.00 50,000.00", "Cancelación del préstamo (núm. 1) por $50,000.00 0.00")
	if n := strings.Count(text, "por realizar"); n != 3 { // of the other loan, in its title and its value, and of the cancelled one that it pays nothing
		t.Errorf("got por realizar %d times in\n%s\nwant 3", n, text)
	}
	if row := sheetOf(t, made(t, st.Report().CSV))[1]; row["importe"] != "50000.00" || row["capital"] != "0.00" {
		t.Errorf("got %v, want importe 50000.00, capital 0.00", row)
	}
	if own := strings.Join(read(t, made(t, st.PDF)), "\n"); strings.Contains(own, "Comisión por apertura") {
		t.Errorf("a fee that was given back: got\n%s\nwant no Comisión por apertura", own)
	}
	if !st.Listed() || l.statement(t, date(2026, 2, 1), date(2026, 2, 28)).Listed() {
		t.Errorf("got listed %v, and %v in a month without transactions, want true and false", st.Listed(), l.statement(t, date(2026, 2, 1), date(2026, 2, 28)).Listed())
	}
}

// TestClientStatementOfALoanWithoutPrincipal has a section of a loan that owes only
// interest and did not move.
func TestClientStatementOfALoanWithoutPrincipal(t *testing.T) {
	l := lived(t)
	slices.Reverse(l.history.Product.Allocation)
	l.Contract = exampleLoan(t, 1, nil)
	l.history.Contract, l.transactions = l.Contract, nil
	l.history.Operations = []servicing.Operation{{Number: 1, Kind: servicing.Ordinary, ValueDate: date(2026, 2, 20), Amount: 50_000_00}}
	st := l.statement(t, date(2026, 4, 1), date(2026, 4, 30))
	if p := st.Position; p.Opening != 0 || p.Owing.Due.Sum() == 0 || !st.Listed() {
		t.Fatalf("got %+v, want opening 0, an amount due, a listed statement", p)
	}
	cs := layout.ClientStatement{Institution: l.Institution, Client: l.Client, From: st.From, To: st.To, Loans: []layout.Statement{st}}
	holds(t, strings.Join(read(t, made(t, cs.PDF)), "\n"), "Préstamo P-100-012: Crédito simple", "Pago requerido de inmediato $"+dotted(st.Position.Owing.Due.Sum()), "No hubo movimientos")
}

// TestNamesThatTheFontsCannotShow: a client registered before such names were refused gets
// documents, with boxes for what is missing.
func TestNamesThatTheFontsCannotShow(t *testing.T) {
	cs := borrower(t)
	cs.Client.Name = "王小明 A\u200bna\u2028Ruiz\u202e 🎉 דוד\xff\x00fin"
	holds(t, strings.Join(read(t, made(t, cs.PDF)), "\n"), "□□□ Ana Ruiz □ □□□□ fin")
	cs.Client.Name = ""
	holds(t, strings.Join(read(t, made(t, cs.PDF)), "\n"), "Estado de cuenta del cliente")
}
