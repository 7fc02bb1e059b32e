package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// DisburseLoan disburses an approved loan today and starts its schedule. Refused with
// Invalid, loan.NotFound or servicing.WrongState.
type DisburseLoan struct {
	LoanID   id.ID
	FirstDue civil.Date // as in the application if zero
}

// Name returns the operation's name.
func (DisburseLoan) Name() string { return "disburse_loan" }

// Permission returns the permission that the actor's role must have.
func (DisburseLoan) Permission() access.Permission { return loan.Disburse }

// Check accepts every command.
func (DisburseLoan) Check(bank.Rules) error { return nil }

// Needs requests the loan and its product, whose version must still be in force.
func (c DisburseLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	productOfLoan.Need(n, c.LoanID)
}

// Decide stages the schedule, the account and the entry.
func (c DisburseLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Active)
	if err != nil {
		return loan.Loan{}, err
	}
	p, _ := Products.Get(b, l.productKey())
	first := l.FirstDue
	if !c.FirstDue.IsZero() {
		first = c.FirstDue
	}
	terms, err := p.Terms(l.Amount, l.Rate, int(l.Periods), b.Today(), first)
	if err != nil {
		return loan.Loan{}, err
	}
	if l, err = disburse(b, l, p.Product, terms); err != nil {
		return loan.Loan{}, err
	}
	b.Publish(loan.CreatedEvent(l.Loan))
	return l.Loan, nil
}
