package schedule_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// setting reads a number from the environment: SCHEDULE_DRAWS is how many random
// terms are compared, SCHEDULE_SEED draws others.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// maybe gives the value once in n, else zero.
func maybe[T any](r *rand.Rand, n int, value T) (result T) {
	if r.IntN(n) == 0 {
		return value
	}
	return result
}

// randomTerms draws terms from all that can be asked, mostly valid.
func randomTerms(r *rand.Rand) schedule.Terms {
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
	opening := maybe(r, 3, pick(r, schedule.Commission{Rate: rate.Share(r.Int64N(60_000))}, schedule.Commission{Amount: money.Amount(r.Int64N(int64(t.Amount)/8 + 1))}))
	t.Commissions = schedule.Commissions{Opening: opening, OpeningPayment: pick(r, schedule.Apart, schedule.Deducted, ""),
		Periodic: maybe(r, 4, pick(r, schedule.Commission{Rate: rate.Share(r.Int64N(5_000))}, schedule.Commission{Amount: money.Amount(r.Int64N(200_00))})),
		IVARate:  pick[rate.Share](r, 0, 160_000, 80_000)}
	if t.Method != schedule.Bullet && t.Method != schedule.Single {
		t.Residue = pick(r, schedule.Last, schedule.Last, schedule.First)
	}
	t.LevelByPeriods = (t.Method == schedule.Level || t.Method == schedule.LevelWithIVA) && t.Frequency != schedule.EveryNumDays && t.Residue == schedule.Last && r.IntN(4) == 0
	randomGrace(r, &t)
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
	if r.IntN(4) == 0 { // month ends are where errors are
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
			t.FirstDue = t.Disbursement.AddMonths(1, pick(r, t.Disbursement.Day, 31))
		}
	}
	t.Holidays = pick(r, "", schedule.Unmoved, schedule.NextBusinessDay)
	t.InterestFollows = t.Holidays == schedule.NextBusinessDay && r.IntN(2) == 0
	t.CATTime = pick(r, "", "", schedule.ByDays, schedule.ByPeriods)
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

// TestOracle compares the engine with the oracle, figure by figure, and checks
// what must hold of every schedule.
func TestOracle(t *testing.T) {
	n, seed := int(setting(t, "SCHEDULE_DRAWS", 20_000)), setting(t, "SCHEDULE_SEED", 20_260_115)
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	var lock sync.Mutex
	compared, refused := 0, 0
	for w := range workers {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(w)))
			for i := 0; i < (n+workers-1)/workers && !t.Failed(); i++ {
				terms := randomTerms(r)
				s, err := schedule.Build(terms)
				if err == nil {
					err = disagreement(terms, s, i%64 == 0)
					if err == nil {
						err = broken(s)
					}
					if err != nil {
						t.Errorf("%+v: %v", terms, err)
					}
				}
				lock.Lock()
				if compared++; err != nil {
					refused++
				}
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	t.Logf("%d terms, %d of them refused", compared, refused)
	if refused*50 > compared {
		t.Errorf("%d of %d terms were refused: the comparison is too thin", refused, compared)
	}
}

// disagreement compares a schedule with the oracle's.
func disagreement(terms schedule.Terms, s schedule.Schedule, thorough bool) error {
	o := build(terms)
	if len(o.rows) != len(s.Rows) {
		return fmt.Errorf("%d rows, not %d", len(s.Rows), len(o.rows))
	}
	for k, want := range o.rows {
		got := s.Rows[k]
		if utc(got.Due) != want.due || utc(got.Nominal) != want.nominal {
			return fmt.Errorf("row %d: due %s (%s), not %s (%s)", k+1, got.Due, got.Nominal, want.due.Format(time.DateOnly), want.nominal.Format(time.DateOnly))
		}
		for _, f := range []struct {
			name string
			got  money.Amount
			want *big.Rat
		}{
			{"opening", got.OpeningBalance, want.opening}, {"accrued", got.Accrued, want.accrued}, {"interest", got.Interest, want.interest},
			{"taxable", got.Taxable, want.taxable}, {"iva", got.IVA, want.iva}, {"principal", got.Principal, want.principal},
			{"commission", got.Commission, want.commission}, {"iva on commission", got.CommissionIVA, want.commissionIVA},
			{"capitalised", got.Capitalised, want.capitalised}, {"total", got.Total, want.total}, {"balance", got.Balance, want.balance},
		} {
			if whole(int64(f.got)).Cmp(f.want) != 0 {
				return fmt.Errorf("row %d: %s is %s, not %s centavos", k+1, f.name, f.got, f.want.RatString())
			}
		}
	}
	if level := terms.Method == schedule.Level || terms.Method == schedule.LevelWithIVA; level && whole(int64(s.Level)).Cmp(o.level) != 0 {
		return fmt.Errorf("level %s, not %s", s.Level, o.level.RatString())
	}
	opening := o.commission(terms.Commissions.Opening)
	if whole(int64(s.Opening.Commission)).Cmp(opening) != 0 || whole(int64(s.Opening.IVA)).Cmp(o.round(times(opening, share(terms.Commissions.IVARate)))) != 0 {
		return fmt.Errorf("opening %+v, not %s", s.Opening, opening.RatString())
	}
	return wrongCAT(o, float64(s.CAT), thorough)
}

func wrongCAT(o *oracle, got float64, thorough bool) error {
	flows, ticks := o.flows()
	if !encloses(flows, ticks, got) {
		return fmt.Errorf("CAT %.12f is no root: by halves %.12f", got, bisect(flows, ticks))
	}
	if thorough && o.t.Collateral == 0 {
		if want := bisect(flows, ticks); math.Abs(got-want) > 1e-9*(1+want) {
			return fmt.Errorf("CAT %.12f, not %.12f", got, want)
		}
	}
	return nil
}

// broken names a property that the schedule breaks.
func broken(s schedule.Schedule) error {
	var principal, capitalised, total money.Amount
	balance, before := s.Terms.Amount, s.Terms.Disbursement
	for _, r := range s.Rows {
		for _, part := range []money.Amount{r.Principal, r.Interest, r.IVA, r.Commission, r.CommissionIVA, r.Insurance, r.Accrued, r.Capitalised, r.Balance} {
			if part < 0 {
				return fmt.Errorf("row %d has a negative part: %+v", r.Number, r)
			}
		}
		switch {
		case r.Total != r.Principal+r.Interest+r.IVA+r.Commission+r.CommissionIVA+r.Insurance:
			return fmt.Errorf("row %d: the total is not its parts", r.Number)
		case r.OpeningBalance != balance || r.Balance != balance+r.Capitalised-r.Principal:
			return fmt.Errorf("row %d: balances do not follow", r.Number)
		case r.Balance > balance && r.Capitalised == 0:
			return fmt.Errorf("row %d: the balance grows", r.Number)
		case r.Due.Before(before) || r.Due.Before(r.Nominal):
			return fmt.Errorf("row %d: dates go back", r.Number)
		}
		principal, capitalised, total = principal+r.Principal, capitalised+r.Capitalised, total+r.Total
		balance, before = r.Balance, r.Due
	}
	switch {
	case balance != 0:
		return fmt.Errorf("%s is left", balance)
	case principal != s.Terms.Amount+capitalised:
		return fmt.Errorf("principal parts add up to %s", principal)
	case s.Totals.Principal != principal || s.Totals.Total != total || s.Totals.Capitalised != capitalised:
		return fmt.Errorf("totals %+v", s.Totals)
	case s.Totals.Total != s.Totals.Principal+s.Totals.Interest+s.Totals.IVA+s.Totals.Commission+s.Totals.CommissionIVA+s.Totals.Insurance:
		return fmt.Errorf("the total is not its parts: %+v", s.Totals)
	}
	return nil
}
