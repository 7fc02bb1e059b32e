package lending

import (
	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// accountOf returns the account at the end of the day. For a loan with later transactions, it
// is recomputed from the transactions registered by then.
func (c *sliceResult) accountOf(l Loan) (servicing.Account, error) {
	if !l.LastTransactionOn.After(c.day) {
		return l.Account, nil
	}
	a, splits, err := accountAfter(c.book, l, c.registered(l))
	for _, s := range splits {
		if s.Kind == servicing.RestructureKind {
			c.renewed[l.ID] = s.Version.Terms
		}
	}
	return a, err
}

// registered returns the number of the loan's last transaction registered by the end of the
// day.
func (c *sliceResult) registered(l Loan) (number int) {
	for n := 1; n <= l.Transactions && !transaction(c.book, TransactionKey{l.ID, n}).BusinessDate.After(c.day); n++ {
		number = n
	}
	return number
}

// accountAfter recomputes the account from the loan's transactions up to a number, as they
// were registered, and returns it with the splits of that time.
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
	for n := 0; n <= number; n++ {
		m := transaction(b, TransactionKey{l.ID, n})
		m.ReversedBy = id.ID{}
		if o, counts := m.Operation(); counts && !reversed[m.ID] {
			h.Operations = append(h.Operations, o)
		}
	}
	return servicing.Recompute(h)
}

// restate corrects the entries of the transactions after the day. They were posted before the
// close changed the loan's stage, so they used the wrong accounts and recognition. Each
// correction is dated on its transaction's day. The account a is the one at the end of the
// day.
func (c *sliceResult) restate(before, after Loan, a servicing.Account) error {
	if !after.LastTransactionOn.After(c.day) {
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

// restateOne corrects the entries of the transaction that changed the account from a to next.
func (c *sliceResult) restateOne(before, after Loan, m servicing.Transaction, a, next servicing.Account) error {
	defer c.book.DatedOn(m.BusinessDate)()
	had := stageBalancesOf(c.book, before, next).minus(stageBalancesOf(c.book, before, a))
	want := stageBalancesOf(c.book, after, next).minus(stageBalancesOf(c.book, after, a))
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
	return c.book.Post(entries.WriteOffRestated(k, interest-income))
}

// stageBalances are a loan's balances on the ledger accounts that depend on its stage.
type stageBalances struct{ principal, interest, suspended, income money.Amount }

func (s stageBalances) minus(o stageBalances) stageBalances {
	return stageBalances{s.principal - o.principal, s.interest - o.interest, s.suspended - o.suspended, s.income - o.income}
}

// stageBalancesOf returns the balances of the loan with the account.
func stageBalancesOf(b *bank.Book, l Loan, a servicing.Account) stageBalances {
	has := recordedOf(b, l, a)
	if a.Status == servicing.WrittenOff {
		return stageBalances{income: has.income}
	}
	_, collected := entries.InterestOf(a)
	return stageBalances{a.Outstanding, has.income - collected, has.suspended, has.income}
}
