package loans

import (
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Contract returns the schedule of a loan on the product, with the default first due date.
func Contract(t testing.TB, p product.Product, amount money.Amount, annual rate.Annual, periods int, disbursed civil.Date) schedule.Schedule {
	t.Helper()
	terms, err := p.Terms(amount, annual, periods, disbursed, civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.Build(terms)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// AnyProduct draws a product that Check accepts.
func AnyProduct(t *rapid.T) product.Product {
	p := product.Seed()
	p.Method = rapid.SampledFrom([]schedule.Method{schedule.Level, schedule.LevelWithIVA, schedule.EqualPrincipal, schedule.Bullet, schedule.Single}).Draw(t, "method")
	p.Frequency = rapid.SampledFrom([]schedule.Frequency{schedule.Weekly, schedule.Every14Days, schedule.Quincenal, schedule.Monthly, schedule.EveryNumDays}).Draw(t, "frequency")
	if p.Frequency == schedule.EveryNumDays {
		p.PeriodDays = rapid.IntRange(1, 100).Draw(t, "days")
	}
	p.DayCount = rapid.SampledFrom(civil.DayCounts).Draw(t, "day count")
	p.Rounding = rapid.SampledFrom(money.Roundings).Draw(t, "rounding")
	if p.Method != schedule.Bullet && p.Method != schedule.Single {
		p.Residue = rapid.SampledFrom([]schedule.Residue{schedule.First, schedule.Last}).Draw(t, "residue")
	}
	if (p.Method == schedule.Level || p.Method == schedule.LevelWithIVA) && p.Residue != schedule.First && p.Frequency != schedule.EveryNumDays {
		p.LevelByPeriods = rapid.Bool().Draw(t, "level by periods")
	}
	if rapid.Bool().Draw(t, "holidays") {
		p.Holidays = schedule.NextBusinessDay
		p.InterestFollows = rapid.Bool().Draw(t, "interest follows")
	}
	p.IVA = rapid.SampledFrom([]rate.IVA{{}, {Rate: 160_000}, {Rate: 80_000, Base: rate.FixedPercent, Percent: 500_000}, {Rate: 160_000, Base: rate.RealUDI, Inflation: 45_000}}).Draw(t, "iva")
	if rapid.Bool().Draw(t, "charges") {
		p.Fees = schedule.Fees{Periodic: schedule.Fee{Amount: 35_00}, IVARate: 160_000}
		p.Insurance = 12_50
	}
	if p.Method == schedule.Level || p.Method == schedule.EqualPrincipal {
		p.Grace = rapid.SampledFrom([]schedule.Grace{{}, {PrincipalPeriods: 1}, {PrincipalPeriods: 1, InterestPeriods: 1, Mode: schedule.Defer},
			{PrincipalPeriods: 2, InterestPeriods: 2, Mode: schedule.Capitalise}, {InterestPeriods: 2, Mode: schedule.Waive}}).Draw(t, "grace")
	}
	p.PenaltyInterest = product.PenaltyTerms{
		Rate:      rate.Annual(rapid.SampledFrom([]int{0, 300_000, 1_200_000}).Draw(t, "penalty_interest")),
		Base:      rapid.SampledFrom([]product.PenaltyBase{product.OverduePrincipal, product.OverduePrincipalAndInterest}).Draw(t, "base"),
		Mode:      rapid.SampledFrom([]product.PenaltyMode{product.Additional, product.Replaces}).Draw(t, "mode"),
		GraceDays: rapid.IntRange(0, 3).Draw(t, "grace days"),
	}
	p.Allocation = rapid.Permutation(product.Components).Draw(t, "allocation")
	p.Strategy = rapid.SampledFrom([]product.Strategy{product.OldestFirst, product.ByConcept}).Draw(t, "strategy")
	p.Excess = rapid.SampledFrom([]product.Excess{product.ReduceInstalment, product.ReduceTerm, product.KeepUnapplied}).Draw(t, "excess")
	return p.Defaults()
}

// AnyContract draws a contract on the product. A draw without a valid schedule skips the test
// case.
func AnyContract(t *rapid.T, p product.Product) schedule.Schedule {
	day := civil.Date{Year: 2024, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 800).Draw(t, "disbursement"))
	amount := money.Amount(rapid.OneOf(rapid.Int64Range(1_00, 1_000_000_00), rapid.SampledFrom([]int64{1, 7, 50, 1_000_000_000_00})).Draw(t, "amount"))
	annual := rate.Annual(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 1_000_000)).Draw(t, "rate"))
	few := rapid.IntRange(3, 14)
	terms, err := p.Terms(amount, annual, rapid.OneOf(few, few, few, few, rapid.Just(60)).Draw(t, "periods"), day, civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	terms.Rules = rapid.SampledFrom([]int{0, schedule.LatestRules}).Draw(t, "rules")
	s, err := schedule.Build(terms)
	if err != nil {
		t.Skip("no schedule: ", err)
	}
	return s
}

// AnyOperation draws the next operation, usually a payment near the amount due.
func AnyOperation(t *rapid.T, h servicing.History, a servicing.Account) servicing.Operation {
	date := a.Day.AddDays(rapid.SampledFrom([]int{0, 0, 1, 3, 10, 16, 35, 70}).Draw(t, "days"))
	owing := servicing.Due(a, date)
	payoff := servicing.PayoffOf(a, date).Total
	amount := rapid.OneOf(
		rapid.Int64Range(1, 50_00), rapid.Int64Range(1, max(1, int64(payoff))),
		rapid.SampledFrom([]int64{int64(owing.Due.Sum()), int64(owing.Due.Sum() + owing.Accrued.Sum()), int64(payoff), int64(payoff) + 1, int64(payoff) + 777_77, int64(a.Unapplied)}),
	).Draw(t, "amount")
	o := servicing.Operation{Number: len(h.Operations) + 1, ValueDate: date, Amount: money.Amount(amount), KeepExcess: rapid.Bool().Draw(t, "keep")}
	o.Kind = rapid.SampledFrom([]servicing.Kind{
		servicing.Ordinary, servicing.Ordinary, servicing.Ordinary, servicing.Prepayment, servicing.Prepayment, servicing.AdvancePayment,
		servicing.RestructureKind, servicing.RecoveryKind, servicing.WriteOffKind, servicing.Cancellation, servicing.RefundKind,
	}).Draw(t, "kind")
	if o.Kind == servicing.RestructureKind {
		terms := h.Contract.Terms
		terms.FirstDue, terms.Periods = civil.Date{}, rapid.IntRange(3, 9).Draw(t, "new periods")
		terms.Grace = schedule.Grace{}
		terms.AnnualRate = rapid.SampledFrom([]rate.Annual{terms.AnnualRate, 0, 360_000}).Draw(t, "new rate")
		o.NewTerms = &servicing.NewTerms{Terms: terms, Capitalise: rapid.Bool().Draw(t, "capitalise")}
	}
	return o
}
