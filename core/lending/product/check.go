package product

import (
	"regexp"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// MaxGraceDays is the maximum number of grace days before penalty interest.
const MaxGraceDays = 31

var code = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// CheckCode refuses a text that cannot be the code of a product, as the field product.
func CheckCode(text string) error {
	if code.MatchString(text) {
		return nil
	}
	return fault.Wrong(fault.At("product", CodeForm))
}

// Check refuses an invalid product with a fault.Error that has one flaw for each broken
// rule. Fields are named as in JSON. Empty fields count as their defaults. A nil
// Allocation is the default; an empty list is refused.
func (p Product) Check() error {
	p = p.Defaults()
	var f fault.Flaws
	p.checkIdentity(&f)
	p.checkLimits(&f)
	p.checkPenaltyInterest(&f)
	checkAllocation(&f, p.Allocation)
	fault.Among(&f, p.Strategy, "strategy", OldestFirst, ByConcept)
	fault.Among(&f, p.Excess, "excess", ReduceInstalment, ReduceTerm, KeepUnapplied)
	p.checkTerms(&f)
	return f.Err()
}

// Terms returns the terms of a loan of the product with the amount, the annual rate,
// the number of periods, the disbursement date and the first due date (zero: one
// period later). It refuses values outside the limits, a disbursement date on which the
// product is not in force, and invalid terms; the fault.Error has all flaws.
func (p Product) Terms(amount money.Amount, annual rate.Annual, periods int, disbursement, firstDue civil.Date) (schedule.Terms, error) {
	p = p.Defaults()
	t := p.terms()
	t.Amount, t.AnnualRate, t.Periods, t.Disbursement, t.FirstDue = amount, annual, periods, disbursement, firstDue
	t = t.Defaults()
	var f fault.Flaws
	if l := p.Limits; amount < l.MinAmount || amount > l.MaxAmount {
		f.Add(p.outside("amount", l.MinAmount, l.MaxAmount))
	}
	p.checkAsked(&f, t)
	if !p.inForce(disbursement) {
		f.Add(p.notInForce())
	}
	f.AddNew(t.Flaws()...)
	return t, f.Err()
}

// Imported returns the terms of a loan that began in another system, with its outstanding
// principal and remaining periods, from the day of its import. The limits of the product, its
// origination fee and its grace do not apply.
func (p Product) Imported(principal money.Amount, annual rate.Annual, periods int, on, firstDue civil.Date) schedule.Terms {
	t := p.Defaults().terms()
	t.Fees.Origination, t.Grace = schedule.Fee{}, schedule.Grace{}
	t.Amount, t.AnnualRate, t.Periods, t.Disbursement, t.FirstDue = principal, annual, periods, on, firstDue
	return t.Defaults()
}

// checkAsked refuses a rate or a number of periods outside the limits.
func (p Product) checkAsked(f *fault.Flaws, t schedule.Terms) {
	if l := p.Limits; t.AnnualRate < l.MinRate || t.AnnualRate > l.MaxRate {
		f.Add(fault.At("annual_rate", RateWithinLimits, append(rate.Limits(t.AnnualRate, l.MinRate, l.MaxRate), "product", p.Code)...))
	}
	if l := p.Limits; t.Periods < l.MinPeriods || t.Periods > l.MaxPeriods {
		f.Add(p.outside("periods", l.MinPeriods, l.MaxPeriods))
	}
}

// outside returns the flaw of a value outside the limits of the product.
func (p Product) outside(path string, least, most any) fault.Flaw {
	return fault.At(path, WithinLimits, "least", least, "most", most, "product", p.Code)
}

func (p Product) notInForce() fault.Flaw {
	if p.To.IsZero() {
		return fault.At("disbursement_date", InForceFrom, "from", p.From, "version", p.Version, "product", p.Code)
	}
	return fault.At("disbursement_date", InForceBetween, "from", p.From, "to", p.To, "version", p.Version, "product", p.Code)
}

func (p Product) checkIdentity(f *fault.Flaws) {
	f.Unless(code.MatchString(p.Code), "code", OwnCodeForm)
	f.Unless(!glyph.Blank(p.Name), "name", fault.Blank)
	fault.Among(f, p.Classification, "classification", risk.Classifications()...)
	f.Unless(p.Version >= 1, "version", FromOne)
	f.Unless(p.From.Valid(), "effective_from", fault.DayNeeded)
	f.Unless(p.To.IsZero() || p.To.Valid() && !p.To.Before(p.From), "effective_to", NotBeforeStart)
}

func (p Product) checkLimits(f *fault.Flaws) {
	l := p.Limits
	f.Unless(l.MinAmount >= 1 && l.MinAmount <= l.MaxAmount, "limits.min_amount", LeastAmount)
	limitAtMost(f, l.MaxAmount, money.Max, "limits.max_amount")
	f.Unless(l.MinRate >= 0 && l.MinRate <= l.MaxRate, "limits.min_rate", LeastRate)
	rate.Within(f, max(l.MaxRate, 0), 0, schedule.MaxRate, "limits.max_rate")
	f.Unless(l.MinPeriods >= 1 && l.MinPeriods <= l.MaxPeriods, "limits.min_periods", LeastPeriods)
	limitAtMost(f, l.MaxPeriods, schedule.MaxPeriods, "limits.max_periods")
	fault.Within(f, l.ApprovalLimit, 1, money.Max, "limits.approval_limit")
}

func limitAtMost[T ~int | ~int64](f *fault.Flaws, value, most T, path string) {
	if value > most {
		f.Add(fault.At(path, LimitAtMost, "most", most))
	}
}

func (p Product) checkPenaltyInterest(f *fault.Flaws) {
	m := p.PenaltyInterest
	rate.Within(f, m.Rate, 0, schedule.MaxRate, "penalty_interest.rate")
	fault.Among(f, m.Base, "penalty_interest.base", OverduePrincipal, OverduePrincipalAndInterest)
	fault.Among(f, m.Mode, "penalty_interest.mode", Additional, Replaces)
	fault.Within(f, m.GraceDays, 0, MaxGraceDays, "penalty_interest.grace_days")
	fault.Among(f, m.DayCount, "penalty_interest.day_count", civil.DayCounts...)
}

// checkAllocation refuses a list that does not have every component exactly once. An
// unknown component is reported once.
func checkAllocation(f *fault.Flaws, list []Component) {
	seen := map[Component]int{}
	for _, c := range list {
		if seen[c]++; seen[c] == 1 && !slices.Contains(Components, c) {
			f.Add(fault.At("allocation", ComponentKnown, "component", c, "accepted", Components))
		}
	}
	for _, c := range Components {
		switch {
		case seen[c] == 0:
			f.Add(fault.At("allocation", ComponentMissing, "component", c))
		case seen[c] > 1:
			f.Add(fault.At("allocation", ComponentTwice, "component", c))
		}
	}
}

// checkTerms checks the choices of the product with the smallest and the largest loan
// of its limits. Fields that the client chooses have their own rules; a number of
// periods that does not fit is reported on the limit.
func (p Product) checkTerms(f *fault.Flaws) {
	l, day := p.Limits, civil.Date{Year: 2024, Month: 1, Day: 31}
	for _, ends := range []struct {
		amount  money.Amount
		periods int
	}{{l.MinAmount, l.MinPeriods}, {l.MaxAmount, l.MaxPeriods}} {
		t := p.terms()
		t.Amount, t.AnnualRate, t.Periods, t.Disbursement = ends.amount, l.MaxRate, ends.periods, day
		for _, flaw := range t.Flaws() {
			switch flaw.Name() {
			case "amount", "annual_rate", "disbursement_date", "first_due_date":
				continue
			case "periods":
				flaw.Path = []any{"limits", "max_periods"}
			}
			f.AddNew(flaw)
		}
	}
}
