package product_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

func day(y, m, d int) civil.Date {
	return civil.DateOf(civil.On(y, 1, 1).Midnight().AddDate(0, m-1, d-1))
}

// refused lists the fields of a refusal with dots.
func refused(t *testing.T, err error) []string {
	t.Helper()
	var e *fault.Error
	if err == nil {
		return nil
	}
	if !errors.As(err, &e) || e.Code != fault.Invalid {
		t.Fatalf("got %v, want the refusal %s", err, fault.Invalid)
	}
	var names []string
	for _, f := range e.Flaws {
		if f.Rule == "" {
			t.Errorf("the flaw of %s: got no rule, want one", f.Name())
		}
		names = append(names, f.Name())
	}
	return names
}

// TestSeed: the README loan on the default product has the table of
// docs/rules/amortization.md.
func TestSeed(t *testing.T) {
	p := product.Seed()
	if err := p.Check(); err != nil {
		t.Fatal(refused(t, err))
	}
	terms, err := p.Terms(50_000_00, 150_000, 24, day(2026, 1, 15), civil.Date{})
	if err != nil {
		t.Fatal(refused(t, err))
	}
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	if s.Level != 2_424_33 || s.Totals.IVA != 1_309_42 || s.Totals.Total != 59_493_41 || s.Rows[0].Due != day(2026, 2, 15) || s.Totals.Fee != 0 {
		t.Errorf("got level %s, %+v, want level 2424.33, IVA 1309.42, total 59493.41, due %v, fee 0", s.Level, s.Totals, day(2026, 2, 15))
	}
}

func TestCheckNamesEveryFault(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*product.Product)
		want  []string
	}{
		{"nothing", func(*product.Product) {}, nil},
		{"empty", func(p *product.Product) { *p = product.Product{} }, []string{"code", "name", "version", "effective_from"}},
		{"code", func(p *product.Product) { p.Code = "Crédito 1" }, []string{"code"}},
		{"dates", func(p *product.Product) { p.To = day(1999, 12, 31) }, []string{"effective_to"}},
		{"rate over the cap", func(p *product.Product) { p.Limits.MaxRate = schedule.MaxRate + 1 }, []string{"limits.max_rate"}},
		{"rates crossed", func(p *product.Product) { p.Limits.MinRate = p.Limits.MaxRate + 1 }, []string{"limits.min_rate"}},
		{"amounts", func(p *product.Product) { p.Limits.MinAmount, p.Limits.MaxAmount = 5, 4 }, []string{"limits.min_amount"}},
		{"amount", func(p *product.Product) { p.Limits.MaxAmount = money.Max + 1 }, []string{"limits.max_amount"}},
		{"approval of nothing", func(p *product.Product) { p.Limits.ApprovalLimit = -1 }, []string{"limits.approval_limit"}},
		{"approval above any amount", func(p *product.Product) { p.Limits.ApprovalLimit = money.Max + 1 }, []string{"limits.approval_limit"}},
		{"periods", func(p *product.Product) { p.Limits.MinPeriods, p.Limits.MaxPeriods = -1, schedule.MaxPeriods+1 }, []string{"limits.min_periods", "limits.max_periods"}},
		{"too long", func(p *product.Product) { p.Limits.MaxPeriods = 601 }, []string{"limits.max_periods"}},
		{"penalty_interest", func(p *product.Product) {
			p.PenaltyInterest = product.PenaltyTerms{Rate: -1, Base: "all", Mode: "both", GraceDays: 32, DayCount: "30E/360"}
		}, []string{"penalty_interest.rate", "penalty_interest.base", "penalty_interest.mode", "penalty_interest.grace_days", "penalty_interest.day_count"}},
		{"missing", func(p *product.Product) { p.Allocation = p.Allocation[1:] }, []string{"allocation"}},
		{"none", func(p *product.Product) { p.Allocation = []product.Component{} }, slices.Repeat([]string{"allocation"}, 8)},
		{"doubled and missing", func(p *product.Product) { p.Allocation[0] = product.Principal }, []string{"allocation", "allocation"}},
		{"unknown", func(p *product.Product) { p.Allocation = append(p.Allocation, "tips") }, []string{"allocation"}},
		{"words", func(p *product.Product) { p.Strategy, p.Excess = "newest", "keep" }, []string{"strategy", "excess"}},
		{"terms", func(p *product.Product) {
			p.Method, p.Frequency, p.DayCount, p.Rounding, p.Holidays, p.IVA.Rate = "flat", "daily", "30", "up", "prev", rate.One+1
		}, []string{"frequency", "method", "day_count", "rounding", "holiday_rule", "iva.rate"}},
		{"period days", func(p *product.Product) { p.PeriodDays = 10 }, []string{"period_days"}},
		{"grace of all", func(p *product.Product) { p.Grace.PrincipalPeriods = 1 }, []string{"grace.principal_periods"}},
		{"opening above the least amount", func(p *product.Product) { p.Fees.Origination.Amount = 500_00 }, []string{"fees.origination"}},
	} {
		p := product.Seed()
		c.spoil(&p)
		got := refused(t, p.Check())
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got faults in %v, want %v", c.name, got, c.want)
		}
	}
}

// TestApprovalLimit: the default is DefaultApprovalLimit, or the maximum amount if that is
// lower. A given limit is kept, including the lowest and the highest.
func TestApprovalLimit(t *testing.T) {
	for _, c := range []struct{ given, most, want money.Amount }{
		{0, 0, 100_000_00}, {0, 100_000_01, 100_000_00}, {0, 99_999_99, 99_999_99}, {1, 0, 1}, {money.Max, 50_000_00, money.Max},
	} {
		p := product.Seed()
		p.Limits.ApprovalLimit, p.Limits.MaxAmount = c.given, c.most
		if got := p.Defaults().Limits.ApprovalLimit; got != c.want || p.Check() != nil {
			t.Errorf("%s of at most %s: got %s, %v, want %v and no flaws", c.given, c.most, got, p.Check(), c.want)
		}
	}
	if got := product.Seed().Limits.ApprovalLimit; got != money.Max {
		t.Errorf("the seed's product: got %s, want %v", got, money.Max)
	}
}

func TestTermsKeepTheLimits(t *testing.T) {
	p := product.Seed()
	p.To = day(2026, 12, 31)
	p.Limits = product.Limits{MinAmount: 1_000_00, MaxAmount: 2_000_00, MinRate: 100_000, MaxRate: 200_000, MinPeriods: 6, MaxPeriods: 12}
	for _, c := range []struct {
		amount       money.Amount
		annual       rate.Annual
		periods      int
		disbursement civil.Date
		first        civil.Date
		want         []string
	}{
		{1_000_00, 100_000, 6, day(2026, 12, 31), civil.Date{}, nil},
		{2_000_00, 200_000, 12, day(2026, 1, 1), day(2026, 1, 2), nil},
		{999_99, 99_999, 5, day(2027, 1, 1), civil.Date{}, []string{"amount", "annual_rate", "periods", "disbursement_date"}},
		{2_000_01, 200_001, 13, day(1999, 1, 1), day(1999, 1, 1), []string{"amount", "annual_rate", "periods", "disbursement_date", "first_due_date"}},
		{-1, -1, 0, civil.Date{}, civil.Date{}, []string{"amount", "annual_rate", "periods", "disbursement_date"}},
	} {
		_, err := p.Terms(c.amount, c.annual, c.periods, c.disbursement, c.first)
		if got := refused(t, err); !slices.Equal(got, c.want) {
			t.Errorf("%+v: got faults in %v, want %+v", c, got, c.want)
		}
	}
}

func TestInForce(t *testing.T) {
	first, second, trial := product.Seed(), product.Seed(), product.Seed()
	first.From = day(2026, 1, 1)
	second.Version, second.From = 2, day(2026, 7, 1)
	trial.Version, trial.From, trial.To = 3, day(2026, 8, 1), day(2026, 8, 31)
	all := []product.Product{second, trial, first}
	for on, want := range map[civil.Date]int{day(2025, 12, 31): 0, day(2026, 6, 30): 1, day(2026, 7, 1): 2, day(2026, 8, 31): 3, day(2026, 9, 1): 2} {
		if got, found := product.InForce(all, on); got.Version != want || found != (want > 0) {
			t.Errorf("%s: got version %d, found %t, want version %d", on, got.Version, found, want)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	p := product.Seed()
	p.Grace = schedule.Grace{PrincipalPeriods: 2, InterestPeriods: 1, Mode: schedule.Defer}
	p.PenaltyInterest.Rate = 300_000
	p.To = day(2030, 1, 1)
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back product.Product
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, p) {
		t.Errorf("got %v\n%s\n%+v\nwant %+v", err, text, back, p)
	}
}

// TestTheWidestLimitsAreAccepted: limits are optional for every frequency.
func TestTheWidestLimitsAreAccepted(t *testing.T) {
	for _, f := range []schedule.Frequency{schedule.Weekly, schedule.Every14Days, schedule.Quincenal, schedule.Monthly, schedule.EveryNumDays} {
		p := product.Seed()
		p.Frequency, p.Limits = f, product.Limits{}
		if f == schedule.EveryNumDays {
			p.PeriodDays = 90
		}
		if got := refused(t, p.Defaults().Check()); got != nil {
			t.Errorf("%s: got %v, want no flaws", f, got)
		}
	}
}
