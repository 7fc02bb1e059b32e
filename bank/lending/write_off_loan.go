package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// WriteOffLoan writes off a loan today with its whole debt, which may still be recovered.
// Refused with loan.NotFound or servicing.NotActive.
type WriteOffLoan struct{ LoanID id.ID }

// Name returns the operation's name.
func (WriteOffLoan) Name() string { return "write_off_loan" }

// Permission returns the permission that the actor's role must have.
func (WriteOffLoan) Permission() access.Permission { return loan.Service }

// Check accepts every command.
func (WriteOffLoan) Check(bank.Rules) error { return nil }

// Needs requests the loan.
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
