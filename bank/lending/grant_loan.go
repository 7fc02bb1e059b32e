package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
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

// Permission is what the role must hold.
func (GrantLoan) Permission() access.Permission { return loan.Grant }

// Check refuses terms that no loan may have.
func (c GrantLoan) Check(bank.Rules) error { return c.Terms.Check() }

// Needs the client and the default product.
func (c GrantLoan) Needs(n *bank.Needs) { needBorrower(n, c.ClientID, product.SeedCode) }

// Authority asks for a second person above the product's approval limit: who grants
// a loan at once has applied for it as well.
func (c GrantLoan) Authority(b *bank.Book) (bank.Authority, error) {
	a, err := c.application().make(b)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	return otherApprover(a.Loan, a.product), nil
}

// Decide stages the loan, its schedule and its entry.
func (c GrantLoan) Decide(b *bank.Book) (loan.Loan, error) {
	a, err := c.application().make(b)
	if err != nil {
		return loan.Loan{}, err
	}
	l := a.Loan
	l.ApprovedBy = l.AppliedBy
	l = apply(b, l)
	opened, err := disburse(b, Loan{Stored: Stored{Loan: l}}, a.product, a.terms)
	if err != nil {
		return loan.Loan{}, err
	}
	b.Publish(loan.CreatedEvent(opened.Loan))
	return opened.Loan, nil
}

func (c GrantLoan) application() ApplyForLoan {
	return ApplyForLoan{ClientID: c.ClientID, Product: product.SeedCode, Amount: c.Terms.Amount, Rate: c.Terms.Rate, Periods: int(c.Terms.TermMonths)}
}
