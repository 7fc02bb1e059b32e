// Package money has amounts in Mexican pesos, stored as whole centavos in an int64, and
// the rounding rules for calculations with them. No amount is ever a float. Parse reads
// decimal text exactly and refuses a third decimal.
package money

import (
	"errors"
	"strconv"
	"strings"
)

// Amount is a number of centavos. Balances and differences may be negative.
type Amount int64

// Max is the largest amount accepted from a caller: 9,999,999,999,999.99 pesos, the
// largest NUMERIC(15,2) of the seed.
const Max Amount = 999_999_999_999_999

// Errors of Parse and ParseFixed.
var (
	ErrNumber    = errors.New("not a decimal number")
	ErrPrecision = errors.New("more decimals than accepted")
	ErrRange     = errors.New("out of range")
)

// Parse converts pesos in decimal text ("2500", "2500.10", "2.5e3") to centavos. It
// returns ErrNumber for other text, ErrPrecision for a third non-zero decimal, and
// ErrRange beyond ±Max.
func Parse(s string) (Amount, error) {
	n, err := ParseFixed(s, 2, int64(Max))
	return Amount(n), err
}

// ParseFixed converts decimal text, with an optional exponent, exactly to a number of
// units of 10^-places. The magnitude may be at most limit units. The errors are those of
// Parse.
func ParseFixed(s string, places int, limit int64) (int64, error) {
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	mantissa, exponent, err := splitExponent(s)
	if err != nil {
		return 0, err
	}
	whole, fraction, dotted := strings.Cut(mantissa, ".")
	if !digits(whole) || !digits(fraction) || whole+fraction == "" || (dotted && strings.Contains(fraction, ".")) {
		return 0, ErrNumber
	}
	n, err := scale(strings.TrimLeft(whole+fraction, "0"), exponent-len(fraction)+places, limit)
	if negative {
		n = -n
	}
	return n, err
}

func splitExponent(s string) (mantissa string, exponent int, err error) {
	at := strings.IndexAny(s, "eE")
	if at < 0 {
		return s, 0, nil
	}
	power := s[at+1:]
	bare := strings.TrimLeft(power, "+-")
	if !digits(bare) || bare == "" || len(power)-len(bare) > 1 {
		return "", 0, ErrNumber
	}
	exponent, err = strconv.Atoi(power)
	if err != nil || exponent > 1000 || exponent < -1000 {
		return "", 0, ErrRange
	}
	return s[:at], exponent, nil
}

// scale returns the digits × 10^shift as an integer of at most limit.
func scale(significant string, shift int, limit int64) (int64, error) {
	if significant == "" {
		return 0, nil
	}
	if shift < 0 {
		kept := max(len(significant)+shift, 0)
		if strings.Trim(significant[kept:], "0") != "" {
			return 0, ErrPrecision
		}
		significant, shift = significant[:kept], 0
	}
	if len(significant)+shift > 18 {
		return 0, ErrRange
	}
	n, err := strconv.ParseInt(significant+strings.Repeat("0", shift), 10, 64)
	if err != nil || n > limit {
		return 0, ErrRange
	}
	return n, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String returns the amount in pesos with two decimals: "2500.00".
func (a Amount) String() string { return string(a.Append(nil)) }

// Append adds the amount in pesos with two decimals to b.
func (a Amount) Append(b []byte) []byte {
	n := uint64(a)
	if a < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendUint(b, n/100, 10)
	return append(b, '.', byte('0'+n%100/10), byte('0'+n%10))
}

// MarshalJSON writes a JSON number with two decimals.
func (a Amount) MarshalJSON() ([]byte, error) { return a.Append(nil), nil }

// UnmarshalJSON reads a JSON number or string as Parse does.
func (a *Amount) UnmarshalJSON(b []byte) (err error) {
	*a, err = Parse(strings.Trim(string(b), `"`))
	return err
}
