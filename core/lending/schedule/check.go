package schedule

import (
	"cmp"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// The limits of terms. A product may set narrower limits.
const (
	MaxRate       = 10 * rate.One // 1,000 % a year
	MaxPeriods    = 1_560         // thirty years of weeks
	MaxPeriodDays = 366
	MaxYears      = 50 // from disbursement to the last due date
)

// Check refuses invalid terms with a fault.Error that has one flaw for each broken
// rule. Fields are named as in JSON. Empty fields count as their defaults.
func (t Terms) Check() error { return t.Flaws().Err() }

// Flaws returns the flaws for Check.
func (t Terms) Flaws() fault.Flaws {
	t = t.Defaults()
	var f fault.Flaws
	t.checkAmounts(&f)
	t.checkPeriods(&f)
	t.checkDates(&f)
	t.checkChoices(&f)
	t.checkTax(&f)
	t.checkGrace(&f)
	return f
}

func (t Terms) checkAmounts(f *fault.Flaws) {
	if t.Amount <= 0 || t.Amount > money.Max {
		f.Add(fault.At("amount", AmountRange, "most", money.Max))
	}
	rate.Within(f, t.AnnualRate, 0, MaxRate, "annual_rate")
	fault.Within(f, t.Insurance, 0, money.Max, "insurance")
	fault.Within(f, t.Collateral, 0, money.Max, "collateral")
	t.Fees.Origination.check(f, "fees.origination")
	t.Fees.Periodic.check(f, "fees.periodic")
	fault.Among(f, t.Fees.OriginationPayment, "fees.origination_payment", OriginationPayments...)
	rate.Within(f, t.Fees.IVARate, 0, rate.One, "fees.iva_rate")
	if len(*f) > 0 {
		return
	}
	opening, err := t.opening()
	f.Unless(err == nil && opening.Fee+opening.IVA+t.Collateral < t.Amount, "fees.origination", BelowAmount)
}

func (c Fee) check(f *fault.Flaws, field string) {
	if c == (Fee{}) {
		return
	}
	fault.Within(f, c.Amount, 0, money.Max, field+".amount")
	rate.Within(f, c.Rate, 0, rate.One, field+".rate")
	f.Unless(c.Amount == 0 || c.Rate == 0, field, AmountOrRate)
}

func (t Terms) checkPeriods(f *fault.Flaws) {
	fault.Within(f, t.Periods, 1, MaxPeriods, "periods")
	fault.Among(f, t.Frequency, "frequency", Frequencies...)
	if t.Frequency == EveryNumDays {
		fault.Within(f, t.PeriodDays, 1, MaxPeriodDays, "period_days")
	} else if t.PeriodDays != 0 {
		f.Add(fault.At("period_days", OnlyForFrequency, "frequency", EveryNumDays))
	}
}

func (t Terms) checkDates(f *fault.Flaws) {
	f.Unless(t.Disbursement.Valid() && t.Disbursement.Year >= 1900 && t.Disbursement.Year < 2900, "disbursement_date", DisbursementDay)
	if t.MonthEnd && t.Frequency != Monthly {
		f.Add(fault.At("month_end", OnlyForFrequency, "frequency", Monthly))
	}
	if !t.Disbursement.Valid() || t.FirstDue.IsZero() {
		return
	}
	if !t.FirstDue.Valid() {
		f.Add(fault.At("first_due_date", fault.DayValid))
		return
	}
	if !t.FirstDue.After(t.Disbursement) {
		f.Add(fault.At("first_due_date", AfterDisbursement, "disbursement", t.Disbursement))
	}
	if t.Frequency == Quincenal && !t.FirstDue.IsQuincena() {
		f.Add(fault.At("first_due_date", QuincenalDay, "frequency", Quincenal))
	}
	f.Unless(!t.MonthEnd || t.Frequency != Monthly || t.FirstDue.IsMonthEnd(), "first_due_date", MonthEndDay)
	if t.Periods < 1 || t.Periods > MaxPeriods {
		return
	}
	switch end := t.Disbursement.AddMonths(12*MaxYears, 31); {
	case t.FirstDue.After(end):
		f.Add(fault.At("first_due_date", WithinYears, "years", MaxYears, "disbursement", t.Disbursement))
	case t.lastDate().After(end):
		f.Add(fault.At("periods", EndsWithinYears, "years", MaxYears))
	}
}

func (t Terms) checkChoices(f *fault.Flaws) {
	fault.Among(f, t.Method, "method", Methods...)
	fault.Among(f, t.DayCount, "day_count", civil.DayCounts...)
	fault.Among(f, t.Rounding, "rounding", money.Roundings...)
	fault.Among(f, t.Residue, "residue", Residues...)
	if t.LevelByPeriods {
		t.checkLevelByPeriods(f)
	}
	if t.Residue == First && (t.Method == Bullet || t.Method == Single) {
		f.Add(fault.At("residue", ResidueAtOnce, "residue", Last))
	}
	fault.Among(f, t.Holidays, "holiday_rule", HolidayRules...)
	if t.InterestFollows && t.Holidays != NextBusinessDay {
		f.Add(fault.At("interest_follows", OnlyForHolidays, "holiday_rule", NextBusinessDay))
	}
	if t.Holidays == NextBusinessDay && t.Disbursement.Valid() && t.Disbursement.Before(t.BusinessCalendar.From) {
		f.Add(fault.At("disbursement_date", HolidaysKnown, "first", t.BusinessCalendar.From, "holiday_rule", NextBusinessDay))
	}
	fault.Among(f, t.CATTime, "cat_time", CATTimes...)
	fault.Within(f, cmp.Or(t.Rules, Rules1), Rules1, LatestRules, "rules")
}

func (t Terms) checkLevelByPeriods(f *fault.Flaws) {
	if t.Method != Level && t.Method != LevelWithIVA {
		f.Add(fault.At("level_by_periods", OnlyForMethods, "methods", []Method{Level, LevelWithIVA}))
	}
	if t.Frequency == EveryNumDays {
		f.Add(fault.At("level_by_periods", NotForFrequency, "frequency", EveryNumDays))
	}
	if t.Residue == First {
		f.Add(fault.At("level_by_periods", OnlyForResidue, "residue", Last))
	}
}

func (t Terms) checkTax(f *fault.Flaws) {
	rate.Within(f, t.IVA.Rate, 0, rate.One, "iva.rate")
	fault.Among(f, t.IVA.Base, "iva.base", rate.IVABases...)
	if t.IVA.Base == rate.FixedPercent {
		rate.Within(f, t.IVA.Percent, 1, rate.One, "iva.percent")
	} else if t.IVA.Percent != 0 {
		f.Add(fault.At("iva.percent", OnlyForBase, "base", rate.FixedPercent))
	}
	if t.IVA.Base == rate.RealUDI {
		rate.Within(f, t.IVA.Inflation, 0, rate.One, "iva.inflation")
	} else if t.IVA.Inflation != 0 {
		f.Add(fault.At("iva.inflation", OnlyForBase, "base", rate.RealUDI))
	}
}

func (t Terms) checkGrace(f *fault.Flaws) {
	g := t.Grace
	f.Unless(g.PrincipalPeriods >= 0 && g.PrincipalPeriods < max(t.Periods, 1), "grace.principal_periods", GracePeriods)
	f.Unless(g.InterestPeriods >= 0 && g.InterestPeriods < max(t.Periods, 1), "grace.interest_periods", GracePeriods)
	if g.InterestPeriods > 0 {
		fault.Among(f, g.Mode, "grace.mode", GraceModes...)
	} else {
		f.Unless(g.Mode == "", "grace.mode", OnlyForGrace)
	}
	switch t.Method {
	case Single:
		if g != (Grace{}) {
			f.Add(fault.At("grace", GraceOfSingle, "method", Single))
		}
	case Bullet:
		if g.PrincipalPeriods != 0 {
			f.Add(fault.At("grace.principal_periods", GraceOfBullet, "method", Bullet))
		}
	default:
		f.Unless(g.Mode == Waive || g.InterestPeriods <= max(g.PrincipalPeriods, 0), "grace.interest_periods", InterestGrace)
	}
}
