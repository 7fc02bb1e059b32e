package rate

import (
	"math/big"

	"sofipo/core/civil"
	"sofipo/core/money"
)

// Share is a part of something in parts per million, such as the rate of a tax
// or of a fee; it is read and written as Annual is.
type Share = Annual

// Interest is balance × r × fraction of a year, exact, rounded once to the
// centavo. It returns money.ErrRange if the interest is beyond any amount.
func (r Annual) Interest(balance money.Amount, f civil.Fraction, mode money.Rounding) (money.Amount, error) {
	return balance.MulDiv(int64(r)*f.Num, int64(One)*f.Den, mode)
}

// Of is amount × r, rounded once to the centavo.
func (r Annual) Of(amount money.Amount, mode money.Rounding) (money.Amount, error) {
	return amount.MulDiv(int64(r), int64(One), mode)
}

// IVABase names what the value-added tax on interest is computed on.
type IVABase string

// The bases.
const (
	Nominal      IVABase = "nominal"       // the whole interest
	RealUDI      IVABase = "real_udi"      // the interest above inflation, which the UDI measures (LIVA 18-A)
	FixedPercent IVABase = "fixed_percent" // a fixed part of the interest
)

// IVABases lists the bases.
var IVABases = []IVABase{Nominal, RealUDI, FixedPercent}

// IVA is how interest is taxed.
type IVA struct {
	Rate      Share   `json:"rate"`                // 0.16; 0 is not taxed
	Base      IVABase `json:"base,omitempty"`      // Nominal if empty
	Percent   Share   `json:"percent,omitempty"`   // of the interest that is taxed, for FixedPercent only
	Inflation Annual  `json:"inflation,omitempty"` // foreseen yearly change of the UDI, for RealUDI only
}

// Taxable is the part of a period's interest that is taxed: for RealUDI
// balance × max(0, r − inflation) × fraction rounded to the centavo, else the
// interest itself.
func (v IVA) Taxable(interest, balance money.Amount, r Annual, f civil.Fraction, mode money.Rounding) (money.Amount, error) {
	if v.Base != RealUDI || interest == 0 {
		return interest, nil
	}
	return max(0, r-v.Inflation).Interest(balance, f, mode)
}

// On is the tax on taxable interest, rounded once to the centavo.
func (v IVA) On(taxable money.Amount, mode money.Rounding) (money.Amount, error) {
	if v.Base == FixedPercent {
		return taxable.MulDiv(int64(v.Rate)*int64(v.Percent), int64(One)*int64(One), mode)
	}
	return v.Rate.Of(taxable, mode)
}

// Gross is the annual rate together with its tax as an exact fraction: the
// interest and its IVA of a period are balance × num / den × fraction of a year.
func (v IVA) Gross(r Annual) (num, den *big.Int) {
	one := big.NewInt(int64(One))
	taxed, part := r, One
	switch v.Base {
	case RealUDI:
		taxed = max(0, r-v.Inflation)
	case FixedPercent:
		part = v.Percent
	}
	square := new(big.Int).Mul(one, one)
	num = new(big.Int).Mul(big.NewInt(int64(r)), square)
	tax := new(big.Int).Mul(big.NewInt(int64(v.Rate)*int64(part)), big.NewInt(int64(taxed)))
	return num.Add(num, tax), square.Mul(square, one)
}
