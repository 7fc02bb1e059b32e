package money

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"sofipo/test/random"

	"pgregory.net/rapid"
)

func TestTotal(t *testing.T) {
	cases := []struct {
		got  Total
		want string
	}{
		{Total{}, "0.00"},
		{Amount(-5).Total(), "-0.05"},
		{Amount(250000).Total(), "2500.00"},
		{Amount(math.MaxInt64).Total(), "92233720368547758.07"},
		{Amount(math.MinInt64).Total(), "-92233720368547758.08"},
		{Amount(math.MaxInt64).Total().Plus(Amount(1).Total()), "92233720368547758.08"},
		{Amount(math.MinInt64).Total().Minus(Amount(1).Total()), "-92233720368547758.09"},
		{TotalOf(1, -1), "42949672.95"},
		{TotalOf(1<<62, -1), "198070406285660843983859875.83"},
	}
	for _, c := range cases {
		if got := c.got.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if out, err := json.Marshal([]Total{Amount(-5).Total()}); err != nil || string(out) != "[-0.05]" {
		t.Errorf("got %s, %v, want [-0.05]", out, err)
	}
}

// The parts of many amounts, added up separately as a database does, make the exact sum.
func TestTotalOfParts(t *testing.T) {
	random.Check(t, func(t *rapid.T) {
		var high, low int64
		total, exact := Total{}, new(big.Int)
		for _, n := range rapid.SliceOf(rapid.Int64()).Draw(t, "amounts") {
			high, low = high+n>>32, low+n&4294967295
			total = total.Plus(Amount(n).Total())
			exact.Add(exact, big.NewInt(n))
		}
		if got := TotalOf(high, low); got != total {
			t.Fatalf("got %s from the parts, want %s", got, total)
		}
		text, _ := new(big.Rat).SetString(total.String())
		if want := new(big.Rat).SetFrac(exact, big.NewInt(100)); text.Cmp(want) != 0 {
			t.Fatalf("got %s, want %s", total, want.FloatString(2))
		}
		amount, err := total.Amount()
		if exact.IsInt64() != (err == nil) || err == nil && int64(amount) != exact.Int64() {
			t.Fatalf("got %v, %v, want %s", amount, err, exact)
		}
		if back := total.Minus(total); back != (Total{}) {
			t.Fatalf("got %s, want 0.00", back)
		}
	})
}
