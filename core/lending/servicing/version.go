package servicing

import (
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
)

// prepaid creates a new version of the schedule after principal was prepaid on the
// account's day, within the period of the instalment with the index.
func (a *Account) prepaid(i int, rule product.Excess, s *Split) error {
	t := a.remaining(i)
	if t.Grace != (schedule.Grace{}) || t.Method == schedule.Bullet || t.Method == schedule.Single {
		rule = product.ReduceInstalment
	}
	v := Version{Number: a.Version.Number + 1, From: a.Day, Terms: t, Level: a.Version.Level}
	t.InterestFrom = a.Instalments[i].From
	reduced, err := schedule.Plan(t)
	if rule == product.ReduceTerm || err != nil && t.Rules >= schedule.Rules2 {
		v.Reason = string(product.ReduceTerm)
		a.Version, s.Version = v, &v
		a.plan(i, nil)
		if t.Rules < schedule.Rules2 || err != nil || a.shorter(reduced) {
			return nil
		}
	}
	if err != nil {
		return err
	}
	v.Reason, v.Level = string(product.ReduceInstalment), level(reduced)
	a.Version, s.Version = v, &v
	var exact []schedule.Row
	if reduced.Exact {
		exact = reduced.Rows
	}
	a.plan(i, exact)
	return nil
}

// shorter reports whether the level payment that stayed repays the loan as the reduced
// instalments would, or earlier. If it is rounded to the interest, it repays nothing
// before the last instalment.
func (a *Account) shorter(reduced schedule.Schedule) bool {
	last, of := a.Instalments[len(a.Instalments)-1], reduced.Rows[len(reduced.Rows)-1]
	return last.Nominal != of.Nominal || last.Balance <= of.OpeningBalance+schedule.MaxDrift(a.Version.Level, last.Number)
}

// remaining returns the terms of a loan of the outstanding principal over the
// instalments from the index on, from the start of that period. Fees and insurance are
// left out: the instalments keep theirs.
func (a *Account) remaining(i int) schedule.Terms {
	t, first := a.Version.Terms, a.Instalments[i]
	t.Disbursement = first.Start
	t.Amount, t.Residue, t.CATTime = a.Outstanding, schedule.Last, schedule.ByRegularity
	t.Fees, t.Insurance, t.Collateral = schedule.Fees{}, 0, 0
	if t.Method == schedule.Single {
		return t
	}
	over := t.Periods - (len(a.Instalments) - i)
	t.FirstDue, t.Periods = first.Nominal, t.Periods-over
	t.Grace.PrincipalPeriods = max(0, t.Grace.PrincipalPeriods-over)
	if t.Grace.InterestPeriods = max(0, t.Grace.InterestPeriods-over); t.Grace.InterestPeriods == 0 {
		t.Grace.Mode = ""
	}
	return t
}

// plan computes the instalments from the index on again, for the outstanding principal
// and the level of the new version, which starts on the account's day. If exact is not
// nil, the principal parts are those of its rows.
func (a *Account) plan(i int, exact []schedule.Row) {
	t, balance := &a.Version.Terms, a.Outstanding
	all := a.Instalments[i:]
	own := make([]Instalment, len(all))
	var waiting charge
	for k := range all {
		in, old := &own[k], all[k].Contract
		*in = *all[k]
		all[k] = in
		in.Contract = Amounts{Fee: old.Fee, FeeIVA: old.FeeIVA, Insurance: old.Insurance}
		in.PaidTo, in.Balance, in.Grace, in.Waiting, in.WaitingTax = in.From, balance, graceOf(t, k), waiting.interest, waiting.taxable
		in.Taxable, in.Accrues, in.Capitalised = 0, 0, 0
		in.Carried, in.Late, in.Overdue, in.PenaltyInterest, in.Paid = Amounts{}, false, Exact{}, Exact{}, Amounts{}
		if k == 0 {
			in.PaidTo = a.Day
		}
		earned := a.own(in, in.Fraction.Num)
		a.chargeInterest(in, ordinary(t, earned))
		if in.Contract.Principal = a.principal(in, k, k == len(all)-1); exact != nil && k < len(all)-1 {
			in.Contract.Principal = min(exact[k].Principal, in.Balance)
		}
		waiting = waiting.after(t, in, earned)
		balance += in.Capitalised - in.Contract.Principal
		if balance == 0 && a.Version.Reason == string(product.ReduceTerm) {
			a.Instalments = a.Instalments[:i+k+1]
			break
		}
	}
}

// chargeInterest sets the interest that the instalment charges for its period,
// considering its grace.
func (a *Account) chargeInterest(in *Instalment, earned charge) {
	switch in.Grace {
	case schedule.Waive:
		return
	case schedule.Capitalise:
		in.Capitalised, in.Taxable = earned.interest, earned.taxable
	case schedule.Defer:
	default:
		in.Contract.Interest, in.Taxable = earned.interest+in.Waiting, earned.taxable+in.WaitingTax
	}
	in.Accrues = earned.interest
	in.Contract.InterestIVA = tax(&a.Version.Terms, in.Taxable)
}

// principal returns the principal part of an instalment for the version's level, as if
// its interest ran from the start of its period.
func (a *Account) principal(in *Instalment, k int, last bool) money.Amount {
	t := &a.Version.Terms
	whole := ordinary(t, Exact{}.plus(in.Balance, in.Fraction.Num))
	if in.Grace == schedule.Waive {
		whole = charge{}
	}
	part := money.Amount(0)
	switch {
	case k < t.Grace.PrincipalPeriods:
		return 0
	case last:
		return in.Balance
	case t.Method == schedule.EqualPrincipal:
		part = a.Version.Level
	case t.Method == schedule.Level:
		part = a.Version.Level - whole.interest
	case t.Method == schedule.LevelWithIVA:
		part = a.Version.Level - whole.interest - tax(t, whole.taxable)
	}
	return min(max(part, 0), in.Balance)
}
