package months

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
)

// AttachMonth records that the rows of a month are in the journal again. Refused with
// accounting.MonthAttached.
type AttachMonth struct {
	Month civil.Date // first day of the month

	state
}

// Name returns the operation's name.
func (*AttachMonth) Name() string { return "attach_month" }

// Permission returns the permission that the actor's role must have.
func (*AttachMonth) Permission() access.Permission { return accounting.CloseMonths }

// Check accepts every command: which months can be attached depends on the books.
func (*AttachMonth) Check(bank.Rules) error { return nil }

// Needs requests the lock on the business date and the state of the months.
func (c *AttachMonth) Needs(n *bank.Needs) {
	n.LockDay()
	n.Read(c.read(c.Month))
}

// Decide stages that the month is not detached.
func (c *AttachMonth) Decide(b *bank.Book) (Month, error) {
	switch {
	case c.newest.First.Before(c.Month):
		return Month{}, fault.Refuse(accounting.MonthAttached, "month", c.Month.MonthOf())
	case c.newest.First != c.Month:
		return Month{}, fault.Refuse(accounting.MonthAttached, "month", c.Month.MonthOf(), "newest", c.newest.First.MonthOf()).Because(accounting.NewestFirst)
	}
	b.Subject(boundary(c.Month.Midnight()))
	Detached.Remove(b, c.newest)
	return c.newest, nil
}
