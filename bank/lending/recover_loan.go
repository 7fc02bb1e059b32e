package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
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

// Permission is what the role must hold.
func (RecoverLoan) Permission() access.Permission { return loan.ReceivePayments }

// Check refuses an amount that no loan could receive.
func (c RecoverLoan) Check(bank.Rules) error { return loan.CheckPayment(c.Amount) }

// Needs the loan, and what it has been through for another day than today.
func (c RecoverLoan) Needs(n *bank.Needs) { needLoanOn(n, c.LoanID, c.ValueDate) }

// Decide stages the recovery and its entry.
func (c RecoverLoan) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, m, changed, err := operate(b, c.LoanID, servicing.Operation{Kind: servicing.RecoveryKind, ValueDate: c.ValueDate, Amount: c.Amount})
	if err != nil {
		return m, err
	}
	b.Publish(servicing.RecoveryReceivedEvent(m, l.Loan))
	publishRecomputed(b, l, m, changed)
	return m, nil
}
