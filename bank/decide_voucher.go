package bank

import (
	"sofipo/core/accounting"
	"sofipo/core/id"
)

// DecideVoucher posts or rejects an entry by hand that somebody else proposed.
// Refused with VoucherNotFound, VoucherDecided, FourEyes or PeriodClosed.
type DecideVoucher struct {
	VoucherID id.ID
	Post      bool // else it is rejected
}

// Name is the operation.
func (c DecideVoucher) Name() string {
	if c.Post {
		return "post_voucher"
	}
	return "reject_voucher"
}

// Check refuses nothing.
func (DecideVoucher) Check(Rules) error { return nil }

// Needs the voucher, and to know which periods are closed.
func (c DecideVoucher) Needs(n *Needs) {
	n.Voucher(c.VoucherID)
	n.Period()
}

// Decide stages the decision and, if it is to post it, the entry.
func (c DecideVoucher) Decide(b *Book) (accounting.Voucher, error) {
	v, err := b.Voucher(c.VoucherID)
	if err != nil {
		return v, err
	}
	status := accounting.Rejected
	if c.Post {
		status = accounting.Posted
	}
	if v, err = v.Decide(status, b.Actor(), b.Now()); err != nil {
		return v, err
	}
	if c.Post {
		if err := b.checkEntryDate(v); err != nil {
			return v, err
		}
		v.EntryID = b.NewID()
		entry, err := accounting.Manual(accounting.Booking{Entry: v.EntryID, Day: v.Date, At: b.Now(), Reference: v.ID}, v.Lines)
		if err != nil {
			return v, err
		}
		if err := b.Post(entry); err != nil {
			return v, err
		}
	}
	b.ChangeVoucher(v)
	b.Tell(accounting.ManualEntryDecidedEvent(v))
	return v, nil
}
