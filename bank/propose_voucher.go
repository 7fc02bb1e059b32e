package bank

import (
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
)

// ProposeVoucher proposes an entry by hand, which another person posts. Refused
// with Invalid or PeriodClosed.
type ProposeVoucher struct {
	Date        civil.Date // today if zero
	Description string
	Lines       []accounting.Line
}

// Name is the operation.
func (ProposeVoucher) Name() string { return "propose_voucher" }

// Check refuses nothing: the accounts depend on the date.
func (ProposeVoucher) Check(Rules) error { return nil }

// Needs to know which periods are closed.
func (ProposeVoucher) Needs(n *Needs) { n.Period() }

// Decide stages the proposal.
func (c ProposeVoucher) Decide(b *Book) (accounting.Voucher, error) {
	v := accounting.Voucher{
		ID: b.NewID(), Date: c.Date, Description: c.Description, Lines: c.Lines, Status: accounting.Proposed, ProposedBy: b.Actor(), ProposedAt: b.Now(),
	}
	if v.Date.IsZero() {
		v.Date = b.Today()
	}
	if err := b.checkEntryDate(v); err != nil {
		return accounting.Voucher{}, err
	}
	if err := v.Check(); err != nil {
		return accounting.Voucher{}, err
	}
	b.AddVoucher(v)
	b.Tell(accounting.ManualEntryProposedEvent(v))
	return v, nil
}

// checkEntryDate refuses the future and closed periods.
func (b *Book) checkEntryDate(v accounting.Voucher) error {
	if v.Date.After(b.Today()) {
		return fault.InField("entry_date", "must not be after the business date "+b.Today().String(), "value_error", map[string]any{"latest": b.Today().String()})
	}
	return b.checkOpen("entry_date", v.Date)
}
