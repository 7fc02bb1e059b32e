package lending

import (
	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
)

// ApplyForLoan asks for a loan on a product. Refused with Invalid,
// ClientNotFound or ProductNotFound.
type ApplyForLoan struct {
	ClientID id.ID
	Product  string
	Amount   money.Amount
	Rate     rate.Annual
	Periods  int
	FirstDue civil.Date // one period after the disbursement if zero
}

// Name is the operation.
func (ApplyForLoan) Name() string { return "apply_for_loan" }

// Permission is what the role must hold.
func (ApplyForLoan) Permission() access.Permission { return loan.Apply }

// Check refuses what no loan may have; the product's own limits are for Decide.
func (c ApplyForLoan) Check(bank.Rules) error {
	if err := loan.CheckPayment(c.Amount); err != nil {
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

// Needs the client and the product.
func (c ApplyForLoan) Needs(n *bank.Needs) {
	needBorrower(n, c.ClientID, c.Product)
}

// Decide stages the application.
func (c ApplyForLoan) Decide(b *bank.Book) (loan.Loan, error) {
	made, err := c.make(b)
	if err != nil {
		return loan.Loan{}, err
	}
	l := apply(b, made.Loan)
	b.Publish(loan.AppliedEvent(l))
	return l, nil
}

// application is a loan applied for, with the version of its product and its terms if
// it were disbursed today.
type application struct {
	loan.Loan
	product product.Product
	terms   schedule.Terms
}

// make works the application out and stages nothing.
func (c ApplyForLoan) make(b *bank.Book) (a application, err error) {
	if _, err := clients.Find(b, c.ClientID); err != nil {
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
	return application{loan.Loan{
		ClientID: c.ClientID, Amount: c.Amount, Rate: c.Rate, TermMonths: int32(schedule.Months(t)), Status: servicing.Applied, GrantedAt: b.Now(),
		Product: p.Code, ProductVersion: int32(p.Version), Periods: int32(c.Periods), FirstDue: c.FirstDue, AppliedBy: b.Actor(),
	}, p, t}, nil
}

// apply gives a loan its id and stages it, without an account yet, and that its client
// has one loan more.
func apply(b *bank.Book, l loan.Loan) loan.Loan {
	l.ID = b.NewID()
	borrower, _ := clients.Clients.Get(b, l.ClientID)
	borrower.Loans++
	clients.Clients.Change(b, borrower)
	Loans.Add(b, Loan{Stored: Stored{Loan: l}})
	return l
}
