package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/rate"
	"sofipo/core/staff"
)

// RestructureLoan gives a loan a new rate, a new number of instalments and new due dates from
// today on. The product's other choices do not change. Refused with Invalid, loan.NotFound or
// servicing.NotActive or authority.Exceeded.
type RestructureLoan struct {
	LoanID     id.ID       `json:"loan_id"`
	Rate       rate.Annual `json:"annual_rate"`
	Periods    int         `json:"periods"`
	FirstDue   civil.Date  `json:"first_due_date,omitzero"` // if zero, the loan's first due date at least half a period from today; see schedule.Terms.NextDue
	Capitalise bool        `json:"capitalise"`              // add the ordinary interest owed to the principal, as agreed with the client
}

var _ = bank.Requestable(RestructureLoan{})

// Name returns the operation's name.
func (RestructureLoan) Name() string { return "restructure_loan" }

// Permission returns the permission that the actor's role must have.
func (RestructureLoan) Permission() access.Permission { return loan.Service }

// Check accepts every command: the limits depend on the product.
func (RestructureLoan) Check(bank.Rules) error { return nil }

// Needs requests the loan, and the other loans of its client.
func (c RestructureLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	needExposureOf(n, c.LoanID)
}

// Authority requires the limit for the exposure.
func (c RestructureLoan) Authority(b *bank.Book) (bank.Authority, error) {
	return authorityOn(b, c.LoanID, staff.Restructuring)
}

// Decide stages the new schedule.
func (c RestructureLoan) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return servicing.Transaction{}, err
	}
	p, err := productOf(b, l)
	if err != nil {
		return servicing.Transaction{}, err
	}
	monthEnd := false
	if c.FirstDue.IsZero() && l.Serial > 0 {
		c.FirstDue, monthEnd = l.Account.Version.Terms.NextDue(b.Today())
	}
	terms, err := p.Renewed(c.Rate, c.Periods, b.Today(), c.FirstDue)
	if err != nil {
		return servicing.Transaction{}, err
	}
	terms.MonthEnd = terms.MonthEnd || monthEnd
	renewed := &servicing.NewTerms{Terms: terms, Capitalise: c.Capitalise}
	l, m, _, err := operate(b, c.LoanID, servicing.Operation{Kind: servicing.RestructureKind, NewTerms: renewed})
	if err != nil {
		return m, err
	}
	renewed.Terms.Amount = l.Account.Version.Terms.Amount
	b.Publish(servicing.LoanRestructuredEvent(m, l.Loan))
	return m, nil
}
