package schedule

import (
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Row is one instalment of a schedule. Total is the amount that the client pays:
// principal, interest and its IVA, fee and its IVA, and insurance. Balance is the
// remaining principal: OpeningBalance + Capitalised − Principal.
type Row struct {
	Number         int          `json:"number"` // from 1
	Due            civil.Date   `json:"due_date"`
	Nominal        civil.Date   `json:"nominal_date"` // by the frequency, before holidays
	Days           int          `json:"days"`         // days with interest
	OpeningBalance money.Amount `json:"opening_balance"`
	Principal      money.Amount `json:"principal"`
	Interest       money.Amount `json:"interest"` // to pay; differs from Accrued if interest is deferred or capitalised
	IVA            money.Amount `json:"iva"`
	Fee            money.Amount `json:"fee"`
	FeeIVA         money.Amount `json:"iva_fee"`
	Insurance      money.Amount `json:"insurance"`
	Total          money.Amount `json:"total"`
	Balance        money.Amount `json:"balance"`
	Accrued        money.Amount `json:"accrued_interest"`     // interest of the period
	Taxable        money.Amount `json:"taxable_interest"`     // base of the IVA
	Capitalised    money.Amount `json:"capitalised_interest"` // interest added to the principal instead of paid
}

// Opening has the amounts of the disbursement.
type Opening struct {
	Fee       money.Amount `json:"fee"`
	IVA       money.Amount `json:"iva_fee"`
	Disbursed money.Amount `json:"disbursed"` // amount that the client receives
}

// Totals has the sums of the rows and the total that the client pays.
type Totals struct {
	Principal   money.Amount `json:"principal"`
	Interest    money.Amount `json:"interest"`
	IVA         money.Amount `json:"iva"`
	Fee         money.Amount `json:"fee"`
	FeeIVA      money.Amount `json:"iva_fee"`
	Insurance   money.Amount `json:"insurance"`
	Capitalised money.Amount `json:"capitalised_interest"`
	Total       money.Amount `json:"total"`        // sum of the instalments
	TotalToPay  money.Amount `json:"total_to_pay"` // Total plus the origination fee and its IVA
}

// Schedule is an amortization table. The principal parts add up to the amount plus the
// capitalised interest, no part is negative, and the last balance is zero.
type Schedule struct {
	Terms   Terms        `json:"terms"`         // with their defaults filled in
	Level   money.Amount `json:"level_payment"` // for Level and LevelWithIVA; 0 for other methods
	Opening Opening      `json:"opening"`
	Rows    []Row        `json:"rows"`
	Totals  Totals       `json:"totals"`
	CAT     rate.CAT     `json:"cat"`                     // per cent, without IVA
	CATTime CATTime      `json:"cat_time"`                // ByPeriods or ByDays
	Flows   []rate.Flow  `json:"cat_flows"`               // without IVA
	Exact   bool         `json:"exact_balance,omitempty"` // the rows follow the exact balance; see Build
}

// Build computes the schedule of the terms with its CAT. It refuses terms as Check
// does, terms with a figure above the largest amount (BeyondAmounts) and terms without
// a CAT (NoCAT). From Rules2 on it also refuses terms with an instalment of 0.00
// (InstalmentOfZero), and terms whose level payment by periods repays the loan before
// the last instalment or repays nothing before it (LevelTooHigh, LevelTooLow).
//
// Each figure is computed exactly and rounded once to the centavo by the rounding of
// the terms. The interest of a period is balance × annual rate × fraction of a year:
// days / 360 for 30/360 and ACT/360, days / 364, days / 365, or ISDA's ACT/ACT. Its
// IVA is taxable interest × IVA rate (docs/rules/amortization.md). The principal part
// depends on the method:
//
//   - Level: the level payment less the interest. The level payment brings the
//     balance to zero if only the payment itself is rounded: balance / Σ 1/Π(1+i),
//     with the exact i of each period. For equal periods this is P·i / (1−(1+i)^−n).
//     LevelByPeriods always uses that formula, with i = annual rate / periods in a
//     year.
//   - LevelWithIVA: the level payment less interest and IVA. The level payment is
//     found in the same way, with the rate including its IVA.
//   - EqualPrincipal: the balance divided by the number of instalments that pay
//     principal, rounded; rounded down if the last part would be negative.
//   - Bullet and Single: the whole principal in the last instalment. Single has simple
//     interest over the whole term.
//
// A principal part is between zero and the balance. An instalment with more interest
// than the level payment pays only its interest; the level payment is then found over
// the other instalments, except with LevelByPeriods. The last instalment pays the
// remaining balance. With Residue First, the first instalment that pays principal is
// adjusted so that the last one equals the others: exactly for EqualPrincipal; for the
// level methods by the difference discounted at the rate of the loan and rounded, so a
// few centavos may remain in the last instalment. Interest deferred by grace is added
// to the level payment.
//
// Over many periods or at high rates the rounding of the level payment compounds. From
// Rules2 on, if the first or the last instalment differs from its unrounded value by more
// than three centavos per instalment that pays principal, or by more than half the level
// payment, the rows follow the exact balance instead: the principal part is the rounded
// exact balance before the instalment less the one after it, where the exact balance is
// the one with nothing rounded. The interest is still that of the rounded balance, so
// the instalments differ from the level payment by a few centavos, and the residue has
// no effect. EqualPrincipal compares the principal parts. An instalment with more exact
// interest than the exact level payment pays only its interest.
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

// Plan is Build without CAT, CATTime and Flows, for schedules that are not offered to
// a client. It does not refuse terms without a CAT.
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
	if err := b.refused(); err != nil {
		return Schedule{}, nil, err
	}
	return Schedule{Terms: t, Level: b.level, Opening: opening, Rows: b.rows, Totals: totals(b.rows, opening), Exact: b.exact != nil}, periods, nil
}

// of returns the fee for a principal.
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

// flows returns the cash flows of the CAT (Banxico, Circular 21/2009; docs/rules/cat.md):
// principal, interest, fees, mandatory insurance and cash collateral, without IVA.
func (t Terms) flows(periods []period, rows []Row, opening Opening) (CATTime, []rate.Flow) {
	by := t.CATTime
	if by == ByRegularity {
		by = ByPeriods
		if t.Frequency == EveryNumDays || t.Rules < Rules2 && !t.regular() {
			by = ByDays
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
	whole, odd := 1, 0
	if t.Rules >= Rules2 {
		whole, odd = t.firstPeriod()
	}
	var years float64
	for i, r := range rows {
		years = float64(r.Due.Since(t.Disbursement)) / 365
		if by == ByPeriods {
			years = t.yearsOf(periods[i].periods-1+whole) + float64(odd)/365
		}
		flows = append(flows, rate.Flow{Years: years, Amount: r.IVA + r.FeeIVA - r.Total})
	}
	if t.Collateral > 0 {
		flows = append(flows, rate.Flow{Years: years, Amount: t.Collateral})
	}
	return by, flows
}

// yearsOf returns the length of a number of equal periods in years.
func (t Terms) yearsOf(periods int) float64 {
	if year := t.Frequency.PerYear(); year > 0 {
		return float64(periods) / float64(year)
	}
	return float64(periods*t.PeriodDays) / 365
}
