package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// RejectLoan rejects an application. Who applied for the loan or edited the application rejects
// it only if the same user could approve it. Refused with Invalid, loan.NotFound,
// servicing.WrongState, access.FourEyes or authority.Exceeded.
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

// Needs requests the loan, the steps of its application, and the other loans of its client.
func (c RejectLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	needExposureOf(n, c.LoanID)
	stepsOfLoan.Need(n, c.LoanID)
}

// Authority requires of the maker of the application what the approval requires.
func (c RejectLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Rejected)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	p, err := productOf(b, l)
	if err != nil {
		return bank.Authority{}, err
	}
	return bank.Authority{Makers: applicants(b, p, exposureTo(b, l.ClientID), madeBy(b, l)...)}, nil
}

// Decide stages the rejection.
func (c RejectLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Rejected)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Rejected
	change(b, l)
	b.Publish(loan.RejectedEvent(l.Loan, c.Reason))
	return l.Loan, nil
}
