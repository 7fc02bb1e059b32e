package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// ReceivePayment takes money for a loan. Refused with Invalid, LoanNotFound,
// PeriodClosed, LoanNotActive or OverPayment, checked in this order.
type ReceivePayment struct {
	LoanID              id.ID
	servicing.Operation // Kind is Ordinary if empty, Prepayment or AdvancePayment; ValueDate today if zero: a day in the past computes the loan again
}

// Name is the operation.
func (ReceivePayment) Name() string { return "receive_payment" }

// Permission is what the role must hold.
func (ReceivePayment) Permission() access.Permission { return loan.ReceivePayments }

// Check refuses an amount that no loan could receive, and a kind that is not of a payment.
func (c ReceivePayment) Check(bank.Rules) error {
	switch c.Kind {
	case "", servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment:
		return loan.CheckPayment(c.Amount)
	}
	return fault.Wrong(fault.At("kind", fault.OneOf, "accepted", []servicing.Kind{servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment}))
}

// Needs the loan, and what it has been through for another day than today.
func (c ReceivePayment) Needs(n *bank.Needs) { needLoanOn(n, c.LoanID, c.ValueDate) }

// Decide stages the payment, the loan after it and the entries.
func (c ReceivePayment) Decide(b *bank.Book) (servicing.Transaction, error) {
	o := c.Operation
	if o.Kind == "" {
		o.Kind = servicing.Ordinary
	}
	l, m, changed, err := operate(b, c.LoanID, o)
	if err != nil {
		return m, err
	}
	b.Publish(servicing.PaymentRegisteredEvent(m, l.Loan))
	publishRecomputed(b, l, m, changed)
	return m, nil
}
