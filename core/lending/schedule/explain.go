package schedule

import (
	"fmt"
	"strings"

	"sofipo/core/money"
	"sofipo/core/rate"
)

// Explanation has the formula of each figure of a schedule, with its numbers:
// "48200.67 × 0.15 × 30/360 = 602.51". The left side, rounded to the centavo, equals
// the right side. The left side has words where a choice, not a calculation, sets the
// figure.
type Explanation struct {
	Opening    string           `json:"origination_fee"`
	OpeningIVA string           `json:"iva_origination_fee"`
	Disbursed  string           `json:"disbursed"`
	Level      string           `json:"level_payment,omitempty"`
	Rows       []RowExplanation `json:"rows"`
	TotalToPay string           `json:"total_to_pay"`
	CAT        string           `json:"cat"`
	CATTime    string           `json:"cat_time"`
}

// RowExplanation has the formulas of one instalment.
type RowExplanation struct {
	Number    int    `json:"number"`
	Accrued   string `json:"accrued_interest"`
	Interest  string `json:"interest"`
	Taxable   string `json:"taxable_interest,omitempty"` // for rate.RealUDI
	IVA       string `json:"iva"`
	Principal string `json:"principal"`
	Fee       string `json:"fee"`
	FeeIVA    string `json:"iva_fee"`
	Total     string `json:"total"`
	Balance   string `json:"balance"`
}

// Explain returns the formulas of the schedule, which must come from Build.
func (s Schedule) Explain() Explanation {
	t := s.Terms
	e := Explanation{
		Opening:    t.Fees.Origination.explain(t.Amount, s.Opening.Fee),
		OpeningIVA: product(s.Opening.Fee, t.Fees.IVARate, s.Opening.IVA),
		Disbursed:  fmt.Sprintf("%s = %s", t.Amount, s.Opening.Disbursed),
		Level:      s.explainLevel(),
		TotalToPay: fmt.Sprintf("%s + %s + %s = %s", s.Totals.Total, s.Opening.Fee, s.Opening.IVA, s.Totals.TotalToPay),
		CAT:        s.explainCAT(),
		CATTime:    s.explainTime(),
	}
	if t.Fees.OriginationPayment == Deducted {
		e.Disbursed = fmt.Sprintf("%s - %s - %s = %s", t.Amount, s.Opening.Fee, s.Opening.IVA, s.Opening.Disbursed)
	}
	b := builder{Terms: t, periods: t.periods(), level: s.Level, rows: s.Rows}
	if s.Exact {
		for _, r := range s.Rows[t.Grace.PrincipalPeriods:] {
			b.exact = append(b.exact, r.Balance)
		}
	}
	var deferred money.Amount
	for k, r := range s.Rows {
		e.Rows = append(e.Rows, b.explainRow(k, deferred))
		deferred += r.Accrued - r.Capitalised - r.Interest
	}
	return e
}

// explainRow explains one instalment; deferred is the deferred interest before it.
func (b *builder) explainRow(k int, deferred money.Amount) RowExplanation {
	t, r := b.Terms, b.rows[k]
	e := RowExplanation{
		Number:    r.Number,
		Accrued:   fmt.Sprintf("%s × %s × %s = %s", r.OpeningBalance, t.AnnualRate, b.periods[k].fraction, r.Accrued),
		Interest:  fmt.Sprintf("%s + %s = %s", r.Accrued, deferred, r.Interest),
		IVA:       product(r.Taxable, t.IVA.Rate, r.IVA),
		Principal: b.explainPrincipal(k),
		Fee:       t.Fees.Periodic.explain(t.Amount, r.Fee),
		FeeIVA:    product(r.Fee, t.Fees.IVARate, r.FeeIVA),
		Balance:   fmt.Sprintf("%s + %s - %s = %s", r.OpeningBalance, r.Capitalised, r.Principal, r.Balance),
		Total: fmt.Sprintf("%s + %s + %s + %s + %s + %s = %s",
			r.Principal, r.Interest, r.IVA, r.Fee, r.FeeIVA, r.Insurance, r.Total),
	}
	waits := r.Number <= t.Grace.InterestPeriods
	switch {
	case waits && t.Grace.Mode == Waive:
		e.Accrued = "waived = 0.00"
	case waits:
		e.Interest = fmt.Sprintf("grace, %s: %s = 0.00", t.Grace.Mode, r.Accrued)
	case deferred == 0:
		e.Interest = e.Accrued
	}
	switch t.IVA.Base {
	case rate.RealUDI:
		e.Taxable = fmt.Sprintf("interest at %s - %s = %s", t.AnnualRate, t.IVA.Inflation, r.Taxable)
	case rate.FixedPercent:
		e.IVA = fmt.Sprintf("%s × %s × %s = %s", r.Taxable, t.IVA.Percent, t.IVA.Rate, r.IVA)
	}
	return e
}

func (b *builder) explainPrincipal(k int) string {
	t, r := b.Terms, b.rows[k]
	switch {
	case r.Number == len(b.rows):
		return fmt.Sprintf("balance = %s", r.Principal)
	case r.Number <= t.Grace.PrincipalPeriods || t.Method == Bullet:
		return "no principal yet = 0.00"
	case b.exact != nil:
		return fmt.Sprintf("exact balances, rounded: %s - %s = %s", r.OpeningBalance, r.Balance, r.Principal)
	case t.Method == EqualPrincipal:
		return fmt.Sprintf("principal / %d, residue in the %s = %s", len(b.rows)-t.Grace.PrincipalPeriods, t.Residue, r.Principal)
	}
	parts := []string{b.level.String(), r.Accrued.String()}
	own := r.Accrued
	if t.Method == LevelWithIVA {
		tax := b.tax(b.taxable(k, r.Accrued, r.OpeningBalance))
		parts, own = append(parts, tax.String()), own+tax
	}
	text := strings.Join(parts, " - ")
	if r.Principal != b.level-own {
		text += ", adjusted by the residue or limited to the balance"
	}
	return fmt.Sprintf("%s = %s", text, r.Principal)
}

func (s Schedule) explainLevel() string {
	t := s.Terms
	name := "i = rate × days/base"
	if t.LevelByPeriods {
		name = fmt.Sprintf("i = rate / %d", t.Frequency.PerYear())
	}
	switch t.Method {
	case Level:
	case LevelWithIVA:
		name += " with its IVA"
	default:
		return ""
	}
	first := s.Rows[t.Grace.PrincipalPeriods]
	return fmt.Sprintf("%s / Σ(k=%d..%d) 1/Π(1+i), %s = %s", first.OpeningBalance, first.Number, len(s.Rows), name, s.Level)
}

func (s Schedule) explainCAT() string {
	var received, paid []string
	for _, f := range s.Flows {
		term := fmt.Sprintf("%s/(1+i)^%.6f", max(f.Amount, -f.Amount), f.Years)
		if f.Amount > 0 {
			received = append(received, term)
		} else {
			paid = append(paid, term)
		}
	}
	return fmt.Sprintf("%s = %s; i = %.8f; CAT %s%% sin IVA", strings.Join(received, " + "), strings.Join(paid, " + "), float64(s.CAT), s.CAT.Percent())
}

func (s Schedule) explainTime() string {
	if s.CATTime == ByDays {
		return "days from disbursement / 365"
	}
	text := "periods / periods of a year"
	if s.Terms.Rules < Rules2 {
		return text
	}
	if whole, odd := s.Terms.firstPeriod(); whole != 1 || odd != 0 {
		text += fmt.Sprintf("; first period: %d / periods of a year %+d days / 365", whole, odd)
	}
	return text
}

func (c Fee) explain(principal, result money.Amount) string {
	if c.Rate > 0 {
		return product(principal, c.Rate, result)
	}
	return fmt.Sprintf("%s = %s", c.Amount, result)
}

func product(a money.Amount, share rate.Share, result money.Amount) string {
	return fmt.Sprintf("%s × %s = %s", a, share, result)
}
