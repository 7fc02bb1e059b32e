package rate

import (
	"math/big"

	"sofipo/core/civil"
	"sofipo/core/money"
)

// Share is a share in parts per million, such as the rate of a tax or of a fee. It is
// read and written like Annual.
type Share = Annual

// Interest returns balance × r × fraction of a year, computed exactly and rounded once to
// the centavo. It returns money.ErrRange if the result does not fit in an amount.
func (r Annual) Interest(balance money.Amount, f civil.Fraction, mode money.Rounding) (money.Amount, error) {
	return balance.MulDiv(int64(r)*f.Num, int64(One)*f.Den, mode)
}

// Of returns amount × r, rounded once to the centavo.
func (r Annual) Of(amount money.Amount, mode money.Rounding) (money.Amount, error) {
	return amount.MulDiv(int64(r), int64(One), mode)
}

// IVABase is the part of the interest on which IVA (value added tax) is computed.
type IVABase string

// The bases.
const (
	Nominal      IVABase = "nominal"       // the whole interest
	RealUDI      IVABase = "real_udi"      // the interest above inflation, measured by the UDI (LIVA, art. 18-A)
	FixedPercent IVABase = "fixed_percent" // a fixed share of the interest
)

// IVABases lists the bases.
var IVABases = []IVABase{Nominal, RealUDI, FixedPercent}

// IVA has the rules for the tax on interest (docs/rules/interest.md).
type IVA struct {
	Rate      Share   `json:"rate"`                // such as 0.16; 0 for no tax
	Base      IVABase `json:"base,omitempty"`      // Nominal if empty
	Percent   Share   `json:"percent,omitempty"`   // taxable share of the interest, only for FixedPercent
	Inflation Annual  `json:"inflation,omitempty"` // expected annual inflation of the UDI, only for RealUDI
}

// Taxable returns the taxable part of the interest of a period. For RealUDI it is
// balance × max(0, r − inflation) × fraction, rounded to the centavo; otherwise it is the
// interest.
func (v IVA) Taxable(interest, balance money.Amount, r Annual, f civil.Fraction, mode money.Rounding) (money.Amount, error) {
	if v.Base != RealUDI || interest == 0 {
		return interest, nil
	}
	return max(0, r-v.Inflation).Interest(balance, f, mode)
}

// On returns the tax on taxable interest, rounded once to the centavo.
func (v IVA) On(taxable money.Amount, mode money.Rounding) (money.Amount, error) {
	if v.Base == FixedPercent {
		return taxable.MulDiv(int64(v.Rate)*int64(v.Percent), int64(One)*int64(One), mode)
	}
	return v.Rate.Of(taxable, mode)
}

// Gross returns the annual rate including its tax as an exact fraction: the interest of a
// period plus its IVA is balance × num / den × fraction of a year.
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
