package layout

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/institution"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Statement is the account statement of a loan over a period (docs/rules/statements.md).
type Statement struct {
	Credit
	From, To     civil.Date // both in the period; To is the cut date
	Shortened    bool       // the requested period began earlier or ended later
	Position     Position
	Transactions []servicing.Transaction // with a value date in the period, in any order; reversed ones too
	Plan         *Plan                   // remaining schedule after a prepayment or a restructure; otherwise nil
}

// Listed reports whether the client's statement for the period includes the loan: it
// was active or had transactions in the period, or has written-off debt to recover.
func (st Statement) Listed() bool {
	return st.Position.Open || len(st.Transactions) > 0 || st.Position.writtenOff() > 0
}

// PDF writes the statement.
func (st Statement) PDF(w io.Writer) error {
	s := st.sheet("Estado de cuenta", st.To)
	events := st.events()
	moves := transactionGrid(events)
	s.fit(moves)
	s.page()
	st.parties(s)
	s.period(st.From, st.To, st.Shortened)
	st.account(s, events, moves, st.Institution.legendsHeight(s))
	st.Institution.legends(s)
	return s.write(w)
}

// period writes the period of a statement, and whether it is shorter than requested.
func (s *sheet) period(from, to civil.Date, shortened bool) {
	s.facts(3,
		fact{"Periodo", "Del " + shortDay(from) + " al " + shortDay(to)},
		fact{"Fecha de corte", day(to)},
		fact{"Moneda", "Pesos mexicanos (M.N.)"},
	)
	if shortened {
		s.paragraph(small, faded, "El periodo solicitado se ajustó a las fechas con información disponible.")
		s.y++
	}
}

// account writes the terms, the amounts due, the summary and the transactions of the loan.
// What follows has the height below and begins on the page of the last lines.
func (st Statement) account(s *sheet, events []event, moves grid, below float64) {
	st.contract(s)
	st.due(s)
	st.summary(s, events)
	var plan []instalment
	if st.Plan != nil {
		plan = st.Plan.rows()
	}
	if len(plan) == 0 {
		moves.below = below
	}
	if len(events) > 0 {
		s.grid("Movimientos del periodo", moves)
	} else {
		const text = "No hubo movimientos en el periodo."
		s.room(headingHeight + s.height(body, text) + moves.below)
		s.heading("Movimientos del periodo")
		s.paragraph(body, ink, text)
	}
	if len(plan) > 0 {
		g := instalmentGrid(plan)
		g.below = below
		s.grid(st.Plan.caption(), g)
	}
}

// contract writes the terms and the cost.
func (st Statement) contract(s *sheet) {
	terms, p := st.Contract.Terms, st.Position
	s.facts(3,
		fact{"Monto original del préstamo", currency(terms.Amount)},
		fact{"Plazo", term(terms)},
		fact{"Pagos realizados y por realizar", p.progress()},
		fact{"Tasa de interés ordinaria anual, sin IVA", percent(p.Rate)},
		fact{"Tasa de interés moratoria anual, sin IVA", percent(st.PenaltyInterest)},
		fact{"Estado del préstamo", p.standing()},
		fact{"Saldo base del cálculo de intereses", unlessZero(p.Base)},
		fact{"Días del periodo de intereses", unlessNone(p.Days)},
		fact{"Registro de contrato de adhesión (RECA)", st.RECA},
	)
	s.paragraph(body, ink, st.cat())
}

// progress counts the payments made and pending. It is empty for a loan that ended
// without being paid off.
func (p Position) progress() string {
	if p.Status == servicing.WrittenOff || p.Status == servicing.Cancelled {
		return ""
	}
	return counted(p.Instalments-p.Unpaid, "realizado", "realizados") + fmt.Sprintf(", %d por realizar", p.Unpaid)
}

// standing returns the state of the loan. For an active loan it is the days past due.
func (p Position) standing() string {
	late := p.Owing.DaysPastDue
	switch {
	case late > 0:
		return counted(late, "día de atraso", "días de atraso")
	case p.Status == servicing.Active:
		return "Al corriente"
	}
	return Label(p.Status)
}

func unlessNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// lostName is the name of the remaining debt of a written-off loan.
const lostName = "Adeudo castigado por recuperar"

// due writes the amount to pay and its due date.
func (st Statement) due(s *sheet) {
	p := st.Position
	overdue, required, payoff := overdueOf(p.Owing), p.required(), currency(p.Payoff.Total)
	switch lost := p.writtenOff(); {
	case lost > 0:
		payoff = ""
		s.amount(lostName, currency(lost), "El préstamo fue castigado y su adeudo sigue por pagar ("+InWords(lost)+").")
	case !servicing.Alive(p.Status):
		s.amount("Pago requerido", currency(required), "El préstamo no tiene pagos por realizar. Estado: "+lower(Label(p.Status))+".")
	case p.Next.IsZero():
		s.amount("Pago requerido de inmediato", currency(required), "Todos los pagos de la tabla están vencidos ("+InWords(required)+").")
	default:
		text := "Para estar al corriente (" + InWords(required) + ")."
		if overdue > 0 {
			text += " Incluye saldo vencido, que genera intereses cada día hasta que se paga."
		}
		s.amount("Pago requerido a más tardar el "+day(p.Next), currency(required), text)
	}
	facts := []fact{
		{"Saldo vencido a la fecha de corte", currency(overdue)},
		{"Días de atraso", strconv.Itoa(p.Owing.DaysPastDue)},
		{"Exigible a la fecha de corte", currency(p.Owing.Due.Sum())},
		{"Saldo inicial (capital insoluto)", currency(p.Opening)},
		{"Saldo final (capital insoluto)", currency(p.Closing)},
		{"Importe para liquidar a la fecha de corte", payoff},
		{"Saldo a favor", unlessZero(p.Owing.Unapplied)},
	}
	if servicing.Alive(p.Status) {
		facts = append(facts, st.references()...)
	}
	s.facts(3, facts...)
}

// overdueOf returns the amount owed of instalments past their due date.
func overdueOf(o servicing.Owing) (sum money.Amount) {
	for _, l := range o.Lines {
		if l.Due.Before(o.Date) {
			sum += l.Amounts.Sum()
		}
	}
	return sum
}

// summary writes the amounts charged, paid and due, by component.
func (st Statement) summary(s *sheet, events []event) {
	p := st.Position
	var paid servicing.Amounts
	var ahead money.Amount
	for _, e := range events {
		if e.pays() {
			paid, ahead = paid.Plus(e.split.Amounts()), ahead+aheadOf(e.split)
		}
	}
	g := grid{
		columns: []column{prose("Concepto"), figures("Generado en el periodo"), figures("Pagado en el periodo"), figures("Exigible al corte")},
		total:   []string{"Total", pesos(p.Charged.Sum()), pesos(paid.Sum()), pesos(p.Owing.Due.Sum())},
	}
	for _, c := range shown {
		charged := pesos(p.Charged.Of(c))
		if c == product.Principal {
			charged = none
		}
		g.rows = append(g.rows, []string{componentNames[c], charged, pesos(paid.Of(c)), pesos(p.Owing.Due.Of(c))})
	}
	s.grid("Resumen del periodo", g)
	opening := ""
	if p.Status != servicing.Cancelled && slices.ContainsFunc(events, func(e event) bool { return e.transaction.Kind == servicing.Disbursement }) {
		opening = st.opening()
	}
	s.facts(3,
		fact{"Comisión por apertura, a la entrega", opening},
		fact{"Pagos recibidos en el periodo", currency(received(events))},
		fact{"Pagos anticipados a capital", currency(ahead)},
	)
}

// received returns the amount that the client paid.
func received(events []event) (sum money.Amount) {
	for _, e := range events {
		if e.pays() {
			sum += e.credit
		}
	}
	return sum
}

// aheadOf returns the principal paid ahead of its due date.
func aheadOf(split servicing.Split) (sum money.Amount) {
	for _, l := range split.Lines {
		if l.Instalment == 0 && l.Component == product.Principal && split.Kind != servicing.RecoveryKind {
			sum += l.Amount
		}
	}
	return sum
}

// warnings returns the warnings and the contacts for complaints.
func (i Institution) warnings() []string {
	legends := i.Legends
	if len(legends) == 0 {
		legends = institution.Legends()
	}
	all := append(slices.Clone(legends), "Las aclaraciones sobre los movimientos se presentan ante la UNE de la institución; también puede acudirse a la CONDUSEF.")
	return append(all, i.complaints()...)
}

// legends writes the warnings and the contacts at the end of the document.
func (i Institution) legends(s *sheet) {
	s.y += legendGap
	for _, text := range i.warnings() {
		s.paragraph(small, faded, text)
	}
}

const legendGap = 2.0

// legendsHeight returns the height of legends.
func (i Institution) legendsHeight(s *sheet) (height float64) {
	height = legendGap
	for _, text := range i.warnings() {
		height += s.height(small, text)
	}
	return height
}

// event is a line of the statement: a transaction or an automatic operation.
type event struct {
	transaction servicing.Transaction // zero for an automatic operation
	split       servicing.Split
	date        civil.Date
	charge      money.Amount
	credit      money.Amount
	void        bool // reversed, or a reversal: it has no effect
}

// pays reports whether the event paid an amount owed.
func (e event) pays() bool {
	return !e.void && (e.split.Kind == servicing.AdvanceApplied || slices.Contains(servicing.Payments, e.split.Kind))
}

// events returns the transactions and automatic operations of the period, by date.
func (st Statement) events() (events []event) {
	alone := func(splits []servicing.Split) {
		for _, b := range splits {
			if !b.Date.Before(st.From) && !b.Date.After(st.To) {
				events = append(events, event{split: b, date: b.Date, charge: b.Capitalised})
			}
		}
	}
	for _, m := range st.sorted() {
		e := event{transaction: m, split: m.Split, date: m.ValueDate}
		e.split.Kind = m.Kind
		switch {
		case m.Kind == servicing.Reversal || m.Status == servicing.Reversed || !m.ReversedBy.IsZero():
			e.void = true
		case m.Kind == servicing.Disbursement:
			e.charge, e.split.Balance = m.Amount, st.Contract.Terms.Amount
		case slices.Contains(servicing.Payments, m.Kind):
			e.credit = m.Amount
		}
		if !e.void {
			alone(m.Split.Before)
			e.charge += m.Split.Capitalised
		}
		if m.Kind != servicing.Rolled { // its automatic operations have their own lines
			events = append(events, e)
		}
	}
	alone(st.Position.Since)
	slices.SortStableFunc(events, func(a, b event) int { return a.date.Compare(b.date) })
	return events
}

// sorted returns the transactions by value date, then by number.
func (st Statement) sorted() []servicing.Transaction {
	return slices.SortedStableFunc(slices.Values(st.Transactions), func(a, b servicing.Transaction) int {
		if c := a.ValueDate.Compare(b.ValueDate); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
}

// writesOff reports whether the event removed debt from the loan without a payment.
func (e event) writesOff() bool { return writesOff(e.split.Kind) }

func writesOff(k servicing.Kind) bool {
	return k == servicing.WriteOffKind || k == servicing.Cancellation
}

// amountOf returns the amount of the transaction, or the debt that it wrote off.
func amountOf(m servicing.Transaction) money.Amount {
	if writesOff(m.Kind) {
		return m.Split.Amounts().Sum()
	}
	return m.Amount
}

// numberedKind returns the kind of a transaction with its number in the loan: "Pago (núm. 3)".
// A disbursement has no number.
func numberedKind(m servicing.Transaction) string {
	if m.Number == 0 {
		return kindName(m.Kind)
	}
	return fmt.Sprintf("%s (núm.\u00a0%d)", kindName(m.Kind), m.Number)
}

// description describes the event in Spanish.
func (e event) description() string {
	text := kindName(e.split.Kind)
	if e.transaction.ID.IsZero() {
		return text
	}
	text = numberedKind(e.transaction)
	amount := amountOf(e.transaction)
	if amount > 0 && (e.void || e.writesOff()) {
		text += " por " + currency(amount)
	}
	switch {
	case e.void && e.split.Kind != servicing.Reversal:
		text += ": REVERTIDO, sin efecto"
	case e.split.ToUnapplied > 0:
		text += fmt.Sprintf("; %s se guardan como saldo a favor", currency(e.split.ToUnapplied))
	}
	return text
}
