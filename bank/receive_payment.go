package bank

import (
	"sofipo/core/accounting"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/loan"
	"sofipo/core/money"
)

// ReceivePayment takes money for a loan. Refused with Invalid, LoanNotFound,
// LoanNotActive or OverPayment, checked in this order.
type ReceivePayment struct {
	LoanID id.ID
	Amount money.Amount
}

// Name is the operation.
func (ReceivePayment) Name() string { return "receive_payment" }

// Check refuses an amount that no loan could receive.
func (c ReceivePayment) Check(Rules) error { return loan.CheckPayment(c.Amount) }

// Needs the loan.
func (c ReceivePayment) Needs(n *Needs) { n.Loan(c.LoanID) }

// Decide stages the payment, the loan after it and the entry.
func (c ReceivePayment) Decide(b *Book) (loan.Payment, error) {
	before, err := b.Loan(c.LoanID)
	if err != nil {
		return loan.Payment{}, err
	}
	after, paid, err := before.Receive(b.NewID(), c.Amount, b.Now())
	if err != nil {
		return paid, err
	}
	b.ChangeLoan(after)
	b.AddPayment(paid)
	b.Tell(event.OfPayment(paid, after))
	return paid, b.Post(accounting.PaymentReceived(b.NewID(), b.Today(), paid))
}
