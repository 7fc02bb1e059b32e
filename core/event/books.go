package event

import (
	"strconv"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
)

// VoucherProposed tells of an entry by hand that waits for a second person.
type VoucherProposed struct {
	ID          id.ID  `json:"id"`
	EntryDate   string `json:"entry_date"`
	Description string `json:"description"`
	Total       string `json:"total"`
}

// OfVoucher is the event of a voucher just proposed.
func OfVoucher(v accounting.Voucher) VoucherProposed {
	return VoucherProposed{v.ID, v.Date.String(), v.Description, v.Total().String()}
}

func (VoucherProposed) Type() string     { return "voucher_proposed" }
func (e VoucherProposed) Entity() id.ID  { return e.ID }
func (e VoucherProposed) Subject() id.ID { return e.ID }

// Stale: the books are not cached.
func (VoucherProposed) Stale() []string { return nil }

// VoucherDecided tells that an entry by hand was posted or rejected.
type VoucherDecided struct {
	ID         id.ID  `json:"id"`
	Status     string `json:"status"`
	EntryID    id.ID  `json:"entry_id"` // zero if it was rejected
	ProposedBy string `json:"proposed_by"`
	DecidedBy  string `json:"decided_by"`
}

// OfDecision is the event of a voucher just decided on.
func OfDecision(v accounting.Voucher) VoucherDecided {
	return VoucherDecided{v.ID, string(v.Status), v.EntryID, v.ProposedBy, v.DecidedBy}
}

func (VoucherDecided) Type() string     { return "voucher_decided" }
func (e VoucherDecided) Entity() id.ID  { return e.ID }
func (e VoucherDecided) Subject() id.ID { return e.ID }

// Stale: the books are not cached.
func (VoucherDecided) Stale() []string { return nil }

// PeriodClosed tells that the books take nothing more up to a day.
type PeriodClosed struct {
	ClosedThrough string `json:"closed_through"`
	ID            id.ID  `json:"-"`
}

// OfClosing is the event of the closing of a period.
func OfClosing(through civil.Date) PeriodClosed {
	return PeriodClosed{through.String(), DayID(through)}
}

func (PeriodClosed) Type() string     { return "period_closed" }
func (e PeriodClosed) Entity() id.ID  { return e.ID }
func (e PeriodClosed) Subject() id.ID { return e.ID }

// Stale: the books are not cached.
func (PeriodClosed) Stale() []string { return nil }

// DayID stands for a day, which has no id: it is the same in every copy of the books.
func DayID(day civil.Date) id.ID { return id.New(day.Midnight(), [10]byte{}) }

// DayClosed tells that a business day was closed.
type DayClosed struct {
	Day        string `json:"day"`
	Loans      string `json:"loans"`      // positions written
	Interest   string `json:"interest"`   // that the day earned, but for what its movements posted
	Provisions string `json:"provisions"` // change of what is provided
	ID         id.ID  `json:"-"`
}

// OfDay is the event of a day just closed.
func OfDay(day civil.Date, loans int64, interest, provisions money.Amount) DayClosed {
	return DayClosed{day.String(), strconv.FormatInt(loans, 10), interest.String(), provisions.String(), DayID(day)}
}

func (DayClosed) Type() string     { return "day_closed" }
func (e DayClosed) Entity() id.ID  { return e.ID }
func (e DayClosed) Subject() id.ID { return e.ID }

// Stale: reports are not cached.
func (DayClosed) Stale() []string { return nil }

// LoanReclassified tells that the close of a day put a loan into another stage.
type LoanReclassified struct {
	aboutLoan
	Day         string `json:"day"`
	DaysPastDue int32  `json:"days_past_due"`
	Before      int32  `json:"stage_before"`
	Stage       int32  `json:"stage"`
}

// OfStage is the event of a loan that a close put into another stage.
func OfStage(l loan.Loan, day civil.Date, daysPastDue int, before, after risk.Stage) LoanReclassified {
	return LoanReclassified{about(l), day.String(), int32(daysPastDue), int32(before), int32(after)}
}

func (LoanReclassified) Type() string { return "loan_reclassified" }
