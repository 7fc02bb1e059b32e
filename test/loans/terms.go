// Package loans generates random products, contracts, operations and terms for the tests of
// several packages.
package loans

import (
	"math/rand/v2"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Readme returns the loan of the seed's README: 50,000.00 at 15 % over 24 months.
func Readme() schedule.Terms {
	return schedule.Terms{
		Amount: 50_000_00, AnnualRate: 150_000, Periods: 24, DayCount: civil.Thirty360,
		Disbursement: civil.Date{Year: 2026, Month: 1, Day: 15}, IVA: rate.IVA{Rate: 160_000},
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// maybe returns the value with a probability of 1/n, and otherwise zero.
func maybe[T any](r *rand.Rand, n int, value T) (result T) {
	if r.IntN(n) == 0 {
		return value
	}
	return result
}

// RandomTerms draws terms from all possible choices; most are valid.
func RandomTerms(r *rand.Rand) schedule.Terms {
	t := schedule.Terms{
		Amount:       pick(r, money.Amount(1+r.Int64N(2_000)), money.Amount(1_000_00+r.Int64N(1_000_000_00)), money.Amount(1_000_00+r.Int64N(100_000_00)), money.Amount(1+r.Int64N(int64(money.Max)))),
		AnnualRate:   pick(r, 0, rate.Annual(r.Int64N(1_500_000)), rate.Annual(r.Int64N(600_000)), rate.Annual(10_000*r.Int64N(100)), rate.Annual(r.Int64N(10_000_001))),
		Periods:      pick(r, 1+r.IntN(6), 1+r.IntN(16), 1+r.IntN(16), 12, 24, 1+r.IntN(36)),
		Frequency:    pick(r, schedule.Weekly, schedule.Every14Days, schedule.Quincenal, schedule.Monthly, schedule.Monthly, schedule.EveryNumDays),
		Method:       pick(r, schedule.Level, schedule.Level, schedule.LevelWithIVA, schedule.EqualPrincipal, schedule.Bullet, schedule.Single),
		DayCount:     pick(r, civil.DayCounts...),
		Rounding:     pick(r, money.Roundings...),
		Residue:      schedule.Last,
		Disbursement: civil.FromDays(13_000 + r.IntN(20_000)),
		Insurance:    maybe(r, 5, money.Amount(r.Int64N(100_00))),
	}
	if r.IntN(200) == 0 {
		t.Periods = 1 + r.IntN(120)
	}
	randomTax(r, &t)
	randomDates(r, &t)
	t.Collateral = maybe(r, 10, money.Amount(r.Int64N(int64(t.Amount)/4+1)))
	opening := maybe(r, 3, pick(r, schedule.Fee{Rate: rate.Share(r.Int64N(60_000))}, schedule.Fee{Amount: money.Amount(r.Int64N(int64(t.Amount)/8 + 1))}))
	t.Fees = schedule.Fees{Origination: opening, OriginationPayment: pick(r, schedule.Apart, schedule.Deducted, ""),
		Periodic: maybe(r, 4, pick(r, schedule.Fee{Rate: rate.Share(r.Int64N(5_000))}, schedule.Fee{Amount: money.Amount(r.Int64N(200_00))})),
		IVARate:  pick[rate.Share](r, 0, 160_000, 80_000)}
	if t.Method != schedule.Bullet && t.Method != schedule.Single {
		t.Residue = pick(r, schedule.Last, schedule.Last, schedule.First)
	}
	t.LevelByPeriods = (t.Method == schedule.Level || t.Method == schedule.LevelWithIVA) && t.Frequency != schedule.EveryNumDays && t.Residue == schedule.Last && r.IntN(4) == 0
	randomGrace(r, &t)
	t.Rules = pick(r, 0, schedule.Rules1, schedule.LatestRules, schedule.LatestRules)
	return t
}

func randomTax(r *rand.Rand, t *schedule.Terms) {
	t.IVA = rate.IVA{Rate: pick[rate.Share](r, 0, 160_000, 80_000, rate.Share(r.Int64N(1_000_001))), Base: pick(r, "", rate.Nominal, rate.RealUDI, rate.FixedPercent)}
	switch t.IVA.Base {
	case rate.RealUDI:
		t.IVA.Inflation = rate.Annual(r.Int64N(100_000))
	case rate.FixedPercent:
		t.IVA.Percent = rate.Share(1 + r.Int64N(1_000_000))
	}
}

func randomDates(r *rand.Rand, t *schedule.Terms) {
	if t.Frequency == schedule.EveryNumDays {
		t.PeriodDays = pick(r, 1+r.IntN(40), 30, 28, 90, 360)
	}
	if r.IntN(4) == 0 { // month ends are error-prone
		t.Disbursement = t.Disbursement.AddMonths(0, 31)
	}
	t.MonthEnd = t.Frequency == schedule.Monthly && r.IntN(6) == 0
	if r.IntN(3) > 0 {
		t.FirstDue = t.Disbursement.AddDays(1 + r.IntN(70))
		switch {
		case t.MonthEnd:
			t.FirstDue = t.FirstDue.AddMonths(0, 31)
			if t.FirstDue == t.Disbursement {
				t.FirstDue = t.FirstDue.AddMonths(1, 31)
			}
		case t.Frequency == schedule.Quincenal:
			t.FirstDue = t.FirstDue.NextQuincena()
		case t.Frequency == schedule.Monthly && r.IntN(2) == 0:
			t.FirstDue = t.Disbursement.AddMonths(1, pick(r, int(t.Disbursement.Day), 31))
		}
	}
	t.Holidays = pick(r, "", schedule.Unmoved, schedule.NextBusinessDay)
	t.InterestFollows = t.Holidays == schedule.NextBusinessDay && r.IntN(2) == 0
	t.CATTime = pick(r, "", "", schedule.ByDays, schedule.ByPeriods)
	t.Rules = pick(r, 0, schedule.Rules1, schedule.Rules2)
}

func randomGrace(r *rand.Rand, t *schedule.Terms) {
	if r.IntN(3) > 0 || t.Method == schedule.Single || t.Periods < 2 {
		return
	}
	g := &t.Grace
	if t.Method != schedule.Bullet {
		g.PrincipalPeriods = r.IntN(t.Periods)
	}
	switch g.Mode = pick(r, "", schedule.Defer, schedule.Capitalise, schedule.Waive); {
	case g.Mode == "":
	case g.Mode == schedule.Waive || t.Method == schedule.Bullet:
		g.InterestPeriods = r.IntN(t.Periods)
	default:
		g.InterestPeriods = r.IntN(g.PrincipalPeriods + 1)
	}
	if g.InterestPeriods == 0 {
		g.Mode = ""
	}
}
