package schedule

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Row is one instalment. Total is what the client pays: principal, interest and
// its IVA, fee and its IVA, insurance. Balance is the principal left:
// OpeningBalance + Capitalised − Principal.
type Row struct {
	Number         int          `json:"number"` // from 1
	Due            civil.Date   `json:"due_date"`
	Nominal        civil.Date   `json:"nominal_date"` // by the frequency, before it moved to a business day
	Days           int          `json:"days"`         // of interest
	OpeningBalance money.Amount `json:"opening_balance"`
	Principal      money.Amount `json:"principal"`
	Interest       money.Amount `json:"interest"` // to pay; with Defer not what the period earned
	IVA            money.Amount `json:"iva"`
	Fee            money.Amount `json:"fee"`
	FeeIVA         money.Amount `json:"iva_fee"`
	Insurance      money.Amount `json:"insurance"`
	Total          money.Amount `json:"total"`
	Balance        money.Amount `json:"balance"`
	Accrued        money.Amount `json:"accrued_interest"`     // that the period earned
	Taxable        money.Amount `json:"taxable_interest"`     // that IVA was computed on
	Capitalised    money.Amount `json:"capitalised_interest"` // added to the principal, not paid
}

// Opening is what happens at signing.
type Opening struct {
	Fee       money.Amount `json:"fee"`
	IVA       money.Amount `json:"iva_fee"`
	Disbursed money.Amount `json:"disbursed"` // what the client receives
}

// Totals are the sums of the rows, and of all that the client pays.
type Totals struct {
	Principal   money.Amount `json:"principal"`
	Interest    money.Amount `json:"interest"`
	IVA         money.Amount `json:"iva"`
	Fee         money.Amount `json:"fee"`
	FeeIVA      money.Amount `json:"iva_fee"`
	Insurance   money.Amount `json:"insurance"`
	Capitalised money.Amount `json:"capitalised_interest"`
	Total       money.Amount `json:"total"`        // of the instalments
	TotalToPay  money.Amount `json:"total_to_pay"` // with the origination fee and its IVA
}

// Schedule is an amortization table. The principal parts add up to the amount
// and what was capitalised, no part is negative, and the last balance is zero.
type Schedule struct {
	Terms   Terms        `json:"terms"`         // with their defaults
	Level   money.Amount `json:"level_payment"` // of Level and LevelWithIVA, else 0
	Opening Opening      `json:"opening"`
	Rows    []Row        `json:"rows"`
	Totals  Totals       `json:"totals"`
	CAT     rate.CAT     `json:"cat"`       // per cent, without IVA
	CATTime CATTime      `json:"cat_time"`  // ByPeriods or ByDays, as was used
	Flows   []rate.Flow  `json:"cat_flows"` // without IVA
}

// Build makes the schedule of the terms, or refuses them as Check does; terms
// whose figures are too large for any amount, or that have no CAT, are refused too.
//
// Each figure is computed exactly and rounded once to the centavo by the terms'
// rule. The interest of a period is balance × annual rate × fraction of a year
// (days / 360 for 30/360 and ACT/360, days / 364, days / 365, or ISDA's ACT/ACT), and its
// IVA is taxable interest × IVA rate. The principal is, by method:
//
//   - Level: the level payment less the interest. The level payment is the one
//     that brings the balance to zero if nothing but it is rounded: balance /
//     Σ 1/Π(1+i), with the i of each period exact. For equal periods it is
//     P·i / (1−(1+i)^−n), and so it is LevelByPeriods, with i = annual rate /
//     periods of a year.
//   - LevelWithIVA: the level payment less interest and IVA, the level payment
//     found in the same way with the rate and its IVA together.
//   - EqualPrincipal: the balance over the number of instalments that pay
//     principal, rounded; rounded down if it would leave less than nothing.
//   - Bullet and Single: nothing before the last. Single's interest is simple,
//     over the whole time.
//
// A principal part is never below zero nor above the balance: an instalment whose
// interest is above the level payment is its interest alone, and the level
// payment is then found over the other instalments, but that of LevelByPeriods
// stays. The last instalment pays the balance that is left. With Residue First the
// first instalment that pays principal is changed so that the last one comes out
// like the others: exactly for EqualPrincipal; for the level methods by the
// difference discounted to the first at the loan's rate and rounded, so that
// centavos may remain in the last. Interest deferred by grace comes on top of the
// level payment.
func Build(t Terms) (Schedule, error) {
	s, periods, err := plan(t)
	if err != nil {
		return Schedule{}, err
	}
	s.CATTime, s.Flows = s.Terms.flows(periods, s.Rows, s.Opening)
	if s.CAT, err = rate.SolveCAT(s.Flows); err != nil {
		return Schedule{}, fault.Wrong(fault.At("fees", NoCAT))
	}
	return s, nil
}

// Plan makes the schedule of the terms as Build does, but for CAT, CATTime and
// Flows, which are left zero: for a schedule that is not offered to anybody. Terms
// that have no CAT are not refused.
func Plan(t Terms) (Schedule, error) {
	s, _, err := plan(t)
	return s, err
}

func plan(t Terms) (Schedule, []period, error) {
	if err := t.Check(); err != nil {
		return Schedule{}, nil, err
	}
	t = t.Defaults()
	periods := t.periods()
	b := builder{Terms: t, periods: periods, rows: make([]Row, len(periods))}
	opening, err := t.opening()
	b.note(err)
	b.build()
	if b.err != nil {
		return Schedule{}, nil, fault.Wrong(fault.At("amount", BeyondAmounts))
	}
	return Schedule{Terms: t, Level: b.level, Opening: opening, Rows: b.rows, Totals: totals(b.rows, opening)}, periods, nil
}

// of is the fee on a principal.
func (c Fee) of(principal money.Amount, mode money.Rounding) (money.Amount, error) {
	if c.Rate > 0 {
		return c.Rate.Of(principal, mode)
	}
	return c.Amount, nil
}

func (t Terms) opening() (o Opening, err error) {
	if o.Fee, err = t.Fees.Origination.of(t.Amount, t.Rounding); err != nil {
		return o, err
	}
	if o.IVA, err = t.Fees.IVARate.Of(o.Fee, t.Rounding); err != nil {
		return o, err
	}
	o.Disbursed = t.Amount
	if t.Fees.OriginationPayment == Deducted {
		o.Disbursed -= o.Fee + o.IVA
	}
	return o, nil
}

func totals(rows []Row, opening Opening) (s Totals) {
	for i := range rows {
		r := &rows[i]
		s.Principal += r.Principal
		s.Interest += r.Interest
		s.IVA += r.IVA
		s.Fee += r.Fee
		s.FeeIVA += r.FeeIVA
		s.Insurance += r.Insurance
		s.Capitalised += r.Capitalised
		s.Total += r.Total
	}
	s.TotalToPay = s.Total + opening.Fee + opening.IVA
	return s
}

// flows are what the CAT is computed on (mexico: Circular 21/2009): principal,
// interest, fees, mandatory insurance and cash collateral, without IVA.
func (t Terms) flows(periods []period, rows []Row, opening Opening) (CATTime, []rate.Flow) {
	by := t.CATTime
	if by == ByRegularity {
		by = ByDays
		if t.regular() && t.Frequency != EveryNumDays {
			by = ByPeriods
		}
	}
	flows := make([]rate.Flow, 1, len(rows)+3)
	flows[0] = rate.Flow{Amount: t.Amount}
	if opening.Fee > 0 {
		flows = append(flows, rate.Flow{Amount: -opening.Fee})
	}
	if t.Collateral > 0 {
		flows = append(flows, rate.Flow{Amount: -t.Collateral})
	}
	var years float64
	for i, r := range rows {
		years = float64(r.Due.Since(t.Disbursement)) / 365
		if by == ByPeriods {
			years = t.yearsOf(periods[i].periods)
		}
		flows = append(flows, rate.Flow{Years: years, Amount: r.IVA + r.FeeIVA - r.Total})
	}
	if t.Collateral > 0 {
		flows = append(flows, rate.Flow{Years: years, Amount: t.Collateral})
	}
	return by, flows
}

// yearsOf is the time of so many equal periods.
func (t Terms) yearsOf(periods int) float64 {
	if year := t.Frequency.PerYear(); year > 0 {
		return float64(periods) / float64(year)
	}
	return float64(periods*t.PeriodDays) / 365
}
