package bank

import (
	"sofipo/core/civil"
	"sofipo/core/client"
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

// Check refuses what no loan may have; the product's own limits are for Decide.
func (c ApplyForLoan) Check(Rules) error {
	if err := loan.CheckPayment(c.Amount); err != nil {
		return err
	}
	if err := product.CheckCode(c.Product); err != nil {
		return err
	}
	if c.Periods < 1 || c.Periods > schedule.MaxPeriods {
		return fault.InField("periods", "ensure this value is from 1 to 1560", "value_error", nil)
	}
	return nil
}

// Needs the client and the product.
func (c ApplyForLoan) Needs(n *Needs) {
	n.Client(c.ClientID)
	n.Product(c.Product)
}

// Decide stages the application.
func (c ApplyForLoan) Decide(b *Book) (loan.Loan, error) {
	borrower, err := b.Client(c.ClientID)
	if err != nil {
		return loan.Loan{}, err
	}
	l, _, _, err := c.make(b, borrower)
	if err != nil {
		return loan.Loan{}, err
	}
	b.AddLoan(l)
	b.Tell(loan.AppliedEvent(l))
	return l, nil
}

// make is the loan applied for, with its product and its terms if it were
// disbursed today. The client is staged with one loan more.
func (c ApplyForLoan) make(b *Book, borrower client.Client) (l loan.Loan, p product.Product, t schedule.Terms, err error) {
	p, found := product.InForce(b.Products(c.Product), b.Today())
	if !found {
		return l, p, t, productNotFound()
	}
	if t, err = p.Terms(c.Amount, c.Rate, c.Periods, b.Today(), c.FirstDue); err != nil {
		return l, p, t, err
	}
	borrower.Loans++
	b.ChangeClient(borrower)
	return loan.Loan{
		ID: b.NewID(), ClientID: c.ClientID, Amount: c.Amount, Rate: c.Rate, TermMonths: int32(schedule.Months(t)), Status: servicing.Applied, GrantedAt: b.Now(),
		Product: p.Code, ProductVersion: int32(p.Version), Periods: int32(c.Periods), FirstDue: c.FirstDue, AppliedBy: b.Actor(),
	}, p, t, nil
}
