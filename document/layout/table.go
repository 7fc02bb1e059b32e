package layout

import (
	"fmt"
	"io"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Table is the amortization table: of the contract or, with a Plan, of a later
// version of the schedule.
type Table struct {
	Credit
	Issued civil.Date
	Plan   *Plan // nil for the contract's own table
}

// Plan has the remaining instalments after a prepayment or a restructure, on the date of
// the document. Fully paid instalments are not shown.
type Plan struct {
	Version     servicing.Version
	Instalments []*servicing.Instalment
}

// instalment is a row of the table.
type instalment struct {
	number      int
	due         civil.Date
	amounts     servicing.Amounts
	paid        money.Amount // part already paid
	capitalised money.Amount
	balance     money.Amount // principal left after it
}

// PDF writes the table with the terms and totals of the loan.
func (t Table) PDF(w io.Writer) error {
	s := t.sheet("Tabla de amortización", t.Issued)
	g := instalmentGrid(t.rows())
	s.fit(g)
	s.page()
	t.terms(s)
	s.grid(t.caption(), g)
	s.foot = t.Institution.brief()
	return s.write(w)
}

// Report returns one row per instalment. The sums of the columns are the totals.
func (t Table) Report() Report {
	headings := []Heading{{Name: "Número", Kind: Count}, {Name: "Fecha de vencimiento", Column: "fecha_vencimiento", Kind: Day}}
	headings = append(headings, componentHeadings()...)
	headings = append(headings, Heading{Name: "Total", Kind: Money}, Heading{Name: "Pagado", Kind: Money},
		Heading{Name: "Intereses capitalizados", Column: "interes_capitalizado", Kind: Money}, Heading{Name: "Saldo insoluto", Kind: Money})
	return t.report("Tabla de amortización", t.caption(), headings, func(add func(...any)) {
		for _, r := range t.rows() {
			add(append(append([]any{int64(r.number), r.due}, componentCells(r.amounts)...), r.amounts.Sum(), r.paid, r.capitalised, r.balance)...)
		}
	})
}

func (t Table) rows() []instalment {
	if t.Plan != nil {
		return t.Plan.rows()
	}
	return contractRows(t.Contract)
}

func contractRows(contract schedule.Schedule) []instalment {
	rows := make([]instalment, len(contract.Rows))
	for i, r := range contract.Rows {
		rows[i] = instalment{r.Number, r.Due, servicing.Amounts{
			Principal: r.Principal, Interest: r.Interest, InterestIVA: r.IVA,
			Fee: r.Fee, FeeIVA: r.FeeIVA, Insurance: r.Insurance,
		}, 0, r.Capitalised, r.Balance}
	}
	return rows
}

func (p Plan) rows() (rows []instalment) {
	for _, in := range p.Instalments {
		asked, unpaid := in.Contract.Plus(in.Carried), unpaidOf(in)
		if unpaid > 0 || in.Paid == (servicing.Amounts{}) {
			rows = append(rows, instalment{in.Number, in.Due, asked, asked.Sum() - unpaid, in.Capitalised, in.Balance + in.Capitalised - in.Contract.Principal})
		}
	}
	return rows
}

// unpaidOf returns the unpaid part of the scheduled amounts. Payments of other amounts,
// such as penalty interest, do not reduce it.
func unpaidOf(in *servicing.Instalment) (sum money.Amount) {
	rest := in.Contract.Plus(in.Carried).Minus(in.Paid)
	for _, c := range shown {
		sum += max(0, rest.Of(c))
	}
	return sum
}

func (t Table) caption() string {
	if t.Plan == nil {
		return "Tabla del contrato"
	}
	return t.Plan.caption()
}

func (p Plan) caption() string {
	return fmt.Sprintf("Versión %d de la tabla, vigente desde el %s: %s", p.Version.Number, day(p.Version.From), named(reasonNames, p.Version.Reason))
}

// instalmentGrid lists the rows and their totals. Columns without amounts are omitted
// unless the law requires them.
func instalmentGrid(rows []instalment) grid {
	var sum instalment
	for _, r := range rows {
		sum.amounts = sum.amounts.Plus(r.amounts)
		sum.paid, sum.capitalised = sum.paid+r.paid, sum.capitalised+r.capitalised
	}
	g := grid{columns: []column{figures("Núm."), figures("Fecha de vencimiento")}, total: []string{"", "Totales"}, rows: make([][]string, len(rows))}
	for i, r := range rows {
		g.rows[i] = []string{strconv.Itoa(r.number), shortDay(r.due)}
	}
	add := func(head string, of func(instalment) money.Amount) {
		g.columns, g.total = append(g.columns, figures(head)), append(g.total, pesos(of(sum)))
		for i, r := range rows {
			g.rows[i] = append(g.rows[i], pesos(of(r)))
		}
	}
	for _, c := range shown {
		if !late(c) || sum.amounts.Of(c) > 0 {
			add(columnNames[c], func(r instalment) money.Amount { return r.amounts.Of(c) })
		}
	}
	add("Total a pagar", func(r instalment) money.Amount { return r.amounts.Sum() })
	if sum.paid > 0 {
		add("Ya pagado", func(r instalment) money.Amount { return r.paid })
	}
	if sum.capitalised > 0 {
		add("Intereses capitalizados", func(r instalment) money.Amount { return r.capitalised })
	}
	add("Saldo insoluto", func(r instalment) money.Amount { return r.balance })
	g.total[len(g.total)-1] = ""
	return g
}

// late reports whether only a restructure can put the component into a table.
func late(c product.Component) bool {
	return c == product.PenaltyInterest || c == product.PenaltyInterestIVA
}

// terms writes the client, the terms of the loan and the CAT. The rate, the method and
// the last due date are those of the current version.
func (t Table) terms(s *sheet) {
	contract, now, last := t.Contract, t.Contract.Terms, dueOf(t.Contract, len(t.Contract.Rows)-1)
	opening, disbursed, total := t.opening(), currency(contract.Opening.Disbursed), currency(contract.Totals.TotalToPay)
	if t.Plan != nil {
		now, opening, disbursed, total = t.Plan.Version.Terms, "", "", ""
		if n := len(t.Plan.Instalments); n > 0 {
			last = t.Plan.Instalments[n-1].Due
		}
	}
	t.parties(s)
	s.facts(4, append([]fact{
		{"Monto del préstamo", currency(contract.Terms.Amount)},
		{"Tasa ordinaria anual fija, sin IVA", percent(now.AnnualRate)},
		{"Tasa moratoria anual, sin IVA", percent(t.PenaltyInterest)},
		{"Plazo del contrato", term(contract.Terms)},
		{"Forma de pago", named(methodNames, now.Method)},
		{"Cálculo de intereses", Label(now.DayCount)},
		{"Fecha de entrega", day(contract.Terms.Disbursement)},
		{"Primer vencimiento", day(dueOf(contract, 0))},
		{"Último vencimiento", day(last)},
		{"Comisión por apertura", opening},
		{"Monto entregado al cliente", disbursed},
		{"Monto total a pagar", total},
		{"Contrato de adhesión (RECA)", t.RECA},
	}, t.references()...)...)
	s.paragraph(body, ink, t.cat())
	s.paragraph(small, faded, "Importes en pesos mexicanos (M.N.). El saldo insoluto es el capital por pagar después de cada pago hecho en su fecha.")
}

// parties writes the client's data and the loan number. A quote has only the product.
func (c Credit) parties(s *sheet) {
	if c.Loan.IsZero() {
		s.facts(3, fact{"Producto", c.Product})
		return
	}
	s.facts(3,
		fact{"Cliente", c.Client.Name}, fact{"RFC", c.Client.RFC}, fact{"Número de préstamo", c.name()},
		fact{"Domicilio", c.Client.Address}, fact{"Correo electrónico", c.Client.Email}, fact{"Producto", c.Product},
	)
}

// opening returns the origination fee, or an empty text if there is none.
func (c Credit) opening() string {
	o := c.Contract.Opening
	if o.Fee == 0 {
		return ""
	}
	return fmt.Sprintf("%s más IVA %s", currency(o.Fee), currency(o.IVA))
}

// cat returns the legend that Banxico's circular 21/2009 requires.
func (c Credit) cat() string {
	return fmt.Sprintf("CAT %s\u00a0%% sin IVA. Para fines informativos y de comparación. Fecha de cálculo: %s.",
		c.Contract.CAT.Percent(), day(c.Contract.Terms.Disbursement))
}

// dueOf returns the due date of the row, or the zero date if there is no such row.
func dueOf(contract schedule.Schedule, i int) civil.Date {
	if i < 0 || i >= len(contract.Rows) {
		return civil.Date{}
	}
	return contract.Rows[i].Due
}
