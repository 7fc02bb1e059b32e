package money

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
)

// Rounding is a rule for rounding a value to a whole unit.
type Rounding string

// The rules. Both round to the nearest unit; they differ for a value half-way between two
// units.
const (
	HalfEven Rounding = "half_even" // half-way rounds to the even unit: 0.125 to 0.12, 0.135 to 0.14
	HalfUp   Rounding = "half_up"   // half-way rounds away from zero, like ROUND in spreadsheets: 0.125 to 0.13, -0.125 to -0.13
)

// Roundings lists the rules.
var Roundings = []Rounding{HalfEven, HalfUp}

// MulDiv returns a × num / den, computed exactly and rounded once. It returns ErrRange if
// den is zero or the result does not fit in an int64.
func MulDiv(a, num, den int64, mode Rounding) (int64, error) {
	if den == 0 {
		return 0, ErrRange
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(num))
	divisor := magnitude(den)
	if hi >= divisor {
		return 0, ErrRange
	}
	q, rem := bits.Div64(hi, lo, divisor)
	if mode.up(cmp.Compare(rem, divisor-rem), q&1 == 1) {
		q++
	}
	if q > math.MaxInt64 {
		return 0, ErrRange
	}
	if (a < 0) != (num < 0) != (den < 0) {
		return -int64(q), nil
	}
	return int64(q), nil
}

// MulDiv returns the amount × num / den, computed exactly and rounded once to the
// centavo. It returns ErrRange if den is zero or the result does not fit in an int64.
func (a Amount) MulDiv(num, den int64, mode Rounding) (Amount, error) {
	n, err := MulDiv(int64(a), num, den, mode)
	return Amount(n), err
}

// RoundRatio returns num / den rounded to a whole number. The denominator must be
// positive and the numerator must not be negative.
func RoundRatio(num, den *big.Int, mode Rounding) *big.Int {
	q, rem := new(big.Int).QuoRem(num, den, new(big.Int))
	half := rem.Lsh(rem, 1).Cmp(den)
	if mode.up(half, q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// up reports whether to round away from zero. half compares the remainder with half a
// unit (-1, 0, +1); odd says whether the unit nearer to zero is odd.
func (r Rounding) up(half int, odd bool) bool {
	return half > 0 || half == 0 && (r != HalfEven || odd)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
