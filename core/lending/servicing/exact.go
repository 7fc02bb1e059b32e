package servicing

import (
	"math/big"
	"math/bits"

	"sofipo/core/civil"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Exact is a sum of balance × part of a year that has not been rounded: centavos
// times the Num of civil.Fraction, in 128 bits, never negative.
type Exact struct{ Hi, Lo uint64 }

// plus adds balance × num, neither of them negative.
func (e Exact) plus(balance money.Amount, num int64) Exact {
	var product Exact
	product.Hi, product.Lo = bits.Mul64(uint64(balance), uint64(num))
	return e.and(product)
}

// and adds two sums.
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

// times is the interest at the annual rate, rounded once to the centavo. The
// limits of terms keep it far below what an amount can hold.
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

// IsZero tells whether nothing has accrued.
func (e Exact) IsZero() bool { return e == Exact{} }

// charge is interest with what of it is taxed.
type charge struct {
	interest money.Amount
	taxable  money.Amount
}

func (c charge) plus(other charge) charge {
	return charge{c.interest + other.interest, c.taxable + other.taxable}
}

// ordinary is the ordinary interest on an exact sum.
func ordinary(t *schedule.Terms, e Exact) charge {
	return at(t, e, t.AnnualRate, t.DayCount)
}

// at is the interest on an exact sum at a rate, with the part of it that is taxed.
func at(t *schedule.Terms, e Exact, r rate.Annual, convention civil.DayCount) charge {
	c := charge{interest: e.times(r, convention, t.Rounding)}
	c.taxable = c.interest
	if t.IVA.Base == rate.RealUDI {
		c.taxable = e.times(max(0, r-t.IVA.Inflation), convention, t.Rounding)
	}
	return c
}

// tax is the IVA on taxable interest. No rate of the terms brings it beyond an amount.
func tax(t *schedule.Terms, taxable money.Amount) money.Amount {
	iva, err := t.IVA.On(taxable, t.Rounding)
	if err != nil {
		return 0
	}
	return iva
}
