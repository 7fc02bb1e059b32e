package bank

import (
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// RecoverLoan takes money for a loan that was written off. Refused with Invalid,
// LoanNotFound, LoanNotActive, OverPayment or PeriodClosed.
type RecoverLoan struct {
	LoanID    id.ID
	Amount    money.Amount
	ValueDate civil.Date // today if zero
}

// Name is the operation.
func (RecoverLoan) Name() string { return "recover_loan" }

// Check refuses an amount that no loan could receive.
func (c RecoverLoan) Check(Rules) error { return loan.CheckPayment(c.Amount) }

// Needs the loan, and what it has been through for another day than today.
func (c RecoverLoan) Needs(n *Needs) { n.loanOn(c.LoanID, c.ValueDate) }

// Decide stages the recovery and its entry.
func (c RecoverLoan) Decide(b *Book) (servicing.Movement, error) {
	l, m, changed, err := b.operate(c.LoanID, servicing.Operation{Kind: servicing.RecoveryKind, ValueDate: c.ValueDate, Amount: c.Amount})
	if err != nil {
		return m, err
	}
	b.Tell(servicing.RecoveryReceivedEvent(m, l.Loan))
	b.tellRecomputed(l, m, changed)
	return m, nil
}
