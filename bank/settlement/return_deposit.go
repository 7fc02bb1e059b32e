package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement"
	"sofipo/core/settlement/incoming"
)

// ReturnDeposit records that an unidentified deposit was sent back from the bank account in
// which it arrived. Refused with Invalid, incoming.NotFound or incoming.NotSuspended.
type ReturnDeposit struct {
	PaymentID id.ID
	Reference string // tracking key of the transfer
}

// Name returns the operation's name.
func (ReturnDeposit) Name() string { return "return_deposit" }

// Permission returns the permission that the actor's role must have.
func (ReturnDeposit) Permission() access.Permission { return incoming.Resolve }

// Check refuses a reference that is empty or too long.
func (c ReturnDeposit) Check(bank.Rules) error {
	if c.Reference == "" {
		return fault.Wrong(fault.At("reference", fault.Blank))
	}
	return settlement.Means{Method: settlement.Transfer, Reference: c.Reference}.CheckPaid()
}

// Needs requests the payment.
func (c ReturnDeposit) Needs(n *bank.Needs) { NeedIncoming(n, c.PaymentID) }

// Decide stages the return and its entry.
func (c ReturnDeposit) Decide(b *bank.Book) (incoming.Payment, error) {
	p, err := FindSuspended(b, c.PaymentID)
	if err != nil {
		return p, err
	}
	p = Resolve(b, p, incoming.Returned, c.Reference)
	return p, b.Post(incoming.ReturnedEntry(booking(b, p), p))
}
