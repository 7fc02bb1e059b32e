package schedule_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/loans"
	"sofipo/test/random"
)

func must(t *testing.T, terms schedule.Terms) schedule.Schedule {
	t.Helper()
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatalf("%+v: %v", terms, err)
	}
	if err := broken(s); err != nil {
		t.Fatal(err)
	}
	return s
}

func day(t *testing.T, s string) civil.Date {
	t.Helper()
	d, err := civil.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestReadmeLoan has the table of docs/rules/amortization.md#level-payments.
func TestReadmeLoan(t *testing.T) {
	for _, mode := range money.Roundings {
		terms := loans.Readme()
		terms.Rounding = mode
		s := must(t, terms)
		for _, want := range []struct {
			k                                          int
			capital, interest, iva, payment, remaining money.Amount
		}{
			{1, 1_799_33, 625_00, 100_00, 2_524_33, 48_200_67},
			{2, 1_821_82, 602_51, 96_40, 2_520_73, 46_378_85},
			{23, 2_364_84, 59_49, 9_52, 2_433_85, 2_394_47},
			{24, 2_394_47, 29_93, 4_79, 2_429_19, 0},
		} {
			r := s.Rows[want.k-1]
			if r.Principal != want.capital || r.Interest != want.interest || r.IVA != want.iva || r.Total != want.payment || r.Balance != want.remaining || r.Days != 30 {
				t.Errorf("%s row %d: got %+v, want %+v of 30 days", mode, want.k, r, want)
			}
		}
		if s.Level != 2_424_33 || s.Totals.Interest != 8_183_99 || s.Totals.IVA != 1_309_42 || s.Totals.Total != 59_493_41 || s.CAT.Percent() != "16.1" {
			t.Errorf("%s: got level %s, %+v, CAT %s, want level 2424.33, interest 8183.99, IVA 1309.42, total 59493.41, CAT 16.1", mode, s.Level, s.Totals, s.CAT.Percent())
		}
		if math.Abs(float64(s.CAT)-0.16075457) > 5e-7 || s.Rows[0].Due != day(t, "2026-02-15") || s.Rows[23].Due != day(t, "2028-01-15") {
			t.Errorf("%s: got CAT %.8f, due %s to %s, want CAT 0.16075457, due 2026-02-15 to 2028-01-15", mode, float64(s.CAT), s.Rows[0].Due, s.Rows[23].Due)
		}
	}
}

// TestLevelWithIVA has docs/rules/amortization.md#level-payments-with-iva: 2,481.73
// each month, IVA included.
func TestLevelWithIVA(t *testing.T) {
	terms := loans.Readme()
	terms.Method = schedule.LevelWithIVA
	s := must(t, terms)
	last := s.Rows[23].Total
	if s.Level != 2_481_73 || last != 2_481_86 || s.Totals.Interest != 8_242_79 || s.Totals.IVA != 1_318_86 {
		t.Errorf("got level %s, last %s, %+v, want level 2481.73, last 2481.86, interest 8242.79, IVA 1318.86", s.Level, last, s.Totals)
	}
	for _, r := range s.Rows[:23] {
		if r.Total != s.Level {
			t.Errorf("row %d: got %s, want %v", r.Number, r.Total, s.Level)
		}
	}
}

// TestPublishedLevels has loans whose level payment and CAT are published: the
// CAT vectors of docs/rules/cat.md, and Excel's PMT at https://support.microsoft.com.
func TestPublishedLevels(t *testing.T) {
	for _, c := range []struct {
		name        string
		edit        func(*schedule.Terms)
		level, last money.Amount // last 0 is not published
		cat         string
	}{
		{"fee apart", func(t *schedule.Terms) { t.Fees.Origination.Rate = 30_000 }, 2_424_33, 2_424_40, "19.7"},
		{"fee deducted with IVA", func(t *schedule.Terms) {
			t.Fees = schedule.Fees{Origination: schedule.Fee{Amount: 1_500_00}, OriginationPayment: schedule.Deducted, IVARate: 160_000}
		}, 2_424_33, 2_424_40, "19.7"},
		{"fee financed", func(t *schedule.Terms) {
			t.Amount, t.Fees = 51_500_00, schedule.Fees{Origination: schedule.Fee{Amount: 1_500_00}, OriginationPayment: schedule.Deducted}
		}, 2_497_06, 2_497_16, "19.6"},
		{"insurance", func(t *schedule.Terms) { t.Fees.Origination.Rate, t.Insurance = 30_000, 35_00 }, 2_424_33, 2_424_40, "21.5"},
		{"collateral", func(t *schedule.Terms) { t.Fees.Origination.Rate, t.Collateral = 30_000, 5_000_00 }, 2_424_33, 2_424_40, "24.4"},
		{"saldos insolutos", func(t *schedule.Terms) { t.Amount, t.AnnualRate, t.Periods = 60_000_00, 360_000, 12 }, 6_027_73, 6_027_66, "42.6"},
		{"quincenal", func(t *schedule.Terms) {
			t.Amount, t.AnnualRate, t.Periods, t.Frequency = 20_000_00, 600_000, 12, schedule.Quincenal
		}, 1_949_74, 1_949_79, "80.9"},
		{"58 %", func(t *schedule.Terms) {
			t.Amount, t.AnnualRate, t.Periods, t.Fees.Origination.Rate = 20_000_00, 580_000, 12, 50_000
		}, 2_235_35, 2_235_31, "95.6"},
		{"without cost", func(t *schedule.Terms) { t.Amount, t.AnnualRate, t.Periods = 12_000_00, 0, 12 }, 1_000_00, 1_000_00, "0.0"},
		{"PMT(8%/12, 10, 10000)", func(t *schedule.Terms) { t.Amount, t.AnnualRate, t.Periods = 10_000_00, 80_000, 10 }, 1_037_03, 0, "8.3"},
		{"PMT(3.25%/12, 180, 350000)", func(t *schedule.Terms) { t.Amount, t.AnnualRate, t.Periods = 350_000_00, 32_500, 180 }, 2_459_34, 0, "3.3"},
		{"PMT(6%/12, 360, 200000)", func(t *schedule.Terms) { t.Amount, t.AnnualRate, t.Periods = 200_000_00, 60_000, 360 }, 1_199_10, 0, "6.2"},
	} {
		terms := loans.Readme()
		terms.IVA = rate.IVA{}
		c.edit(&terms)
		s := must(t, terms)
		end := s.Rows[len(s.Rows)-1]
		if s.Level != c.level || c.last != 0 && end.Principal+end.Interest != c.last || s.CAT.Percent() != c.cat {
			t.Errorf("%s: got level %s, last %s, CAT %s; want %s, %s, %s", c.name, s.Level, end.Principal+end.Interest, s.CAT.Percent(), c.level, c.last, c.cat)
		}
	}
}

// TestSpreadsheet has the examples of Excel's IPMT, PPMT, CUMIPMT and CUMPRINC at
// https://support.microsoft.com, which do not round. The sum
// of n instalments may differ by n centavos, and the last one by the residue.
func TestSpreadsheet(t *testing.T) {
	annual := func(t *schedule.Terms) {
		t.Frequency, t.PeriodDays = schedule.EveryNumDays, 360
	}
	for _, c := range []struct {
		name      string
		amount    money.Amount
		rate      rate.Annual
		n         int
		edit      func(*schedule.Terms)
		from, to  int
		interest  money.Amount // 0 is not published
		principal money.Amount
		within    money.Amount
	}{
		{"IPMT(10%/12, 1, 36, 8000)", 8_000_00, 100_000, 36, nil, 1, 1, 66_67, 0, 0},
		{"IPMT(10%, 3, 3, 8000)", 8_000_00, 100_000, 3, annual, 3, 3, 292_45, 0, 0},
		{"PPMT(10%/12, 1, 24, 2000)", 2_000_00, 100_000, 24, nil, 1, 1, 0, 75_62, 0},
		{"PPMT(8%, 10, 10, 200000)", 200_000_00, 80_000, 10, annual, 10, 10, 0, 27_598_05, 7},
		{"CUMIPMT and CUMPRINC(9%/12, 360, 125000, 13, 24)", 125_000_00, 90_000, 360, nil, 13, 24, 11_135_23, 934_11, 12},
		{"CUMIPMT and CUMPRINC(9%/12, 360, 125000, 1, 1)", 125_000_00, 90_000, 360, nil, 1, 1, 937_50, 68_28, 0},
	} {
		terms := loans.Readme()
		terms.Amount, terms.AnnualRate, terms.Periods = c.amount, c.rate, c.n
		if c.edit != nil {
			c.edit(&terms)
		}
		var interest, principal money.Amount
		for _, r := range must(t, terms).Rows[c.from-1 : c.to] {
			interest, principal = interest+r.Interest, principal+r.Principal
		}
		near := func(got, want money.Amount) bool {
			return want == 0 || max(got-want, want-got) <= c.within
		}
		if !near(interest, c.interest) || !near(principal, c.principal) {
			t.Errorf("%s: got interest %s, principal %s, want interest %v, principal %v", c.name, interest, principal, c.interest, c.principal)
		}
	}
}

func TestDates(t *testing.T) {
	for _, c := range []struct {
		name           string
		terms          schedule.Terms
		due            []string
		days           []int
		time           schedule.CATTime
		secondInterest money.Amount
	}{
		{"month end clamps", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-31")},
			[]string{"2026-02-28", "2026-03-31", "2026-04-30"}, []int{28, 31, 30}, schedule.ByPeriods, 0},
		{"month end in 30/360 is 30 days", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-31"), DayCount: civil.Thirty360},
			[]string{"2026-02-28", "2026-03-31", "2026-04-30"}, []int{30, 30, 30}, schedule.ByPeriods, 0},
		{"the 30th over February", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2024-01-30")},
			[]string{"2024-02-29", "2024-03-30", "2024-04-30"}, []int{30, 30, 31}, schedule.ByPeriods, 0},
		{"end to end from February", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-02-28"), FirstDue: day(t, "2026-03-31")},
			[]string{"2026-03-31", "2026-04-30", "2026-05-31"}, []int{31, 30, 31}, schedule.ByPeriods, 0},
		{"month_end", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-04-30"), MonthEnd: true},
			[]string{"2026-05-31", "2026-06-30", "2026-07-31"}, []int{31, 30, 31}, schedule.ByPeriods, 0},
		{"irregular first month", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-10"), FirstDue: day(t, "2026-02-28"), DayCount: civil.Thirty360},
			[]string{"2026-02-28", "2026-03-28", "2026-04-28"}, []int{48, 30, 30}, schedule.ByDays, 0},
		{"quincenal", schedule.Terms{Frequency: schedule.Quincenal, Disbursement: day(t, "2026-01-31")},
			[]string{"2026-02-15", "2026-02-28", "2026-03-15"}, []int{15, 13, 15}, schedule.ByPeriods, 0},
		{"quincenal in 30/360", schedule.Terms{Frequency: schedule.Quincenal, Disbursement: day(t, "2026-02-15"), DayCount: civil.Thirty360},
			[]string{"2026-02-28", "2026-03-15", "2026-03-31"}, []int{15, 15, 15}, schedule.ByPeriods, 0},
		{"quincenal stub", schedule.Terms{Frequency: schedule.Quincenal, Disbursement: day(t, "2026-01-05")},
			[]string{"2026-01-15", "2026-01-31", "2026-02-15"}, []int{10, 16, 15}, schedule.ByDays, 0},
		{"weekly", schedule.Terms{Frequency: schedule.Weekly, Disbursement: day(t, "2026-12-28")},
			[]string{"2027-01-04", "2027-01-11", "2027-01-18"}, []int{7, 7, 7}, schedule.ByPeriods, 0},
		{"every 14 days", schedule.Terms{Frequency: schedule.Every14Days, Disbursement: day(t, "2026-01-31")},
			[]string{"2026-02-14", "2026-02-28", "2026-03-14"}, []int{14, 14, 14}, schedule.ByPeriods, 0},
		{"every 10 days", schedule.Terms{Frequency: schedule.EveryNumDays, PeriodDays: 10, Disbursement: day(t, "2028-02-20")},
			[]string{"2028-03-01", "2028-03-11", "2028-03-21"}, []int{10, 10, 10}, schedule.ByDays, 0},
		{"holidays, interest stays", schedule.Terms{Frequency: schedule.Weekly, Disbursement: day(t, "2026-03-26"), Holidays: schedule.NextBusinessDay},
			[]string{"2026-04-06", "2026-04-09", "2026-04-16"}, []int{7, 7, 7}, schedule.ByPeriods, 0},
		{"holidays, interest follows", schedule.Terms{Frequency: schedule.Weekly, Disbursement: day(t, "2026-03-26"), Holidays: schedule.NextBusinessDay, InterestFollows: true},
			[]string{"2026-04-06", "2026-04-09", "2026-04-16"}, []int{11, 3, 7}, schedule.ByPeriods, 0},
		{"holidays, interest follows in 30/360", schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-01"), DayCount: civil.Thirty360, Holidays: schedule.NextBusinessDay, InterestFollows: true},
			[]string{"2026-02-03", "2026-03-02", "2026-04-01"}, []int{32, 29, 29}, schedule.ByPeriods, 0},
	} {
		c.terms.Amount, c.terms.AnnualRate, c.terms.Periods = 10_000_00, 360_000, 3
		s := must(t, c.terms)
		for k, r := range s.Rows {
			if r.Due != day(t, c.due[k]) || r.Days != c.days[k] {
				t.Errorf("%s: row %d: got due %s after %d days, want %s after %d", c.name, k+1, r.Due, r.Days, c.due[k], c.days[k])
			}
		}
		if s.CATTime != c.time {
			t.Errorf("%s: got CAT by %s, want %v", c.name, s.CATTime, c.time)
		}
	}
}

// TestOddFirstPeriod compares the CAT time of the first instalment with the whole periods
// and the odd days of the first period.
func TestOddFirstPeriod(t *testing.T) {
	for _, c := range []struct {
		frequency           schedule.Frequency
		disbursement, first string
		whole, perYear, odd float64
	}{
		{schedule.Monthly, "2026-01-15", "2026-02-15", 1, 12, 0},
		{schedule.Monthly, "2026-01-15", "2026-02-16", 1, 12, 1},
		{schedule.Monthly, "2026-01-15", "2026-02-14", 1, 12, -1},
		{schedule.Monthly, "2026-01-15", "2026-01-16", 1, 12, -30},
		{schedule.Monthly, "2026-01-15", "2026-03-15", 1, 12, 28},
		{schedule.Monthly, "2026-01-31", "2026-02-28", 1, 12, 0},
		{schedule.Monthly, "2026-01-31", "2026-02-27", 1, 12, -4},
		{schedule.Monthly, "2026-01-31", "2026-02-01", 1, 12, -30},
		{schedule.Monthly, "2026-01-31", "2026-03-01", 1, 12, 1},
		{schedule.Monthly, "2026-04-30", "2026-05-30", 1, 12, 0},
		{schedule.Monthly, "2026-04-30", "2026-05-31", 1, 12, 0},
		{schedule.Monthly, "2026-04-30", "2026-06-01", 1, 12, 1},
		{schedule.Monthly, "2026-02-28", "2026-03-30", 1, 12, 0},
		{schedule.Weekly, "2026-01-15", "2026-01-22", 1, 52, 0},
		{schedule.Weekly, "2026-01-15", "2026-01-17", 1, 52, -5},
		{schedule.Every14Days, "2026-01-15", "2026-02-01", 1, 26, 3},
		{schedule.Quincenal, "2026-01-15", "2026-01-31", 1, 24, 0},
		{schedule.Quincenal, "2026-01-31", "2026-02-15", 1, 24, 0},
		{schedule.Quincenal, "2026-01-15", "2026-02-15", 2, 24, 0},
		{schedule.Quincenal, "2026-01-05", "2026-01-15", 0, 24, 10},
		{schedule.Quincenal, "2026-01-16", "2026-02-28", 2, 24, 15},
	} {
		terms := schedule.Terms{
			Amount: 10_000_00, AnnualRate: 360_000, Periods: 3, Frequency: c.frequency, Disbursement: day(t, c.disbursement), FirstDue: day(t, c.first), Rules: schedule.Rules2,
		}
		s := must(t, terms)
		for k := range 3 {
			if got, want := s.Flows[k+1].Years, (c.whole+float64(k))/c.perYear+c.odd/365; math.Abs(got-want) > 1e-12 || s.CATTime != schedule.ByPeriods {
				t.Errorf("%s from %s to %s, instalment %d: got %.6f years by %s, want %.6f by periods", c.frequency, c.disbursement, c.first, k+1, got, s.CATTime, want)
			}
		}
	}
}

// TestLaterFirstDueDateLowersTheCAT moves the first due date day by day past the regular
// one. The old rule gave a higher CAT a day later, because it then counted all periods in
// days.
func TestLaterFirstDueDateLowersTheCAT(t *testing.T) {
	terms := schedule.Terms{Amount: 10_000_00, AnnualRate: 600_000, Periods: 12, Disbursement: day(t, "2026-02-15"), Fees: schedule.Fees{Origination: schedule.Fee{Rate: 30_000}}}
	for _, f := range []schedule.Frequency{schedule.Monthly, schedule.Weekly, schedule.Every14Days} {
		terms.Frequency, terms.Rules = f, schedule.Rules2
		before := must(t, terms)
		regular := before.Terms.FirstDue
		terms.Rules = schedule.Rules1
		terms.FirstDue = regular
		if old := must(t, terms); old.CAT != before.CAT {
			t.Errorf("%s: got CAT %v of a regular loan, want %v as before", f, float64(before.CAT), float64(old.CAT))
		}
		for n := 1; n <= 25; n++ {
			terms.FirstDue = regular.AddDays(n)
			terms.Rules = schedule.Rules1
			old := must(t, terms)
			terms.Rules = schedule.Rules2
			s := must(t, terms)
			if s.CAT >= before.CAT || before.CAT-s.CAT > 0.02 {
				t.Errorf("%s, first due %s: got CAT %.5f after %.5f, want a little less", f, terms.FirstDue, float64(s.CAT), float64(before.CAT))
			}
			if old.CATTime != schedule.ByDays || n == 1 && f == schedule.Monthly && old.CAT <= before.CAT {
				t.Errorf("%s, first due %s: got CAT %.5f by %s with the old rule, want more than %.5f, by days", f, terms.FirstDue, float64(old.CAT), old.CATTime, float64(before.CAT))
			}
			before = s
		}
		terms.FirstDue = civil.Date{}
	}
}

// TestNextDue keeps the day of the loan's due dates.
func TestNextDue(t *testing.T) {
	for _, c := range []struct {
		terms     schedule.Terms
		day, want string
	}{
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-05")}, "2026-08-19", "2026-09-05"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-05")}, "2026-08-21", "2026-09-05"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-05")}, "2026-08-22", "2026-10-05"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-05")}, "2026-01-06", "2026-02-05"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-05")}, "2040-02-10", "2040-03-05"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-31")}, "2026-08-19", "2026-09-30"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-31")}, "2026-02-10", "2026-02-28"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-30")}, "2027-02-10", "2027-03-30"},
		{schedule.Terms{Frequency: schedule.Monthly, Disbursement: day(t, "2026-01-31"), MonthEnd: true}, "2026-08-19", "2026-09-30"},
		{schedule.Terms{Frequency: schedule.Weekly, Disbursement: day(t, "2026-01-02")}, "2026-08-19", "2026-08-28"},
		{schedule.Terms{Frequency: schedule.Every14Days, Disbursement: day(t, "2026-01-02")}, "2026-01-25", "2026-02-13"},
		{schedule.Terms{Frequency: schedule.Quincenal, Disbursement: day(t, "2026-01-15")}, "2026-08-14", "2026-08-31"},
		{schedule.Terms{Frequency: schedule.EveryNumDays, PeriodDays: 10, Disbursement: day(t, "2026-01-01")}, "2026-01-14", "2026-01-21"},
	} {
		c.terms.Amount, c.terms.Periods = 1_000_00, 3
		if got, monthEnd := c.terms.Defaults().NextDue(day(t, c.day)); got != day(t, c.want) || monthEnd != (c.terms.Disbursement.Day == 31) {
			t.Errorf("%s from %s, on %s: got %s, %t, want %s", c.terms.Frequency, c.terms.Disbursement, c.day, got, monthEnd, c.want)
		}
	}
}

// TestBullet has CAT vector bullet-30d: 1,000, then 1,150 after 30 days.
func TestBullet(t *testing.T) {
	terms := schedule.Terms{Amount: 1_000_00, AnnualRate: 1_800_000, Periods: 1, Frequency: schedule.EveryNumDays, PeriodDays: 30,
		Method: schedule.Single, Disbursement: day(t, "2026-03-01")}
	if s := must(t, terms); s.Rows[0].Total != 1_150_00 || s.CAT.Percent() != "447.6" {
		t.Errorf("got %+v, CAT %s, want total 1150.00, CAT 447.6", s.Rows[0], s.CAT.Percent())
	}
	terms = loans.Readme()
	terms.Method, terms.Periods, terms.IVA = schedule.Bullet, 6, rate.IVA{}
	s := must(t, terms)
	for k, r := range s.Rows {
		if last := k == 5; r.Interest != 625_00 || (r.Principal != 0) != last {
			t.Errorf("row %d: got %+v, want interest 625.00, principal in the last row only", k+1, r)
		}
	}
	terms.Method = schedule.Single
	if s := must(t, terms); len(s.Rows) != 1 || s.Rows[0].Interest != 3_750_00 || s.Rows[0].Days != 180 || s.Rows[0].Due != day(t, "2026-07-15") {
		t.Errorf("single: got %+v, want 1 row, interest 3750.00, days 180, due %v", s.Rows, day(t, "2026-07-15"))
	}
}

func TestEqualPrincipalResidue(t *testing.T) {
	for residue, want := range map[schedule.Residue][3]money.Amount{schedule.Last: {33_33, 33_33, 33_34}, schedule.First: {33_34, 33_33, 33_33}} {
		s := must(t, schedule.Terms{Amount: 100_00, AnnualRate: 120_000, Periods: 3, Method: schedule.EqualPrincipal, Residue: residue, Disbursement: day(t, "2026-01-15")})
		for k, r := range s.Rows {
			if r.Principal != want[k] {
				t.Errorf("%s: row %d: got principal %s, want %v", residue, k+1, r.Principal, want[k])
			}
		}
	}
	// 15 centavos in 24 parts: rounded up, the last would be below zero.
	must(t, schedule.Terms{Amount: 15, Periods: 24, Method: schedule.EqualPrincipal, Disbursement: day(t, "2026-01-15")})
}

func TestLevelResidueFirst(t *testing.T) {
	terms := loans.Readme()
	terms.Residue = schedule.First
	s := must(t, terms)
	first, last := s.Rows[0], s.Rows[23]
	if payment := first.Principal + first.Interest; payment != 2_424_38 {
		t.Errorf("first payment: got %s, want 2424.38", payment)
	}
	if off := last.Principal + last.Interest - s.Level; off < -2 || off > 2 {
		t.Errorf("got the last payment %s off the level, want at most 0.02", off)
	}
}

func TestGrace(t *testing.T) {
	base := loans.Readme()
	base.Periods = 12
	base.Grace = schedule.Grace{PrincipalPeriods: 3}
	s := must(t, base)
	if r := s.Rows[2]; r.Principal != 0 || r.Interest != 625_00 || s.Rows[3].Principal == 0 {
		t.Errorf("principal: got %+v, want row 3 with interest of 625.00 and no principal, then principal", r)
	}
	base.Grace = schedule.Grace{PrincipalPeriods: 3, InterestPeriods: 2, Mode: schedule.Defer}
	s = must(t, base)
	if a, b := s.Rows[1], s.Rows[2]; a.Total != 0 || a.Accrued != 625_00 || b.Interest != 1_875_00 || b.IVA != 300_00 {
		t.Errorf("defer: got %+v %+v, want nothing paid and 625.00 accrued, then interest of 1875.00 and IVA of 300.00", a, b)
	}
	base.Grace.Mode = schedule.Capitalise
	s = must(t, base)
	if a, b := s.Rows[0], s.Rows[2]; a.Interest != 0 || a.Capitalised != 625_00 || a.Total != 100_00 || b.OpeningBalance != 51_257_81 || s.Totals.Principal != 51_257_81 {
		t.Errorf("capitalise: got %+v %+v, want 625.00 capitalised and 100.00 paid in the first, the opening balance 51257.81 in the third, and 51257.81 of principal in all", a, b)
	}
	base.Grace.Mode = schedule.Waive
	s = must(t, base)
	if a, b := s.Rows[1], s.Rows[2]; a.Total != 0 || a.Accrued != 0 || b.Interest != 625_00 {
		t.Errorf("waive: got %+v %+v, want nothing paid or accrued, then interest of 625.00", a, b)
	}
}

// TestLongFirstPeriod: if the interest of the first period exceeds the level payment, its
// instalment pays only interest and the loan keeps its term.
func TestLongFirstPeriod(t *testing.T) {
	s := must(t, schedule.Terms{Amount: 1_000_000_00, AnnualRate: 150_000, Periods: 360, DayCount: civil.Actual360,
		Disbursement: day(t, "2026-01-15"), FirstDue: day(t, "2026-04-15")})
	first, late := s.Rows[0], s.Rows[358]
	if first.Principal != 0 || first.Interest != 37_500_00 || late.Principal == 0 {
		t.Errorf("got first %+v, late %+v, want interest of 37500.00 without principal first, and principal late", first, late)
	}
	if off := s.Rows[359].Total - s.Level; off < -200_00 || off > 200_00 { // half a centavo grows 90-fold, over 360 instalments
		t.Errorf("got the last payment %s off the level, want at most 200.00", off)
	}
}

func TestJSON(t *testing.T) {
	var terms schedule.Terms
	err := json.Unmarshal([]byte(`{"amount":50000,"annual_rate":0.15,"periods":24,"frequency":"monthly","method":"level","day_count":"30/360",
		"rounding":"half_up","disbursement_date":"2026-01-15","first_due_date":"2026-02-15","iva":{"rate":0.16}}`), &terms)
	if err != nil {
		t.Fatal(err)
	}
	s := must(t, terms)
	if s.Totals.Total != 59_493_41 {
		t.Errorf("got %+v, want total 59493.41", s.Totals)
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back schedule.Schedule
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again := must(t, back.Terms)
	if again.Totals != s.Totals || back.Totals != s.Totals || back.Rows[23] != s.Rows[23] || again.CAT != s.CAT {
		t.Errorf("read back from %s: got another schedule, want the totals %v, the last row %v and CAT %v", text, s.Totals, s.Rows[23], s.CAT)
	}
}

// TestMonths has terms counted by hand.
func TestMonths(t *testing.T) {
	for _, c := range []struct {
		frequency schedule.Frequency
		periods   int
		from      string
		first     string // "" is one period later
		want      int
	}{
		{schedule.Monthly, 24, "2026-01-15", "", 24}, {schedule.Monthly, 1, "2026-01-31", "", 1}, {schedule.Monthly, 12, "2027-02-28", "", 12},
		{schedule.Monthly, 24, "2026-01-15", "2026-02-16", 25}, {schedule.Monthly, 24, "2026-01-15", "2026-02-10", 24}, {schedule.Monthly, 1, "2026-01-15", "2026-01-16", 1},
		{schedule.Quincenal, 24, "2026-01-15", "", 12}, {schedule.Quincenal, 24, "2026-01-10", "", 12}, {schedule.Quincenal, 24, "2027-02-28", "", 12},
		{schedule.Quincenal, 1, "2026-01-20", "", 1}, {schedule.Quincenal, 3, "2026-01-31", "", 2},
		{schedule.Weekly, 16, "2026-01-15", "", 4}, {schedule.Weekly, 4, "2026-02-01", "", 1}, {schedule.Weekly, 5, "2026-02-01", "", 2}, {schedule.Weekly, 52, "2026-01-15", "", 12},
		{schedule.Every14Days, 26, "2026-01-15", "", 12}, {schedule.Every14Days, 27, "2026-01-15", "", 13},
		{"", 6, "2026-01-15", "", 6},
	} {
		terms := schedule.Terms{Amount: 1_000_00, Periods: c.periods, Frequency: c.frequency, Disbursement: day(t, c.from)}
		if c.first != "" {
			terms.FirstDue = day(t, c.first)
		}
		if got := schedule.Months(terms); got != c.want {
			t.Errorf("%d × %s from %s, first %q: got %d months, want %d", c.periods, c.frequency, c.from, c.first, got, c.want)
		}
		if terms.Method = schedule.Single; c.first == "" && schedule.Months(terms) != c.want {
			t.Errorf("%d × %s from %s at once: got %d months, want %d", c.periods, c.frequency, c.from, schedule.Months(terms), c.want)
		}
	}
}

// TestPlan: Plan returns the schedule without the CAT.
func TestPlan(t *testing.T) {
	r := random.New(t, 8)
	for range 5_000 {
		terms := loans.RandomTerms(r)
		want, wantErr := schedule.Build(terms)
		got, err := schedule.Plan(terms)
		if wantErr != nil {
			continue // terms that only Build refuses are tested below
		}
		want.CAT, want.CATTime, want.Flows = 0, "", nil
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v: got %+v, %v\nwant %+v", terms, got, err, want)
		}
	}
	terms := loans.Readme()
	terms.Periods = 0
	if _, err := schedule.Plan(terms); err == nil {
		t.Error("no periods: got no error, want one")
	}
	terms = loans.Readme() // fees without a CAT
	terms.Frequency, terms.PeriodDays = schedule.EveryNumDays, 1
	terms.Amount, terms.Fees.Origination.Amount, terms.Fees.Periodic.Amount = 2, 1, money.Max
	_, refused := schedule.Build(terms)
	if s, err := schedule.Plan(terms); refused == nil || err != nil || len(s.Rows) != 24 {
		t.Errorf("terms without a CAT: got %v from Build, %v from Plan, want a refusal from Build and 24 rows from Plan", refused, err)
	}
}
