package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
)

// ReverseTransaction takes a transaction of a loan back: the loan is what it would be
// without it, and its entries are mirrored. The disbursement is cancelled
// instead. Refused with Invalid, LoanNotFound, TransactionNotFound or LoanState.
type ReverseTransaction struct {
	LoanID        id.ID
	TransactionID id.ID
	Reason        string
}

// Name is the operation.
func (ReverseTransaction) Name() string { return "reverse_transaction" }

// Permission is what the role must hold.
func (ReverseTransaction) Permission() access.Permission { return loan.Reverse }

// Check refuses a reason that is too long.
func (c ReverseTransaction) Check(bank.Rules) error { return checkReason(c.Reason) }

// Needs the loan and all that it has been through.
func (c ReverseTransaction) Needs(n *bank.Needs) { needHistory(n, c.LoanID) }

// Decide stages the reversal, the loan without the transaction, and the entries.
func (c ReverseTransaction) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return servicing.Transaction{}, err
	}
	taken, err := c.find(b, l)
	if err != nil {
		return servicing.Transaction{}, err
	}
	if l, err = settle(b, l); err != nil {
		return servicing.Transaction{}, err
	}
	h, err := historyOf(b, l)
	if err != nil {
		return servicing.Transaction{}, err
	}
	change, err := servicing.Reverse(h, taken.Number)
	if err != nil {
		return servicing.Transaction{}, err
	}
	reversal := newTransaction(b, &l, servicing.Operation{Kind: servicing.Reversal, ValueDate: taken.ValueDate, Amount: taken.Amount})
	l, reversal, changed, err := rewrite(b, l, reversal, change)
	if err != nil {
		return servicing.Transaction{}, err
	}
	b.Publish(servicing.TransactionReversedEvent(reversal, taken, l.Loan, c.Reason))
	publishRecomputed(b, l, reversal, changed)
	return reversal, nil
}

// find is the transaction, if it can be taken back.
func (c ReverseTransaction) find(b *bank.Book, l Loan) (servicing.Transaction, error) {
	for n := 0; n <= l.Transactions; n++ {
		found := Transactions.At(b, TransactionKey{l.ID, n})
		if found == nil || found.ID != c.TransactionID {
			continue
		}
		m := found.Transaction
		if _, counts := m.Operation(); counts && m.Kind != servicing.Rolled {
			return m, nil
		}
		if !m.ReversedBy.IsZero() {
			return m, fault.Refuse(servicing.WrongState, "reversed_by", m.ReversedBy).Because(servicing.ReversedAlready)
		}
		return m, fault.Refuse(servicing.WrongState, "kind", m.Kind).Because(servicing.NotReversible)
	}
	return servicing.Transaction{}, fault.Refuse(servicing.TransactionNotFound)
}
