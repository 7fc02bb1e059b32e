package risk

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/test/formula"
	"sofipo/test/random"
)

// row has the last day of a band and its share in hundredths of a per cent.
type row struct{ last, percent int }

// The tables of docs/rules/provisions.md, not read from the files.
var (
	consumerOld  = []row{{0, 100}, {7, 400}, {30, 1500}, {60, 3000}, {90, 5000}, {120, 7500}, {180, 9000}, {math.MaxInt32, 10000}}
	marginalOld  = []row{{0, 100}, {7, 100}, {30, 400}, {60, 3000}, {90, 6000}, {120, 8000}, {180, 9000}, {math.MaxInt32, 10000}}
	consumerNew  = []row{{0, 100}, {7, 400}, {30, 1500}, {60, 3000}, {89, 5000}, {120, 7500}, {180, 9000}, {math.MaxInt32, 10000}}
	marginalNew  = []row{{0, 100}, {7, 100}, {30, 400}, {60, 3000}, {89, 6000}, {120, 8000}, {180, 9000}, {math.MaxInt32, 10000}}
	housingAll   = []row{{0, 35}, {30, 105}, {60, 245}, {90, 875}, {120, 1750}, {150, 3325}, {180, 3430}, {1460, 7000}, {math.MaxInt32, 10000}}
	commerceAll  = []row{{0, 50}, {30, 250}, {60, 1500}, {90, 3000}, {120, 4000}, {150, 6000}, {180, 7500}, {210, 8500}, {240, 9500}, {math.MaxInt32, 10000}}
	tablesByName = map[Classification][2][2][]row{ // by old or new, then zone
		Consumer:    {{consumerOld, marginalOld}, {consumerNew, marginalNew}},
		Microcredit: {{consumerOld, marginalOld}, {consumerNew, marginalNew}},
		Housing:     {{housingAll, housingAll}, {housingAll, housingAll}},
		Commercial:  {{commerceAll, commerceAll}, {commerceAll, commerceAll}},
	}
)

// TestProvisionEveryRow tests each row on the day before it, its first and last day and the
// day after it, on the first and last date of each table.
func TestProvisionEveryRow(t *testing.T) {
	rows := 0
	check := func(on civil.Date, c Classification, marginal bool, days, percent int) {
		for _, restructured := range []bool{false, true} {
			amount, share, err := Provision(on, Exposure{Classification: c, Marginal: marginal, Restructured: restructured, DaysLate: days, Base: 1_000_000_00})
			if err != nil || share != rate.Share(percent)*100 || amount != money.Amount(percent)*100_00 {
				t.Errorf("%v %s marginal %v restructured %v, %d days: got %s, %s, %v; want %d", on, c, marginal, restructured, days, amount, share, err, percent)
			}
		}
	}
	for c, eras := range tablesByName {
		for era, dates := range [][]civil.Date{{first, lastOld}, {firstNew, far}} {
			for zone, want := range eras[era] {
				for _, on := range dates {
					for i, r := range want {
						begin := 0
						if i > 0 {
							begin = want[i-1].last + 1
						}
						for _, days := range []int{begin - 1, begin, r.last, r.last + 1} {
							check(on, c, zone == 1, days, percentAt(want, days))
						}
						rows++
					}
				}
				if table, err := bandsOn(dates[0], c, zone == 1, false); err != nil || len(table.rows) != len(want) || table.rows[len(want)-1].Days.Last != Open {
					t.Errorf("%s: got %+v, %v, want %d rows, the last without an end", c, table, err, len(want))
				}
			}
		}
	}
	if rows != 2*(2*2*2*8+2*2*9+2*2*10) {
		t.Errorf("got %d rows checked, want %v", rows, 2*(2*2*2*8+2*2*9+2*2*10))
	}
}

func percentAt(table []row, days int) int {
	i := 0
	for i < len(table)-1 && days > table[i].last {
		i++
	}
	return table[i].percent
}

func TestProvisionRoundsOnce(t *testing.T) {
	for _, c := range []struct {
		days             int
		base, guaranteed money.Amount
		want             money.Amount
	}{
		{0, 49, 0, 0}, {0, 50, 0, 1}, {0, 149, 0, 1}, {0, 150, 0, 2}, // 1 %: half up
		{45, 1000_00, 400_00, 184_00}, // 400 at 1 %, 600 at 30 %
		{45, 1000_00, 1000_00, 10_00}, // fully covered
		{45, 1000_00, 5000_00, 10_00}, // a guarantee above the base
		{45, 80, 30, 15},              // 0.30 + 15.00 centavos
		{5, 37, 25, 1},                // 0.25 + 0.48 is 0.73; apart they would be 0
		{-3, 100_00, 0, 1_00},         // before it is late
		{200, math.MaxInt64, 0, math.MaxInt64},
		{200, 0, 0, 0},
	} {
		if got, _, err := Provision(firstNew, Exposure{Classification: Consumer, DaysLate: c.days, Base: c.base, Guaranteed: c.guaranteed}); err != nil || got != c.want {
			t.Errorf("%+v: got %d, %v, want %v", c, got, err, c.want)
		}
	}
}

func TestProvisionRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		on               civil.Date
		kind             Classification
		base, guaranteed money.Amount
		want             error
	}{
		"before the tables":      {first.AddDays(-1), Consumer, 1, 0, ErrDate},
		"unknown classification": {far, "credit card", 1, 0, ErrClassification},
		"no classification":      {far, "", 1, 0, ErrClassification},
		"negative base":          {far, Consumer, -1, 0, ErrBase},
		"negative guarantee":     {far, Consumer, 1, -1, ErrBase},
	} {
		if amount, share, err := Provision(c.on, Exposure{Classification: c.kind, DaysLate: 5, Base: c.base, Guaranteed: c.guaranteed}); !errors.Is(err, c.want) || amount != 0 || share != 0 {
			t.Errorf("%s: got %s, %s, %v, want %v, amount 0, share 0", name, amount, share, err, c.want)
		}
	}
}

// TestProvisionProperties: a provision is between zero and the base, exact to half a
// centavo, not lower for more days, and not higher for a larger guarantee.
func TestProvisionProperties(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		on := rapid.SampledFrom([]civil.Date{first, lastOld, firstNew, far}).Draw(t, "on")
		kind := rapid.SampledFrom(Classifications()).Draw(t, "classification")
		marginal, again := rapid.Bool().Draw(t, "marginal"), rapid.Bool().Draw(t, "restructured")
		days := rapid.IntRange(0, 2000).Draw(t, "days")
		base := money.Amount(rapid.Int64Range(0, math.MaxInt64).Draw(t, "base"))
		guaranteed := money.Amount(rapid.Int64Range(0, math.MaxInt64).Draw(t, "guaranteed"))
		of := func(days int, guaranteed money.Amount) (money.Amount, rate.Share) {
			amount, share, err := Provision(on, Exposure{Classification: kind, Marginal: marginal, Restructured: again, DaysLate: days, Base: base, Guaranteed: guaranteed})
			if err != nil || amount < 0 || amount > base {
				t.Fatalf("got %d, %v, want 0 to %d", amount, err, base)
			}
			return amount, share
		}
		amount, share := of(days, guaranteed)
		_, least := of(0, 0)
		covered := min(base, guaranteed)
		exact := new(big.Int).Mul(big.NewInt(int64(covered)), big.NewInt(int64(least)))
		exact.Add(exact, new(big.Int).Mul(big.NewInt(int64(base-covered)), big.NewInt(int64(share))))
		if want := money.RoundRatio(exact, big.NewInt(1_000_000), money.HalfUp); want.Cmp(big.NewInt(int64(amount))) != 0 {
			t.Fatalf("got %d, want %s", amount, want)
		}
		text, explained, err := ExplainProvision(on, Exposure{Classification: kind, Marginal: marginal, Restructured: again, DaysLate: days, Base: base, Guaranteed: guaranteed})
		value, ok := formula.Value(text)
		if err != nil || !ok || explained != share {
			t.Fatalf("got the formula %q with the share %s, %v, want one with %s", text, explained, err, share)
		}
		if got := new(big.Rat).Mul(value, big.NewRat(100, 1)); money.RoundRatio(got.Num(), got.Denom(), money.HalfUp).Cmp(big.NewInt(int64(amount))) != 0 {
			t.Fatalf("got the formula %q, want the value %s", text, amount)
		}
		if later, _ := of(days+rapid.IntRange(0, 400).Draw(t, "more days"), guaranteed); later < amount {
			t.Fatalf("got %d later, want at least the %d of now", later, amount)
		}
		if free, _ := of(days, guaranteed/2); free < amount {
			t.Fatalf("got %d with half the guarantee, want at least the %d with all of it", free, amount)
		}
	})
}

func TestClassifications(t *testing.T) {
	if !slices.Equal(Classifications(), []Classification{Consumer, Microcredit, Housing, Commercial}) || !Housing.Valid() || Classification("x").Valid() {
		t.Errorf("got %v, want the four classifications and no other valid", Classifications())
	}
}

func TestNothingIsAllocated(t *testing.T) {
	if n := testing.AllocsPerRun(1000, func() { oneLoan(t, 47) }); n != 0 {
		t.Errorf("got %v allocations a loan, want 0", n)
	}
}

func oneLoan(t testing.TB, days int) money.Amount {
	class, err := Classify(far, Loan{Payment: Periodic, DaysPastDue: DaysPastDue{days, days, days}, Restructure: Restructure{Stage: Stage3, PeriodDays: 30, OnTime: 2}})
	if err != nil {
		t.Fatal(err)
	}
	base, reserved := ProvisionBase(class.Stage, 50_000_00, 625_00)
	amount, _, err := Provision(far, Exposure{Classification: Commercial, Marginal: true, Restructured: true, DaysLate: days, Base: base, Guaranteed: 1_000_00})
	if err != nil {
		t.Fatal(err)
	}
	return amount + reserved
}

func BenchmarkClassifyAndProvision(b *testing.B) {
	b.ReportAllocs()
	for days := 0; b.Loop(); days = (days + 37) % 300 {
		oneLoan(b, days)
	}
}

func BenchmarkPortfolioAdd(b *testing.B) {
	var p Portfolio
	products := []string{"seed", "nomina", "grupal"}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if err := p.Add(Position{products[n%3], n % 200, Stage1, Sums{1, 1000, 10, 10}}); err != nil {
			b.Fatal(err)
		}
	}
}
