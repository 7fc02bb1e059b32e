package money

import (
	"errors"
	"math"
	"math/big"
	"testing"

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
			t.Errorf("%v gave %d, %v", c, got, err)
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
	rapid.Check(t, func(t *rapid.T) {
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
			t.Fatalf("RoundRatio of %s = %s", abs, got)
		}
	})
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		amount  Amount
		weights []int64
		want    []Amount
	}{
		{100, []int64{1, 1, 1}, []Amount{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []Amount{-34, -33, -33}},
		{5, []int64{3, 0, 7}, []Amount{2, 0, 3}},
		{1, []int64{1, 2}, []Amount{0, 1}},
		{0, []int64{1, 2}, []Amount{0, 0}},
	} {
		got, err := c.amount.Split(c.weights)
		if err != nil || len(got) != len(c.want) {
			t.Fatalf("%d by %v: %v %v", c.amount, c.weights, got, err)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%d by %v = %v, want %v", c.amount, c.weights, got, c.want)
			}
		}
	}
	for _, weights := range [][]int64{nil, {0, 0}, {1, -1}, {math.MaxInt64, 1}} {
		if got, err := Amount(100).Split(weights); !errors.Is(err, ErrRange) {
			t.Errorf("by %v: %v %v", weights, got, err)
		}
	}
}

func TestSplitLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := Amount(rapid.Int64Range(-int64(Max), int64(Max)).Draw(t, "amount"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000_000_000), 1, 20).Draw(t, "weights")
		parts, err := amount.Split(weights)
		var sum, sumWeights int64
		for _, w := range weights {
			sumWeights += w
		}
		if sumWeights == 0 {
			if err == nil {
				t.Fatal("no weight was accepted")
			}
			return
		}
		for i, p := range parts {
			sum += int64(p)
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(int64(amount)), big.NewInt(weights[i])), big.NewInt(sumWeights))
			if off := exact.Sub(exact, new(big.Rat).SetInt64(int64(p))); off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d of %d is %d, a centavo or more off", i, amount, p)
			}
		}
		if sum != int64(amount) {
			t.Fatalf("parts %v add up to %d, not %d", parts, sum, amount)
		}
	})
}
