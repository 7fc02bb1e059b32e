// Package schedule computes amortization tables. From the Terms of a loan (amount,
// rate, number of periods, method, dates, fees, grace) Build computes a Schedule: the
// due date, principal, interest, IVA, fees and balance of each instalment to the
// centavo, and the CAT, the total annual cost that Mexican law requires in every
// offer. Explain shows the formula behind each figure.
//
// The same terms always give the same table. The rules are in docs/rules:
// amortization.md, interest.md, fees.md, holidays.md and cat.md.
package schedule

import (
	"cmp"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Method is the repayment method of a loan.
type Method string

// The methods.
const (
	Level          Method = "level"           // principal plus interest is the same in each instalment; IVA is added
	LevelWithIVA   Method = "level_with_iva"  // principal plus interest plus IVA is the same in each instalment
	EqualPrincipal Method = "equal_principal" // the same principal in each instalment
	Bullet         Method = "bullet"          // interest in each instalment, the principal in the last
	Single         Method = "single"          // one payment, on the date of the last period
)

// Frequency is the length of a period.
type Frequency string

// The frequencies.
const (
	Weekly       Frequency = "weekly"        // every 7 days
	Every14Days  Frequency = "every_14_days" // catorcenal
	Quincenal    Frequency = "quincenal"     // the 15th and the last day of each month
	Monthly      Frequency = "monthly"       // the same day of each month, or its last day in a shorter month
	EveryNumDays Frequency = "every_n_days"  // every PeriodDays days
)

// Residue is the instalment that takes the centavos left over from rounding.
type Residue string

// The instalments that may take the residue.
const (
	Last  Residue = "last"
	First Residue = "first" // the first instalment that pays principal
)

// GraceMode says what happens to the interest of the first InterestPeriods periods.
type GraceMode string

// The modes.
const (
	Defer      GraceMode = "defer"      // paid, without interest on it, with the first instalment after them
	Capitalise GraceMode = "capitalise" // added to the principal on each due date, if agreed (Código de Comercio, art. 363); its IVA is paid on that date
	Waive      GraceMode = "waive"      // not charged
)

// Grace says what the first instalments do not include.
type Grace struct {
	PrincipalPeriods int       `json:"principal_periods,omitempty"` // instalments without principal
	InterestPeriods  int       `json:"interest_periods,omitempty"`  // instalments without interest
	Mode             GraceMode `json:"mode,omitempty"`              // required if InterestPeriods > 0
}

// Fee is either an amount or a share of the loan's principal.
type Fee struct {
	Amount money.Amount `json:"amount,omitempty"`
	Rate   rate.Share   `json:"rate,omitempty"`
}

// OriginationPayment says how the origination fee is paid.
type OriginationPayment string

// The ways to pay it.
const (
	Apart    OriginationPayment = "apart"    // by the client at signing
	Deducted OriginationPayment = "deducted" // deducted, with its IVA, from the disbursement
)

// Fees has the fees of a loan.
type Fees struct {
	Origination        Fee                `json:"origination,omitzero"`
	OriginationPayment OriginationPayment `json:"origination_payment,omitempty"` // Apart if empty
	Periodic           Fee                `json:"periodic,omitzero"`             // with each instalment
	IVARate            rate.Share         `json:"iva_rate,omitempty"`            // on all fees
}

// HolidayRule says what happens to a due date on a bank holiday or weekend.
type HolidayRule string

// The rules.
const (
	Unmoved         HolidayRule = "none"
	NextBusinessDay HolidayRule = "next" // the date moves to the next business day
)

// CATTime says how the CAT measures time.
type CATTime string

// The measures.
const (
	// ByRegularity is ByDays for EveryNumDays and ByPeriods for the other frequencies.
	// With Rules1 it was also ByDays if the first period was longer or shorter than
	// the others.
	ByRegularity CATTime = "auto"
	// ByPeriods is the number of periods / periods in a year: 12, 24, 26, 52, or
	// 365 / PeriodDays. With Rules2, a first period that is longer or shorter than
	// the others counts its odd days / 365.
	ByPeriods CATTime = "periods"
	ByDays    CATTime = "days" // days from disbursement to due date / 365
)

// The values of each choice, in display order.
var (
	Frequencies         = []Frequency{Weekly, Every14Days, Quincenal, Monthly, EveryNumDays}
	Methods             = []Method{Level, LevelWithIVA, EqualPrincipal, Bullet, Single}
	Residues            = []Residue{Last, First}
	OriginationPayments = []OriginationPayment{Apart, Deducted}
	GraceModes          = []GraceMode{Defer, Capitalise, Waive}
	HolidayRules        = []HolidayRule{Unmoved, NextBusinessDay}
	CATTimes            = []CATTime{ByRegularity, ByPeriods, ByDays}
)

// The versions of the rules by which a schedule is computed. Terms name their version, so
// that a new version changes no existing loan. Terms without a version follow Rules1.
const (
	// Rules1 rounds the level payment, or the equal part of the principal, once. The CAT
	// counts all periods in days if the first one is irregular.
	Rules1 = 1

	// Rules2 follows the exact balance where that rounding would compound; see Build. The
	// CAT counts the odd days of an irregular first period.
	Rules2 = 2

	LatestRules = Rules2 // of new terms
)

// Terms are the terms of a loan. An empty field has the default given in its comment;
// Defaults fills it in.
type Terms struct {
	Amount           money.Amount   `json:"amount"`                     // principal, above zero
	AnnualRate       rate.Annual    `json:"annual_rate"`                // 0 to MaxRate
	Periods          int            `json:"periods"`                    // 1 to MaxPeriods
	Frequency        Frequency      `json:"frequency"`                  // Monthly
	PeriodDays       int            `json:"period_days,omitempty"`      // 1 to 366; only for EveryNumDays
	Method           Method         `json:"method"`                     // Level
	DayCount         civil.DayCount `json:"day_count"`                  // ACT/360
	Rounding         money.Rounding `json:"rounding"`                   // half_up, the ROUND of spreadsheets
	Residue          Residue        `json:"residue"`                    // Last
	Disbursement     civil.Date     `json:"disbursement_date"`          // required
	FirstDue         civil.Date     `json:"first_due_date,omitzero"`    // one period after Disbursement
	MonthEnd         bool           `json:"month_end,omitempty"`        // with Monthly: every due date is a month end
	LevelByPeriods   bool           `json:"level_by_periods,omitempty"` // the level payment uses equal parts of a year instead of the days of each period
	IVA              rate.IVA       `json:"iva"`                        // on interest; none if the rate is 0
	Fees             Fees           `json:"fees,omitzero"`
	Insurance        money.Amount   `json:"insurance,omitempty"`  // mandatory premium in each instalment
	Collateral       money.Amount   `json:"collateral,omitempty"` // cash collateral, returned with the last instalment; part of the CAT
	Grace            Grace          `json:"grace,omitzero"`
	Holidays         HolidayRule    `json:"holiday_rule"`     // Unmoved
	InterestFollows  bool           `json:"interest_follows"` // interest runs between the moved due dates
	CATTime          CATTime        `json:"cat_time"`         // ByRegularity
	Rules            int            `json:"rules,omitempty"`  // version of the rules; Rules1
	InterestFrom     civil.Date     `json:"-"`                // first day of interest, if a holiday moved it; Disbursement
	BusinessCalendar civil.Calendar `json:"-"`                // for NextBusinessDay; Mexico's if it has no holidays
}

// Defaults returns the terms with every empty field filled in. FirstDue becomes the
// Disbursement plus one period: 7, 14 or PeriodDays days; the same day of the next
// month (with MonthEnd, its last day); or the next 15th or last day of a month.
func (t Terms) Defaults() Terms {
	t.Frequency = cmp.Or(t.Frequency, Monthly)
	t.Method = cmp.Or(t.Method, Level)
	t.DayCount = cmp.Or(t.DayCount, civil.Actual360)
	t.Rounding = cmp.Or(t.Rounding, money.HalfUp)
	t.Residue = cmp.Or(t.Residue, Last)
	t.IVA.Base = cmp.Or(t.IVA.Base, rate.Nominal)
	t.Fees.OriginationPayment = cmp.Or(t.Fees.OriginationPayment, Apart)
	t.Holidays = cmp.Or(t.Holidays, Unmoved)
	t.CATTime = cmp.Or(t.CATTime, ByRegularity)
	if t.Holidays == NextBusinessDay && t.BusinessCalendar.Holidays == nil {
		t.BusinessCalendar = civil.Mexico()
	}
	if t.FirstDue.IsZero() && t.Disbursement.Valid() && t.PeriodLength() >= 1 && t.PeriodLength() <= MaxPeriodDays {
		t.FirstDue = t.afterOnePeriod()
	}
	return t
}

func (t Terms) afterOnePeriod() civil.Date {
	switch t.Frequency {
	case Monthly:
		return t.Disbursement.AddMonths(1, t.monthDay(t.Disbursement))
	case Quincenal:
		return t.Disbursement.NextQuincena()
	default:
		return t.Disbursement.AddDays(t.PeriodLength())
	}
}

// monthDay returns the day of the month of a monthly series that includes the date.
func (t Terms) monthDay(d civil.Date) int {
	if t.MonthEnd {
		return 31
	}
	return int(d.Day)
}

// Due returns the due date for a nominal date, by the holiday rule.
func (t Terms) Due(nominal civil.Date) civil.Date {
	if t.Holidays == NextBusinessDay {
		return t.BusinessCalendar.NextBusinessDay(nominal)
	}
	return nominal
}

// PerYear returns the number of regular periods in a year, 0 for EveryNumDays.
func (f Frequency) PerYear() int64 {
	switch f {
	case Weekly:
		return 52
	case Every14Days:
		return 26
	case Quincenal:
		return 24
	case Monthly:
		return 12
	default:
		return 0
	}
}

// PeriodLength returns the length of a regular period in days; a month has 30.
func (t Terms) PeriodLength() int {
	switch t.Frequency {
	case Weekly:
		return 7
	case Every14Days:
		return 14
	case Quincenal:
		return 15
	case Monthly:
		return 30
	default:
		return t.PeriodDays
	}
}
