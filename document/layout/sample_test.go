package layout_test

import (
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/institution"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/document/layout"
)

const longName = "María Fernanda Ñúñez de la Güera y Aristegui Echeverría, viuda de Villaseñor, por sí y en representación de Comercializadora Agropecuaria Hermanos Ñúñez Ibarrola del Bajío Sociedad de Producción Rural de Responsabilidad Limitada"

func date(y int, m time.Month, d int) civil.Date { return civil.On(y, m, d) }

func numbered(n byte) (x id.ID) {
	x[0], x[1], x[6], x[15] = 0x01, 0x9a, 0x70, n
	return x
}

// offer is the product of the loans of these tests: that of docs/rules, with all
// that a loan may charge.
func offer() product.Product {
	p := product.Seed()
	p.Name = "Crédito simple"
	p.PenaltyInterest = product.PenaltyTerms{Rate: 300_000}
	p.Fees = schedule.Fees{Origination: schedule.Fee{Rate: 20_000}, Periodic: schedule.Fee{Amount: 50_00}, IVARate: 160_000}
	p.Insurance = 35_00
	return p.Defaults()
}

// exampleLoan is the loan of docs/rules/amortization.md, 50,000 at 15 % over 24 months.
func exampleLoan(t *testing.T, periods int, change func(*schedule.Terms)) schedule.Schedule {
	t.Helper()
	terms := schedule.Terms{
		Amount: 50_000_00, AnnualRate: 150_000, Periods: periods, DayCount: civil.Thirty360,
		Disbursement: date(2026, 1, 15), IVA: rate.IVA{Rate: 160_000},
	}
	if change != nil {
		change(&terms)
	}
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func credit(contract schedule.Schedule) layout.Credit {
	return layout.Credit{
		Institution: layout.Institution{Letterhead: institution.Letterhead{Institution: institution.Institution{
			Name: "Caja Ñandú del Bajío, S.A. de C.V., S.F.P.", Address: "Av. Insurgentes Sur 1234, piso 5, Col. Del Valle, 03100 Ciudad de México",
			Phones: []string{"55 1234 5678"}, RFC: "CNB010101AB1", Web: "www.nandu.example",
			UNE: institution.Contact{Address: "Av. Insurgentes Sur 1234, planta baja", Phone: "800 123 4567", Email: "une@nandu.example", Hours: "lunes a viernes de 9:00 a 18:00"},
		}}},
		Client: layout.Party{Number: 100_273, Name: "José Ángel Peña Güemes", RFC: "PEGJ800101HN5", Email: "jose.pena@ejemplo.mx", Address: "Calle Añil 7, Col. Granjas México, 08400 Ciudad de México"},
		Loan:   numbered(1), Number: 100_012, Product: "Crédito simple", RECA: "1234-439-012345/01-00001-0126",
		Contract: contract, PenaltyInterest: 300_000,
	}
}

// life is a loan with a history: an ordinary payment, a late one, one ahead, one
// that was taken back, and one that is held in advance.
type life struct {
	layout.Credit
	history      servicing.History
	transactions []servicing.Transaction
	account      servicing.Account
}

func lived(t *testing.T) life {
	t.Helper()
	p := offer()
	contract := exampleLoan(t, 24, func(terms *schedule.Terms) { terms.Fees, terms.Insurance = p.Fees, p.Insurance })
	l := life{Credit: credit(contract), history: servicing.History{Product: p, Contract: contract}}
	l.history.Operations = []servicing.Operation{
		{Number: 1, Kind: servicing.Ordinary, ValueDate: date(2026, 2, 15), Amount: contract.Rows[0].Total},
		{Number: 2, Kind: servicing.Ordinary, ValueDate: date(2026, 3, 25), Amount: 3_000_00},
		{Number: 5, Kind: servicing.Prepayment, ValueDate: date(2026, 3, 30), Amount: 10_000_00},
		{Number: 6, Kind: servicing.AdvancePayment, ValueDate: date(2026, 4, 1), Amount: 800_00},
	}
	var splits []servicing.Split
	var err error
	if l.account, splits, err = servicing.Recompute(l.history); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("CST", -6*3600)
	add := func(number int, kind servicing.Kind, on civil.Date, amount money.Amount) *servicing.Transaction {
		l.transactions = append(l.transactions, servicing.Transaction{
			ID: numbered(byte(100 + number)), Folio: folio.Number(100_100 + number), Number: number, Kind: kind, ValueDate: on, Amount: amount, Status: servicing.InForce,
			At: time.Date(int(on.Year), time.Month(on.Month), int(on.Day), 10, 30+number, 0, 0, zone), Actor: "caja.centro", LoanID: l.Loan,
		})
		return &l.transactions[len(l.transactions)-1]
	}
	add(0, servicing.Disbursement, contract.Terms.Disbursement, contract.Opening.Disbursed)
	for i, o := range l.history.Operations {
		add(o.Number, o.Kind, o.ValueDate, o.Amount).Split = splits[i]
	}
	m := add(3, servicing.Ordinary, date(2026, 3, 27), 777_77)
	m.Status, m.ReversedBy = servicing.Reversed, numbered(104)
	m.Split = servicing.Split{Kind: m.Kind, Amount: m.Amount, Lines: []servicing.Line{{Instalment: 3, Component: product.Principal, Amount: 777_77}}, Balance: 1, Status: servicing.Active}
	add(4, servicing.Reversal, date(2026, 3, 27), 777_77).Reverses = m.ID
	return l
}

// statement returns the loan's statement of some days.
func (l life) statement(t *testing.T, from, to civil.Date) layout.Statement {
	t.Helper()
	at := func(last civil.Date) servicing.Account {
		h := l.history
		h.Operations = nil
		for _, o := range l.history.Operations {
			if !o.ValueDate.After(last) {
				h.Operations = append(h.Operations, o)
			}
		}
		a, _, err := servicing.Recompute(h)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	before, after := at(from.AddDays(-1)), at(to)
	if !from.After(l.Contract.Terms.Disbursement) {
		before = servicing.Account{}
	}
	st := layout.Statement{Credit: l.Credit, From: from, To: to, Position: layout.PositionOf(before, after, from, to)}
	for _, m := range l.transactions {
		if !m.ValueDate.Before(from) && !m.ValueDate.After(to) {
			st.Transactions = append(st.Transactions, m)
		}
	}
	after, _ = servicing.Roll(after, to)
	if after.Version.Number > 1 {
		st.Plan = &layout.Plan{Version: after.Version, Instalments: after.Instalments}
	}
	return st
}
