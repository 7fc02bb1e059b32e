package lending

import (
	"strings"
	"unicode/utf8"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// CancelLoan cancels a loan that is not disbursed yet, or reverses a disbursement on the same
// day. Refused with Invalid, loan.NotFound or servicing.WrongState.
type CancelLoan struct {
	LoanID id.ID
	Reason string
}

// Name returns the operation's name.
func (CancelLoan) Name() string { return "cancel_loan" }

// Permission returns the permission that the actor's role must have.
func (CancelLoan) Permission() access.Permission { return loan.Disburse }

// Check limits the length of the reason.
func (c CancelLoan) Check(bank.Rules) error { return checkReason(c.Reason) }

// Needs requests the loan and its history.
func (c CancelLoan) Needs(n *bank.Needs) { needHistory(n, c.LoanID) }

// Decide stages the cancellation and the mirror entry of the disbursement.
func (c CancelLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Cancelled)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Cancelled
	if l.Serial > 0 {
		if l, err = undisburse(b, l); err != nil {
			return loan.Loan{}, err
		}
	}
	Loans.Change(b, l)
	b.Publish(loan.CancelledEvent(l.Loan, c.Reason))
	return l.Loan, nil
}

// undisburse stages a transaction with the mirror of the disbursement's entry.
func undisburse(b *bank.Book, l Loan) (Loan, error) {
	o := servicing.Operation{Kind: servicing.Cancellation, ValueDate: b.Today()}
	after, split, err := servicing.Apply(l.Account, o, b.Today())
	if err != nil {
		return l, err
	}
	m := newTransaction(b, &l, o)
	m.Split = split
	m.Split.Operation = m.Number
	mirror, err := mirror(b, transaction(b, TransactionKey{l.ID, 0}), m)
	if err != nil {
		return l, err
	}
	m.Entry = mirror.ID
	l.Account = after
	storeLoan(b, &l, false)
	Transactions.Add(b, Transaction{Transaction: m, ClientID: l.ClientID})
	return l, nil
}

// maxReason is the maximum length of a reason, in characters.
const maxReason = 500

func checkReason(reason string) error {
	if strings.ContainsRune(reason, 0) || !utf8.ValidString(reason) {
		return fault.Wrong(fault.At("reason", fault.ValidText))
	}
	if utf8.RuneCountInString(reason) > maxReason {
		return fault.Wrong(fault.At("reason", fault.MaxLength, "most", maxReason))
	}
	return nil
}
