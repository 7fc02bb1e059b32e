package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Outlook is the small part of an account that is enough to compute its accrued
// interest until the next instalment becomes due, if nothing is overdue. The close of
// a day uses it to process the whole portfolio without loading every account.
type Outlook struct {
	From  civil.Date // first day of the outlook
	Until civil.Date // day after the last

	Number   int          // number of the current instalment
	Balance  money.Amount // principal that earns interest in the current period
	Start    civil.Date   // first day of the current period
	Whole    int64        // length of the current period, as the Num of civil.Fraction
	Paid     int64        // part of the period with paid interest, in the same unit
	Overdue  Exact        // overdue principal × time within the period
	Fixed    money.Amount // other interest owed; negative if interest was prepaid
	Rate     rate.Annual  // ordinary interest
	DayCount civil.DayCount
	Rounding money.Rounding
}

// OutlookOf returns the outlook of a loan from its account's day on. found is false if
// the loan is not active, was restructured, has no further instalment or owes an
// instalment that may be paid.
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

// Interest returns the interest accrued to the start of a day, which is not due yet.
// The result is false if the outlook does not cover the day.
func (o Outlook) Interest(on civil.Date) (money.Amount, bool) {
	if on.Before(o.From) || !on.Before(o.Until) {
		return 0, false
	}
	elapsed := min(max(o.DayCount.Between(o.Start, on).Num, 0), o.Whole)
	sum := Exact{}.plus(o.Balance, max(0, elapsed-o.Paid)).and(o.Overdue)
	return o.Fixed + sum.times(o.Rate, o.DayCount, o.Rounding), true
}
