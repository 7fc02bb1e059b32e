package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/money"
)

// DueLine has the unpaid amounts of an instalment that may be paid.
type DueLine struct {
	Instalment int        `json:"instalment"`
	Due        civil.Date `json:"due_date"`
	DaysLate   int        `json:"days_late"`
	Amounts    Amounts    `json:"amounts"`
}

// Owing has the amounts that a loan owes on a day.
type Owing struct {
	Date        civil.Date   `json:"date"`
	Lines       []DueLine    `json:"lines"`     // oldest instalment first
	Due         Amounts      `json:"due"`       // sum of the lines
	Accrued     Amounts      `json:"accrued"`   // interest of the current period with its IVA, and amounts carried by a restructuring; not due yet
	Principal   money.Amount `json:"principal"` // outstanding principal that is not due
	Unapplied   money.Amount `json:"unapplied_funds"`
	Outstanding money.Amount `json:"outstanding"`
	DaysPastDue int          `json:"days_past_due"` // see DaysPastDue
	OldestDue   civil.Date   `json:"oldest_due,omitzero"`
	WrittenOff  *Amounts     `json:"written_off,omitempty"` // of a written-off loan, the debt that has not been recovered
}

// Payoff is the amount that pays off a loan on a day.
type Payoff struct {
	Date      civil.Date   `json:"date"`
	Amounts   Amounts      `json:"amounts"`         // due, accrued and principal
	Unapplied money.Amount `json:"unapplied_funds"` // subtracted from the amounts
	Total     money.Amount `json:"total"`           // payoff amount: the sum of the amounts less unapplied funds
}

// Due returns the amounts that the loan owes on a day, which must not be before the
// account's day. A loan that is not alive owes nothing.
func Due(a Account, date civil.Date) Owing {
	a.rollTo(date)
	return a.owing()
}

// owing returns the amounts owed on the account's day.
func (a *Account) owing() Owing {
	o := Owing{Date: a.Day, Unapplied: a.Unapplied, Outstanding: a.Outstanding, Principal: a.Outstanding}
	if a.Status == WrittenOff {
		left := a.WrittenOff
		o.WrittenOff = &left
	}
	if !Alive(a.Status) {
		return o
	}
	running := a.running()
	for i := range a.Instalments[:running] {
		in := a.Instalments[i]
		if rest := a.owed(i); rest.Sum() > 0 {
			o.Lines = append(o.Lines, DueLine{in.Number, in.Due, max(0, a.Day.Since(in.Due)), rest})
			o.Due = o.Due.Plus(rest)
		}
	}
	if running < len(a.Instalments) {
		o.Accrued = a.accrued(running)
	}
	o.Principal -= o.Due.Principal
	o.OldestDue, o.DaysPastDue = a.oldestDue(), a.daysPastDue()
	return o
}

// PayoffOf returns the payoff amount on a day, which must not be before the account's
// day. It is zero if the loan is not alive.
func PayoffOf(a Account, date civil.Date) Payoff {
	a.rollTo(date)
	return a.payoff()
}

func (a *Account) payoff() Payoff {
	o := a.owing()
	if !Alive(a.Status) {
		return Payoff{Date: o.Date} // unapplied funds of a paid-off loan pay nothing
	}
	p := Payoff{Date: o.Date, Amounts: o.Due.Plus(o.Accrued), Unapplied: o.Unapplied}
	p.Amounts.Principal += o.Principal
	p.Total = p.Amounts.Sum() - p.Unapplied
	return p
}

// DaysPastDue returns the number of days from the due date of the oldest instalment
// that is not fully paid to the date, which must not be before the account's day. It
// is 0 if nothing is overdue. An instalment that owes only penalty interest counts as
// paid (docs/rules/stages.md). For a written-off loan it is the number on the day of
// the write-off.
func DaysPastDue(a Account, date civil.Date) int {
	a.rollTo(date)
	return a.daysPastDue()
}

func (a *Account) daysPastDue() int {
	if oldest := a.oldestDue(); !oldest.IsZero() {
		return max(0, a.Day.Since(oldest))
	}
	return 0
}

// oldestDue returns the due date of the oldest instalment that may be paid and is not
// fully paid; zero if there is none.
func (a *Account) oldestDue() civil.Date {
	for i := range a.Instalments[:a.running()] {
		rest := a.owed(i)
		rest.PenaltyInterest, rest.PenaltyInterestIVA = 0, 0
		if rest.Sum() > 0 {
			return a.Instalments[i].Due
		}
	}
	return civil.Date{}
}

// InterestPaidTo returns the day up to which all ordinary interest of a loan that is
// alive is paid, counted from the first day of the current schedule without a gap.
func InterestPaidTo(a Account) civil.Date {
	for i := range a.Instalments {
		if in := a.Instalments[i]; in.Until.After(a.Day) || a.owed(i).Interest > 0 {
			return in.PaidTo
		}
	}
	return a.Day
}

// Recognised returns the income that the loan has earned up to its day, by component,
// paid or not. Interest and penalty interest are earned every day, the other
// components when they become due or are paid. Principal is 0. The books post the
// difference between two states of the account; it is negative where a replay undid
// income.
func Recognised(a Account) Amounts {
	all := a.Paid.Plus(a.WrittenOff).Plus(a.Recovered)
	all.Interest += a.Capitalised
	if Alive(a.Status) {
		running := a.running()
		for i := range a.Instalments[:running] {
			all = all.Plus(a.owed(i))
		}
		if running < len(a.Instalments) {
			rest, in := a.accrued(running), a.Instalments[running]
			rest.InterestIVA = max(0, in.Carried.InterestIVA-in.Paid.InterestIVA)
			all = all.Plus(rest)
		}
	}
	all.Principal = 0
	return all
}

// Receivable returns the interest receivable and the IVA receivable in the books: the
// recognised amounts that have not been collected, written off or capitalised.
func Receivable(a Account) (interest, iva money.Amount) {
	gone := a.Paid.Plus(a.WrittenOff).Plus(a.Recovered)
	recognised := Recognised(a)
	return recognised.Interest - gone.Interest - a.Capitalised, recognised.InterestIVA - gone.InterestIVA
}
