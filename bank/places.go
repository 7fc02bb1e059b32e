package bank

import (
	"fmt"

	"sofipo/core/accounting"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// The table place_lines lists the lines of the journal that name a place where money is: a
// till, a vault or a bank account. A balance is a sum of these lines, so that payments update
// no common row.

// place is an account with its till or bank account.
type place struct {
	account ledger.Account
	subject id.ID
}

// placeOf returns the place of an entry's line, and whether there is one. Cash that names no
// place is in the main vault. Lines of the main bank account are not listed: nearly every
// payment has one.
func placeOf(e *ledger.Entry, p *ledger.Posting) (of place, listed bool) {
	switch {
	case !accounting.Place(p.Account):
		return of, false
	case p.Subject != e.Subject:
		return place{p.Account, p.Subject}, true
	}
	return place{p.Account, settlement.MainVault}, p.Account == accounting.Cash
}

// places returns the amounts, debits less credits, of the entry's lines that name a place.
func places(e *ledger.Entry) map[place]money.Amount {
	var found map[place]money.Amount
	for i := range e.Postings {
		p := &e.Postings[i]
		if at, listed := placeOf(e, p); listed {
			if found == nil {
				found = map[place]money.Amount{}
			}
			found[at] += p.Debit - p.Credit
		}
	}
	return found
}

// balances are the balances that a book needs.
type balances struct {
	asked  []place                // requested
	linked []linked               // requested through another table
	stored map[place]money.Amount // before the batch
	memory *Memory                // nil: the balances are in stored
}

// linked are the places to which a column of another table's rows refers.
type linked struct {
	via *Via
	key any
}

// PlaceBalance requests the balance of a till, a vault or a bank account other than the main
// one on a control account. Only a lock keeps it true until the commit.
func (n *Needs) PlaceBalance(account ledger.Account, subject id.ID) {
	n.requests = append(n.requests, func(b *Book) { b.journal.asked = append(b.journal.asked, place{account, subject}) })
}

// PlaceBalances requests the balances of the tills or bank accounts to which rows of another
// table refer: by the first of via.Columns, in the rows with the key.
func (n *Needs) PlaceBalances(via *Via, key any) {
	n.requests = append(n.requests, func(b *Book) { b.journal.linked = append(b.journal.linked, linked{via, key}) })
}

// PlaceBalance returns a requested balance, debits less credits, including what the batch
// staged.
func (b *Book) PlaceBalance(account ledger.Account, subject id.ID) money.Amount {
	of := place{account, subject}
	balance := b.journal.stored[of]
	if m := b.journal.memory; m != nil {
		for i := range m.Entries {
			balance += of.in(&m.Entries[i])
		}
	}
	for _, l := range b.journal.lines {
		balance += of.in(&l.Entry)
	}
	return balance
}

// in adds up the lines of the place in an entry.
func (of place) in(e *ledger.Entry) (sum money.Amount) {
	for i := range e.Postings {
		p := &e.Postings[i]
		if at, listed := placeOf(e, p); listed && at == of {
			sum += p.Debit - p.Credit
		}
	}
	return sum
}

// load reads the requested balances.
func (s *balances) load(from *Store) {
	if s.memory = from.memory; s.memory != nil {
		return
	}
	keep := func(row db.Scanner) error {
		var of place
		var balance money.Amount
		err := row.Scan(&of.account, &of.subject, &balance)
		s.stored[of] = balance
		return err
	}
	const sum = "SELECT account, subject, sum(amount)::bigint FROM place_lines WHERE subject "
	if len(s.asked) > 0 {
		named := make([]id.ID, len(s.asked))
		for i, of := range s.asked {
			named[i] = of.subject
		}
		from.batch.Query(sum+"= ANY($1::uuid[]) GROUP BY account, subject", keep, named)
	}
	for _, l := range s.linked {
		v := l.via
		from.batch.Query(sum+fmt.Sprintf("IN (SELECT %s FROM %s WHERE %s = $1) GROUP BY account, subject", v.Columns[0], v.Table, v.Column), keep, l.key)
	}
}
