// Package ledger holds double entry: accounts, postings and the check that an entry balances.
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

// Posting moves an amount on one side of one account. Exactly one of Debit and
// Credit is above zero. Subject is the loan (or other sub-ledger) it belongs to.
type Posting struct {
	Account Account
	Subject id.ID
	Debit   money.Amount
	Credit  money.Amount
}

// Entry is one balanced fact in the books. It is never changed; a mirror entry undoes it.
type Entry struct {
	ID           id.ID
	BusinessDate civil.Date
	PostedAt     time.Time
	Kind         string // what happened: "loan_granted", "payment_received"
	Reference    id.ID  // the row that it tells of: the loan, the payment
	Reverses     id.ID  // the entry that it mirrors, or zero
	Client       id.ID  // whose it is, or zero: the institution's
	Postings     []Posting
}

// Check returns an error that names the fault unless the entry has at least two
// postings, each on one side with an amount above zero, and its debits equal
// its credits.
func (e Entry) Check() error {
	if len(e.Postings) < 2 {
		return fmt.Errorf("entry %s has %d postings, needs two", e.ID, len(e.Postings))
	}
	var debits, credits money.Amount
	for _, p := range e.Postings {
		if p.Debit < 0 || p.Credit < 0 || (p.Debit == 0) == (p.Credit == 0) {
			return fmt.Errorf("entry %s: account %s has debit %s and credit %s", e.ID, p.Account, p.Debit, p.Credit)
		}
		debits += p.Debit
		credits += p.Credit
	}
	if debits != credits {
		return fmt.Errorf("entry %s does not balance: debits %s, credits %s", e.ID, debits, credits)
	}
	return nil
}
