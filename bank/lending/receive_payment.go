package lending

import (
	"cmp"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// ReceivePayment registers money received for a loan. Refused, in this order, with Invalid,
// loan.NotFound, accounting.PeriodClosed, servicing.NotActive, what CheckReceived refuses the means with, or
// servicing.OverPayment.
type ReceivePayment struct {
	LoanID              id.ID `json:"loan_id"`
	servicing.Operation       // Kind is Ordinary (if empty), Prepayment or AdvancePayment; a zero ValueDate means today, a past one recomputes the loan
}

var _ = bank.Requestable(ReceivePayment{})

// Name returns the operation's name.
func (ReceivePayment) Name() string { return "receive_payment" }

// Permission returns the permission that the actor's role must have.
func (ReceivePayment) Permission() access.Permission { return loan.ReceivePayments }

// Check refuses an amount outside the limits of all loans, and a kind that is not a payment.
func (c ReceivePayment) Check(bank.Rules) error {
	switch c.Kind {
	case "", servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment:
		return cmp.Or(loan.CheckPayment(c.Amount), c.CheckReceived())
	}
	return fault.Wrong(fault.At("kind", fault.OneOf, "accepted", []servicing.Kind{servicing.Ordinary, servicing.Prepayment, servicing.AdvancePayment}))
}

// Needs requests the loan, the till or bank account, and, for a value date other than today,
// the loan's history.
func (c ReceivePayment) Needs(n *bank.Needs) {
	needLoanOn(n, c.LoanID, c.ValueDate)
	tills.NeedReceived(n, c.Means)
}

// Authority requires the limit for a past value date.
func (c ReceivePayment) Authority(b *bank.Book) (bank.Authority, error) {
	return backDated(b, c.LoanID, c.Amount, c.ValueDate), nil
}

// Decide stages the payment, the changed loan and the entries.
func (c ReceivePayment) Decide(b *bank.Book) (servicing.Transaction, error) {
	o := c.Operation
	if o.Kind == "" {
		o.Kind = servicing.Ordinary
	}
	l, m, changed, err := operate(b, c.LoanID, o)
	if err != nil {
		return m, err
	}
	publishReceived(b, l, m, changed)
	return m, nil
}
