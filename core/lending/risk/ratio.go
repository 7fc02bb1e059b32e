package risk

import (
	"sofipo/core/money"
)

// Ratio is an exact ratio of two amounts. It has no value if Whole is 0: an empty
// portfolio has no IMOR, and a portfolio without overdue loans has no ICOR.
type Ratio struct {
	Part, Whole money.Amount
}

// Hundredths returns the ratio in hundredths of a per cent, rounded half up: 592 is
// 5.92 %. known is false if Whole is not above zero or the result does not fit in an
// int64.
func (r Ratio) Hundredths() (n int64, known bool) {
	if r.Whole <= 0 {
		return 0, false
	}
	n, err := money.MulDiv(int64(r.Part), 100_00, int64(r.Whole), money.HalfUp)
	return n, err == nil
}

// String returns "5.92 %", or "—" without a value.
func (r Ratio) String() string {
	if n, known := r.Hundredths(); known {
		return money.Amount(n).String() + " %"
	}
	return "—"
}

// MarshalJSON writes the per cent as a number with two decimals, or null without a value.
func (r Ratio) MarshalJSON() ([]byte, error) {
	if n, known := r.Hundredths(); known {
		return money.Amount(n).Append(nil), nil
	}
	return []byte("null"), nil
}

// PAR is a portfolio at risk, named by its days past due.
type PAR int

// The portfolios at risk.
const (
	PAR1  PAR = 1  // at least 1 day
	PAR30 PAR = 30 // more than 30 days
	PAR90 PAR = 90 // more than 90 days
)

var pars = [...]PAR{PAR1, PAR30, PAR90}

// From returns the lowest number of days past due that counts.
func (n PAR) From() int {
	if n == PAR1 {
		return 1
	}
	return int(n) + 1
}

// IMOR (índice de morosidad) is the principal and interest of overdue loans, divided by
// that of all loans (docs/rules/provisions.md#indicators).
func (p Portfolio) IMOR() Ratio { return p.IMORA(0) }

// IMORA (índice de morosidad ajustado) is IMOR with the write-offs of the last twelve
// months added to both amounts (docs/rules/provisions.md#indicators).
func (p Portfolio) IMORA(writtenOff money.Amount) Ratio {
	return Ratio{p.Overdue().Total() + writtenOff, p.Sums().Total() + writtenOff}
}

// ICOR (índice de cobertura) is the provisions of all loans, divided by the principal
// and interest of overdue loans (docs/rules/provisions.md#indicators).
func (p Portfolio) ICOR() Ratio { return Ratio{p.Sums().Provision, p.Overdue().Total()} }

// PAR returns the principal of the loans past due by n, divided by the principal of all
// loans. It has no value if n is not one of the constants.
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
