package document_test

import (
	"strings"
	"testing"

	"sofipo/core/money"
	"sofipo/core/schedule"
	"sofipo/core/servicing"
	"sofipo/document"
)

// borrower has a loan that is late, one that begins in the period, one that ended
// before it, and two applications.
func borrower(t *testing.T) document.ClientStatement {
	t.Helper()
	from, to := date(2026, 3, 1), date(2026, 4, 30)
	late, ended, begun := lived(t), lived(t), lived(t)
	ended.Loan, ended.Product, begun.Loan, begun.Product = numbered(2), "Crédito de nómina", numbered(3), "=SUMA(A1)"
	on := date(2026, 2, 20)
	ended.history.Operations = ended.history.Operations[:1]
	account, _, err := servicing.Recompute(ended.history)
	if err != nil {
		t.Fatal(err)
	}
	ended.history.Operations = append(ended.history.Operations, servicing.Operation{Number: 2, Kind: servicing.Ordinary, ValueDate: on, Amount: servicing.PayoffOf(account, on).Total})
	ended.movements = nil
	begun.Contract = handbook(t, 24, func(terms *schedule.Terms) { terms.Disbursement = to })
	begun.history.Operations, begun.history.Contract = nil, begun.Contract
	begun.movements = []servicing.Movement{{ID: numbered(9), Kind: servicing.Disbursement, ValueDate: to, Amount: begun.Contract.Terms.Amount, Status: servicing.InForce}}
	cs := document.ClientStatement{Institution: late.Institution, Client: late.Client, Number: numbered(77), From: from, To: to}
	for _, l := range []life{late, ended, begun} {
		cs.Loans = append(cs.Loans, l.statement(t, from, to))
	}
	cs.Applications = []document.Application{{Loan: numbered(4), Day: date(2026, 4, 2), Product: "Crédito para auto", Amount: 123_456_78, Rate: 210_000, Status: servicing.Rejected}}
	return cs
}

func TestClientStatementHasAllLoans(t *testing.T) {
	cs := borrower(t)
	late, begun := cs.Loans[0], cs.Loans[2]
	pages := read(t, made(t, cs.PDF))
	text := strings.Join(pages, "\n")
	holds(t, text,
		"Estado de cuenta del cliente", "Caja Ñandú del Bajío", "RFC CNB010101AB1", "José Ángel Peña Güemes", "PEGJ800101HN5", "Calle Añil 7", "jose.pena@ejemplo.mx", cs.Number.String(),
		"Del 01/03/2026 al 30/04/2026", "Pesos mexicanos",
		"$"+dotted(late.Position.Closing+begun.Position.Closing), "$"+dotted(late.Position.Payoff.Total+begun.Position.Payoff.Total), "$13,800.00", // of all loans
		late.Loan.String()+" Crédito simple 15/01/2026 50,000.00 15.00 % 22.7 % 35,911.49 1,017.03 15 15/05/2026 "+dotted(late.Position.NextAmount)+" Vigente",
		cs.Loans[1].Loan.String()+" Crédito de nómina 15/01/2026 50,000.00 15.00 % 22.7 % 0.00 0.00 0 – 0.00 Liquidado",
		"Totales 150,000.00 "+dotted(late.Position.Closing+begun.Position.Closing)+" 1,017.03 "+dotted(late.Position.NextAmount+begun.Position.NextAmount),
		"Solicitudes sin disposición", numbered(4).String()+" 02/04/2026 Crédito para auto 123,456.78 21.00 % Rechazado",
		"Crédito "+late.Loan.String()+": Crédito simple", "2 realizados, 22 por realizar", "Resumen del periodo",
		"Intereses ordinarios "+dotted(late.Position.Charged.Interest)+" 1,126.91 0.00", "25/03/2026 Pago (núm. 2) 3,000.00 1,957.51", "Totales 13,800.00 12,289.18", "Versión 3 de la tabla",
		"Crédito "+begun.Loan.String()+": =SUMA(A1)", "30/04/2026 Disposición del crédito (núm. 0)",
		"Incumplir tus obligaciones", "une@nandu.example", "55 5340 0999")
	if strings.Contains(text, "Crédito "+cs.Loans[1].Loan.String()+":") {
		t.Error("a loan that ended before the period has movements in it")
	}
	if n := strings.Count(text, "CONDUSEF"); n != 2 {
		t.Errorf("the legends stand %d times", n)
	}
	for i, page := range pages {
		holds(t, page, "Cliente "+cs.Number.String())
		if i > 0 {
			holds(t, page, "Estado de cuenta del cliente")
		}
	}
}

// TestClientStatementCSV adds up to what the statements of the loans say.
func TestClientStatementCSV(t *testing.T) {
	cs := borrower(t)
	rows := sheetOf(t, made(t, cs.CSV))
	var paid, credit money.Amount
	at := 0
	for _, st := range cs.Loans {
		of := sheetOf(t, made(t, st.CSV))
		credit, paid = credit+summed(t, of, "abono"), paid+summed(t, of, "capital")
		first, last := rows[at], rows[at+1+len(of)]
		if first["movimiento"] != "saldo_inicial" || first["fecha_valor"] != "2026-03-01" || first["saldo_insoluto"] != st.Position.Opening.String() || first["saldo_vencido"] != "" {
			t.Errorf("before the movements of %s: %v", st.Loan, first)
		}
		next := ""
		if !st.Position.Next.IsZero() {
			next = st.Position.Next.String()
		}
		if last["concepto"] != "Saldo final" || last["fecha_valor"] != "2026-04-30" || last["saldo_insoluto"] != st.Position.Closing.String() || last["estado_credito"] != string(st.Position.Status) ||
			last["proximo_vencimiento"] != next || last["proximo_pago"] != st.Position.NextAmount.String() {
			t.Errorf("after the movements of %s: %v", st.Loan, last)
		}
		for i, row := range of {
			for name, value := range row {
				if got := rows[at+1+i][name]; got != value {
					t.Errorf("%s of movement %d of %s is %q, its own statement has %q", name, i, st.Loan, got, value)
				}
			}
		}
		for _, row := range rows[at : at+2+len(of)] {
			if row["credito"] != st.Loan.String() || !strings.HasSuffix(row["producto"], st.Product) || row["producto"][0] == '=' {
				t.Errorf("of %s: %v", st.Loan, row)
			}
		}
		at += 2 + len(of)
	}
	if at != len(rows) || summed(t, rows, "abono") != credit || summed(t, rows, "capital") != paid {
		t.Errorf("%d rows, want %d; paid %s, want %s", len(rows), at, summed(t, rows, "abono"), credit)
	}
	if row := rows[7]; row["saldo_vencido"] != "1017.03" || row["dias_atraso"] != "15" {
		t.Errorf("of the loan that is late: %v", row)
	}
}

func TestClientStatementWithoutLoans(t *testing.T) {
	cs := borrower(t)
	cs.Loans, cs.Applications = nil, nil
	holds(t, strings.Join(read(t, made(t, cs.PDF)), "\n"), "José Ángel Peña Güemes", "no tiene créditos dispuestos", "Saldo insoluto de todos los créditos", "$0.00", "historial crediticio")
	if rows := sheetOf(t, made(t, cs.CSV)); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
}
