package lending

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"sofipo/bank"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// CancelLoan cancels a loan that is not disbursed yet, or reverses a disbursement on the same
// day. Refused with Invalid, loan.NotFound, servicing.WrongState or authority.Exceeded, and as
// settlement.CheckReturned refuses the means.
type CancelLoan struct {
	LoanID           id.ID  `json:"loan_id"`
	Reason           string `json:"reason,omitempty"`
	settlement.Means        // how the client returns the money; as it was paid out if zero
}

var _ = bank.Requestable(CancelLoan{})

// Name returns the operation's name.
func (CancelLoan) Name() string { return "cancel_loan" }

// Permission returns the permission that the actor's role must have.
func (CancelLoan) Permission() access.Permission { return loan.Disburse }

// Check limits the length of the reason, and refuses means by which money cannot be received.
func (c CancelLoan) Check(bank.Rules) error {
	return cmp.Or(checkReason(c.Reason), c.CheckReceived())
}

// Needs requests the loan, its history, and the tills and bank accounts.
func (c CancelLoan) Needs(n *bank.Needs) {
	needHistory(n, c.LoanID)
	tills.NeedReturned(n, c.LoanID, c.Means)
}

// Authority requires the limit for disbursements if money went out.
func (c CancelLoan) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Cancelled)
	if err != nil || l.Serial == 0 {
		return bank.Authority{}, nil // Decide refuses it, or there is no money
	}
	return use(staff.Disbursing, l.Amount), nil
}

// Decide stages the cancellation and the mirror entry of the disbursement.
func (c CancelLoan) Decide(b *bank.Book) (loan.Loan, error) {
	l, err := findForStatus(b, c.LoanID, servicing.Cancelled)
	if err != nil {
		return loan.Loan{}, err
	}
	l.Status = servicing.Cancelled
	if l.Serial > 0 {
		l, err = undisburse(b, l, c.Means)
	} else if c.Means != (settlement.Means{}) {
		err = fault.Wrong(fault.At("method", settlement.NoMoney))
	}
	if err != nil {
		return loan.Loan{}, err
	}
	change(b, l)
	b.Publish(loan.CancelledEvent(l.Loan, c.Reason))
	return l.Loan, nil
}

// undisburse stages a transaction with the mirror of the disbursement's entry.
func undisburse(b *bank.Book, l Loan, means settlement.Means) (Loan, error) {
	o := servicing.Operation{Kind: servicing.Cancellation, ValueDate: b.Today()}
	after, split, err := servicing.Apply(l.Account, o, b.Today())
	if err != nil {
		return l, err
	}
	m := newTransaction(b, &l, o)
	m.Split = split
	m.Split.Operation = m.Number
	disbursed := transaction(b, TransactionKey{l.ID, 0})
	if m.Means, err = returned(b, l, disbursed, m, means); err != nil {
		return l, err
	}
	mirror, err := mirror(b, disbursed, m)
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
