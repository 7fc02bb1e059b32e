package bank

import (
	"time"

	"sofipo/core/accounting"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/loan"
)

// GrantLoan lends money to a client. Refused with Invalid or ClientNotFound.
type GrantLoan struct {
	ClientID id.ID
	Terms    loan.Terms
}

// Name is the operation.
func (GrantLoan) Name() string { return "grant_loan" }

// Check refuses terms that no loan may have.
func (c GrantLoan) Check(Rules) error {
	_, err := loan.Grant(id.ID{}, c.ClientID, c.Terms, time.Time{})
	return err
}

// Needs the client.
func (c GrantLoan) Needs(n *Needs) { n.Client(c.ClientID) }

// Decide stages the loan and its entry.
func (c GrantLoan) Decide(b *Book) (loan.Loan, error) {
	borrower, err := b.Client(c.ClientID)
	if err != nil {
		return loan.Loan{}, err
	}
	granted, err := loan.Grant(b.NewID(), c.ClientID, c.Terms, b.Now())
	if err != nil {
		return granted, err
	}
	borrower.Loans++
	b.ChangeClient(borrower)
	b.AddLoan(granted)
	b.Tell(event.OfNewLoan(granted))
	return granted, b.Post(accounting.LoanGranted(b.NewID(), b.Today(), granted))
}
