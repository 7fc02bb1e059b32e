// Package product has the rules of loan products. A Product is data, with a version
// and the dates on which the version is in force. It fixes the choices of the terms of
// its loans (method, frequency, day count, fees, IVA …) and limits the amount, the rate
// and the number of periods. It also says how its loans are serviced: penalty
// interest, the allocation order of payments, and the use of money above the amounts
// due.
//
// A loan keeps the product version on which it was granted. A change of a product is
// a new version with its own first day, so the terms of existing loans never change.
package product

import (
	"bytes"
	"cmp"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Component is one part of a debt or of a payment.
type Component string

// The components.
const (
	Principal          Component = "principal"
	Interest           Component = "interest"
	InterestIVA        Component = "iva_interest"
	Fee                Component = "fee"
	FeeIVA             Component = "iva_fee"
	PenaltyInterest    Component = "penalty_interest"
	PenaltyInterestIVA Component = "iva_penalty_interest"
	Insurance          Component = "insurance"
)

// Components lists the components in the default allocation order
// (docs/rules/payments.md). Principal is the principal of an instalment that is due;
// principal before its due date is paid only after everything due.
var Components = []Component{FeeIVA, Fee, PenaltyInterestIVA, PenaltyInterest, InterestIVA, Interest, Insurance, Principal}

// Strategy says how the allocation order applies to several instalments.
type Strategy string

// The strategies.
const (
	OldestFirst Strategy = "oldest_instalment_first" // all components of the oldest instalment, then those of the next
	ByConcept   Strategy = "by_concept"              // the first component of all instalments due, then the next component
)

// Excess says what happens to money above the amounts due.
type Excess string

// The rules.
const (
	ReduceInstalment Excess = "reduce_instalment" // reduces principal; the dates stay, the instalments are lower
	ReduceTerm       Excess = "reduce_term"       // reduces principal; the instalments stay, the loan ends earlier
	KeepUnapplied    Excess = "keep_unapplied"    // kept as unapplied funds for later instalments
)

// PenaltyBase is the amount that earns penalty interest.
type PenaltyBase string

// The bases. Penalty interest, fees, insurance and taxes never earn penalty interest.
const (
	OverduePrincipal            PenaltyBase = "overdue_principal"
	OverduePrincipalAndInterest PenaltyBase = "overdue_principal_and_interest"
)

// PenaltyMode says how penalty interest and ordinary interest combine.
type PenaltyMode string

// The modes.
const (
	Additional PenaltyMode = "additional" // overdue principal continues to earn ordinary interest as well
	Replaces   PenaltyMode = "replaces"   // overdue principal earns penalty interest instead of ordinary interest
)

// PenaltyTerms are the terms of penalty interest (docs/rules/penalty-interest.md). With
// a rate of 0 there is none.
type PenaltyTerms struct {
	Rate      rate.Annual    `json:"rate"`       // 0 to schedule.MaxRate
	Base      PenaltyBase    `json:"base"`       // OverduePrincipal
	Mode      PenaltyMode    `json:"mode"`       // Additional
	GraceDays int            `json:"grace_days"` // no penalty interest if paid within them; after them it counts from the due date
	DayCount  civil.DayCount `json:"day_count"`  // ACT/360
}

// DefaultApprovalLimit is the approval limit of products that set none. It is lower if
// the maximum amount of the product is lower.
const DefaultApprovalLimit money.Amount = 100_000_00

// Limits has the inclusive limits of the loans of a product.
type Limits struct {
	MinAmount     money.Amount `json:"min_amount"`
	MaxAmount     money.Amount `json:"max_amount"`
	MinRate       rate.Annual  `json:"min_rate"`
	MaxRate       rate.Annual  `json:"max_rate"`
	MinPeriods    int          `json:"min_periods"`
	MaxPeriods    int          `json:"max_periods"`
	ApprovalLimit money.Amount `json:"approval_limit"` // maximum amount that one user may both apply for and approve
}

// Product is one version of a product. Fields that schedule.Terms also has have the
// same meaning and default.
type Product struct {
	Code           string              `json:"code"`                  // 1 to 40 characters of a-z, 0-9 and _; the same in all versions
	Name           string              `json:"name"`                  // display name
	Classification risk.Classification `json:"classification"`        // portfolio of its loans, for provisions; Consumer
	Version        int                 `json:"version"`               // from 1
	From           civil.Date          `json:"effective_from"`        // first day on which loans are granted on it
	To             civil.Date          `json:"effective_to,omitzero"` // last such day; none if zero

	Method          schedule.Method      `json:"method"`
	Frequency       schedule.Frequency   `json:"frequency"`
	PeriodDays      int                  `json:"period_days,omitempty"`
	MonthEnd        bool                 `json:"month_end,omitempty"`
	LevelByPeriods  bool                 `json:"level_by_periods,omitempty"`
	DayCount        civil.DayCount       `json:"day_count"`
	Rounding        money.Rounding       `json:"rounding"`
	Residue         schedule.Residue     `json:"residue"`
	Holidays        schedule.HolidayRule `json:"holiday_rule"`
	InterestFollows bool                 `json:"interest_follows"`
	Grace           schedule.Grace       `json:"grace,omitzero"`
	IVA             rate.IVA             `json:"iva"`
	Fees            schedule.Fees        `json:"fees,omitzero"`
	Insurance       money.Amount         `json:"insurance,omitempty"` // premium in each instalment
	CATTime         schedule.CATTime     `json:"cat_time"`

	PenaltyInterest PenaltyTerms `json:"penalty_interest"`
	Allocation      []Component  `json:"allocation"`            // every component exactly once
	Strategy        Strategy     `json:"strategy"`              // OldestFirst
	Excess          Excess       `json:"excess"`                // ReduceInstalment
	KeepExcess      bool         `json:"keep_excess,omitempty"` // money above the payoff amount is kept as unapplied funds; else the payment is refused
	Limits          Limits       `json:"limits"`
}

// Covers reports whether a product is in force from the first day of next on, without a last
// day, and is the same in everything else.
func (p Product) Covers(next Product) bool {
	if !p.To.IsZero() || p.From.After(next.From) {
		return false
	}
	next.Version, next.From = p.Version, p.From
	return bytes.Equal(p.AppendJSON(nil), next.AppendJSON(nil))
}

// Defaults returns the product with every empty field filled in: the defaults of
// schedule.Terms, no penalty interest, the order of Components, OldestFirst,
// ReduceInstalment, the widest limits of a schedule, and as approval limit the lower of
// DefaultApprovalLimit and the maximum amount.
func (p Product) Defaults() Product {
	t := p.terms().Defaults()
	p.Frequency, p.Method, p.DayCount, p.Rounding, p.Residue = t.Frequency, t.Method, t.DayCount, t.Rounding, t.Residue
	p.IVA, p.Fees, p.Holidays, p.CATTime = t.IVA, t.Fees, t.Holidays, t.CATTime
	m := &p.PenaltyInterest
	m.Base = cmp.Or(m.Base, OverduePrincipal)
	m.Mode = cmp.Or(m.Mode, Additional)
	m.DayCount = cmp.Or(m.DayCount, civil.Actual360)
	if p.Allocation == nil {
		p.Allocation = slices.Clone(Components)
	}
	p.Classification = cmp.Or(p.Classification, risk.Consumer)
	p.Strategy = cmp.Or(p.Strategy, OldestFirst)
	p.Excess = cmp.Or(p.Excess, ReduceInstalment)
	l := &p.Limits
	l.MinAmount = cmp.Or(l.MinAmount, 1)
	l.MaxAmount = cmp.Or(l.MaxAmount, money.Max)
	l.MaxRate = cmp.Or(l.MaxRate, schedule.MaxRate)
	l.MinPeriods = cmp.Or(l.MinPeriods, 1+max(0, p.Grace.PrincipalPeriods, p.Grace.InterestPeriods))
	l.MaxPeriods = cmp.Or(l.MaxPeriods, p.Longest())
	l.ApprovalLimit = cmp.Or(l.ApprovalLimit, min(DefaultApprovalLimit, max(1, l.MaxAmount)))
	return p
}

// Longest returns the largest number of periods that always fits in the maximum years
// of a schedule.
func (p Product) Longest() int {
	switch perYear := int(p.Frequency.PerYear()); {
	case perYear > 0:
		return min(schedule.MaxPeriods, perYear*schedule.MaxYears)
	case p.Frequency == schedule.EveryNumDays:
		return min(schedule.MaxPeriods, 360*schedule.MaxYears/max(p.PeriodDays, 1))
	default:
		return schedule.MaxPeriods
	}
}

// terms returns the choices that the product fixes. A product does not store a version of
// the rules: every new loan follows the latest.
func (p Product) terms() schedule.Terms {
	return schedule.Terms{
		Frequency: p.Frequency, PeriodDays: p.PeriodDays, Method: p.Method, DayCount: p.DayCount, Rounding: p.Rounding,
		Residue: p.Residue, MonthEnd: p.MonthEnd, LevelByPeriods: p.LevelByPeriods, IVA: p.IVA, Fees: p.Fees, Insurance: p.Insurance,
		Grace: p.Grace, Holidays: p.Holidays, InterestFollows: p.InterestFollows, CATTime: p.CATTime,
		Rules: schedule.LatestRules,
	}
}

// SeedCode is the code of the default product, which POST /loans/ uses.
const SeedCode = "seed"

// Seed returns the default product, which POST /loans/ uses: monthly level payments of
// principal and interest, 30/360 on the outstanding balance, 16 % IVA on all interest,
// no fee and no penalty interest. The seed's contract states no penalty rate, and a
// rate that is not in the contract cannot be charged. Money above the amounts due
// reduces principal and then the instalments. As in the seed, one user may grant any
// amount.
func Seed() Product {
	return Product{
		Code: SeedCode, Name: "Crédito simple", Version: 1, From: civil.Date{Year: 2000, Month: 1, Day: 1},
		DayCount: civil.Thirty360,
		IVA:      rate.IVA{Rate: 160_000},
		Limits:   Limits{MaxRate: rate.One, ApprovalLimit: money.Max},
	}.Defaults()
}

// InForce returns the version for loans granted on a day: the one with the highest
// number of those in force. found is false if none is in force.
func InForce(versions []Product, on civil.Date) (best Product, found bool) {
	for _, p := range versions {
		if p.inForce(on) && (!found || p.Version > best.Version) {
			best, found = p, true
		}
	}
	return best, found
}

func (p Product) inForce(on civil.Date) bool {
	return !on.Before(p.From) && (p.To.IsZero() || !on.After(p.To))
}
