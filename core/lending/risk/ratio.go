package risk

import (
	"sofipo/core/money"
)

// Ratio is one amount against another, exact. Against nothing it has no value: an
// empty portfolio has no IMOR, and one without overdue loans no ICOR.
type Ratio struct {
	Part, Whole money.Amount
}

// Hundredths is the ratio in hundredths of a per cent, rounded half up: 592 is
// 5.92 %. It tells whether there is one: whether the whole is above zero and the
// figure within an int64.
func (r Ratio) Hundredths() (n int64, known bool) {
	if r.Whole <= 0 {
		return 0, false
	}
	n, err := money.MulDiv(int64(r.Part), 100_00, int64(r.Whole), money.HalfUp)
	return n, err == nil
}

// String is "5.92 %", or "—" if there is no value.
func (r Ratio) String() string {
	if n, known := r.Hundredths(); known {
		return money.Amount(n).String() + " %"
	}
	return "—"
}

// MarshalJSON writes per cent as a number with two decimals, or null.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if n, known := r.Hundredths(); known {
		return money.Amount(n).Append(nil), nil
	}
	return []byte("null"), nil
}

// PAR names a portfolio at risk by its days late.
type PAR int

// The portfolios at risk.
const (
	PAR1  PAR = 1  // one day or more
	PAR30 PAR = 30 // more than 30 days
	PAR90 PAR = 90 // more than 90 days
)

var pars = [...]PAR{PAR1, PAR30, PAR90}

// From is the least days late that it counts.
func (n PAR) From() int {
	if n == PAR1 {
		return 1
	}
	return int(n) + 1
}

// IMOR (índice de morosidad) is overdue against all, principal and interest
// (docs/rules/provisions.md#indicators).
func (p Portfolio) IMOR() Ratio { return p.IMORA(0) }

// IMORA (índice de morosidad ajustado) is IMOR with what was written off in the
// last twelve months on both sides (docs/rules/provisions.md#indicators).
func (p Portfolio) IMORA(writtenOff money.Amount) Ratio {
	return Ratio{p.Overdue().Total() + writtenOff, p.Sums().Total() + writtenOff}
}

// ICOR (índice de cobertura) is the provisions of all loans against what is
// overdue (docs/rules/provisions.md#indicators).
func (p Portfolio) ICOR() Ratio { return Ratio{p.Sums().Provision, p.Overdue().Total()} }

// PAR is the principal of the loans so late against that of all; without value
// for a number that is none of the constants.
func (p Portfolio) PAR(n PAR) Ratio {
	for i := range pars {
		if pars[i] != n {
			continue
		}
		r := Ratio{Whole: p.Sums().Balance}
		for _, c := range p.products {
			r.Part += c.late[i]
		}
		return r
	}
	return Ratio{}
}
