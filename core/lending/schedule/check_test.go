package schedule_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/loans"
)

// faulty returns the fields at fault, with dots, in order.
func faulty(t *testing.T, err error) (names []string) {
	t.Helper()
	if err == nil {
		return nil
	}
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.Invalid {
		t.Fatalf("got %v, want the refusal %s", err, fault.Invalid)
	}
	for _, f := range e.Flaws {
		if f.Rule == "" {
			t.Errorf("the flaw of %s: got no rule, want one", f.Name())
		}
		names = append(names, f.Name())
	}
	return names
}

func TestCheckRefuses(t *testing.T) {
	for _, c := range []struct {
		field string
		edit  func(*schedule.Terms)
	}{
		{"amount", func(t *schedule.Terms) { t.Amount = 0 }},
		{"amount", func(t *schedule.Terms) { t.Amount = -1 }},
		{"amount", func(t *schedule.Terms) { t.Amount = money.Max + 1 }},
		{"annual_rate", func(t *schedule.Terms) { t.AnnualRate = -1 }},
		{"annual_rate", func(t *schedule.Terms) { t.AnnualRate = schedule.MaxRate + 1 }},
		{"periods", func(t *schedule.Terms) { t.Periods = 0 }},
		{"periods", func(t *schedule.Terms) { t.Periods = -3 }},
		{"periods", func(t *schedule.Terms) { t.Periods = schedule.MaxPeriods + 1 }},
		{"periods", func(t *schedule.Terms) { t.Periods = math.MaxInt }},
		{"periods", func(t *schedule.Terms) { t.Periods = 51 * 12 }},
		{"frequency", func(t *schedule.Terms) { t.Frequency = "yearly" }},
		{"period_days", func(t *schedule.Terms) { t.Frequency = schedule.EveryNumDays }},
		{"period_days", func(t *schedule.Terms) { t.Frequency, t.PeriodDays = schedule.EveryNumDays, 367 }},
		{"period_days", func(t *schedule.Terms) { t.Frequency, t.PeriodDays = schedule.EveryNumDays, math.MaxInt }},
		{"period_days", func(t *schedule.Terms) { t.PeriodDays = 30 }},
		{"method", func(t *schedule.Terms) { t.Method = "flat" }},
		{"day_count", func(t *schedule.Terms) { t.DayCount = "30E/360" }},
		{"rounding", func(t *schedule.Terms) { t.Rounding = "down" }},
		{"residue", func(t *schedule.Terms) { t.Residue = "middle" }},
		{"residue", func(t *schedule.Terms) { t.Method, t.Residue = schedule.Bullet, schedule.First }},
		{"disbursement_date", func(t *schedule.Terms) { t.Disbursement = civil.Date{} }},
		{"disbursement_date", func(t *schedule.Terms) { t.Disbursement = civil.Date{Year: 2026, Month: 2, Day: 30} }},
		{"disbursement_date", func(t *schedule.Terms) { t.Disbursement = civil.Date{Year: 9999, Month: 12, Day: 31} }},
		{"first_due_date", func(t *schedule.Terms) { t.FirstDue = t.Disbursement }},
		{"first_due_date", func(t *schedule.Terms) { t.FirstDue = t.Disbursement.AddDays(-1) }},
		{"first_due_date", func(t *schedule.Terms) { t.FirstDue = civil.Date{Year: 2026, Month: 2, Day: 30} }},
		{"first_due_date", func(t *schedule.Terms) {
			t.Frequency, t.FirstDue = schedule.Quincenal, civil.Date{Year: 2026, Month: 2, Day: 16}
		}},
		{"first_due_date", func(t *schedule.Terms) { t.MonthEnd, t.FirstDue = true, civil.Date{Year: 2026, Month: 2, Day: 15} }},
		{"month_end", func(t *schedule.Terms) { t.MonthEnd, t.Frequency = true, schedule.Weekly }},
		{"level_by_periods", func(t *schedule.Terms) { t.LevelByPeriods, t.Method = true, schedule.EqualPrincipal }},
		{"level_by_periods", func(t *schedule.Terms) { t.LevelByPeriods, t.Method = true, schedule.Bullet }},
		{"level_by_periods", func(t *schedule.Terms) { t.LevelByPeriods, t.Frequency, t.PeriodDays = true, schedule.EveryNumDays, 30 }},
		{"level_by_periods", func(t *schedule.Terms) { t.LevelByPeriods, t.Residue = true, schedule.First }},
		{"iva.rate", func(t *schedule.Terms) { t.IVA.Rate = rate.One + 1 }},
		{"iva.base", func(t *schedule.Terms) { t.IVA.Base = "real" }},
		{"iva.percent", func(t *schedule.Terms) { t.IVA.Percent = 1 }},
		{"iva.percent", func(t *schedule.Terms) { t.IVA.Base = rate.FixedPercent }},
		{"iva.inflation", func(t *schedule.Terms) { t.IVA.Inflation = 1 }},
		{"iva.inflation", func(t *schedule.Terms) { t.IVA.Base, t.IVA.Inflation = rate.RealUDI, -1 }},
		{"fees.origination", func(t *schedule.Terms) { t.Fees.Origination = schedule.Fee{Amount: 1, Rate: 1} }},
		{"fees.origination", func(t *schedule.Terms) { t.Fees.Origination.Amount = t.Amount }},
		{"fees.origination", func(t *schedule.Terms) { t.Fees.Origination.Rate, t.Collateral = 500_000, t.Amount/2 }},
		{"fees.origination", func(t *schedule.Terms) { t.Fees.Origination.Rate, t.Fees.IVARate = 900_000, 160_000 }},
		{"fees.origination.rate", func(t *schedule.Terms) { t.Fees.Origination.Rate = -1 }},
		{"fees.origination.amount", func(t *schedule.Terms) { t.Fees.Origination.Amount = -1 }},
		{"fees.periodic", func(t *schedule.Terms) { t.Fees.Periodic = schedule.Fee{Amount: 1, Rate: 1} }},
		{"fees.periodic.rate", func(t *schedule.Terms) { t.Fees.Periodic.Rate = rate.One + 1 }},
		{"fees.origination_payment", func(t *schedule.Terms) { t.Fees.OriginationPayment = "financed" }},
		{"fees.iva_rate", func(t *schedule.Terms) { t.Fees.IVARate = -1 }},
		{"insurance", func(t *schedule.Terms) { t.Insurance = -1 }},
		{"collateral", func(t *schedule.Terms) { t.Collateral = -1 }},
		{"grace.principal_periods", func(t *schedule.Terms) { t.Grace.PrincipalPeriods = t.Periods }},
		{"grace.principal_periods", func(t *schedule.Terms) { t.Grace.PrincipalPeriods = -1 }},
		{"grace.principal_periods", func(t *schedule.Terms) { t.Method, t.Grace.PrincipalPeriods = schedule.Bullet, 1 }},
		{"grace.mode", func(t *schedule.Terms) { t.Grace = schedule.Grace{PrincipalPeriods: 2, InterestPeriods: 2} }},
		{"grace.mode", func(t *schedule.Terms) { t.Grace = schedule.Grace{Mode: schedule.Waive} }},
		{"grace.interest_periods", func(t *schedule.Terms) { t.Grace = schedule.Grace{InterestPeriods: 1, Mode: schedule.Defer} }},
		{"grace", func(t *schedule.Terms) { t.Method, t.Grace = schedule.Single, schedule.Grace{PrincipalPeriods: 1} }},
		{"holiday_rule", func(t *schedule.Terms) { t.Holidays = "previous" }},
		{"disbursement_date", func(t *schedule.Terms) {
			t.Holidays, t.Disbursement, t.FirstDue = schedule.NextBusinessDay, civil.Date{Year: 2006, Month: 12, Day: 31}, civil.Date{}
		}},
		{"interest_follows", func(t *schedule.Terms) { t.InterestFollows = true }},
		{"cat_time", func(t *schedule.Terms) { t.CATTime = "months" }},
		{"rules", func(t *schedule.Terms) { t.Rules = schedule.LatestRules + 1 }},
		{"rules", func(t *schedule.Terms) { t.Rules = -1 }},
	} {
		terms := loans.Readme()
		c.edit(&terms)
		if got := faulty(t, terms.Check()); !slices.Equal(got, []string{c.field}) {
			t.Errorf("%s: got %v at fault for %+v, want %+v", c.field, got, terms, []string{c.field})
		}
		if _, err := schedule.Build(terms); err == nil {
			t.Errorf("%s: got %+v, want an error", c.field, terms)
		}
	}
}

func TestCheckNamesAllFaults(t *testing.T) {
	terms := schedule.Terms{AnnualRate: -1, Method: "x", DayCount: "y", IVA: rate.IVA{Rate: -1}, Holidays: "z"}
	got := faulty(t, terms.Check())
	want := []string{"amount", "annual_rate", "periods", "disbursement_date", "method", "day_count", "holiday_rule", "iva.rate"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := (schedule.Terms{Amount: 1, Periods: 1, Disbursement: civil.Date{Year: 2026, Month: 1, Day: 1}}).Check(); err != nil {
		t.Errorf("least terms: %v", err)
	}
	if err := (schedule.Terms{Amount: 1, Periods: 1, Disbursement: civil.Date{Year: 2007, Month: 1, Day: 1}, Holidays: schedule.NextBusinessDay}).Check(); err != nil {
		t.Errorf("the first day with known holidays: got %v, want no error", err)
	}
}

func TestBuildRefusesWhatIsTooLarge(t *testing.T) {
	terms := schedule.Terms{Amount: money.Max, AnnualRate: schedule.MaxRate, Periods: 40, Frequency: schedule.EveryNumDays, PeriodDays: 366,
		Method: schedule.Bullet, Disbursement: civil.Date{Year: 2026, Month: 1, Day: 1}}
	if got := faulty(t, second(schedule.Build(terms))); !slices.Equal(got, []string{"amount"}) {
		t.Errorf("interest beyond any amount: got %v, want %+v", got, []string{"amount"})
	}
	terms = schedule.Terms{Amount: 100, Periods: 1, Frequency: schedule.EveryNumDays, PeriodDays: 1, Disbursement: civil.Date{Year: 2026, Month: 1, Day: 1}}
	terms.Fees.Periodic.Amount = 1_000_00
	if got := faulty(t, second(schedule.Build(terms))); !slices.Equal(got, []string{"fees"}) {
		t.Errorf("a CAT beyond any number: got %v, want %+v", got, []string{"fees"})
	}
}

func second(_ schedule.Schedule, err error) error { return err }

// TestLongest builds the longest schedule of each method.
func TestLongest(t *testing.T) {
	for _, m := range []schedule.Method{schedule.Level, schedule.LevelWithIVA, schedule.EqualPrincipal, schedule.Bullet, schedule.Single} {
		terms := schedule.Terms{Amount: 1_000_000_00, AnnualRate: 123_457, Periods: schedule.MaxPeriods, Frequency: schedule.Weekly, Method: m,
			DayCount: civil.ActualActual, Disbursement: civil.Date{Year: 2026, Month: 1, Day: 1}, IVA: rate.IVA{Rate: 160_000}}
		must(t, terms)
	}
}

// FuzzBuild: for any terms, Build names the fields at fault or returns a valid schedule.
func FuzzBuild(f *testing.F) {
	f.Add(int64(50_000_00), int64(150_000), 24, 0, 0, 0, 20_000, 31, 160_000, 3, 2)
	f.Fuzz(func(t *testing.T, amount, annual int64, periods, frequency, method, dayCount, disbursed, first, iva, grace, interest int) {
		choose := func(n int, from ...string) string { return from[(n%len(from)+len(from))%len(from)] }
		start := civil.FromDays(disbursed % 300_000)
		terms := schedule.Terms{
			Amount: money.Amount(amount), AnnualRate: rate.Annual(annual), Periods: periods % 200,
			Frequency: schedule.Frequency(choose(frequency, "weekly", "every_14_days", "quincenal", "monthly", "every_n_days")), PeriodDays: frequency / 5,
			Method:       schedule.Method(choose(method, "level", "level_with_iva", "equal_principal", "bullet", "single")),
			DayCount:     civil.DayCount(choose(dayCount, "30/360", "ACT/360", "ACT/365", "ACT/ACT", "ACT/364")),
			Disbursement: start, FirstDue: start.AddDays(first % 5_000), IVA: rate.IVA{Rate: rate.Share(iva)},
			Grace: schedule.Grace{PrincipalPeriods: grace, InterestPeriods: interest, Mode: schedule.GraceMode(choose(grace+interest, "", "defer", "capitalise", "waive"))},
		}
		s, err := schedule.Build(terms)
		if err != nil {
			faulty(t, err)
			return
		}
		if err := broken(s); err != nil {
			t.Errorf("%+v: %v", terms, err)
		}
	})
}

// TestFiftyYearsOfQuincenas: the limit applies to the last due date, whether the first one is
// a 15th or a month end.
func TestFiftyYearsOfQuincenas(t *testing.T) {
	for _, d := range []civil.Date{{Year: 2024, Month: 1, Day: 31}, {Year: 2024, Month: 2, Day: 15}, {Year: 2024, Month: 2, Day: 1}, {Year: 2023, Month: 12, Day: 20}} {
		most := 0
		for n := 1198; n <= 1203; n++ {
			terms := schedule.Terms{Amount: 1_000_000_00, Periods: n, Frequency: schedule.Quincenal, Disbursement: d}
			s, err := schedule.Plan(terms)
			if err != nil {
				break
			}
			if most = n; s.Rows[n-1].Nominal.After(d.AddMonths(600, 31)) {
				t.Errorf("%s: got %d quincenas that end on %s, want an end by %s", d, n, s.Rows[n-1].Nominal, d.AddMonths(600, 31))
			}
		}
		if most < 1200 || most == 1203 {
			t.Errorf("%s: got at most %d quincenas, want 1200 or more, but not 1203", d, most)
		}
	}
}
