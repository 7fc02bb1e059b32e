package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// EditApplication replaces the product and the terms of an application that is not disbursed
// yet. An approved application loses its approval, and a returned one is sent again. All its
// editors are its makers, as the applicant is. Refused with Invalid, loan.NotFound,
// product.NotFound or servicing.WrongState.
type EditApplication struct {
	LoanID   id.ID
	Product  string
	Amount   money.Amount
	Rate     rate.Annual
	Periods  int
	FirstDue civil.Date // one period after the disbursement if zero
}

// Name returns the operation's name.
func (EditApplication) Name() string { return "edit_application" }

// Permission returns the permission that the actor's role must have.
func (EditApplication) Permission() access.Permission { return loan.Apply }

// Check applies the limits of all loans.
func (c EditApplication) Check(r bank.Rules) error { return c.terms(id.ID{}).Check(r) }

// Needs requests the loan, the steps of its application, its client and the product.
func (c EditApplication) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	stepsOfLoan.Need(n, c.LoanID)
	clientOfLoan.Need(n, c.LoanID)
	productByCode.Need(n, c.Product)
}

// Decide stages the edited application.
func (c EditApplication) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return loan.Loan{}, err
	}
	if !servicing.Pending(l.Status) {
		return loan.Loan{}, fault.Refuse(servicing.WrongState, "loan_status", l.Status, "accepted", []loan.Status{servicing.Applied, servicing.Returned, servicing.Approved}).Because(servicing.NotEditable)
	}
	edited, err := c.terms(l.ClientID).make(b)
	if err != nil {
		return loan.Loan{}, err
	}
	if _, err := schedule.Plan(edited.terms); err != nil {
		return loan.Loan{}, err
	}
	before, e := l.Status, edited.Loan
	l.Product, l.ProductVersion, l.Amount, l.Rate = e.Product, e.ProductVersion, e.Amount, e.Rate
	l.TermMonths, l.Periods, l.FirstDue = e.TermMonths, e.Periods, e.FirstDue
	l.Status, l.ApprovedBy, l.EditedBy = servicing.Applied, "", b.Actor()
	Loans.Amend(b, l)
	addStep(b, l, loan.StepEdited, "")
	b.Publish(loan.EditedEvent(l.Loan, before))
	return l.Loan, nil
}

// terms returns the application as a new one of a client.
func (c EditApplication) terms(of id.ID) ApplyForLoan {
	return ApplyForLoan{ClientID: of, Product: c.Product, Amount: c.Amount, Rate: c.Rate, Periods: c.Periods, FirstDue: c.FirstDue}
}
