package lending

import (
	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement"
)

// DisburseLoan disburses an approved loan today and starts its schedule. Refused with
// Invalid, loan.NotFound or servicing.WrongState, and as settlement.CheckPaid refuses the means.
type DisburseLoan struct {
	LoanID   id.ID
	FirstDue civil.Date // as in the application if zero
	settlement.Means
}

// Name returns the operation's name.
func (DisburseLoan) Name() string { return "disburse_loan" }

// Permission returns the permission that the actor's role must have.
func (DisburseLoan) Permission() access.Permission { return loan.Disburse }

// Check refuses means by which money cannot be paid out.
func (c DisburseLoan) Check(bank.Rules) error { return c.CheckPaid() }

// Needs requests the loan, its product, whose version must still be in force, and the till or
// bank account.
func (c DisburseLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	productOfLoan.Need(n, c.LoanID)
	tills.NeedPaid(n, c.Means)
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
	if l, err = disburse(b, l, p.Product, terms, c.Means); err != nil {
		return loan.Loan{}, err
	}
	b.Publish(loan.CreatedEvent(l.Loan))
	return l.Loan, nil
}
