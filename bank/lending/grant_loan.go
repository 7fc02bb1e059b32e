package lending

import (
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// GrantLoan grants a loan on the default product in one step, from application to
// disbursement, as the seed does. Refused with Invalid or client.NotFound, with
// access.FourEyes above the product's approval limit, and with authority.Exceeded.
type GrantLoan struct {
	ClientID id.ID      `json:"client_id"`
	Terms    loan.Terms `json:"terms"`
}

var _ = bank.Requestable(GrantLoan{})

// Name returns the operation's name.
func (GrantLoan) Name() string { return "grant_loan" }

// Permission returns the permission that the actor's role must have.
func (GrantLoan) Permission() access.Permission { return loan.Grant }

// Check applies the limits of all loans.
func (c GrantLoan) Check(r bank.Rules) error {
	if err := c.Terms.Check(); err != nil {
		return err
	}
	return checkPrincipal(c.Terms.Amount, r)
}

// Needs requests the client with all loans, and the default product.
func (c GrantLoan) Needs(n *bank.Needs) {
	needBorrower(n, c.ClientID, product.SeedCode)
	loansOfClient.Need(n, c.ClientID)
	clients.NeedScreening(n, c.ClientID)
}

// Authority requires the limits of all steps, because the actor approves and disburses the
// loan. Who asked for the command is the applicant.
func (c GrantLoan) Authority(b *bank.Book) (bank.Authority, error) {
	a, err := c.application().make(b)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	exposure := exposureTo(b, c.ClientID) + c.Terms.Amount
	return bank.Authority{
		Makers: applicants(b, a.product, exposure, b.Maker()),
		Uses:   []bank.Use{{Operation: staff.Approving, Amount: exposure}, {Operation: staff.Disbursing, Amount: exposure}},
	}, nil
}

// Decide stages the loan, its schedule and its entry.
func (c GrantLoan) Decide(b *bank.Book) (loan.Loan, error) {
	a, err := c.application().make(b)
	if err != nil {
		return loan.Loan{}, err
	}
	if err := clients.Screened(b, c.ClientID, c.Name()); err != nil {
		return loan.Loan{}, err
	}
	l := a.Loan
	l.ApprovedBy = b.Actor()
	l = addApplication(b, l)
	opened, err := disburse(b, Loan{Stored: Stored{Loan: l}}, a.product, a.terms, settlement.Means{})
	if err != nil {
		return loan.Loan{}, err
	}
	b.Publish(loan.CreatedEvent(opened.Loan))
	return opened.Loan, nil
}

func (c GrantLoan) application() ApplyForLoan {
	return ApplyForLoan{ClientID: c.ClientID, Product: product.SeedCode, Amount: c.Terms.Amount, Rate: c.Terms.Rate, Periods: int(c.Terms.TermMonths)}
}
