package bank

import (
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
)

// WriteOffLoan takes a loan out of the portfolio today with its whole debt, which
// may still be recovered. Refused with LoanNotFound or LoanNotActive.
type WriteOffLoan struct{ LoanID id.ID }

// Name is the operation.
func (WriteOffLoan) Name() string { return "write_off_loan" }

// Check refuses nothing.
func (WriteOffLoan) Check(Rules) error { return nil }

// Needs the loan.
func (c WriteOffLoan) Needs(n *Needs) { n.Loan(c.LoanID) }

// Decide stages the write-off and its entries.
func (c WriteOffLoan) Decide(b *Book) (servicing.Movement, error) {
	l, m, _, err := b.operate(c.LoanID, servicing.Operation{Kind: servicing.WriteOffKind})
	if err != nil {
		return m, err
	}
	b.Tell(servicing.LoanWrittenOffEvent(m, l.Loan))
	return m, nil
}
