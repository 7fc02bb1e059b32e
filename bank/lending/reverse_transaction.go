package lending

import (
	"cmp"

	"sofipo/bank"
	"sofipo/bank/clients"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// ReverseTransaction reverses a transaction of a loan. The loan is recomputed without it, and
// its entries are mirrored. A disbursement cannot be reversed; use CancelLoan. Refused with
// Invalid, loan.NotFound, servicing.TransactionNotFound, servicing.WrongState or
// authority.Exceeded, and as settlement.CheckReturned refuses the means.
type ReverseTransaction struct {
	LoanID           id.ID  `json:"loan_id"`
	TransactionID    id.ID  `json:"transaction_id"`
	Reason           string `json:"reason,omitempty"`
	settlement.Means        // how the money goes back; as it came in if zero
}

var _ = bank.Requestable(ReverseTransaction{})

// Name returns the operation's name.
func (ReverseTransaction) Name() string { return "reverse_transaction" }

// Permission returns the permission that the actor's role must have.
func (ReverseTransaction) Permission() access.Permission { return loan.Reverse }

// Check limits the length of the reason, and refuses means by which money cannot be paid out.
func (c ReverseTransaction) Check(bank.Rules) error {
	return cmp.Or(checkReason(c.Reason), c.CheckPaid())
}

// Needs requests the loan, its history, and the tills and bank accounts.
func (c ReverseTransaction) Needs(n *bank.Needs) {
	needHistory(n, c.LoanID)
	clients.NeedBorrower(n, c.LoanID)
	tills.NeedReturned(n, c.LoanID, c.Means)
}

// Authority requires the limit for the amount together with what the actor reversed today on
// the same loan. A transaction without money counts with the whole debt of the loan.
func (c ReverseTransaction) Authority(b *bank.Book) (bank.Authority, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	taken, err := c.find(b, l)
	if err != nil {
		return bank.Authority{}, nil // Decide refuses it
	}
	amount := taken.Amount
	if amount == 0 {
		amount = l.Balance + l.WrittenOff
	}
	for t := range Transactions.All(b) {
		if t.LoanID == l.ID && t.Kind == servicing.Reversal && t.BusinessDate == b.Today() && t.Actor == b.Actor() {
			amount += t.Amount
		}
	}
	return use(staff.Reversing, amount), nil
}

// Decide stages the reversal, the recomputed loan, and the entries.
func (c ReverseTransaction) Decide(b *bank.Book) (servicing.Transaction, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return servicing.Transaction{}, err
	}
	taken, err := c.find(b, l)
	if err != nil {
		return servicing.Transaction{}, err
	}
	return c.undo(b, l, taken, func(l Loan, reversal servicing.Transaction) (settlement.Means, error) {
		return returned(b, l, taken, reversal, c.Means)
	})
}

// undo stages the reversal of a transaction. The function returns how the money goes back.
func (c ReverseTransaction) undo(b *bank.Book, l Loan, taken servicing.Transaction, back func(Loan, servicing.Transaction) (settlement.Means, error)) (servicing.Transaction, error) {
	if _, err := clients.Find(b, l.ClientID); err != nil { // a debt with blocked data must not begin again
		return servicing.Transaction{}, err
	}
	l, err := catchUp(b, l)
	if err != nil {
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
	if reversal.Means, err = back(l, reversal); err != nil {
		return servicing.Transaction{}, err
	}
	l, reversal, changed, err := rewrite(b, l, reversal, change)
	if err != nil {
		return servicing.Transaction{}, err
	}
	b.Publish(servicing.TransactionReversedEvent(reversal, taken, l.Loan, c.Reason))
	publishRecomputed(b, l, reversal, changed)
	return reversal, nil
}

// find returns the transaction, if it can be reversed.
func (c ReverseTransaction) find(b *bank.Book, l Loan) (servicing.Transaction, error) {
	for n := 0; n <= l.Transactions; n++ {
		found := Transactions.At(b, TransactionKey{l.ID, n})
		if found == nil || found.ID != c.TransactionID {
			continue
		}
		m := found.Transaction
		if _, counts := m.Operation(); counts && m.Kind != servicing.Rolled && m.Kind != servicing.ImportKind {
			return m, nil
		}
		if !m.ReversedBy.IsZero() {
			return m, fault.Refuse(servicing.WrongState, "reversed_by", m.ReversedBy).Because(servicing.ReversedAlready)
		}
		return m, fault.Refuse(servicing.WrongState, "kind", m.Kind).Because(servicing.NotReversible)
	}
	return servicing.Transaction{}, fault.Refuse(servicing.TransactionNotFound)
}
