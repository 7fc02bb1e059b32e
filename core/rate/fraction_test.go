package rate_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/rate"
)

// TestWithin has the example of what was meant, or of the upper limit.
func TestWithin(t *testing.T) {
	for _, c := range []struct {
		given, least, most rate.Annual
		want               string
	}{
		{36 * rate.One, 0, 10 * rate.One, "0 10 36 0.36"},
		{36_500_000, 0, 10 * rate.One, "0 10 36.5 0.365"},
		{36_123_456, 0, 10 * rate.One, "0 10 1000 10"}, // has more decimals than a rate
		{5_000 * rate.One, 0, 10 * rate.One, "0 10 1000 10"},
		{-1, 0, 10 * rate.One, "0 10 1000 10"},
		{16 * rate.One, 0, rate.One, "0 1 16 0.16"},
		{500_000, 100_000, 400_000, "0.1 0.4 40 0.4"},
		{36 * rate.One, 400_000, 800_000, "0.4 0.8 80 0.8"},
		{10 * rate.One, 0, 10 * rate.One, ""},
		{0, 0, rate.One, ""},
	} {
		var f fault.Flaws
		rate.Within(&f, c.given, c.least, c.most, "annual_rate")
		got := ""
		if len(f) > 0 {
			v := f[0].Values
			got = fmt.Sprint(v["least"], " ", v["most"], " ", v["percent"], " ", v["fraction"])
		}
		if got != c.want {
			t.Errorf("%s from %s to %s: got %q, want %q", c.given, c.least, c.most, got, c.want)
		}
	}
	if text, err := json.Marshal(rate.Fraction(360_000)); err != nil || string(text) != "0.36" {
		t.Errorf("got %s, %v, want 0.36", text, err)
	}
}
