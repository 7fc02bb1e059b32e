package dayend

import (
	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/infra/db"
)

// beginClose begins the close of a day, unless it has already begun. The business date is
// then a later day.
type beginClose struct {
	Day civil.Date // the next day to close if zero

	firstEntry civil.Date // date of the oldest journal entry
}

// Name returns the operation's name.
func (*beginClose) Name() string { return "begin_close" }

// Permission returns the permission that the actor's role must have.
func (*beginClose) Permission() access.Permission { return accounting.CloseDays }

// Check accepts every command: which day may be closed depends on earlier closes.
func (*beginClose) Check(bank.Rules) error { return nil }

// Needs requests the lock on the business date, the closed period, and the date of the oldest
// entry.
func (c *beginClose) Needs(n *bank.Needs) {
	n.LockDay()
	n.Period()
	n.Read(func(batch *db.Batch) {
		c.firstEntry = civil.Date{}
		batch.Query("SELECT min(business_date) FROM journal WHERE business_date IS NOT NULL", func(s db.Scanner) error { return s.Scan(&c.firstEntry) })
	})
}

// Decide stages the day with the status CLOSING.
func (c *beginClose) Decide(b *bank.Book) (lending.ClosingDay, error) {
	last := b.LastDay()
	next := accounting.CloseState{Begun: last.Day, Closed: last.Closed, First: c.firstEntry, Through: b.ClosedThrough(), Clock: b.ClockDay()}.Next()
	day := c.Day
	if day.IsZero() {
		day = next
	}
	switch {
	case day == last.Day && !last.Closed: // it has already begun
	case last.Closed && !day.After(last.Day), !last.Day.IsZero() && day.Before(last.Day):
		return lending.ClosingDay{}, fault.Refuse(accounting.DayClosed, "date", day, "next", next)
	case day.After(b.ClockDay()):
		return lending.ClosingDay{}, fault.Wrong(fault.At("date", accounting.NotAfterClock, "latest", b.ClockDay(), "next", next))
	case day != next:
		return lending.ClosingDay{}, fault.Refuse(accounting.DayOpen, "next", next)
	}
	b.Subject(accounting.DaySubject(day))
	if last.Day != day {
		last = bank.BusinessDay{Day: day}
		b.SetDay(last)
	}
	return lending.ClosingDay{BusinessDay: last, First: b.FirstClose()}, nil
}
