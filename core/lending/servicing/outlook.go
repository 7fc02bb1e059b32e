package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Outlook is what becomes of a loan by itself as long as nothing is overdue and
// nothing falls due: only interest grows. It is a small part of the account, so
// that a whole portfolio can be looked at each day.
type Outlook struct {
	From  civil.Date // it tells of the days from this one
	Until civil.Date // up to the one before this

	Number   int            // of the instalment of the running period
	Balance  money.Amount   // principal that bears the interest of the running period
	Start    civil.Date     // of the running period
	Whole    int64          // most that may have elapsed of it, as the Num of civil.Fraction
	Paid     int64          // of which is paid already
	Overdue  Exact          // principal × time of the period that was overdue in it
	Fixed    money.Amount   // interest owed besides; negative if some was paid ahead
	Rate     rate.Annual    // ordinary
	DayCount civil.DayCount //
	Rounding money.Rounding //
}

// OutlookOf is the outlook of a loan from its account's day on, and whether it
// has one: a loan that is active, never restructured, and owes nothing that may
// be paid.
func OutlookOf(a Account) (o Outlook, found bool) {
	i := a.running()
	if a.Status != Active || i == len(a.Instalments) {
		return o, false
	}
	for k := range a.Instalments[:i] {
		if a.owed(k) != (Amounts{}) {
			return o, false
		}
	}
	in, t := a.Instalments[i], &a.Version.Terms
	o = Outlook{
		From: a.Day, Until: in.Until, Number: in.Number, Balance: in.Balance, Start: in.From, Whole: in.Fraction.Num, Paid: a.elapsed(in, in.PaidTo), Overdue: in.Overdue,
		Fixed: in.Waiting + in.Carried.Interest - in.Paid.Interest, Rate: t.AnnualRate, DayCount: t.DayCount, Rounding: t.Rounding,
	}
	if in.Grace == schedule.Waive {
		o.Balance = 0
	}
	return o, true
}

// Interest is the interest owed at the start of a day, not due yet, and whether
// the outlook tells of that day.
func (o Outlook) Interest(on civil.Date) (money.Amount, bool) {
	if on.Before(o.From) || !on.Before(o.Until) {
		return 0, false
	}
	elapsed := min(max(o.DayCount.Between(o.Start, on).Num, 0), o.Whole)
	sum := Exact{}.plus(o.Balance, max(0, elapsed-o.Paid)).and(o.Overdue)
	return o.Fixed + sum.times(o.Rate, o.DayCount, o.Rounding), true
}
