package money

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
)

// Rounding is a rule, by name, for a value that falls between two units.
type Rounding string

// The rules. Both round to the nearest unit and differ on a value half-way.
const (
	HalfEven Rounding = "half_even" // half-way goes to the even unit: 0.125 is 0.12, 0.135 is 0.14
	HalfUp   Rounding = "half_up"   // half-way goes away from zero, as ROUND does: 0.125 is 0.13, -0.125 is -0.13
)

// Roundings lists the rules.
var Roundings = []Rounding{HalfEven, HalfUp}

// Valid tells whether r is one of the rules.
func (r Rounding) Valid() bool { return r == HalfEven || r == HalfUp }

// MulDiv is a × num / den exactly, rounded once. It returns ErrRange if den is
// zero or the result is no int64.
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

// MulDiv is the amount × num / den exactly, rounded once to the centavo. It
// returns ErrRange if den is zero or the result is beyond int64.
func (a Amount) MulDiv(num, den int64, mode Rounding) (Amount, error) {
	n, err := MulDiv(int64(a), num, den, mode)
	return Amount(n), err
}

// RoundRatio is num / den rounded to the nearest whole number. The denominator
// must be positive and the numerator not negative.
func RoundRatio(num, den *big.Int, mode Rounding) *big.Int {
	q, rem := new(big.Int).QuoRem(num, den, new(big.Int))
	half := rem.Lsh(rem, 1).Cmp(den)
	if mode.up(half, q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// up tells whether to take the unit farther from zero, by how the rest compares
// with half a unit (-1, 0, +1) and whether the nearer unit is odd.
func (r Rounding) up(half int, odd bool) bool {
	return half > 0 || half == 0 && (r != HalfEven || odd)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Split shares the amount in proportion to the weights, without residue: the
// parts add up to the amount. The centavos left after rounding towards zero go
// one each to the largest remainders, the earlier first. Weights must not be
// negative and must fit an int64 in sum, which must be above zero; else the
// error is ErrRange.
func (a Amount) Split(weights []int64) ([]Amount, error) {
	var sum uint64
	for _, w := range weights {
		if sum += magnitude(w); w < 0 || sum > math.MaxInt64 {
			return nil, ErrRange
		}
	}
	if sum == 0 {
		return nil, ErrRange
	}
	parts, rests := make([]Amount, len(weights)), make([]uint64, len(weights))
	left := magnitude(int64(a))
	for i, w := range weights {
		hi, lo := bits.Mul64(magnitude(int64(a)), uint64(w))
		q, rest := bits.Div64(hi, lo, sum)
		parts[i], rests[i] = Amount(q), rest
		left -= q
	}
	for ; left > 0; left-- {
		most := largest(rests)
		parts[most]++
		rests[most] = 0
	}
	if a < 0 {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts, nil
}

func largest(values []uint64) (at int) {
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}
