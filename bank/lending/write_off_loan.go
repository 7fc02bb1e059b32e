package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/staff"
)

// WriteOffLoan writes off a loan today with its whole debt, which may still be recovered.
// A loan that is not overdue for the days that the institution requires is written off only by
// a request. Refused with loan.NotFound, servicing.NotActive or authority.Exceeded.
type WriteOffLoan struct {
	LoanID id.ID `json:"loan_id"`
}

var _ = bank.Requestable(WriteOffLoan{})

// Name returns the operation's name.
func (WriteOffLoan) Name() string { return "write_off_loan" }

// Permission returns the permission that the actor's role must have.
func (WriteOffLoan) Permission() access.Permission { return loan.Service }

// Check accepts every command.
func (WriteOffLoan) Check(bank.Rules) error { return nil }

// Needs requests the loan, and the other loans of its client.
func (c WriteOffLoan) Needs(n *bank.Needs) {
	needLoan(n, c.LoanID)
	needExposureOf(n, c.LoanID)
}

// Authority requires the limit for the exposure, and a second person if the loan is not overdue
// for long enough.
func (c WriteOffLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := Find(b, c.LoanID)
	if err != nil || !servicing.Alive(l.Status) {
		return bank.Authority{}, nil // Decide refuses it
	}
	exposure := exposureTo(b, l.ClientID)
	if servicing.DaysPastDue(l.Account, b.Today()) >= b.Rules().WriteOffDays {
		return use(staff.WritingOff, exposure), nil
	}
	early := use(staff.EarlyWriteOff, exposure)
	early.Second = true
	return early, nil
}

// Decide stages the write-off and its entries.
func (c WriteOffLoan) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, m, _, err := operate(b, c.LoanID, servicing.Operation{Kind: servicing.WriteOffKind})
	if err != nil {
		return m, err
	}
	b.Publish(servicing.LoanWrittenOffEvent(m, l.Loan))
	return m, nil
}
