// Package schedule turns the terms of a loan into its amortization table: due
// dates, principal, interest, IVA, fees and balances to the centavo, and
// the CAT. It is pure; the same terms always give the same table.
package schedule

import (
	"cmp"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// Method names how a loan is paid back.
type Method string

// The methods.
const (
	Level          Method = "level"           // principal and interest add up to the same in each instalment; IVA on top
	LevelWithIVA   Method = "level_with_iva"  // principal, interest and its IVA add up to the same
	EqualPrincipal Method = "equal_principal" // the same principal in each instalment
	Bullet         Method = "bullet"          // interest in each instalment, the principal in the last
	Single         Method = "single"          // one payment, on the date of the last period
)

// Frequency names the length of a period.
type Frequency string

// The frequencies.
const (
	Weekly       Frequency = "weekly"        // every 7 days
	Every14Days  Frequency = "every_14_days" // catorcenal
	Quincenal    Frequency = "quincenal"     // the 15th and the last day of each month
	Monthly      Frequency = "monthly"       // the same day of each month, or its last day where it has no such day
	EveryNumDays Frequency = "every_n_days"  // every PeriodDays days
)

// Residue names the instalment that takes the centavos left by rounding.
type Residue string

// The instalments that may take the residue.
const (
	Last  Residue = "last"
	First Residue = "first" // the first that pays principal
)

// GraceMode names what becomes of the interest of the first InterestPeriods.
type GraceMode string

// The modes.
const (
	Defer      GraceMode = "defer"      // it is paid, without interest on it, with the first instalment after them
	Capitalise GraceMode = "capitalise" // it is added to the principal on each due date (Código de Comercio 363: only if agreed); its IVA is paid then
	Waive      GraceMode = "waive"      // it is not charged
)

// Grace is what the first instalments leave out.
type Grace struct {
	PrincipalPeriods int       `json:"principal_periods,omitempty"` // instalments without principal
	InterestPeriods  int       `json:"interest_periods,omitempty"`  // instalments without interest
	Mode             GraceMode `json:"mode,omitempty"`              // needed if InterestPeriods > 0
}

// Fee is an amount or a share of the loan's principal, not both.
type Fee struct {
	Amount money.Amount `json:"amount,omitempty"`
	Rate   rate.Share   `json:"rate,omitempty"`
}

// OriginationPayment names how the origination fee is paid.
type OriginationPayment string

// The ways.
const (
	Apart    OriginationPayment = "apart"    // by the client at signing
	Deducted OriginationPayment = "deducted" // from what is disbursed, with its IVA
)

// Fees are what the client must pay besides interest.
type Fees struct {
	Origination        Fee                `json:"origination,omitzero"`
	OriginationPayment OriginationPayment `json:"origination_payment,omitempty"` // Apart if empty
	Periodic           Fee                `json:"periodic,omitzero"`             // with each instalment
	IVARate            rate.Share         `json:"iva_rate,omitempty"`            // on all fees
}

// HolidayRule names what happens to a due date on a day without business.
type HolidayRule string

// The rules.
const (
	Unmoved         HolidayRule = "none"
	NextBusinessDay HolidayRule = "next" // the date moves to the next business day
)

// CATTime names how the CAT measures time.
type CATTime string

// The ways.
const (
	// ByRegularity is ByPeriods if all periods are equal, the first too, and the
	// frequency is not EveryNumDays; else it is ByDays.
	ByRegularity CATTime = "auto"
	ByPeriods    CATTime = "periods" // k / periods of a year: 12, 24, 26, 52, or 365 / PeriodDays
	ByDays       CATTime = "days"    // days from disbursement to due date / 365
)

// The words of each choice, in the order in which they are shown.
var (
	Frequencies         = []Frequency{Weekly, Every14Days, Quincenal, Monthly, EveryNumDays}
	Methods             = []Method{Level, LevelWithIVA, EqualPrincipal, Bullet, Single}
	Residues            = []Residue{Last, First}
	OriginationPayments = []OriginationPayment{Apart, Deducted}
	GraceModes          = []GraceMode{Defer, Capitalise, Waive}
	HolidayRules        = []HolidayRule{Unmoved, NextBusinessDay}
	CATTimes            = []CATTime{ByRegularity, ByPeriods, ByDays}
)

// Terms are what a loan is granted on. Fields left empty have the defaults
// named beside them; Defaults fills them in.
type Terms struct {
	Amount           money.Amount   `json:"amount"`                     // principal, above zero
	AnnualRate       rate.Annual    `json:"annual_rate"`                // 0 to MaxRate
	Periods          int            `json:"periods"`                    // 1 to MaxPeriods
	Frequency        Frequency      `json:"frequency"`                  // Monthly
	PeriodDays       int            `json:"period_days,omitempty"`      // 1 to 366, for EveryNumDays only
	Method           Method         `json:"method"`                     // Level
	DayCount         civil.DayCount `json:"day_count"`                  // ACT/360
	Rounding         money.Rounding `json:"rounding"`                   // half_up, the ROUND of spreadsheets
	Residue          Residue        `json:"residue"`                    // Last
	Disbursement     civil.Date     `json:"disbursement_date"`          // needed
	FirstDue         civil.Date     `json:"first_due_date,omitzero"`    // one period after Disbursement
	MonthEnd         bool           `json:"month_end,omitempty"`        // Monthly on the last day of each month
	LevelByPeriods   bool           `json:"level_by_periods,omitempty"` // the level payment is of equal parts of a year, whatever the days of interest
	IVA              rate.IVA       `json:"iva"`                        // on interest; rate 0 is without IVA
	Fees             Fees           `json:"fees,omitzero"`              //
	Insurance        money.Amount   `json:"insurance,omitempty"`        // mandatory premium of each instalment
	Collateral       money.Amount   `json:"collateral,omitempty"`       // cash left at signing and returned with the last instalment; enters the CAT
	Grace            Grace          `json:"grace,omitzero"`             //
	Holidays         HolidayRule    `json:"holiday_rule"`               // Unmoved
	InterestFollows  bool           `json:"interest_follows"`           // interest runs to the moved date and from it
	CATTime          CATTime        `json:"cat_time"`                   // ByRegularity
	InterestFrom     civil.Date     `json:"-"`                          // first day of interest, if that of the period was moved and interest follows; Disbursement
	BusinessCalendar civil.Calendar `json:"-"`                          // the institution's, for NextBusinessDay; Mexico's if it has no holidays
}

// Defaults gives the terms with every empty choice filled in. FirstDue becomes
// Disbursement plus a period: 7, 14 or PeriodDays days; the same day of the next
// month (with MonthEnd its last day); the next 15th or last day of a month.
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

// monthDay is the day of the month of a monthly series that has the date.
func (t Terms) monthDay(d civil.Date) int {
	if t.MonthEnd {
		return 31
	}
	return int(d.Day)
}

// Due is the due date of an instalment that falls on the day, by the rule of holidays.
func (t Terms) Due(nominal civil.Date) civil.Date {
	if t.Holidays == NextBusinessDay {
		return t.BusinessCalendar.NextBusinessDay(nominal)
	}
	return nominal
}

// PerYear is the number of regular periods in a year, 0 for EveryNumDays.
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

// PeriodLength is the length of a regular period in days, a month having 30.
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
