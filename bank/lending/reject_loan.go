package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// RejectLoan rejects an application. Refused with Invalid, loan.NotFound or
// servicing.WrongState.
type RejectLoan struct {
	LoanID id.ID
	Reason string
}

// Name returns the operation's name.
func (RejectLoan) Name() string { return "reject_loan" }

// Permission returns the permission that the actor's role must have.
func (RejectLoan) Permission() access.Permission { return loan.Approve }

// Check limits the length of the reason.
func (c RejectLoan) Check(bank.Rules) error { return checkReason(c.Reason) }

// Needs requests the loan.
func (c RejectLoan) Needs(n *bank.Needs) { needLoan(n, c.LoanID) }

// Decide stages the rejection.
func (c RejectLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Rejected)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Rejected
	Loans.Change(b, l)
	b.Publish(loan.RejectedEvent(l.Loan, c.Reason))
	return l.Loan, nil
}
