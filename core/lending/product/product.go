// Package product holds loan products: what the institution offers, as data with
// a version and the days on which it is in force. A product fixes every choice of
// the terms of a loan and bounds the amount, the rate and the number of periods;
// it also says how the loan is serviced: penalty interest, the order in which a payment
// is allocated, and what becomes of money above what is due.
//
// A loan keeps the version that it was granted on. A change of a product is a new
// version with its first day, so that the terms of a granted loan never move.
package product

import (
	"cmp"
	"slices"

	"sofipo/core/civil"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Component names one part of what a client owes or pays.
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

// Components lists them in the default order of allocation (docs/rules/payments.md).
// Principal stands for the principal of an instalment that is due; principal
// ahead of its date is never reached before all that is due is paid.
var Components = []Component{FeeIVA, Fee, PenaltyInterestIVA, PenaltyInterest, InterestIVA, Interest, Insurance, Principal}

// Strategy names over what the order of allocation runs.
type Strategy string

// The strategies.
const (
	OldestFirst Strategy = "oldest_instalment_first" // all components of the oldest instalment, then of the next
	ByConcept   Strategy = "by_concept"              // a component over all instalments due, then the next component
)

// Excess names what becomes of money above what is due.
type Excess string

// The rules.
const (
	ReduceInstalment Excess = "reduce_instalment" // it reduces principal; the dates stay, the instalments fall
	ReduceTerm       Excess = "reduce_term"       // it reduces principal; the instalment stays, the last ones go
	KeepUnapplied    Excess = "keep_unapplied"    // it waits for the coming instalments
)

// PenaltyBase names what penalty interest runs on.
type PenaltyBase string

// The bases. Penalty interest, fees, insurance and taxes never bear it.
const (
	OverduePrincipal            PenaltyBase = "overdue_principal"
	OverduePrincipalAndInterest PenaltyBase = "overdue_principal_and_interest"
)

// PenaltyMode names how penalty interest and ordinary interest go together.
type PenaltyMode string

// The modes.
const (
	Additional PenaltyMode = "additional" // ordinary interest goes on running on overdue principal
	Replaces   PenaltyMode = "replaces"   // overdue principal bears penalty interest instead of ordinary interest
)

// Late is the price of being late. A rate of 0 is no penalty interest.
type Late struct {
	Rate      rate.Annual    `json:"rate"`       // 0 to schedule.MaxRate
	Base      PenaltyBase    `json:"base"`       // OverduePrincipal
	Mode      PenaltyMode    `json:"mode"`       // Additional
	GraceDays int            `json:"grace_days"` // paid within them there is none; after them it counts from the due date
	DayCount  civil.DayCount `json:"day_count"`  // ACT/360
}

// DefaultApprovalLimit is the limit of approval by one person, unless the product
// has its own or lends less.
const DefaultApprovalLimit money.Amount = 100_000_00

// Limits bound what may be asked for; both ends are accepted.
type Limits struct {
	MinAmount     money.Amount `json:"min_amount"`
	MaxAmount     money.Amount `json:"max_amount"`
	MinRate       rate.Annual  `json:"min_rate"`
	MaxRate       rate.Annual  `json:"max_rate"`
	MinPeriods    int          `json:"min_periods"`
	MaxPeriods    int          `json:"max_periods"`
	ApprovalLimit money.Amount `json:"approval_limit"` // the largest amount that one person may both apply for and approve
}

// Product is one version of a product. The terms have the names, meanings and
// defaults of schedule.Terms.
type Product struct {
	Code           string              `json:"code"`                  // a-z, 0-9 and _, at most 40; the same in all versions
	Name           string              `json:"name"`                  // for people
	Classification risk.Classification `json:"classification"`        // of its portfolio, for provisions; consumer
	Version        int                 `json:"version"`               // from 1
	From           civil.Date          `json:"effective_from"`        // first day on which it is granted
	To             civil.Date          `json:"effective_to,omitzero"` // last day; open if zero

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
	Insurance       money.Amount         `json:"insurance,omitempty"` // premium of each instalment
	CATTime         schedule.CATTime     `json:"cat_time"`

	PenaltyInterest Late        `json:"penalty_interest"`
	Allocation      []Component `json:"allocation"` // each component once
	Strategy        Strategy    `json:"strategy"`   // OldestFirst
	Excess          Excess      `json:"excess"`     // ReduceInstalment
	Limits          Limits      `json:"limits"`
}

// Defaults gives the product with every empty choice filled in: those of
// schedule.Terms, no penalty interest, the order of Components, OldestFirst,
// ReduceInstalment, the widest limits that a schedule accepts, and of approval by
// one person DefaultApprovalLimit or, if it is lower, the largest amount.
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
	l.MaxPeriods = cmp.Or(l.MaxPeriods, p.longest())
	l.ApprovalLimit = cmp.Or(l.ApprovalLimit, min(DefaultApprovalLimit, max(1, l.MaxAmount)))
	return p
}

// longest is the most periods of the frequency that surely fit in the years of a schedule.
func (p Product) longest() int {
	switch perYear := int(p.Frequency.PerYear()); {
	case perYear > 0:
		return min(schedule.MaxPeriods, perYear*schedule.MaxYears)
	case p.Frequency == schedule.EveryNumDays:
		return min(schedule.MaxPeriods, 360*schedule.MaxYears/max(p.PeriodDays, 1))
	default:
		return schedule.MaxPeriods
	}
}

// terms are the choices that the product fixes.
func (p Product) terms() schedule.Terms {
	return schedule.Terms{
		Frequency: p.Frequency, PeriodDays: p.PeriodDays, Method: p.Method, DayCount: p.DayCount, Rounding: p.Rounding,
		Residue: p.Residue, MonthEnd: p.MonthEnd, LevelByPeriods: p.LevelByPeriods, IVA: p.IVA, Fees: p.Fees, Insurance: p.Insurance,
		Grace: p.Grace, Holidays: p.Holidays, InterestFollows: p.InterestFollows, CATTime: p.CATTime,
	}
}

// SeedCode names the default product, on which POST /loans/ grants.
const SeedCode = "seed"

// Seed is the default product, that of POST /loans/: monthly level payments of
// principal and interest, 30/360 on the outstanding balance, IVA of 16 % on the
// whole interest, no fee and no penalty interest (the seed's contract states
// none, and a rate that is not in the contract cannot be charged). A payment
// above what is due reduces principal and then the instalments. One person may
// grant any amount, as there.
func Seed() Product {
	return Product{
		Code: SeedCode, Name: "Crédito simple", Version: 1, From: civil.Date{Year: 2000, Month: 1, Day: 1},
		DayCount: civil.Thirty360,
		IVA:      rate.IVA{Rate: 160_000},
		Limits:   Limits{MaxRate: rate.One, ApprovalLimit: money.Max},
	}.Defaults()
}

// InForce is the version that is granted on the day: of those in force the one
// with the highest number. It tells whether there is one.
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
