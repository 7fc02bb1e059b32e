package servicing

import (
	"math/big"
	"math/bits"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Exact is an unrounded sum of balance × fraction of a year: centavos times the Num of
// civil.Fraction, in 128 bits, never negative.
type Exact struct{ Hi, Lo uint64 }

// plus returns e + balance × num. Neither may be negative.
func (e Exact) plus(balance money.Amount, num int64) Exact {
	var product Exact
	product.Hi, product.Lo = bits.Mul64(uint64(balance), uint64(num))
	return e.and(product)
}

// and returns the sum of both.
func (e Exact) and(other Exact) Exact {
	var carry uint64
	e.Lo, carry = bits.Add64(e.Lo, other.Lo, 0)
	e.Hi, _ = bits.Add64(e.Hi, other.Hi, carry)
	return e
}

func (e Exact) big() *big.Int {
	n := new(big.Int).SetUint64(e.Hi)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(e.Lo))
}

// times returns the interest at the annual rate, rounded once to the centavo. The
// limits of terms keep it within the range of an amount.
func (e Exact) times(r rate.Annual, convention civil.DayCount, mode money.Rounding) money.Amount {
	if e == (Exact{}) || r <= 0 {
		return 0
	}
	den := int64(rate.One) * convention.Of(1).Den
	if e.Hi == 0 && e.Lo <= 1<<62 {
		if n, err := money.MulDiv(int64(e.Lo), int64(r), den, mode); err == nil {
			return money.Amount(n)
		}
	}
	n := money.RoundRatio(new(big.Int).Mul(e.big(), big.NewInt(int64(r))), big.NewInt(den), mode)
	return money.Amount(n.Int64())
}

// IsZero reports whether the sum is zero.
func (e Exact) IsZero() bool { return e == Exact{} }

// charge is interest with its taxable part.
type charge struct {
	interest money.Amount
	taxable  money.Amount
}

func (c charge) plus(other charge) charge {
	return charge{c.interest + other.interest, c.taxable + other.taxable}
}

// ordinary returns the ordinary interest on an exact sum.
func ordinary(t *schedule.Terms, e Exact) charge {
	return at(t, e, t.AnnualRate, t.DayCount)
}

// at returns the interest on an exact sum at a rate, with its taxable part.
func at(t *schedule.Terms, e Exact, r rate.Annual, convention civil.DayCount) charge {
	c := charge{interest: e.times(r, convention, t.Rounding)}
	c.taxable = c.interest
	if t.IVA.Base == rate.RealUDI {
		c.taxable = e.times(max(0, r-t.IVA.Inflation), convention, t.Rounding)
	}
	return c
}

// tax returns the IVA on taxable interest. The limits of terms keep it within the range
// of an amount.
func tax(t *schedule.Terms, taxable money.Amount) money.Amount {
	iva, err := t.IVA.On(taxable, t.Rounding)
	if err != nil {
		return 0
	}
	return iva
}
