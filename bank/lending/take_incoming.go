package lending

import (
	"errors"
	"slices"

	"sofipo/bank"
	"sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
)

// TakeIncoming takes a row of a bank's file: it pays the loan of the row's reference, or comes
// into suspense. With money above the payoff amount, the layout decides about the rest. Its
// answer has one payment, or two if the rest is in suspense. Refused with incoming.Taken, and
// with Invalid for a date in the future.
type TakeIncoming struct {
	Payment incoming.Payment
	Excess  bankfile.Excess
	LoanID  id.ID           // loan of the reference; zero if there is none
	Why     incoming.Reason // why there is none
}

// Name returns the operation's name.
func (TakeIncoming) Name() string { return "take_incoming_payment" }

// Permission returns the permission that the actor's role must have.
func (TakeIncoming) Permission() access.Permission { return incoming.Import }

// Check accepts every row that was read.
func (TakeIncoming) Check(bank.Rules) error { return nil }

// Needs requests the loan with its history, the closed period and the payments with the ids of
// the row and of its rest.
func (c TakeIncoming) Needs(n *bank.Needs) {
	if !c.LoanID.IsZero() {
		needLoanOn(n, c.LoanID, c.Payment.Date)
	}
	settlement.NeedIncoming(n, c.Payment.ID)
	settlement.NeedIncoming(n, incoming.RestID(c.Payment.ID))
}

// Decide stages the payment of the loan, the suspense, or both.
func (c TakeIncoming) Decide(b *bank.Book) ([]incoming.Payment, error) {
	p := c.Payment
	if _, taken := settlement.Incoming.Get(b, p.ID); taken {
		return nil, fault.Refuse(incoming.Taken)
	}
	if p.Date.After(b.Today()) {
		return nil, fault.Wrong(fault.At("date", fault.NotFuture, "latest", b.Today()))
	}
	l, err := Find(b, c.LoanID)
	if c.LoanID.IsZero() || fault.Is(err, loan.NotFound) {
		return suspend(b, p, c.Why)
	}
	if err != nil {
		return nil, err
	}
	o := servicing.Operation{Kind: servicing.Ordinary, ValueDate: p.Date, Amount: p.Amount, KeepExcess: c.Excess == bankfile.ToUnapplied, Means: p.Means()}
	l, m, err := receive(b, l, o)
	var rest []incoming.Payment
	if payoff := payoffOf(err); payoff > 0 {
		o.Amount = payoff
		if l, m, err = receive(b, l, o); err == nil {
			rest, err = suspend(b, p.Rest(p.Amount-payoff), incoming.AbovePayoff)
		}
	}
	if why := whySuspended(err); why != "" {
		return suspend(b, p, why)
	}
	if err != nil {
		return nil, err
	}
	p.Amount, p.LoanID, p.ClientID, p.TransactionID = m.Amount, l.ID, l.ClientID, m.ID
	return append([]incoming.Payment{settlement.Take(b, p)}, rest...), nil
}

func suspend(b *bank.Book, p incoming.Payment, why incoming.Reason) ([]incoming.Payment, error) {
	p, err := settlement.Suspend(b, p, why)
	return []incoming.Payment{p}, err
}

// payoffOf returns the payoff amount of a refused payment above it, 0 for another error.
func payoffOf(err error) money.Amount {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != servicing.OverPayment {
		return 0
	}
	payoff, _ := refusal.Values["payoff"].(money.Amount)
	return payoff
}

// whySuspended returns the reason for which a payment that a loan refused comes into suspense,
// "" for other errors.
func whySuspended(err error) incoming.Reason {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return ""
	}
	switch {
	case refusal.Code == servicing.NotActive:
		return incoming.LoanEnded
	case refusal.Code == servicing.OverPayment:
		return incoming.AbovePayoff
	case refusal.Code == accounting.PeriodClosed:
		return incoming.DateClosed
	case slices.ContainsFunc(refusal.Flaws, func(f fault.Flaw) bool { return f.Name() == "value_date" }):
		return incoming.DateRefused
	}
	return ""
}
