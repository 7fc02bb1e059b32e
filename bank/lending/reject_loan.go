package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
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

// Permission is what the role must hold.
func (RejectLoan) Permission() access.Permission { return loan.Approve }

// Check refuses a reason that is too long.
func (c RejectLoan) Check(bank.Rules) error { return checkReason(c.Reason) }

// Needs the loan.
func (c RejectLoan) Needs(n *bank.Needs) { needLoan(n, c.LoanID) }

// Decide stages the rejection.
func (c RejectLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := becoming(b, c.LoanID, servicing.Rejected)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Rejected
	Loans.Change(b, l)
	b.Publish(loan.RejectedEvent(l.Loan, c.Reason))
	return l.Loan, nil
}
