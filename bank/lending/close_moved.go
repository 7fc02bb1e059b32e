package lending

import (
	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// accountOf is the account at the end of the day: of a loan that moved since, by
// the transactions that had been registered by then.
func (c *draft) accountOf(l Loan) (servicing.Account, error) {
	if !l.Moved.After(c.day) {
		return l.Account, nil
	}
	a, splits, err := accountAfter(c.book, l, c.registered(l))
	for _, s := range splits {
		if s.Kind == servicing.RestructureAs {
			c.renewed[l.ID] = s.Version.Terms
		}
	}
	return a, err
}

// registered is the number of the last transaction of a loan's history that had been
// registered by the end of the day.
func (c *draft) registered(l Loan) (number int) {
	for n := 1; n <= l.Transactions && !transaction(c.book, TransactionKey{l.ID, n}).BusinessDate.After(c.day); n++ {
		number = n
	}
	return number
}

// accountAfter is the account as it was once the transactions up to a number of a
// loan's history had been registered, with the splits that they had then.
func accountAfter(b *bank.Book, l Loan, number int) (servicing.Account, []servicing.Split, error) {
	h, err := historyOf(b, l)
	if err != nil {
		return servicing.Account{}, nil, err
	}
	reversed := map[id.ID]bool{}
	for n := 1; n <= number; n++ {
		reversed[transaction(b, TransactionKey{l.ID, n}).Reverses] = true
	}
	h.Operations = nil
	for n := 1; n <= number; n++ {
		m := transaction(b, TransactionKey{l.ID, n})
		m.ReversedBy = id.ID{}
		if o, counts := m.Operation(); counts && !reversed[m.ID] {
			h.Operations = append(h.Operations, o)
		}
	}
	return servicing.Recompute(h)
}

// restate brings what was posted of the transactions after the day to the accounts
// and the recognition that the close gave the loan: each transaction on its own day.
// The account is that of the day.
func (c *draft) restate(before, after Loan, a servicing.Account) error {
	if !after.Moved.After(c.day) {
		return nil
	}
	for n := c.registered(after) + 1; n <= after.Transactions; n++ {
		next, _, err := accountAfter(c.book, after, n)
		if err != nil {
			return err
		}
		if err := c.restateOne(before, after, transaction(c.book, TransactionKey{after.ID, n}), a, next); err != nil {
			return err
		}
		a = next
	}
	return nil
}

// restateOne does so for the transaction that took the account from a to next.
func (c *draft) restateOne(before, after Loan, m servicing.Transaction, a, next servicing.Account) error {
	defer c.book.DatedOn(m.BusinessDate)()
	had := standingOf(c.book, before, next).minus(standingOf(c.book, before, a))
	want := standingOf(c.book, after, next).minus(standingOf(c.book, after, a))
	k := booking(c.book, after, m)
	if err := c.book.Post(entries.Reclassified(k, had.principal, had.interest, k.Overdue)); err != nil {
		return err
	}
	income, interest := want.income-had.income, want.interest-had.interest
	k.ID = c.book.NewID()
	if err := c.book.Post(entries.Accrued(k, income, 0, want.suspended-had.suspended)); err != nil {
		return err
	}
	k.ID = c.book.NewID()
	return c.book.Post(entries.Unlost(k, interest-income))
}

// standing is what the books have of a loan on the accounts that depend on how it
// is classified.
type standing struct{ principal, interest, suspended, income money.Amount }

func (s standing) minus(o standing) standing {
	return standing{s.principal - o.principal, s.interest - o.interest, s.suspended - o.suspended, s.income - o.income}
}

// standingOf is that of the loan with the account.
func standingOf(b *bank.Book, l Loan, a servicing.Account) standing {
	has := recordedOf(b, l, a)
	if a.Status == servicing.WrittenOff {
		return standing{income: has.income}
	}
	_, collected := entries.InterestOf(a)
	return standing{a.Outstanding, has.income - collected, has.suspended, has.income}
}
