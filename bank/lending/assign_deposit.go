package lending

import (
	"sofipo/bank"
	"sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement/incoming"
)

// AssignDeposit pays a loan with an unidentified deposit. Refused with incoming.NotFound,
// incoming.NotSuspended, loan.NotFound, accounting.PeriodClosed, servicing.NotActive or
// servicing.OverPayment.
type AssignDeposit struct {
	PaymentID  id.ID
	LoanID     id.ID
	ValueDate  civil.Date // the day on which the deposit arrived if zero
	KeepExcess bool       // keep what is above the payoff amount of the loan
}

// Name returns the operation's name.
func (AssignDeposit) Name() string { return "assign_deposit" }

// Permission returns the permission that the actor's role must have.
func (AssignDeposit) Permission() access.Permission { return incoming.Resolve }

// Check accepts every command.
func (AssignDeposit) Check(bank.Rules) error { return nil }

// Needs requests the deposit, the loan with its history, and the closed period.
func (c AssignDeposit) Needs(n *bank.Needs) {
	settlement.NeedIncoming(n, c.PaymentID)
	needHistory(n, c.LoanID)
	n.Period()
}

// Decide stages the payment of the loan and the end of the suspense.
func (c AssignDeposit) Decide(b *bank.Book) (incoming.Payment, error) {
	p, err := settlement.FindSuspended(b, c.PaymentID)
	if err != nil {
		return p, err
	}
	l, err := Find(b, c.LoanID)
	if err != nil {
		return p, err
	}
	o := servicing.Operation{Kind: servicing.Ordinary, ValueDate: p.Date, Amount: p.Amount, KeepExcess: c.KeepExcess, Means: p.Means()}
	if !c.ValueDate.IsZero() {
		o.ValueDate = c.ValueDate
	}
	if err := settlement.Unsuspend(b, p); err != nil {
		return p, err
	}
	l, m, err := receive(b, l, o)
	if err != nil {
		return p, err
	}
	p.LoanID, p.ClientID, p.TransactionID = l.ID, l.ClientID, m.ID
	return settlement.Resolve(b, p, incoming.Assigned, ""), nil
}
