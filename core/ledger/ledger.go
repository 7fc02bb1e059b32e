// Package ledger has the types of double-entry bookkeeping: account codes, postings and
// entries. Entry.Check verifies that an entry balances. The chart of accounts is in
// core/accounting.
package ledger

import (
	"fmt"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
)

// Account is the code of an account of the internal chart, such as "1301".
type Account string

// Posting is an amount on one side of one account. Exactly one of Debit and Credit is
// above zero. Subject is the row of the sub-ledger to which it belongs, such as a loan.
// Branch is the cost centre; zero is the head office.
type Posting struct {
	Account Account
	Subject id.ID
	Branch  id.ID
	Debit   money.Amount
	Credit  money.Amount
}

// Entry is one balanced journal entry (póliza). It is never changed; a mirror entry
// reverses it.
type Entry struct {
	ID           id.ID
	BusinessDate civil.Date
	PostedAt     time.Time
	Kind         string // what happened: "loan_granted", "payment_received"
	Reference    id.ID  // source of the entry: the loan, the payment
	Reverses     id.ID  // the entry that it reverses; zero if none
	Client       id.ID  // client; zero for an entry of the institution
	Subject      id.ID  // what the entry is about; the subject of the first posting if zero
	Postings     []Posting
}

// Check returns an error unless the entry has at least two postings, each posting has an
// amount above zero on exactly one side, and the debits equal the credits.
func (e Entry) Check() error {
	if len(e.Postings) < 2 {
		return fmt.Errorf("entry %s has %d postings, need at least two", e.ID, len(e.Postings))
	}
	var debits, credits money.Amount
	for _, p := range e.Postings {
		if p.Debit < 0 || p.Credit < 0 || (p.Debit == 0) == (p.Credit == 0) {
			return fmt.Errorf("entry %s: account %s has debit %s and credit %s, want exactly one above zero", e.ID, p.Account, p.Debit, p.Credit)
		}
		debits += p.Debit
		credits += p.Credit
	}
	if debits != credits {
		return fmt.Errorf("entry %s does not balance: debits %s, credits %s", e.ID, debits, credits)
	}
	return nil
}
