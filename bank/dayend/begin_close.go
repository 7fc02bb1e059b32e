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

// beginClose begins the close of a day, or finds it begun. From then on the business
// date is a later one.
type beginClose struct {
	Day civil.Date // the next one to close if zero

	firstEntry civil.Date // of the books
}

// Name is the operation.
func (*beginClose) Name() string { return "begin_close" }

// Permission is what the role must hold.
func (*beginClose) Permission() access.Permission { return accounting.CloseDays }

// Check refuses nothing: what may be closed depends on the days before.
func (*beginClose) Check(bank.Rules) error { return nil }

// Needs the turn of the day, the closed period, and the day of the first entry.
func (c *beginClose) Needs(n *bank.Needs) {
	n.Turn()
	n.Period()
	n.Read(func(batch *db.Batch) {
		c.firstEntry = civil.Date{}
		batch.Query("SELECT min(business_date) FROM journal", func(s db.Scanner) error { return s.Scan(&c.firstEntry) })
	})
}

// Decide stages the day as closing.
func (c *beginClose) Decide(b *bank.Book) (lending.ClosingDay, error) {
	last := b.LastDay()
	next := accounting.Closes{Begun: last.Day, Closed: last.Closed, First: c.firstEntry, Through: b.ClosedThrough(), Clock: b.ClockDay()}.Next()
	day := c.Day
	if day.IsZero() {
		day = next
	}
	switch {
	case day == last.Day && !last.Closed: // it was begun
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
