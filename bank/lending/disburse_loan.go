package lending

import (
	"sofipo/bank"
	"sofipo/bank/clients"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// DisburseLoan disburses an approved loan today and starts its schedule. Refused with
// Invalid, loan.NotFound, servicing.WrongState, authority.Exceeded or screening.Blocked, and as
// settlement.CheckPaid refuses the means.
type DisburseLoan struct {
	LoanID   id.ID      `json:"loan_id"`
	FirstDue civil.Date `json:"first_due_date,omitzero"` // as in the application if zero
	settlement.Means
}

var _ = bank.Requestable(DisburseLoan{})

// Name returns the operation's name.
func (DisburseLoan) Name() string { return "disburse_loan" }

// Permission returns the permission that the actor's role must have.
func (DisburseLoan) Permission() access.Permission { return loan.Disburse }

// Check refuses means by which money cannot be paid out.
func (c DisburseLoan) Check(bank.Rules) error { return c.CheckPaid() }

// Needs requests the loan, the other loans of its client, its product, whose version must still
// be in force, and the till or bank account.
func (c DisburseLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	productOfLoan.Need(n, c.LoanID)
	tills.NeedPaid(n, c.Means)
	needExposureOf(n, c.LoanID)
	clients.NeedScreeningOf(n, c.LoanID)
}

// Authority requires the limit for the exposure. Who approved the loan also needs the limit to
// act alone, unless a second person approves the disbursement.
func (c DisburseLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Active)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	exposure := exposureTo(b, l.ClientID)
	needed := use(staff.Disbursing, exposure)
	if !b.Requested() {
		needed.Makers = []bank.Makers{{Users: []string{l.ApprovedBy}, Alone: use(staff.ActingAlone, exposure).Uses}}
	}
	return needed, nil
}

// Decide stages the schedule, the account and the entry.
func (c DisburseLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Active)
	if err != nil {
		return loan.Loan{}, err
	}
	if err := clients.Screened(b, l.ClientID, c.Name()); err != nil {
		return loan.Loan{}, err
	}
	p, _ := Products.Get(b, l.productKey())
	first := l.FirstDue
	if !c.FirstDue.IsZero() {
		first = c.FirstDue
	}
	terms, err := p.Terms(l.Amount, l.Rate, int(l.Periods), b.Today(), first)
	if err != nil {
		return loan.Loan{}, err
	}
	if l, err = disburse(b, l, p.Product, terms, c.Means); err != nil {
		return loan.Loan{}, err
	}
	b.Publish(loan.CreatedEvent(l.Loan))
	return l.Loan, nil
}
