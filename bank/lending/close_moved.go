package bank

import (
	"sofipo/core/accounting"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// accountOf is the account at the end of the day: of a loan that moved since, by
// the movements that had been registered by then.
func (c *draft) accountOf(l lending) (servicing.Account, error) {
	if !l.moved.After(c.at.Day) {
		return l.account, nil
	}
	a, splits, err := c.book.accountAfter(l, c.registered(l))
	for _, s := range splits {
		if s.Kind == servicing.RestructureAs {
			c.renewed[l.ID] = s.Version.Terms
		}
	}
	return a, err
}

// registered is the number of the last movement of a loan's history that had been
// registered by the end of the day.
func (c *draft) registered(l lending) (number int) {
	for n := 1; n <= l.movements && !c.book.movements[movementKey{l.ID, n}].value.BusinessDate.After(c.at.Day); n++ {
		number = n
	}
	return number
}

// accountAfter is the account as it was once the movements up to a number of a
// loan's history had been registered, with the splits that they had then.
func (b *Book) accountAfter(l lending, number int) (servicing.Account, []servicing.Split, error) {
	h, err := b.history(l)
	if err != nil {
		return servicing.Account{}, nil, err
	}
	reversed := map[id.ID]bool{}
	for n := 1; n <= number; n++ {
		reversed[b.movements[movementKey{l.ID, n}].value.Reverses] = true
	}
	h.Operations = nil
	for n := 1; n <= number; n++ {
		m := b.movements[movementKey{l.ID, n}].value
		m.ReversedBy = id.ID{}
		if o, counts := m.Operation(); counts && !reversed[m.ID] {
			h.Operations = append(h.Operations, o)
		}
	}
	return servicing.Recompute(h)
}

// restate brings what was posted of the movements after the day to the accounts
// and the recognition that the close gave the loan: each movement on its own day.
// The account is that of the day.
func (c *draft) restate(before, after lending, a servicing.Account) error {
	if !after.moved.After(c.at.Day) {
		return nil
	}
	defer func() { c.book.dated = c.at.Day }()
	for n := c.registered(after) + 1; n <= after.movements; n++ {
		m := c.book.movements[movementKey{after.ID, n}].value
		next, _, err := c.book.accountAfter(after, n)
		if err != nil {
			return err
		}
		c.book.dated = m.BusinessDate
		had := c.book.standing(before, next).minus(c.book.standing(before, a))
		want := c.book.standing(after, next).minus(c.book.standing(after, a))
		k := c.book.booking(after, m)
		if err := c.book.post(accounting.Reclassified(k, had.principal, had.interest, k.Overdue)); err != nil {
			return err
		}
		income, interest := want.income-had.income, want.interest-had.interest
		k.Entry = c.book.NewID()
		if err := c.book.post(accounting.Accrued(k, income, 0, want.suspended-had.suspended)); err != nil {
			return err
		}
		k.Entry = c.book.NewID()
		if err := c.book.post(accounting.Unlost(k, interest-income)); err != nil {
			return err
		}
		a = next
	}
	return nil
}

// standing is what the books have of a loan on the accounts that depend on how it
// is classified.
type standing struct{ principal, interest, suspended, income money.Amount }

func (s standing) minus(o standing) standing {
	return standing{s.principal - o.principal, s.interest - o.interest, s.suspended - o.suspended, s.income - o.income}
}

// standing is that of the loan with the account.
func (b *Book) standing(l lending, a servicing.Account) standing {
	has := b.booked(l, a)
	if a.Status == servicing.WrittenOff {
		return standing{income: has.income}
	}
	_, collected := accounting.InterestOf(a)
	return standing{a.Outstanding, has.income - collected, has.suspended, has.income}
}
