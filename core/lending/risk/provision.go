package risk

import (
	"fmt"
	"math/bits"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Classification is the kind of portfolio of a loan.
type Classification string

// The classifications.
const (
	Consumer    Classification = "consumer"
	Microcredit Classification = "microcredit"
	Housing     Classification = "housing"
	Commercial  Classification = "commercial"
)

// Classifications lists all classifications.
func Classifications() []Classification { return slices.Clone(classifications[:]) }

var classifications = [...]Classification{Consumer, Microcredit, Housing, Commercial}

// Valid reports whether c is one of the classifications.
func (c Classification) Valid() bool { return c.index() >= 0 }

func (c Classification) index() int {
	for i := range classifications {
		if classifications[i] == c {
			return i
		}
	}
	return -1
}

// Band is one row of a provision table: the share of the base to provision for loans
// with the days past due.
type Band struct {
	Days  Span
	Share rate.Share
	Basis
}

func (b *ruleSet) addBand(l *line) {
	kinds, zones, restructured := among(l, classifications[:]), among(l, []string{"normal", "marginal"}), among(l, []string{"no", "yes"})
	band := Band{Days: l.span(), Share: rate.Share(l.number())}
	band.Basis = l.basis()
	if band.Share > rate.One {
		l.fail(fmt.Errorf("share %d: must be at most 1", band.Share))
	}
	for _, k := range kinds {
		for _, z := range zones {
			for _, r := range restructured {
				b.bands[k][z][r] = b.bands[k][z][r].with(band.Basis, band.Days, band)
			}
		}
	}
}

func bandsOn(on civil.Date, c Classification, marginal, restructured bool) (*table[Band], error) {
	kind, zone, again := c.index(), 0, 0
	if kind < 0 {
		return nil, ErrClassification
	}
	if marginal {
		zone = 1
	}
	if restructured {
		again = 1
	}
	t := rules().bands[kind][zone][again].on(on)
	if t == nil {
		return nil, ErrDate
	}
	return t, nil
}

// Exposure has the data from which a provision is computed.
type Exposure struct {
	Classification Classification
	Marginal       bool // the client lives in a marginal zone (type II)
	Restructured   bool
	DaysLate       int          // servicing.DaysPastDue; negative values count as 0
	Base           money.Amount // see ProvisionBase
	Guaranteed     money.Amount // liquid guarantee; at most the base counts
}

// Provision returns the provision of a loan (EPRC) by the table of the day, and the
// share for its days past due. The guaranteed part of the base has the share of 0 days.
// The sum of both parts is rounded once, half up. The error is ErrDate,
// ErrClassification, or ErrBase for negative amounts. Source:
// docs/rules/provisions.md.
func Provision(on civil.Date, e Exposure) (money.Amount, rate.Share, error) {
	t, err := bandsOn(on, e.Classification, e.Marginal, e.Restructured)
	if err != nil {
		return 0, 0, err
	}
	if e.Base < 0 || e.Guaranteed < 0 {
		return 0, 0, ErrBase
	}
	covered, share := min(e.Guaranteed, e.Base), t.at(e.DaysLate).Share
	return weighted(covered, t.at(0).Share, e.Base-covered, share), share, nil
}

// ExplainProvision returns the formula of Provision in the notation of schedule.Explanation:
// "600.00 × 0.3", and with a guarantee "400.00 × 0.01 + 600.00 × 0.3". Its value, rounded half
// up to the centavo, is the provision.
func ExplainProvision(on civil.Date, e Exposure) (formula string, share rate.Share, err error) {
	t, err := bandsOn(on, e.Classification, e.Marginal, e.Restructured)
	if err != nil {
		return "", 0, err
	}
	covered, share := min(e.Guaranteed, e.Base), t.at(e.DaysLate).Share
	formula = fmt.Sprintf("%s × %s", e.Base-covered, share)
	if covered > 0 {
		formula = fmt.Sprintf("%s × %s + %s", covered, t.at(0).Share, formula)
	}
	return formula, share, nil
}

// weighted returns a × of + b × by, rounded once, half up. No amount is negative, no
// share is above 1 and a + b is an amount, so nothing overflows.
func weighted(a money.Amount, of rate.Share, b money.Amount, by rate.Share) money.Amount {
	const one = uint64(rate.One)
	hi, lo := bits.Mul64(uint64(a), uint64(of))
	hi2, lo2 := bits.Mul64(uint64(b), uint64(by))
	lo, carry := bits.Add64(lo, lo2, 0)
	hi += hi2 + carry
	lo, carry = bits.Add64(lo, one/2, 0)
	sum, _ := bits.Div64(hi+carry, lo, one)
	return money.Amount(sum)
}

// ProvisionBase splits the principal and the accrued, uncollected interest of a loan into the
// base of its provision and the interest to provision in full: all interest in stage 3,
// none before (docs/rules/stages.md#suspended-interest).
func ProvisionBase(s Stage, principal, interest money.Amount) (base, reserved money.Amount) {
	if Accrues(s) {
		return principal + interest, 0
	}
	return principal, interest
}
