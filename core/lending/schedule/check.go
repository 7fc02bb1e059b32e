package schedule

import (
	"fmt"
	"slices"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// The limits of terms. A product sets narrower ones.
const (
	MaxRate       = 10 * rate.One // 1,000 % a year
	MaxPeriods    = 1_560         // thirty years of weeks
	MaxPeriodDays = 366
	MaxYears      = 50 // from disbursement to the last due date
)

// Check refuses terms that no schedule can keep: a fault.Error with one field
// for every rule that is broken, named as in JSON. Empty choices count as their
// defaults.
func (t Terms) Check() error {
	t = t.Defaults()
	var f faults
	t.checkAmounts(&f)
	t.checkPeriods(&f)
	t.checkDates(&f)
	t.checkChoices(&f)
	t.checkTax(&f)
	t.checkGrace(&f)
	if len(f) > 0 {
		return fault.InFields(f)
	}
	return nil
}

type faults []fault.Field

// unless notes a fault in the field, a path of JSON names with dots, if the rule is broken.
func (f *faults) unless(kept bool, field, rule string) {
	if !kept {
		f.add(field, rule)
	}
}

func (f *faults) add(field, rule string) {
	loc := []any{"body"}
	for name := range strings.SplitSeq(field, ".") {
		loc = append(loc, name)
	}
	*f = append(*f, fault.Field{Loc: loc, Message: rule, Type: "value_error"})
}

// within notes a fault if the value is outside the limits.
func within[T ~int | ~int64](f *faults, value, least, most T, field string) {
	if value < least || value > most {
		f.add(field, fmt.Sprintf("must be from %v to %v", least, most))
	}
}

// among notes a fault if the value is none of the accepted ones.
func among[T ~string](f *faults, value T, field string, accepted ...T) {
	if !slices.Contains(accepted, value) {
		f.add(field, fmt.Sprintf("must be one of %v", accepted))
	}
}

func (t Terms) checkAmounts(f *faults) {
	f.unless(t.Amount > 0 && t.Amount <= money.Max, "amount", "must be above 0 and at most 9999999999999.99")
	within(f, t.AnnualRate, 0, MaxRate, "annual_rate")
	within(f, t.Insurance, 0, money.Max, "insurance")
	within(f, t.Collateral, 0, money.Max, "collateral")
	t.Commissions.Opening.check(f, "commissions.opening")
	t.Commissions.Periodic.check(f, "commissions.periodic")
	among(f, t.Commissions.OpeningPayment, "commissions.opening_payment", OpeningPayments...)
	within(f, t.Commissions.IVARate, 0, rate.One, "commissions.iva_rate")
	if len(*f) > 0 {
		return
	}
	opening, err := t.opening()
	f.unless(err == nil && opening.Commission+opening.IVA+t.Collateral < t.Amount, "commissions.opening",
		"must be, with its IVA and the collateral, below the amount")
}

func (c Commission) check(f *faults, field string) {
	if c == (Commission{}) {
		return
	}
	within(f, c.Amount, 0, money.Max, field+".amount")
	within(f, c.Rate, 0, rate.One, field+".rate")
	f.unless(c.Amount == 0 || c.Rate == 0, field, "must have an amount or a rate, not both")
}

func (t Terms) checkPeriods(f *faults) {
	within(f, t.Periods, 1, MaxPeriods, "periods")
	among(f, t.Frequency, "frequency", Frequencies...)
	if t.Frequency == EveryNumDays {
		within(f, t.PeriodDays, 1, MaxPeriodDays, "period_days")
	} else {
		f.unless(t.PeriodDays == 0, "period_days", "is only for the frequency every_n_days")
	}
}

func (t Terms) checkDates(f *faults) {
	f.unless(t.Disbursement.Valid() && t.Disbursement.Year >= 1900 && t.Disbursement.Year < 2900, "disbursement_date", "is needed: a day from 1900 to 2899")
	f.unless(!t.MonthEnd || t.Frequency == Monthly, "month_end", "is only for the frequency monthly")
	if !t.Disbursement.Valid() || t.FirstDue.IsZero() {
		return
	}
	if !t.FirstDue.Valid() {
		f.add("first_due_date", "must be a day of the calendar")
		return
	}
	f.unless(t.FirstDue.After(t.Disbursement), "first_due_date", "must be after disbursement_date, "+t.Disbursement.String())
	f.unless(t.Frequency != Quincenal || t.FirstDue.IsQuincena(), "first_due_date", "must be a 15th or the last day of a month for the frequency quincenal")
	f.unless(!t.MonthEnd || t.Frequency != Monthly || t.FirstDue.IsMonthEnd(), "first_due_date", "must be the last day of a month with month_end")
	if t.Periods < 1 || t.Periods > MaxPeriods {
		return
	}
	switch end := t.Disbursement.AddMonths(12*MaxYears, 31); {
	case t.FirstDue.After(end):
		f.add("first_due_date", fmt.Sprintf("must be within %d years of disbursement_date, %s", MaxYears, t.Disbursement))
	case t.lastDate().After(end):
		f.add("periods", fmt.Sprintf("must end within %d years of disbursement_date", MaxYears))
	}
}

func (t Terms) checkChoices(f *faults) {
	among(f, t.Method, "method", Methods...)
	among(f, t.DayCount, "day_count", civil.DayCounts...)
	among(f, t.Rounding, "rounding", money.Roundings...)
	among(f, t.Residue, "residue", Residues...)
	if t.LevelByPeriods {
		f.unless(t.Method == Level || t.Method == LevelWithIVA, "level_by_periods", "is only for the methods level and level_with_iva")
		f.unless(t.Frequency != EveryNumDays, "level_by_periods", "is not for the frequency every_n_days")
		f.unless(t.Residue != First, "level_by_periods", "is only for the residue last")
	}
	f.unless(t.Residue != First || t.Method != Bullet && t.Method != Single, "residue", "must be last for a method that pays the principal at once")
	among(f, t.Holidays, "holiday_rule", HolidayRules...)
	f.unless(!t.InterestFollows || t.Holidays == NextBusinessDay, "interest_follows", "is only for the holiday_rule next")
	among(f, t.CATTime, "cat_time", CATTimes...)
}

func (t Terms) checkTax(f *faults) {
	within(f, t.IVA.Rate, 0, rate.One, "iva.rate")
	among(f, t.IVA.Base, "iva.base", rate.IVABases...)
	if t.IVA.Base == rate.FixedPercent {
		within(f, t.IVA.Percent, 1, rate.One, "iva.percent")
	} else {
		f.unless(t.IVA.Percent == 0, "iva.percent", "is only for the base fixed_percent")
	}
	if t.IVA.Base == rate.RealUDI {
		within(f, t.IVA.Inflation, 0, rate.One, "iva.inflation")
	} else {
		f.unless(t.IVA.Inflation == 0, "iva.inflation", "is only for the base real_udi")
	}
}

func (t Terms) checkGrace(f *faults) {
	g := t.Grace
	f.unless(g.PrincipalPeriods >= 0 && g.PrincipalPeriods < max(t.Periods, 1), "grace.principal_periods", "must be from 0 to one less than periods")
	f.unless(g.InterestPeriods >= 0 && g.InterestPeriods < max(t.Periods, 1), "grace.interest_periods", "must be from 0 to one less than periods")
	if g.InterestPeriods > 0 {
		among(f, g.Mode, "grace.mode", GraceModes...)
	} else {
		f.unless(g.Mode == "", "grace.mode", "is only for interest_periods above 0")
	}
	switch t.Method {
	case Single:
		f.unless(g == Grace{}, "grace", "is not for the method single, which pays nothing before its end")
	case Bullet:
		f.unless(g.PrincipalPeriods == 0, "grace.principal_periods", "is not for the method bullet, which pays its principal at the end")
	default:
		f.unless(g.Mode == Waive || g.InterestPeriods <= max(g.PrincipalPeriods, 0), "grace.interest_periods",
			"must not be above principal_periods unless the interest is waived: principal is not paid while interest waits")
	}
}
