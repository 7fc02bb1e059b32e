package layout

import (
	"sofipo/core/civil"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Position is the state of a loan in the period of a statement.
type Position struct {
	Status  servicing.Status  // on the cut date
	Open    bool              // whether it was active at some time in the period
	Rate    rate.Annual       // of ordinary interest, as the schedule in force has it
	Opening money.Amount      // principal outstanding at the end of the day before the period
	Closing money.Amount      // principal outstanding on the cut date
	Charged servicing.Amounts // charged in the period, paid or not: interest and penalty interest accrue daily, other components when due or paid
	Owing   servicing.Owing   // on the cut date
	Payoff  servicing.Payoff  // on the cut date

	Instalments int // of the schedule in force, with those already paid
	Unpaid      int // of them, not fully paid

	Next       civil.Date   // due date of the first instalment after the cut date; none if zero
	NextAmount money.Amount // amount to pay by Next to be up to date, including overdue amounts, less unapplied funds
	Base       money.Amount // principal that interest runs on in the period of that instalment
	Days       int          // of interest in the period of that instalment, by the contract's convention

	Since []servicing.Split // automatic operations after the last transaction, up to the cut-off date
}

// required returns the amount to pay by Next, or at once if all instalments are overdue.
func (p Position) required() money.Amount {
	switch {
	case !servicing.Alive(p.Status):
		return 0
	case p.Next.IsZero():
		return p.Owing.Due.Sum()
	}
	return p.NextAmount
}

// writtenOff returns the remaining debt of a written-off loan.
func (p Position) writtenOff() money.Amount {
	if p.Owing.WrittenOff == nil {
		return 0
	}
	return p.Owing.WrittenOff.Sum()
}

// PositionOf computes the position from two states of the account: after the last
// operation with a value date before from, and after the last one with a value
// date not after to. Both must have all their instalments, as servicing.Recompute
// gives them. Before is the zero account if the loan was not disbursed yet.
func PositionOf(before, after servicing.Account, from, to civil.Date) Position {
	if !before.Opened.IsZero() {
		before, _ = servicing.Roll(before, from.AddDays(-1))
	}
	p := Position{Open: before.Opened.IsZero() || servicing.Alive(before.Status), Owing: servicing.Due(after, to), Payoff: servicing.PayoffOf(after, to)}
	after, p.Since = servicing.Roll(after, to)
	p.Status, p.Rate, p.Opening, p.Closing = after.Status, after.Version.Terms.AnnualRate, before.Outstanding, after.Outstanding
	p.Charged = servicing.Recognised(after).Minus(servicing.Recognised(before))
	alive := servicing.Alive(after.Status)
	for _, in := range after.Instalments {
		p.Instalments = max(p.Instalments, in.Number)
		if !alive {
			continue
		}
		if unpaidOf(in) > 0 {
			p.Unpaid++
		}
		if p.Next.IsZero() && in.Until.After(to) {
			p.Next, p.Base, p.Days = in.Due, in.Balance, in.Fraction.Days
			p.NextAmount = servicing.Due(after, in.Until).Due.Sum()
		}
	}
	return p
}
