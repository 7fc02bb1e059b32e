package lending

import (
	"cmp"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// RefundUnapplied pays unapplied funds of a loan back to its client. Refused with Invalid,
// loan.NotFound, servicing.NotActive, servicing.AboveUnapplied, and as settlement.CheckPaid
// refuses the means.
type RefundUnapplied struct {
	LoanID id.ID
	Amount money.Amount
	settlement.Means
}

// Name returns the operation's name.
func (RefundUnapplied) Name() string { return "refund_unapplied" }

// Permission returns the permission that the actor's role must have.
func (RefundUnapplied) Permission() access.Permission { return loan.Refund }

// Check refuses an amount that is not above zero, and means by which money cannot be paid out.
func (c RefundUnapplied) Check(bank.Rules) error {
	return cmp.Or(loan.CheckPayment(c.Amount), c.CheckPaid())
}

// Needs requests the loan and the till or bank account.
func (c RefundUnapplied) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	tills.NeedPaid(n, c.Means)
}

// Decide stages the refund and its entry.
func (c RefundUnapplied) Decide(b *bank.Book) (servicing.Transaction, error) {
	o := servicing.Operation{Kind: servicing.RefundKind, Amount: c.Amount, Means: c.Means}
	l, m, changed, err := operateBy(b, c.LoanID, o, func(b *bank.Book, m settlement.Means) (settlement.Means, error) {
		return tills.CheckPaid(b, m, c.Amount)
	})
	if err != nil {
		return m, err
	}
	b.Publish(servicing.UnappliedRefundedEvent(m, l.Loan))
	publishRecomputed(b, l, m, changed)
	return m, nil
}
