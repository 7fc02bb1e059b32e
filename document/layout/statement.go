package layout

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// Statement is the account statement of a loan over a period (docs/rules/statements.md).
type Statement struct {
	Credit
	From, To     civil.Date // both in the period; To is the cut date
	Position     Position
	Transactions []servicing.Transaction // with a value date in the period, in any order; reversed ones too
	Plan         *Plan                   // what is left of the table, after a prepayment or a restructure; else nil
}

// Listed tells whether the client's statement over the period has the loan: it was
// alive or moved in it, or was written off before and still has debt to recover.
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
	s.period(st.From, st.To)
	st.account(s, events, moves)
	st.Institution.legends(s)
	return s.write(w)
}

// period writes the days of a statement.
func (s *sheet) period(from, to civil.Date) {
	s.facts(3,
		fact{"Periodo", "Del " + shortDay(from) + " al " + shortDay(to)},
		fact{"Fecha de corte", day(to)},
		fact{"Moneda", "Pesos mexicanos (M.N.)"},
	)
}

// account writes what there is to say of the loan in the period.
func (st Statement) account(s *sheet, events []event, moves grid) {
	st.contract(s)
	st.due(s)
	st.summary(s, events)
	if len(events) > 0 {
		s.grid("Movimientos del periodo", moves)
	} else {
		s.heading("Movimientos del periodo")
		s.paragraph(body, ink, "No hubo movimientos en el periodo.")
	}
	if st.Plan != nil {
		if rows := st.Plan.rows(); len(rows) > 0 {
			s.grid(st.Plan.caption(), instalmentGrid(rows))
		}
	}
}

// contract writes the terms and the cost.
func (st Statement) contract(s *sheet) {
	terms, p := st.Contract.Terms, st.Position
	s.facts(3,
		fact{"Monto original del crédito", currency(terms.Amount)},
		fact{"Plazo", term(terms)},
		fact{"Pagos realizados y por realizar", p.progress()},
		fact{"Tasa de interés ordinaria anual, sin IVA", percent(p.Rate)},
		fact{"Tasa de interés moratoria anual, sin IVA", percent(st.PenaltyInterest)},
		fact{"Estado del crédito", named(statusNames, p.Status)},
		fact{"Saldo base del cálculo de intereses", unlessZero(p.Base)},
		fact{"Días del periodo de intereses", unlessNone(p.Days)},
		fact{"Registro de contrato de adhesión (RECA)", st.RECA},
	)
	s.paragraph(body, ink, st.cat())
}

// progress counts the payments, unless the loan ended otherwise than by them.
func (p Position) progress() string {
	if p.Status == servicing.WrittenOff || p.Status == servicing.Cancelled {
		return ""
	}
	return fmt.Sprintf("%d realizados, %d por realizar", p.Instalments-p.Unpaid, p.Unpaid)
}

func unlessNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// lostName is how documents call what a loan that was written off still owes.
const lostName = "Adeudo castigado por recuperar"

// due shows what to pay and until when.
func (st Statement) due(s *sheet) {
	p := st.Position
	overdue, required, payoff := overdueOf(p.Owing), p.required(), currency(p.Payoff.Total)
	switch lost := p.writtenOff(); {
	case lost > 0:
		payoff = ""
		s.amount(lostName, currency(lost), "El crédito fue castigado y su adeudo sigue por pagar ("+InWords(lost)+").")
	case !servicing.Alive(p.Status):
		s.amount("Pago requerido", currency(required), "El crédito no tiene pagos por realizar. Estado: "+lower(named(statusNames, p.Status))+".")
	case p.Next.IsZero():
		s.amount("Pago requerido de inmediato", currency(required), "Todos los pagos de la tabla están vencidos ("+InWords(required)+").")
	default:
		text := "Para estar al corriente (" + InWords(required) + ")."
		if overdue > 0 {
			text += " Incluye saldo vencido, que genera intereses cada día hasta su pago."
		}
		s.amount("Pago requerido a más tardar el "+day(p.Next), currency(required), text)
	}
	s.facts(3,
		fact{"Saldo vencido a la fecha de corte", currency(overdue)},
		fact{"Días de atraso", strconv.Itoa(p.Owing.DaysPastDue)},
		fact{"Exigible a la fecha de corte", currency(p.Owing.Due.Sum())},
		fact{"Saldo inicial (capital insoluto)", currency(p.Opening)},
		fact{"Saldo final (capital insoluto)", currency(p.Closing)},
		fact{"Importe para liquidar a la fecha de corte", payoff},
		fact{"Pago adelantado a favor", unlessZero(p.Owing.Unapplied)},
	)
}

// overdueOf is what is owed of instalments whose due date has passed.
func overdueOf(o servicing.Owing) (sum money.Amount) {
	for _, l := range o.Lines {
		if l.Due.Before(o.Date) {
			sum += l.Amounts.Sum()
		}
	}
	return sum
}

// summary tells what was charged, what was paid and what is due, by component.
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
		columns: []column{prose("Concepto"), figures("Generado en el periodo"), figures("Pagado en el periodo"), figures("Exigible a la fecha de corte")},
		total:   []string{"Total", pesos(p.Charged.Sum()), pesos(paid.Sum()), pesos(p.Owing.Due.Sum())},
	}
	for _, c := range shown {
		charged := pesos(p.Charged.Of(c))
		if c == product.Principal {
			charged = "–"
		}
		g.rows = append(g.rows, []string{componentNames[c], charged, pesos(paid.Of(c)), pesos(p.Owing.Due.Of(c))})
	}
	s.grid("Resumen del periodo", g)
	opening := ""
	if p.Status != servicing.Cancelled && slices.ContainsFunc(events, func(e event) bool { return e.transaction.Kind == servicing.Disbursement }) {
		opening = st.opening()
	}
	s.facts(3,
		fact{"Comisión por apertura, a la disposición", opening},
		fact{"Pagos recibidos en el periodo", currency(received(events))},
		fact{"Pagos anticipados a capital", currency(ahead)},
	)
}

// received is what the client paid.
func received(events []event) (sum money.Amount) {
	for _, e := range events {
		if e.pays() {
			sum += e.credit
		}
	}
	return sum
}

// aheadOf is the principal that was paid ahead of its date.
func aheadOf(split servicing.Split) (sum money.Amount) {
	for _, l := range split.Lines {
		if l.Instalment == 0 && l.Component == product.Principal && split.Kind != servicing.RecoveryKind {
			sum += l.Amount
		}
	}
	return sum
}

// legends writes the warnings and where the client may turn.
func (i Institution) legends(s *sheet) {
	legends := i.Legends
	if legends == nil {
		legends = Legends()
	}
	s.y += 2
	for _, l := range legends {
		s.paragraph(small, faded, l)
	}
	s.paragraph(small, faded, "Las aclaraciones sobre los movimientos se presentan ante la UNE de la institución; también puede acudirse a la CONDUSEF.")
	i.complaints(s)
}

// event is a line of the statement: a transaction, or what happened by itself.
type event struct {
	transaction servicing.Transaction // zero for what happened by itself
	split       servicing.Split
	date        civil.Date
	charge      money.Amount
	credit      money.Amount
	void        bool // reversed, or a reversal: it counts for nothing
}

// pays tells whether the event paid some of what was owed.
func (e event) pays() bool {
	return !e.void && (e.split.Kind == servicing.AdvanceApplied || slices.Contains(servicing.Payments, e.split.Kind))
}

// events are the transactions and what happened by itself in the period, by date.
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
		events = append(events, e)
	}
	alone(st.Position.Since)
	slices.SortStableFunc(events, func(a, b event) int { return a.date.Compare(b.date) })
	return events
}

// sorted are the transactions by value date, then by number.
func (st Statement) sorted() []servicing.Transaction {
	return slices.SortedStableFunc(slices.Values(st.Transactions), func(a, b servicing.Transaction) int {
		if c := a.ValueDate.Compare(b.ValueDate); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
}

// writesOff tells whether the event took a debt out of the loan without a payment.
func (e event) writesOff() bool { return writesOff(e.split.Kind) }

func writesOff(k servicing.Kind) bool {
	return k == servicing.WriteOffKind || k == servicing.Cancellation
}

// amountOf is that of the transaction, or of the debt that it took out.
func amountOf(m servicing.Transaction) money.Amount {
	if writesOff(m.Kind) {
		return m.Split.Amounts().Sum()
	}
	return m.Amount
}

// said is the event in words.
func (e event) said() string {
	text := named(kindNames, e.split.Kind)
	if e.transaction.ID.IsZero() {
		return text
	}
	text = fmt.Sprintf("%s (núm.\u00a0%d)", text, e.transaction.Number)
	switch {
	case e.split.Kind == servicing.Reversal && e.transaction.Amount == 0: // of a write-off or a restructure
	case e.split.Kind == servicing.Reversal:
		text += fmt.Sprintf(" por %s", currency(e.transaction.Amount))
	case e.void:
		text += fmt.Sprintf(" por %s: REVERSADO, sin efecto", currency(amountOf(e.transaction)))
	case e.writesOff():
		text += fmt.Sprintf(" por %s", currency(amountOf(e.transaction)))
	case e.split.ToUnapplied > 0:
		text += fmt.Sprintf("; %s guardados como pago adelantado", currency(e.split.ToUnapplied))
	}
	return text
}
