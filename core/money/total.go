package money

import (
	"math"
	"math/big"
	"strings"
)

// Total is a sum of amounts that may exceed the range of an Amount, such as the turnover of
// an account over years. Totals with the same value are equal by ==. The zero value is 0.
//
// A database adds up the two parts of the amounts separately, because its sums of 64-bit
// integers can overflow: sum(amount >> 32) and sum(amount & 4294967295).
type Total struct{ high, low int64 } // high × 2^32 + low centavos; 0 <= low < 2^32

const lowBits = 32

// TotalOf returns high × 2^32 + low centavos.
func TotalOf(high, low int64) Total {
	return Total{high + low>>lowBits, low & (1<<lowBits - 1)}
}

// Total returns the amount as a total.
func (a Amount) Total() Total { return TotalOf(0, int64(a)) }

// Plus returns t + o.
func (t Total) Plus(o Total) Total { return TotalOf(t.high+o.high, t.low+o.low) }

// Minus returns t - o.
func (t Total) Minus(o Total) Total { return TotalOf(t.high-o.high, t.low-o.low) }

// Amount returns the total as an amount, or ErrRange if it does not fit in an int64.
func (t Total) Amount() (Amount, error) {
	if t.high>>(lowBits-1) != t.high>>63 { // the upper bits must equal the sign
		return 0, ErrRange
	}
	return Amount(t.high<<lowBits | t.low), nil
}

// String returns the total in pesos with two decimals: "2500.00".
func (t Total) String() string { return string(t.Append(nil)) }

// Append adds the total in pesos with two decimals to b.
func (t Total) Append(b []byte) []byte {
	if a, err := t.Amount(); err == nil {
		return a.Append(b)
	}
	n := new(big.Int).Lsh(big.NewInt(t.high), lowBits)
	n.Add(n, big.NewInt(t.low))
	b = n.Append(b, 10)
	cents := len(b) - 2
	return append(b[:cents:cents], '.', b[cents], b[cents+1])
}

// MarshalJSON writes a JSON number with two decimals.
func (t Total) MarshalJSON() ([]byte, error) { return t.Append(nil), nil }

// UnmarshalJSON reads a JSON number or string of at most 18 digits, as Amount does.
func (t *Total) UnmarshalJSON(b []byte) error {
	n, err := ParseFixed(strings.Trim(string(b), `"`), 2, math.MaxInt64)
	*t = TotalOf(0, n)
	return err
}
