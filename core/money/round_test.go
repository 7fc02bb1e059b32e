package money

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"sofipo/test/random"

	"pgregory.net/rapid"
)

func TestMulDivTies(t *testing.T) {
	for _, c := range []struct {
		a, num, den  int64
		even, upward int64
	}{
		{1, 1, 2, 0, 1}, {3, 1, 2, 2, 2}, {5, 1, 2, 2, 3}, {-1, 1, 2, 0, -1}, {-5, 1, 2, -2, -3}, {5, -1, 2, -2, -3},
		{5, 1, -2, -2, -3}, {-5, -1, 2, 2, 3}, {7, 1, 3, 2, 2}, {8, 1, 3, 3, 3}, {0, 5, 7, 0, 0},
		{math.MaxInt64, 1, 1, math.MaxInt64, math.MaxInt64}, {math.MaxInt64, 2, 4, math.MaxInt64/2 + 1, math.MaxInt64/2 + 1},
		{4_820_067, 15_000_000 * 30, 360_000_000 * 100, 60_251, 60_251},
	} {
		for mode, want := range map[Rounding]int64{HalfEven: c.even, HalfUp: c.upward} {
			if got, err := MulDiv(c.a, c.num, c.den, mode); err != nil || got != want {
				t.Errorf("%d × %d / %d %s = %d, %v; want %d", c.a, c.num, c.den, mode, got, err, want)
			}
		}
	}
}

func TestMulDivRange(t *testing.T) {
	for _, c := range [][3]int64{{1, 1, 0}, {math.MaxInt64, 2, 1}, {math.MaxInt64, math.MaxInt64, 1}, {math.MinInt64, 1, 1}} {
		if got, err := MulDiv(c[0], c[1], c[2], HalfUp); !errors.Is(err, ErrRange) {
			t.Errorf("%v: got %d, %v, want %v", c, got, err, ErrRange)
		}
	}
}

// nearest rounds an exact value by the definition of the rule.
func nearest(x *big.Rat, mode Rounding) *big.Int {
	abs := new(big.Rat).Abs(x)
	floor := new(big.Int).Quo(abs.Num(), abs.Denom())
	rest := new(big.Rat).Sub(abs, new(big.Rat).SetInt(floor))
	switch half := rest.Cmp(big.NewRat(1, 2)); {
	case half > 0, half == 0 && mode == HalfUp, half == 0 && floor.Bit(0) == 1:
		floor.Add(floor, big.NewInt(1))
	}
	if x.Sign() < 0 {
		floor.Neg(floor)
	}
	return floor
}

func TestRoundingAgainstItsDefinition(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int64{10, 1000, math.MaxInt32, math.MaxInt64}).Draw(t, "limit")
		a := rapid.Int64Range(-limit, limit).Draw(t, "a")
		num := rapid.Int64Range(-limit, limit).Draw(t, "num")
		den := rapid.Int64Range(1, limit).Draw(t, "den")
		mode := rapid.SampledFrom(Roundings).Draw(t, "mode")
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(a), big.NewInt(num)), big.NewInt(den))
		want := nearest(exact, mode)
		got, err := MulDiv(a, num, den, mode)
		if want.IsInt64() != (err == nil) && want.Cmp(big.NewInt(math.MinInt64)) != 0 || err == nil && got != want.Int64() {
			t.Fatalf("%d × %d / %d %s = %d, %v; want %s", a, num, den, mode, got, err, want)
		}
		abs := exact.Abs(exact)
		if got := RoundRatio(abs.Num(), abs.Denom(), mode); got.Cmp(nearest(abs, mode)) != 0 {
			t.Fatalf("RoundRatio of %s = %s, want %s", abs, got, nearest(abs, mode))
		}
	})
}
