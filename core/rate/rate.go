// Package rate holds annual interest rates as parts per million: 15 % is
// 150,000. Rates are read from decimal text and never pass through a float.
package rate

import (
	"fmt"
	"strings"

	"sofipo/core/money"
)

// Annual is an annual rate in parts per million (0.15 is 150,000).
type Annual int64

// One is 100 % a year, the highest rate that a loan may bear.
const One Annual = 1_000_000

// Parse reads a decimal fraction ("0.15") exactly, with at most six decimals.
// It returns money.ErrNumber, money.ErrPrecision or money.ErrRange.
func Parse(s string) (Annual, error) {
	n, err := money.ParseFixed(s, 6, 1_000_000*int64(One))
	return Annual(n), err
}

// String is the fraction with at least one decimal and no idle zeros: "0.15", "1.0".
func (r Annual) String() string { return r.Fixed(1) }

// Fixed is the fraction with at least the given number of decimals (1 to 6)
// and as many more as it needs.
func (r Annual) Fixed(least int) string {
	sign, n := "", int64(r)
	if n < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%s%d.%06d", sign, n/int64(One), n%int64(One))
	trimmed := strings.TrimRight(text, "0")
	dot := strings.IndexByte(text, '.')
	return text[:max(len(trimmed), dot+1+least)]
}

// MarshalJSON writes a JSON number.
func (r Annual) MarshalJSON() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalJSON reads a JSON number or string as Parse does.
func (r *Annual) UnmarshalJSON(b []byte) (err error) {
	*r, err = Parse(strings.Trim(string(b), `"`))
	return err
}
