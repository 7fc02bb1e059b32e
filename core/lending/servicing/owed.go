package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/money"
)

// DueLine is what is not paid of an instalment that may be paid.
type DueLine struct {
	Instalment int        `json:"instalment"`
	Due        civil.Date `json:"due_date"`
	DaysLate   int        `json:"days_late"`
	Amounts    Amounts    `json:"amounts"`
}

// Owing is what a loan owes on a day.
type Owing struct {
	Date        civil.Date   `json:"date"`
	Lines       []DueLine    `json:"lines"`           // the oldest first
	Due         Amounts      `json:"due"`             // sum of the lines
	Accrued     Amounts      `json:"accrued"`         // interest of the running period and its IVA, and what a restructure carried; not due yet
	Principal   money.Amount `json:"principal"`       // outstanding and not due
	Unapplied   money.Amount `json:"unapplied_funds"` // held
	Outstanding money.Amount `json:"outstanding"`
	DaysPastDue int          `json:"days_past_due"` // see DaysPastDue
	OldestDue   civil.Date   `json:"oldest_due,omitzero"`
	WrittenOff  *Amounts     `json:"written_off,omitempty"` // of a loan written off, what may still be recovered
}

// Payoff is what ends the loan on a day.
type Payoff struct {
	Date      civil.Date   `json:"date"`
	Amounts   Amounts      `json:"amounts"`         // due, accrued and principal
	Unapplied money.Amount `json:"unapplied_funds"` // held, to be taken off
	Total     money.Amount `json:"total"`           // to pay: the sum of the amounts less unapplied funds
}

// Due is what the loan owes on a day, its own day or a later one; nothing if it
// is not alive.
func Due(a Account, date civil.Date) Owing {
	a.reach(date)
	return a.owing()
}

// owing is what is owed on the account's day.
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

// PayoffOf is what pays the loan off on a day, its own day or a later one; zero
// if it is not alive.
func PayoffOf(a Account, date civil.Date) Payoff {
	a.reach(date)
	return a.payoff()
}

func (a *Account) payoff() Payoff {
	o := a.owing()
	p := Payoff{Date: o.Date, Amounts: o.Due.Plus(o.Accrued), Unapplied: o.Unapplied}
	p.Amounts.Principal += o.Principal
	p.Total = p.Amounts.Sum() - p.Unapplied
	return p
}

// DaysPastDue is the days from the due date of the oldest instalment that is not
// fully paid to the day, which is the account's or a later one; 0 if none is
// overdue. Penalty interest alone does not make an instalment unpaid (docs/rules/stages.md:
// the first instalment not fully paid). Of a loan written off, it is as of that
// day.
func DaysPastDue(a Account, date civil.Date) int {
	a.reach(date)
	return a.daysPastDue()
}

func (a *Account) daysPastDue() int {
	if oldest := a.oldestDue(); !oldest.IsZero() {
		return max(0, a.Day.Since(oldest))
	}
	return 0
}

// oldestDue is the due date of the oldest instalment that may be paid and is not
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

// InterestPaidTo is the day up to which, without a gap from the first day of the
// schedule in force, all ordinary interest of a loan that is alive is paid.
func InterestPaidTo(a Account) civil.Date {
	for i := range a.Instalments {
		if in := a.Instalments[i]; in.Until.After(a.Day) || a.owed(i).Interest > 0 {
			return in.PaidTo
		}
	}
	return a.Day
}

// Recognised is all that the loan has earned up to its day, by component, paid
// or not: interest and penalty interest to the day, the others when they fall due or
// are paid; principal is 0. What the books must post of a loan between two states
// is the difference; it is negative where a replay undid what was earned.
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

// Receivable is what the books have of the loan's interest and of its IVA: what
// was recognised up to its day and is neither collected, written off nor made
// principal.
func Receivable(a Account) (interest, iva money.Amount) {
	gone := a.Paid.Plus(a.WrittenOff).Plus(a.Recovered)
	recognised := Recognised(a)
	return recognised.Interest - gone.Interest - a.Capitalised, recognised.InterestIVA - gone.InterestIVA
}
