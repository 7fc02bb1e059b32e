package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
)

// Brought is what a loan that began in another system owed, due and unpaid, on the day of its
// import. The principal is part of the outstanding principal.
type Brought struct {
	Due  civil.Date // due date of the oldest unpaid instalment, before the day of the import
	Owed Amounts
}

// Import is the operation with which the account of an imported loan begins, on the day of its
// contract. The contract is a schedule of the whole outstanding principal over the remaining
// periods. What was overdue becomes the first instalment, and the rest of the principal has a
// schedule after it. Interest on both runs from the day of the import. Nothing changes if
// nothing was overdue. It refuses principal above the outstanding one and a due date that is not
// before the import, and terms as schedule.Plan does.
func Import(a Account, b Brought) (Account, Split, error) {
	after := a
	s, err := after.bring(b)
	return a.kept(&after, s, err)
}

func (a *Account) bring(b Brought) (Split, error) {
	s := Split{Kind: ImportKind, Date: a.Opened}
	if b.Owed == (Amounts{}) {
		return a.done(s), nil
	}
	if !b.Due.Before(a.Opened) {
		return Split{}, fault.Wrong(fault.At("days_past_due", fault.Positive))
	}
	rest := a.Outstanding - b.Owed.Principal
	if rest < 0 {
		return Split{}, fault.Wrong(fault.At("overdue_principal", fault.AtMost, "most", a.Outstanding))
	}
	t := &a.Version.Terms
	late := &Instalment{
		Number: 1, Start: b.Due, From: b.Due, Until: b.Due, Due: b.Due, Nominal: b.Due, PaidTo: b.Due, Fraction: t.DayCount.Of(0),
		Balance: a.Outstanding, Contract: Amounts{Principal: b.Owed.Principal}, Carried: b.Owed,
	}
	late.Carried.Principal = 0
	all := []*Instalment{late}
	a.Version.Level = 0
	if rest > 0 {
		terms := *t
		terms.Amount = rest
		plan, err := schedule.Plan(terms)
		if err != nil {
			return Split{}, err
		}
		all, a.Version.Level = append(all, instalments(plan, 2)...), level(plan)
	}
	a.Instalments = all
	s.Date = b.Due
	s.addAll(1, b.Owed, product.Components)
	return a.done(s), nil
}
