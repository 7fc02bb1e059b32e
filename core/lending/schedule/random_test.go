package schedule_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"sync"
	"testing"
	"time"

	"sofipo/core/fault"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// TestOracle compares each figure with the oracle and checks the properties of every
// schedule.
func TestOracle(t *testing.T) {
	const workers = 8
	n := random.TimesOrFew(t, 20_000) / workers
	var wait sync.WaitGroup
	var lock sync.Mutex
	compared, refused, exact, rules := 0, 0, 0, map[fault.Rule]int{}
	for w := range workers {
		wait.Go(func() {
			r := random.New(t, uint64(w))
			for i := 0; i < n && !t.Failed(); i++ {
				terms := loans.RandomTerms(r)
				s, err := schedule.Build(terms)
				rule := refusal(err)
				if err == nil {
					err = disagreement(terms, s, i%64 == 0)
					if err == nil {
						err = broken(s)
					}
					if err != nil {
						t.Errorf("%+v: %v", terms, err)
					}
				} else if want := build(terms).refused(); slices.Contains(afterwards, rule) && rule != want {
					t.Errorf("%+v: got the refusal %q, want %q", terms, rule, want)
				}
				lock.Lock()
				if compared++; err != nil {
					refused++
				}
				if s.Exact {
					exact++
				}
				rules[rule]++
				lock.Unlock()
			}
		})
	}
	wait.Wait()
	t.Logf("%d terms, %d refused, %d by the exact balance; rules %v", compared, refused, exact, rules)
	for _, rule := range afterwards {
		if rules[rule] == 0 {
			t.Errorf("got no terms refused with %s, want some", rule)
		}
	}
	if exact*200 < compared {
		t.Errorf("got %d of %d terms by the exact balance, want at least 0.5 %%", exact, compared)
	}
	if refused*50 > compared {
		t.Errorf("got %d of %d terms refused, want at most 2 %%", refused, compared)
	}
}

// afterwards are the rules of refusals that depend on the computed table.
var afterwards = []fault.Rule{schedule.InstalmentOfZero, schedule.LevelTooHigh, schedule.LevelTooLow}

// refusal returns the rule of the first flaw of an error.
func refusal(err error) fault.Rule {
	var refused *fault.Error
	if errors.As(err, &refused) && len(refused.Flaws) > 0 {
		return refused.Flaws[0].Rule
	}
	return ""
}

// disagreement describes a difference between a schedule and the oracle's.
func disagreement(terms schedule.Terms, s schedule.Schedule, thorough bool) error {
	o := build(terms)
	if rule := o.refused(); rule != "" || s.Exact != (o.follow != nil) {
		return fmt.Errorf("exact %t, not %t; should be refused with %q", s.Exact, o.follow != nil, rule)
	}
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
			{"fee", got.Fee, want.fee}, {"iva on fee", got.FeeIVA, want.feeIVA},
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
	opening := o.fee(terms.Fees.Origination)
	if whole(int64(s.Opening.Fee)).Cmp(opening) != 0 || whole(int64(s.Opening.IVA)).Cmp(o.round(times(opening, share(terms.Fees.IVARate)))) != 0 {
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

// broken returns a property that the schedule does not have.
func broken(s schedule.Schedule) error {
	var principal, capitalised, total money.Amount
	balance, before := s.Terms.Amount, s.Terms.Disbursement
	for _, r := range s.Rows {
		for _, part := range []money.Amount{r.Principal, r.Interest, r.IVA, r.Fee, r.FeeIVA, r.Insurance, r.Accrued, r.Capitalised, r.Balance} {
			if part < 0 {
				return fmt.Errorf("row %d has a negative part: %+v", r.Number, r)
			}
		}
		switch {
		case r.Total != r.Principal+r.Interest+r.IVA+r.Fee+r.FeeIVA+r.Insurance:
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
	case s.Totals.Total != s.Totals.Principal+s.Totals.Interest+s.Totals.IVA+s.Totals.Fee+s.Totals.FeeIVA+s.Totals.Insurance:
		return fmt.Errorf("the total is not its parts: %+v", s.Totals)
	}
	return nil
}
