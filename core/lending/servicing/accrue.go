package servicing

import (
	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// Roll moves the account to the start of a later day: interest and penalty interest
// accrue, instalments become due, unapplied funds pay them and agreed capitalisation
// adds interest to the principal. It returns the automatic payments and
// capitalisations. Nothing changes if the day is not later than the account's day or
// the loan is not alive. Rolling in one step or in many gives the same account.
func Roll(a Account, to civil.Date) (Account, []Split) {
	automatic := a.rollTo(to)
	return a, automatic
}

// RollOn is Roll as an operation with its own split. It lets the automatic events up
// to the day be posted before another operation. It is never refused.
func RollOn(a Account, date civil.Date) (Account, Split) {
	s := Split{Kind: Rolled, Date: date, Before: a.rollTo(date)}
	s = a.done(s)
	return a, s
}

// rollTo rolls an account that may share its instalments.
func (a *Account) rollTo(to civil.Date) []Split {
	if !to.After(a.Day) {
		return nil
	}
	a.detach(to)
	return a.roll(to)
}

// roll rolls an account whose instalments are detached.
func (a *Account) roll(to civil.Date) (automatic []Split) {
	for i := a.running(); Alive(a.Status) && i < len(a.Instalments) && !a.Instalments[i].Until.After(to); i++ {
		a.accrue(a.Instalments[i].Until)
		automatic = append(automatic, a.becomeDue(i)...)
	}
	if Alive(a.Status) {
		a.accrue(to)
	}
	return automatic
}

// running returns the index of the instalment whose period includes the account's
// day; after the last period, the number of instalments.
func (a *Account) running() int { return a.runningOn(a.Day) }

// runningOn is running for another day.
func (a *Account) runningOn(day civil.Date) int {
	for i, in := range a.Instalments {
		if in.Until.After(day) {
			return i
		}
	}
	return len(a.Instalments)
}

// accrue moves the account to a day that is not after the end of the current period.
func (a *Account) accrue(to civil.Date) {
	if !to.After(a.Day) || len(a.Instalments) == 0 {
		return
	}
	open := a.running()
	in := a.Instalments[min(open, len(a.Instalments)-1)]
	for i := range a.Instalments[:open] {
		old := a.Instalments[i]
		since := civil.Later(a.Day, old.Due)
		if !to.After(since) {
			continue
		}
		a.accruePenaltyInterest(old, since, to)
		if a.Product.PenaltyInterest.Mode == product.Additional && in.Grace != schedule.Waive {
			in.Overdue = in.Overdue.plus(old.Contract.Principal-old.Paid.Principal, a.elapsed(in, to)-a.elapsed(in, since))
		}
	}
	a.Day = to
}

func (a *Account) accruePenaltyInterest(in *Instalment, since, to civil.Date) {
	late, base := a.Product.PenaltyInterest, a.penaltyBase(in)
	if base == 0 || late.Rate == 0 {
		return
	}
	in.PenaltyInterest = in.PenaltyInterest.plus(base, late.DayCount.Between(in.Due, to).Num-late.DayCount.Between(in.Due, since).Num)
	in.Late = in.Late || to.Since(in.Due) > late.GraceDays
}

// penaltyBase returns the amount of an instalment that earns penalty interest.
func (a *Account) penaltyBase(in *Instalment) money.Amount {
	base := in.Contract.Principal - in.Paid.Principal
	if a.Product.PenaltyInterest.Base == product.OverduePrincipalAndInterest {
		base += max(0, in.Contract.Interest-in.Paid.Interest)
	}
	return base
}

// elapsed returns the fraction of a year (the Num of civil.Fraction) from the first
// day of the instalment's period to a day. Within the period it is at most the whole
// period; after the end of the last period it continues to grow.
func (a *Account) elapsed(in *Instalment, d civil.Date) int64 {
	convention := a.Version.Terms.DayCount
	if d.Before(in.Until) {
		return min(max(convention.Between(in.From, d).Num, 0), in.Fraction.Num)
	}
	return in.Fraction.Num + convention.Between(in.Until, d).Num
}

// becomeDue makes the instalment with the index due on the account's day. It returns the
// capitalisation and the use of unapplied funds, if any.
func (a *Account) becomeDue(i int) (automatic []Split) {
	in := a.Instalments[i]
	if in.Capitalised > 0 {
		a.Outstanding += in.Capitalised
		a.Capitalised += in.Capitalised
		automatic = append(automatic, Split{Kind: Capitalisation, Date: a.Day, Capitalised: in.Capitalised, Balance: a.Outstanding, Status: a.Status})
	}
	if a.Unapplied > 0 {
		s := Split{Kind: AdvanceApplied, Date: a.Day}
		s.FromUnapplied = a.Unapplied - a.allocate(a.Unapplied, &s)
		a.Unapplied -= s.FromUnapplied
		a.settle()
		if s.Balance, s.Status = a.Outstanding, a.Status; s.FromUnapplied > 0 {
			automatic = append(automatic, s)
		}
	}
	a.settle()
	return automatic
}

// settle sets the status to PaidOff if nothing is owed and nothing will become due.
func (a *Account) settle() {
	if !Alive(a.Status) || a.Outstanding > 0 {
		return
	}
	for i := range a.Instalments {
		if in := a.Instalments[i]; a.owed(i).Sum() > 0 || in.Until.After(a.Day) && a.extra(in).interest > 0 {
			return
		}
	}
	a.Status = PaidOff
}

// owed returns the unpaid amounts of an instalment. An instalment that is due includes
// interest on overdue principal and penalty interest to the account's day; another
// instalment has only the amounts of the contract.
func (a *Account) owed(i int) Amounts {
	in, t := a.Instalments[i], &a.Version.Terms
	all := in.Contract.Plus(in.Carried)
	if !in.Until.After(a.Day) {
		if extra := a.extra(in); extra.interest > 0 {
			all.Interest += extra.interest
			all.InterestIVA += tax(t, in.Taxable+extra.taxable) - tax(t, in.Taxable)
		}
		if in.Late {
			late := at(t, in.PenaltyInterest, a.Product.PenaltyInterest.Rate, a.Product.PenaltyInterest.DayCount)
			all.PenaltyInterest += late.interest
			all.PenaltyInterestIVA += tax(t, late.taxable)
		}
	}
	return all.Minus(in.Paid)
}

// accrued returns the interest of the current instalment to the account's day with its
// IVA, plus the carried amounts, less the paid part. It is due only if principal is
// paid before its date.
func (a *Account) accrued(i int) Amounts {
	in, t := a.Instalments[i], &a.Version.Terms
	earned := charge{in.Waiting, in.WaitingTax}.plus(ordinary(t, a.own(in, a.elapsed(in, a.Day)).and(in.Overdue)))
	all := Amounts{Interest: earned.interest, InterestIVA: tax(t, earned.taxable)}
	return all.Plus(in.Carried).Minus(in.Paid)
}

// own returns balance × time of the instalment's own principal from PaidTo to an
// elapsed fraction of its period; zero if the interest is waived.
func (a *Account) own(in *Instalment, elapsed int64) Exact {
	if in.Grace == schedule.Waive {
		return Exact{}
	}
	return Exact{}.plus(in.Balance, elapsed-a.elapsed(in, in.PaidTo))
}

// extra returns the ordinary interest that overdue principal adds to the period: the
// interest on both sums together less the interest on the instalment's own. Both are
// rounded once.
func (a *Account) extra(in *Instalment) charge {
	if in.Overdue.IsZero() {
		return charge{}
	}
	t, own := &a.Version.Terms, a.own(in, in.Fraction.Num)
	both, alone := ordinary(t, own.and(in.Overdue)), ordinary(t, own)
	return charge{both.interest - alone.interest, both.taxable - alone.taxable}
}
