package bank

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// DisburseLoan pays an approved loan out today: its schedule begins. Refused
// with Invalid, LoanNotFound or LoanState.
type DisburseLoan struct {
	LoanID   id.ID
	FirstDue civil.Date // as applied for if zero
}

// Name is the operation.
func (DisburseLoan) Name() string { return "disburse_loan" }

// Check refuses nothing.
func (DisburseLoan) Check(Rules) error { return nil }

// Needs the loan and its product, which must still be in force.
func (c DisburseLoan) Needs(n *Needs) { n.LoanToLend(c.LoanID) }

// Decide stages the schedule, the account and the entry.
func (c DisburseLoan) Decide(b *Book) (loan.Loan, error) {
	l, err := b.becoming(c.LoanID, servicing.Active)
	if err != nil {
		return loan.Loan{}, err
	}
	p := b.Products(l.Product)[l.ProductVersion-1]
	first := l.FirstDue
	if !c.FirstDue.IsZero() {
		first = c.FirstDue
	}
	terms, err := p.Terms(l.Amount, l.Rate, int(l.Periods), b.Today(), first)
	if err != nil {
		return loan.Loan{}, err
	}
	if l, err = b.open(l, p, terms); err != nil {
		return loan.Loan{}, err
	}
	b.Tell(loan.CreatedEvent(l.Loan))
	return l.Loan, nil
}
