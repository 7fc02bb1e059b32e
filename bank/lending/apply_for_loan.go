package lending

import (
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// ApplyForLoan files an application for a loan on a product. Refused with Invalid,
// client.NotFound or product.NotFound.
type ApplyForLoan struct {
	ClientID id.ID
	Product  string
	Amount   money.Amount
	Rate     rate.Annual
	Periods  int
	FirstDue civil.Date // one period after the disbursement if zero
}

// Name returns the operation's name.
func (ApplyForLoan) Name() string { return "apply_for_loan" }

// Permission returns the permission that the actor's role must have.
func (ApplyForLoan) Permission() access.Permission { return loan.Apply }

// Check applies the limits of all loans. Decide applies the limits of the product.
func (c ApplyForLoan) Check(r bank.Rules) error {
	if err := loan.CheckPayment(c.Amount); err != nil {
		return err
	}
	if err := checkPrincipal(c.Amount, r); err != nil {
		return err
	}
	if err := product.CheckCode(c.Product); err != nil {
		return err
	}
	if c.Periods < 1 || c.Periods > schedule.MaxPeriods {
		return fault.Wrong(fault.At("periods", fault.Between, "least", 1, "most", schedule.MaxPeriods))
	}
	return nil
}

// checkPrincipal refuses a principal above the maximum of the institution.
func checkPrincipal(amount money.Amount, r bank.Rules) error {
	if r.MaxLoan > 0 && amount > r.MaxLoan {
		return fault.Wrong(fault.At("amount", fault.AtMost, "most", r.MaxLoan))
	}
	return nil
}

// Needs requests the client and the product.
func (c ApplyForLoan) Needs(n *bank.Needs) {
	needBorrower(n, c.ClientID, c.Product)
}

// Decide stages the application.
func (c ApplyForLoan) Decide(b *bank.Book) (loan.Loan, error) {
	made, err := c.make(b)
	if err != nil {
		return loan.Loan{}, err
	}
	if _, err := schedule.Plan(made.terms); err != nil {
		return loan.Loan{}, err
	}
	l := addApplication(b, made.Loan)
	b.Publish(loan.AppliedEvent(l))
	return l, nil
}

// application is a new application with its product version and the terms it would have if
// disbursed today.
type application struct {
	loan.Loan
	product product.Product
	terms   schedule.Terms
}

// make computes the application without staging anything.
func (c ApplyForLoan) make(b *bank.Book) (a application, err error) {
	borrower, err := clients.Find(b, c.ClientID)
	if err != nil {
		return a, err
	}
	p, found := product.InForce(productVersions(b, c.Product), b.Today())
	if !found {
		return a, fault.Refuse(product.NotFound)
	}
	t, err := p.Terms(c.Amount, c.Rate, c.Periods, b.Today(), c.FirstDue)
	if err != nil {
		return a, err
	}
	officer := borrower.Officer
	if officer == "" {
		_, officer = b.Who().Assigns()
	}
	return application{loan.Loan{
		ClientID: c.ClientID, Amount: c.Amount, Rate: c.Rate, TermMonths: int32(schedule.Months(t)), Status: servicing.Applied, GrantedAt: b.Now(),
		Product: p.Code, ProductVersion: int32(p.Version), Periods: int32(c.Periods), FirstDue: c.FirstDue, AppliedBy: b.Maker(),
		BranchID: borrower.BranchID, Officer: officer,
	}, p, t}, nil
}

// addApplication stages a loan with a new id and number and without an account, and
// increments the client's number of loans. A client without an officer gets that of the loan.
func addApplication(b *bank.Book, l loan.Loan) loan.Loan {
	l.ID, l.Number = b.NewID(), b.Folio(folio.Loan, l.BranchID)
	borrower, _ := clients.Clients.Get(b, l.ClientID)
	borrower.Loans++
	if borrower.Officer == "" {
		borrower.Officer = l.Officer
	}
	clients.Clients.Change(b, borrower)
	Loans.Add(b, Loan{Stored: Stored{Loan: l}})
	return l
}
