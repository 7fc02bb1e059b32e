package lending

import (
	"strings"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// ReturnLoan sends an application back for correction. An approved application loses its
// approval. EditApplication sends it again. Refused with Invalid, loan.NotFound or
// servicing.WrongState.
type ReturnLoan struct {
	LoanID id.ID
	Reason string
}

// Name returns the operation's name.
func (ReturnLoan) Name() string { return "return_loan" }

// Permission returns the permission that the actor's role must have.
func (ReturnLoan) Permission() access.Permission { return loan.Approve }

// Check requires a reason and limits its length.
func (c ReturnLoan) Check(bank.Rules) error {
	if strings.TrimSpace(c.Reason) == "" {
		return fault.Wrong(fault.At("reason", fault.Blank))
	}
	return checkReason(c.Reason)
}

// Needs requests the loan and the steps of its application.
func (c ReturnLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	stepsOfLoan.Need(n, c.LoanID)
}

// Decide stages the return.
func (c ReturnLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Returned)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status, l.ApprovedBy = servicing.Returned, ""
	change(b, l)
	addStep(b, l, loan.StepReturned, c.Reason)
	b.Publish(loan.ReturnedEvent(l.Loan, b.Actor(), c.Reason))
	return l.Loan, nil
}
