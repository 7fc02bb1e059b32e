package servicing

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Owed is a part of a payoff amount: one component of one instalment with the terms that add
// up to it.
type Owed struct {
	Instalment int               // 0 for principal that is not due and for unapplied funds
	Component  product.Component // empty for unapplied funds
	Terms      []Term
	Amount     money.Amount // sum of the terms
}

// Term is an amount in a sum. A term that is calculated has its formula in the notation of
// schedule.Explanation: "5000.00 × 0.72 × 35/360". Its value, rounded to the centavo, is
// the amount.
type Term struct {
	Kind    TermKind
	Formula string
	Amount  money.Amount // negative if it is subtracted
}

// TermKind says where a term comes from.
type TermKind string

// The kinds of terms.
const (
	Scheduled    TermKind = "scheduled"     // by the schedule
	CarriedOver  TermKind = "carried"       // owed before a restructuring
	Deferred     TermKind = "deferred"      // interest of earlier periods with grace
	Accrued      TermKind = "accrued"       // calculated up to the day
	InSchedule   TermKind = "in_schedule"   // subtracted: the part that the schedule already has
	AlreadyPaid  TermKind = "paid"          // subtracted
	AllPrincipal TermKind = "all_principal" // outstanding principal, due or not
	DuePrincipal TermKind = "due_principal" // subtracted: principal of instalments that are due
	FromFunds    TermKind = "unapplied"     // subtracted: unapplied funds
)

// ExplainPayoff returns the parts of PayoffOf, the oldest instalment first. Their amounts add
// up to its total.
func ExplainPayoff(a Account, date civil.Date) (parts []Owed) {
	a.rollTo(date)
	if !Alive(a.Status) {
		return nil
	}
	running := a.running()
	for i := range a.Instalments[:running] {
		parts = append(parts, a.explain(i, a.extraTerms(i))...)
	}
	if running < len(a.Instalments) {
		parts = append(parts, a.explain(running, a.accruedTerms(running))...)
	}
	rest := Owed{Component: product.Principal}
	rest.add(AllPrincipal, "", a.Outstanding)
	rest.add(DuePrincipal, "", -a.owing().Due.Principal)
	funds := Owed{}
	funds.add(FromFunds, "", -a.Unapplied)
	for _, part := range []Owed{rest, funds} {
		if part.Amount != 0 {
			parts = append(parts, part)
		}
	}
	return parts
}

// add appends a term unless its amount is 0.
func (o *Owed) add(kind TermKind, formula string, amount money.Amount) {
	if amount != 0 {
		o.Terms, o.Amount = append(o.Terms, Term{kind, formula, amount}), o.Amount+amount
	}
}

// explain returns the components of an instalment that are not zero, with the terms that the
// schedule does not have.
func (a *Account) explain(i int, calculated map[product.Component][]Term) (parts []Owed) {
	in := a.Instalments[i]
	for _, c := range product.Components {
		o, more := Owed{Instalment: in.Number, Component: c}, calculated[c]
		if len(more) > 0 && more[0] == (Term{InSchedule, "", -in.Contract.Of(c)}) {
			more = more[1:] // the calculation has all of it
		} else if !in.Until.After(a.Day) {
			o.add(Scheduled, "", in.Contract.Of(c))
		}
		o.add(CarriedOver, "", in.Carried.Of(c))
		for _, t := range more {
			o.add(t.Kind, t.Formula, t.Amount)
		}
		o.add(AlreadyPaid, "", -in.Paid.Of(c))
		if o.Amount != 0 {
			parts = append(parts, o)
		}
	}
	return parts
}

// accruedTerms returns the terms of accrued.
func (a *Account) accruedTerms(i int) map[product.Component][]Term {
	in, t := a.Instalments[i], &a.Version.Terms
	f := t.DayCount.Of(int(a.elapsed(in, a.Day) - a.elapsed(in, in.PaidTo)))
	if t.DayCount == civil.ActualActual {
		f = t.DayCount.Between(in.PaidTo, a.Day)
	}
	sum := a.own(in, a.elapsed(in, a.Day)).and(in.Overdue)
	earned := ordinary(t, sum)
	taxable := in.WaitingTax + earned.taxable
	return map[product.Component][]Term{
		product.Interest:    {{Deferred, "", in.Waiting}, {Accrued, interestFormula(in.Balance, f, sum, t.AnnualRate), earned.interest}},
		product.InterestIVA: {{Accrued, taxFormula(t.IVA, taxable), tax(t, taxable)}},
	}
}

// extraTerms returns the terms of owed that an instalment has beside its contract, if it is due.
func (a *Account) extraTerms(i int) map[product.Component][]Term {
	in, t := a.Instalments[i], &a.Version.Terms
	terms := map[product.Component][]Term{}
	if extra := a.extra(in); extra.interest > 0 {
		own := a.own(in, in.Fraction.Num)
		both, alone := ordinary(t, own.and(in.Overdue)), ordinary(t, own)
		terms[product.Interest] = []Term{
			{InSchedule, "", -alone.interest},
			{Accrued, interestFormula(0, in.Fraction, own.and(in.Overdue), t.AnnualRate), both.interest},
		}
		terms[product.InterestIVA] = []Term{
			{InSchedule, "", -tax(t, in.Taxable)},
			{Accrued, taxFormula(t.IVA, in.Taxable+extra.taxable), tax(t, in.Taxable+extra.taxable)},
		}
	}
	if in.Late {
		p := &a.Product.PenaltyInterest
		late := at(t, in.PenaltyInterest, p.Rate, p.DayCount)
		terms[product.PenaltyInterest] = []Term{{Accrued, interestFormula(a.penaltyBase(in), p.DayCount.Between(in.Due, a.Day), in.PenaltyInterest, p.Rate), late.interest}}
		terms[product.PenaltyInterestIVA] = []Term{{Accrued, taxFormula(t.IVA, late.taxable), tax(t, late.taxable)}}
	}
	return terms
}

// interestFormula returns the formula of interest on an exact sum: the principal times the
// time, or if the principal changed in that time, the sum.
func interestFormula(principal money.Amount, f civil.Fraction, sum Exact, r rate.Annual) string {
	if (Exact{}).plus(principal, f.Num) == sum {
		return fmt.Sprintf("%s × %s × %s", principal, r, f)
	}
	unit, pesos := "days", sum.big()
	if f.Den == civil.ActualActual.Of(1).Den {
		unit = "time"
	}
	whole := pesos.String()
	for len(whole) < 3 {
		whole = "0" + whole
	}
	return fmt.Sprintf("Σ balance × %s: %s.%s × %s / %d", unit, whole[:len(whole)-2], whole[len(whole)-2:], r, f.Den)
}

// taxFormula returns the formula of the IVA on taxable interest.
func taxFormula(v rate.IVA, taxable money.Amount) string {
	if v.Base == rate.FixedPercent {
		return fmt.Sprintf("%s × %s × %s", taxable, v.Percent, v.Rate)
	}
	return fmt.Sprintf("%s × %s", taxable, v.Rate)
}
