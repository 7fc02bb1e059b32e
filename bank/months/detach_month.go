package months

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
)

// DetachMonth records that a month of the journal is in a file. From its commit on nothing needs the rows
// of the month, so that its tables can be dropped. Refused with accounting.MonthStays.
type DetachMonth struct {
	Month              civil.Date // first day of the month
	Journal, Positions File

	state
}

// Name returns the operation's name.
func (*DetachMonth) Name() string { return "detach_month" }

// Permission returns the permission that the actor's role must have.
func (*DetachMonth) Permission() access.Permission { return accounting.CloseMonths }

// Check accepts every command: which months can be detached depends on the books.
func (*DetachMonth) Check(bank.Rules) error { return nil }

// Needs requests the lock on the business date, the closed period and the state of the months.
func (c *DetachMonth) Needs(n *bank.Needs) {
	n.LockDay()
	n.Period()
	n.Read(c.read(c.Month))
}

// Decide stages the detached month.
func (c *DetachMonth) Decide(b *bank.Book) (Month, error) {
	if err := c.check(b, c.Month); err != nil {
		return Month{}, err
	}
	_, end := bounds(c.Month)
	m := Month{
		First: c.Month, Until: boundary(end), EndedAt: end, LastDay: civil.Later(c.last, c.newest.LastDay), Journal: c.Journal, Positions: c.Positions,
		DetachedAt: b.Now(), DetachedBy: b.Actor(),
	}
	if m.LastDay.IsZero() {
		m.LastDay = c.Month.AddDays(-1)
	}
	b.Subject(boundary(c.Month.Midnight()))
	Detached.Add(b, m)
	return m, nil
}
