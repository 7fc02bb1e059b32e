package event

import (
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
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

// OfClosing is the event of the closing of a period. Its entity is made of the
// day, so that it is the same in every copy of the books.
func OfClosing(through civil.Date) PeriodClosed {
	return PeriodClosed{through.String(), id.New(through.Midnight(), [10]byte{})}
}

func (PeriodClosed) Type() string     { return "period_closed" }
func (e PeriodClosed) Entity() id.ID  { return e.ID }
func (e PeriodClosed) Subject() id.ID { return e.ID }

// Stale: the books are not cached.
func (PeriodClosed) Stale() []string { return nil }
