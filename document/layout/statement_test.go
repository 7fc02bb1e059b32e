package layout_test

import (
	"strings"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/document/layout"
)

func TestStatementHasAllThatIsAsked(t *testing.T) {
	l := lived(t)
	st := l.statement(t, date(2026, 3, 1), date(2026, 4, 30))
	p := st.Position
	text := strings.Join(read(t, made(t, st.PDF)), "\n")
	holds(t, text,
		"Caja Ñandú del Bajío", "Av. Insurgentes Sur 1234, piso 5", "tel. 55 1234 5678", "RFC CNB010101AB1", // institution
		"José Ángel Peña Güemes", "Calle Añil 7", "PEGJ800101HN5", "P-100-012", string(settlement.ReferenceOf(settlement.ByTransfer, 100_012)), string(settlement.ReferenceOf(settlement.ByShop, 100_012)), "1234-439-012345", // client and contract
		"Del 1 mar 2026 al 30 abr 2026", "30 de abril de 2026", "Pesos mexicanos",
		"$50,000.00", "24 pagos mensuales", "2 realizados, 22 por realizar", "15.00 %", "30.00 %", "15 días de atraso", "$"+dotted(p.Base), "22.7 % sin IVA",
		"a más tardar el 15 de mayo de 2026 $"+dotted(p.NextAmount), layout.InWords(p.NextAmount), "Incluye saldo vencido",
		"Saldo vencido", "$1,017.03", "Saldo inicial", "$48,200.67", "Saldo final", "$35,911.49", "Importe para liquidar", "$"+dotted(p.Payoff.Total),
		"Capital — 12,289.18 1,002.50", "Intereses ordinarios "+dotted(p.Charged.Interest)+" 1,126.91 0.00", "IVA de intereses ordinarios",
		"Intereses moratorios "+dotted(p.Charged.PenaltyInterest)+" 15.18 "+dotted(p.Owing.Due.PenaltyInterest), "IVA de intereses moratorios", "Comisiones 100.00 100.00 0.00", "IVA de comisiones 16.00 16.00 0.00", "Seguro 70.00 70.00 0.00",
		"Pagos recibidos en el periodo", "$13,800.00", "Pagos anticipados a capital", "$10,023.94",
		"25 mar 2026 Pago (núm. 2) 3,000.00 1,957.51", "27 mar 2026 Reverso (núm. 4)", "REVERTIDO", "Totales 13,800.00 12,289.18",
		"Versión 3 de la tabla", "24 15 ene 2028", "Incumplir tus obligaciones", "historial crediticio", "El avalista",
		"une@nandu.example", "800 123 4567", "55 5340 0999", "www.condusef.gob.mx")
}

// TestStatementOfAReversalWithoutMoney: a reversed write-off has no amount in the statement.
func TestStatementOfAReversalWithoutMoney(t *testing.T) {
	l := lived(t)
	l.transactions[len(l.transactions)-1].Amount = 0
	text := strings.Join(read(t, made(t, l.statement(t, date(2026, 3, 1), date(2026, 4, 30)).PDF)), "\n")
	if holds(t, text, "Reverso (núm. 4)"); strings.Contains(text, "por $0.00") {
		t.Errorf("a reversal without an amount: got\n%s\nwant no por $0.00", text)
	}
}

// TestLegendsFollowRows: the legends are on the page of the last rows of a table, a table that
// goes on to a next page has three rows or more on each, and a short one is on one page.
func TestLegendsFollowRows(t *testing.T) {
	l := lived(t)
	st := l.statement(t, date(2026, 3, 1), date(2026, 4, 30))
	st.Plan, st.Position.Since = nil, nil
	one := l.transactions[1]
	one.ValueDate = date(2026, 3, 2)
	for n := 1; n <= 85; n++ {
		st.Transactions = append(st.Transactions[:n-1:n-1], one)
		one.Number++
		if n%4 > 0 {
			continue
		}
		pages := read(t, made(t, st.PDF))
		with := 0
		for k, page := range pages {
			rows := strings.Count(page, "Pago (núm.")
			if rows > 0 {
				with++
			}
			last := k == len(pages)-1
			if rows > 0 && rows < min(n, 3) || last && rows == 0 || last != strings.Contains(page, "Incumplir tus obligaciones") {
				t.Errorf("%d payments: got %d rows on page %d of %d, want %d or more where there are any, and the legends on the last page", n, rows, k+1, len(pages), min(n, 3))
			}
		}
		if n <= 10 && with != 1 {
			t.Errorf("%d payments: got rows on %d pages, want 1", n, with)
		}
	}
}

// TestStatementLeavesOutTheEndOfADay: a transaction that only has automatic operations is not
// a line; the operations are.
func TestStatementLeavesOutTheEndOfADay(t *testing.T) {
	l := lived(t)
	before := servicing.Split{Kind: servicing.AdvanceApplied, Date: date(2026, 4, 15), FromUnapplied: 800_00, Lines: []servicing.Line{{Instalment: 4, Component: product.Principal, Amount: 800_00}}, Balance: 1_00}
	l.transactions = append(l.transactions, servicing.Transaction{
		ID: numbered(107), Number: 7, Kind: servicing.Rolled, ValueDate: date(2026, 4, 16), Status: servicing.InForce, Split: servicing.Split{Kind: servicing.Rolled, Before: []servicing.Split{before}},
	})
	st := l.statement(t, date(2026, 3, 1), date(2026, 4, 30))
	st.Position.Since = nil
	var csv strings.Builder
	if err := st.Report().CSV(&csv); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(read(t, made(t, st.PDF)), "\n")
	holds(t, text, "15 abr 2026 Aplicación de saldo a favor 800.00")
	holds(t, csv.String(), "2026-04-15,advance_applied,Aplicación de saldo a favor")
	for what, body := range map[string]string{"PDF": text, "CSV": csv.String()} {
		if strings.Contains(body, "16 abr 2026") || strings.Contains(body, "2026-04-16") || strings.Contains(body, "day") {
			t.Errorf("%s: got\n%s\nwant no line of 16 April", what, body)
		}
	}
}

// TestStatementShowsTheOriginationFee: only in the period of the disbursement.
func TestStatementShowsTheOriginationFee(t *testing.T) {
	l := lived(t)
	for to, has := range map[civil.Date]bool{date(2026, 1, 31): true, date(2026, 2, 28): false} {
		text := strings.Join(read(t, made(t, l.statement(t, civil.Date{Year: 2026, Month: to.Month, Day: 1}, to).PDF)), "\n")
		if got := strings.Contains(text, "Comisión por apertura"); got != has || has && !strings.Contains(text, "$1,000.00 más IVA $160.00") {
			t.Errorf("%s: got %v\n%s\nwant %v, and $1,000.00 más IVA $160.00 if so", to, got, text, has)
		}
	}
}

// TestStatementsFollowOneAnother makes one a month: each begins where the one
// before ended, and together they charge what the loan earned.
func TestStatementsFollowOneAnother(t *testing.T) {
	l := lived(t)
	var charged servicing.Amounts
	var balance, received money.Amount
	for month := time.January; month <= time.June; month++ {
		to := civil.On(2026, month, 1).MonthEnd()
		st := l.statement(t, date(2026, month, 1), to)
		if st.Position.Opening != balance {
			t.Errorf("%s: got the opening balance %s, want %s, the closing balance of the month before", month, st.Position.Opening, balance)
		}
		rows := sheetOf(t, made(t, st.Report().CSV))
		lent := money.Amount(0)
		if month == time.January {
			lent = l.Contract.Terms.Amount
		}
		if got := st.Position.Opening + lent - summed(t, rows, "capital"); got != st.Position.Closing {
			t.Errorf("%s: got %s from the opening balance and the transactions, want the closing balance %s", month, got, st.Position.Closing)
		}
		balance, charged, received = st.Position.Closing, charged.Plus(st.Position.Charged), received+summed(t, rows, "abono")
		read(t, made(t, st.PDF))
	}
	a, _ := servicing.Roll(l.account, date(2026, 6, 30))
	if want := servicing.Recognised(a); charged != want {
		t.Errorf("got %+v charged by the statements, want what the loan earned, %+v", charged, want)
	}
	if want := money.Amount(2_617_33 + 3_000_00 + 10_000_00 + 800_00); received != want {
		t.Errorf("got %s received in the statements, want %s", received, want)
	}
}

func TestStatementCSV(t *testing.T) {
	l := lived(t)
	st := l.statement(t, date(2026, 3, 1), date(2026, 4, 30))
	st.Transactions[0].Kind = `=HYPERLINK("x")`
	rows := sheetOf(t, made(t, st.Report().CSV))
	if len(rows) != 6 || rows[0]["movimiento"] != `'=HYPERLINK("x")` {
		t.Errorf(`got %d rows, the first %v, want 6, the first with the movimiento '=HYPERLINK("x")`, len(rows), rows[0])
	}
	reversed, applied := rows[1], rows[5]
	if reversed["estado"] != "REVERSED" || reversed["importe"] != "777.77" || reversed["abono"] != "0.00" || reversed["capital"] != "0.00" {
		t.Errorf("a reversed transaction: got %v, want estado REVERSED, importe 777.77, abono 0.00, capital 0.00", reversed)
	}
	if applied["concepto"] != "Aplicación de saldo a favor" || applied["id"] != "" || applied["fecha_valor"] != "2026-04-15" || applied["adelantado_usado"] != "800.00" || applied["saldo_insoluto"] != "35911.49" {
		t.Errorf(`the advance that paid an instalment: got %v, want concepto Aplicación de saldo a favor, id "", fecha_valor 2026-04-15, adelantado_usado 800.00, saldo_insoluto 35911.49`, applied)
	}
	if rows[4]["adelantado_guardado"] != "800.00" || rows[4]["fecha_registro"] != "2026-04-01T10:36:00.000000-06:00" {
		t.Errorf("the advance: got %v, want adelantado_guardado 800.00, fecha_registro 2026-04-01T10:36:00.000000-06:00", rows[4])
	}
}

// TestStatementOfALoanThatEnded: nothing is due.
func TestStatementOfALoanThatEnded(t *testing.T) {
	l := lived(t)
	on := date(2026, 4, 5)
	l.history.Operations = append(l.history.Operations, servicing.Operation{Number: 7, Kind: servicing.Ordinary, ValueDate: on, Amount: servicing.PayoffOf(l.account, on).Total})
	st := l.statement(t, date(2026, 4, 6), date(2026, 5, 5))
	text := strings.Join(read(t, made(t, st.PDF)), "\n")
	if st.Plan == nil || strings.Contains(text, "de la tabla") {
		t.Errorf("got the plan %+v and\n%s\nwant a plan, and no de la tabla in the text", st.Plan, text)
	}
	holds(t, text, "Liquidado", "2 realizados, 0 por realizar", "Pago requerido $0.00", "no tiene pagos por realizar", "No hubo movimientos en el periodo.")
}

// TestDocumentsOfARestructure: they show the new rate and the carried amounts by component.
func TestDocumentsOfARestructure(t *testing.T) {
	l := lived(t)
	l.history.Operations = append(l.history.Operations, servicing.Operation{
		Number: 7, Kind: servicing.RestructureKind, ValueDate: date(2026, 6, 20),
		NewTerms: &servicing.NewTerms{Terms: schedule.Terms{AnnualRate: 120_000, Periods: 36, IVA: l.Contract.Terms.IVA}},
	})
	st := l.statement(t, date(2026, 6, 1), date(2026, 6, 30))
	carried := st.Plan.Instalments[len(st.Plan.Instalments)-36].Carried
	if carried.PenaltyInterest == 0 {
		t.Fatal("got no penalty interest, want some: the loan was not late")
	}
	text := strings.Join(read(t, made(t, st.PDF)), "\n")
	holds(t, text, "12.00 %", "Reestructurado", "reestructura", "Moratorios", dotted(carried.PenaltyInterest), dotted(carried.PenaltyInterestIVA))
	table := layout.Table{Credit: l.Credit, Issued: st.To, Plan: st.Plan}
	text = strings.Join(read(t, made(t, table.PDF)), "\n")
	last := st.Plan.Instalments[len(st.Plan.Instalments)-1].Due
	holds(t, text, "12.00 %", "Último vencimiento", short(last), dotted(carried.PenaltyInterest))
	if got := summed(t, sheetOf(t, made(t, table.Report().CSV)), "moratorio"); got != carried.PenaltyInterest {
		t.Errorf("got penalty interest of %s in the table, want the %s of the account", got, carried.PenaltyInterest)
	}
}
