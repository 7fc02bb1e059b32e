// Package rate has annual interest rates and the calculations with them: interest, IVA
// (value added tax) on interest, and the CAT, the total annual cost of a loan. A rate is
// an integer in parts per million: 15 % is 150,000. Only the CAT is a float; nothing is
// charged by it.
package rate

import (
	"fmt"
	"strings"

	"sofipo/core/money"
)

// Annual is an annual rate in parts per million (0.15 is 150,000).
type Annual int64

// One is 100 % a year.
const One Annual = 1_000_000

// Parse converts a decimal fraction ("0.15") with at most six decimals exactly. It
// returns money.ErrNumber, money.ErrPrecision or money.ErrRange.
func Parse(s string) (Annual, error) {
	n, err := money.ParseFixed(s, 6, 1_000_000*int64(One))
	return Annual(n), err
}

// String returns the fraction with at least one decimal and no trailing zeros: "0.15",
// "1.0".
func (r Annual) String() string { return r.Fixed(1) }

// Fixed returns the fraction with at least the given number of decimals (1 to 6), and
// more if needed.
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
