package bank

import (
	"errors"
	"sync/atomic"

	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Limits of the books, in centavos. With them, the sum of a day and the balance of an account
// always fit in 64 bits. The amounts are a hundred times the yearly product of Mexico.
const (
	MaxBalance    money.Amount = 100_000_000_000_000_000   // of each account, on either side
	MaxOpenDebits money.Amount = 1_000_000_000_000_000_000 // of all entries on days that are not closed
)

// A node reads the balances of the accounts only after it has posted as much as fits into its
// room. Other nodes and the closes post at the same time, so the room is a small share of
// what the limits leave. A process starts with firstRoom.
const (
	firstRoom = MaxBalance / 100
	shares    = 16
)

// errBalances means that an entry did not fit into the room: the batch must be decided again
// with the balances.
var errBalances = errors.New("the balances of the accounts were not read")

// limits has what a batch posts, and the balances if they were read.
type limits struct {
	room       money.Amount                    // debits that fit without the balances
	debits     money.Amount                    // debits that the batch staged
	balances   map[ledger.Account]money.Amount // debits less credits; nil if not read
	openDebits money.Amount                    // debits of open days; with balances only
	short      bool                            // an entry did not fit into the room
}

// read queues the query for the balances.
func (l *limits) read(batch *db.Batch) {
	l.balances = map[ledger.Account]money.Amount{}
	batch.Before(func() {
		clear(l.balances)
		l.openDebits = 0
	})
	batch.Query("SELECT account, "+db.Total("amount")+", "+db.Total("open_debit")+" FROM "+AccountAmounts+" a GROUP BY account",
		func(s db.Scanner) error {
			var account ledger.Account
			var balance, debits money.Total
			err := db.ScanTotals(s, []*money.Total{&balance, &debits}, &account)
			l.balances[account] = within(balance)
			l.openDebits = min(l.openDebits+within(debits), 2*MaxOpenDebits)
			return err
		})
}

// within returns the total, or a value beyond MaxBalance if it is larger. A database of an
// earlier version may have such totals.
func within(t money.Total) money.Amount {
	if a, err := t.Amount(); err == nil {
		return max(-2*MaxOpenDebits, min(a, 2*MaxOpenDebits))
	}
	return 2 * MaxOpenDebits
}

// post stages an entry and returns the function that undoes it. An entry that takes an
// account past MaxBalance is refused with accounting.BalanceLimit; one that takes the open
// days past MaxOpenDebits, with accounting.OpenDaysLimit.
func (l *limits) post(e ledger.Entry) (undo func(), err error) {
	var debits money.Amount
	for _, p := range e.Postings {
		debits += p.Debit
	}
	if l.balances == nil && l.debits+debits > l.room {
		l.short = true
		return nil, errBalances
	}
	l.debits += debits
	if l.balances == nil {
		return func() { l.debits -= debits }, nil
	}
	undo = func() {
		l.debits -= debits
		l.add(e, -1)
	}
	l.add(e, 1)
	if l.openDebits+l.debits > MaxOpenDebits {
		err = fault.Refuse(accounting.OpenDaysLimit, "most", MaxOpenDebits)
	}
	for _, p := range e.Postings {
		if grows := p.Debit - p.Credit; grows > 0 && l.balances[p.Account] > MaxBalance || grows < 0 && l.balances[p.Account] < -MaxBalance {
			err = fault.Refuse(accounting.BalanceLimit, "account", p.Account, "most", MaxBalance)
		}
	}
	if err != nil {
		undo()
	}
	return undo, err
}

func (l *limits) add(e ledger.Entry, sign money.Amount) {
	for _, p := range e.Postings {
		l.balances[p.Account] += sign * (p.Debit - p.Credit)
	}
}

// committed takes what the batch posted from the room, or computes the room from the balances.
func (l *limits) committed(room *atomic.Int64) {
	if l.balances == nil {
		room.Add(-int64(l.debits))
		return
	}
	left := MaxOpenDebits - l.openDebits - l.debits
	for _, balance := range l.balances {
		left = min(left, MaxBalance-max(balance, -balance))
	}
	room.Store(int64(max(left, 0) / shares))
}
