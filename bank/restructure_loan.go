package bank

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/rate"
)

// RestructureLoan gives a loan a new rate, a new number of instalments and new
// due dates from today on; the product's other choices stay. Refused with
// Invalid, LoanNotFound or LoanNotActive.
type RestructureLoan struct {
	LoanID     id.ID
	Rate       rate.Annual
	Periods    int
	FirstDue   civil.Date // one period from today if zero
	Capitalise bool       // the ordinary interest owed becomes principal, as was agreed
}

// Name is the operation.
func (RestructureLoan) Name() string { return "restructure_loan" }

// Check refuses nothing: the product's limits are for Decide.
func (RestructureLoan) Check(Rules) error { return nil }

// Needs the loan.
func (c RestructureLoan) Needs(n *Needs) { n.Loan(c.LoanID) }

// Decide stages the new schedule.
func (c RestructureLoan) Decide(b *Book) (servicing.Movement, error) {
	l, err := b.lending(c.LoanID)
	if err != nil {
		return servicing.Movement{}, err
	}
	p, err := b.product(l)
	if err != nil {
		return servicing.Movement{}, err
	}
	terms, err := p.Renewed(c.Rate, c.Periods, b.Today(), c.FirstDue)
	if err != nil {
		return servicing.Movement{}, err
	}
	renewed := &servicing.NewTerms{Terms: terms, Capitalise: c.Capitalise}
	l, m, _, err := b.operate(c.LoanID, servicing.Operation{Kind: servicing.RestructureAs, NewTerms: renewed})
	if err != nil {
		return m, err
	}
	renewed.Terms.Amount = l.account.Version.Terms.Amount
	b.Tell(servicing.LoanRestructuredEvent(m, l.Loan))
	return m, nil
}
