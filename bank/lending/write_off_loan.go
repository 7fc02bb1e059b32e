package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// WriteOffLoan takes a loan out of the portfolio today with its whole debt, which
// may still be recovered. Refused with LoanNotFound or LoanNotActive.
type WriteOffLoan struct{ LoanID id.ID }

// Name is the operation.
func (WriteOffLoan) Name() string { return "write_off_loan" }

// Permission is what the role must hold.
func (WriteOffLoan) Permission() access.Permission { return loan.Service }

// Check refuses nothing.
func (WriteOffLoan) Check(bank.Rules) error { return nil }

// Needs the loan.
func (c WriteOffLoan) Needs(n *bank.Needs) { needLoan(n, c.LoanID) }

// Decide stages the write-off and its entries.
func (c WriteOffLoan) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, m, _, err := operate(b, c.LoanID, servicing.Operation{Kind: servicing.WriteOffKind})
	if err != nil {
		return m, err
	}
	b.Publish(servicing.LoanWrittenOffEvent(m, l.Loan))
	return m, nil
}
