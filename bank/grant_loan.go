package bank

import (
	"errors"
	"slices"

	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
)

// GrantLoan lends money to a client on the default product, from application to
// disbursement at once, as the seed does. Refused with Invalid or
// ClientNotFound, and with FourEyes above the product's approval limit.
type GrantLoan struct {
	ClientID id.ID
	Terms    loan.Terms
}

// Name is the operation.
func (GrantLoan) Name() string { return "grant_loan" }

// Check refuses terms that no loan may have.
func (c GrantLoan) Check(Rules) error { return c.Terms.Check() }

// Needs the client and the default product.
func (c GrantLoan) Needs(n *Needs) {
	n.Client(c.ClientID)
	n.Product(product.SeedCode)
}

// Decide stages the loan, its schedule and its entry.
func (c GrantLoan) Decide(b *Book) (loan.Loan, error) {
	borrower, err := b.Client(c.ClientID)
	if err != nil {
		return loan.Loan{}, err
	}
	a := ApplyForLoan{ClientID: c.ClientID, Product: product.SeedCode, Amount: c.Terms.Amount, Rate: c.Terms.Rate, Periods: int(c.Terms.TermMonths)}
	l, p, terms, err := a.make(b, borrower)
	if err != nil {
		return loan.Loan{}, renamed(err, map[string]string{"annual_rate": "interest_rate", "periods": "term_months"})
	}
	if err := checkFourEyes(l, p, l.AppliedBy); err != nil {
		return loan.Loan{}, err
	}
	l.ApprovedBy = l.AppliedBy
	b.AddLoan(l)
	opened, err := b.open(lending{Loan: l}, p, terms)
	if err != nil {
		return loan.Loan{}, err
	}
	b.Tell(event.OfNewLoan(opened.Loan))
	return opened.Loan, nil
}

// renamed is a refusal whose fields have the names that the caller used.
func renamed(err error, names map[string]string) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return err
	}
	told := *refusal
	told.Flaws = slices.Clone(refusal.Flaws)
	for i, f := range told.Flaws {
		if name, found := names[f.Name()]; found {
			told.Flaws[i].Path = []any{name}
		}
	}
	return &told
}
