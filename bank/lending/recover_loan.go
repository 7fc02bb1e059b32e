package lending

import (
	"cmp"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// RecoverLoan registers money received for a written-off loan. Refused with Invalid,
// loan.NotFound, servicing.NotActive, servicing.OverPayment or accounting.PeriodClosed.
type RecoverLoan struct {
	LoanID    id.ID        `json:"loan_id"`
	Amount    money.Amount `json:"amount"`
	ValueDate civil.Date   `json:"value_date,omitzero"` // today if zero
	settlement.Means
}

var _ = bank.Requestable(RecoverLoan{})

// Name returns the operation's name.
func (RecoverLoan) Name() string { return "recover_loan" }

// Permission returns the permission that the actor's role must have.
func (RecoverLoan) Permission() access.Permission { return loan.ReceivePayments }

// Check refuses an amount outside the limits of all loans.
func (c RecoverLoan) Check(bank.Rules) error {
	return cmp.Or(loan.CheckPayment(c.Amount), c.CheckReceived())
}

// Needs requests the loan, the till or bank account, and, for a value date other than today,
// the loan's history.
func (c RecoverLoan) Needs(n *bank.Needs) {
	needLoanOn(n, c.LoanID, c.ValueDate)
	tills.NeedReceived(n, c.Means)
}

// Authority requires the limit for a past value date.
func (c RecoverLoan) Authority(b *bank.Book) (bank.Authority, error) {
	return backDated(b, c.LoanID, c.Amount, c.ValueDate), nil
}

// Decide stages the recovery and its entry.
func (c RecoverLoan) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, m, changed, err := operate(b, c.LoanID, servicing.Operation{Kind: servicing.RecoveryKind, ValueDate: c.ValueDate, Amount: c.Amount, Means: c.Means})
	if err != nil {
		return m, err
	}
	publishReceived(b, l, m, changed)
	return m, nil
}
