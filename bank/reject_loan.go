package bank

import (
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// RejectLoan turns an application down. Refused with Invalid, LoanNotFound or
// LoanState.
type RejectLoan struct {
	LoanID id.ID
	Reason string
}

// Name is the operation.
func (RejectLoan) Name() string { return "reject_loan" }

// Check refuses a reason that is too long.
func (c RejectLoan) Check(Rules) error { return checkReason(c.Reason) }

// Needs the loan.
func (c RejectLoan) Needs(n *Needs) { n.Loan(c.LoanID) }

// Decide stages the rejection.
func (c RejectLoan) Decide(b *Book) (loan.Loan, error) {
	l, err := b.becoming(c.LoanID, servicing.Rejected)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Rejected
	put(b, b.loans, l.ID, l, changed)
	b.Tell(loan.RejectedEvent(l.Loan, c.Reason))
	return l.Loan, nil
}
