package dayend

import (
	"strings"

	"sofipo/bank"
	"sofipo/bank/lending"
	tills "sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// beginClose begins the close of a day, unless it has already begun. The business date is
// then a later day.
type beginClose struct {
	Day  civil.Date // the next day to close if zero
	Most int        // if above zero: only a day before the clock's day, and only if at most so many of them are open

	Force string // reason to close the day although tills are open

	firstEntry civil.Date // date of the oldest journal entry
	open       []openTill
}

// openTill is a till with an open session.
type openTill struct {
	code  string
	since civil.Date
}

// Name returns the operation's name.
func (*beginClose) Name() string { return "begin_close" }

// Permission returns the permission that the actor's role must have.
func (*beginClose) Permission() access.Permission { return accounting.CloseDays }

// Check accepts every command: which day may be closed depends on earlier closes.
func (*beginClose) Check(bank.Rules) error { return nil }

// Needs requests the lock on the business date, the closed period, the date of the oldest
// entry, and the open tills.
func (c *beginClose) Needs(n *bank.Needs) {
	n.LockDay()
	n.Period()
	n.Read(func(batch *db.Batch) {
		c.firstEntry = civil.Date{}
		batch.Query("SELECT min(business_date) FROM journal WHERE business_date IS NOT NULL", func(s db.Scanner) error { return s.Scan(&c.firstEntry) })
		batch.Before(func() { c.open = nil })
		batch.Query("SELECT code, opened_on FROM tills WHERE opened_on IS NOT NULL ORDER BY code", func(s db.Scanner) error {
			var t openTill
			err := s.Scan(&t.code, &t.since)
			c.open = append(c.open, t)
			return err
		})
	})
}

// begunDay is a day whose close has begun.
type begunDay struct {
	lending.ClosingDay
	Latest bool // no open day is left between this one and the clock's day
}

// Decide stages the day with the status CLOSING.
func (c *beginClose) Decide(b *bank.Book) (begunDay, error) {
	last := b.LastDay()
	next := accounting.CloseState{Begun: last.Day, Closed: last.Closed, First: c.firstEntry, Through: b.ClosedThrough(), Clock: b.ClockDay()}.Next()
	day := c.Day
	if day.IsZero() {
		day = next
	}
	switch open := b.ClockDay().Since(next); {
	case c.Most > 0 && open <= 0:
		return begunDay{}, fault.Refuse(accounting.NoOpenDay, "today", b.ClockDay(), "next", next)
	case c.Most > 0 && open > c.Most:
		return begunDay{}, fault.Refuse(accounting.TooManyOpenDays, "open", open, "most", c.Most, "next", next, "latest", b.ClockDay().AddDays(-1))
	case day == last.Day && !last.Closed: // it has already begun
	case last.Closed && !day.After(last.Day), !last.Day.IsZero() && day.Before(last.Day):
		return begunDay{}, fault.Refuse(accounting.DayClosed, "date", day, "next", next)
	case day.After(b.ClockDay()):
		return begunDay{}, fault.Wrong(fault.At("date", accounting.NotAfterClock, "latest", b.ClockDay(), "next", next))
	case day != next:
		return begunDay{}, fault.Refuse(accounting.DayOpen, "next", next)
	}
	b.Subject(accounting.DaySubject(day))
	if last.Day != day {
		if err := c.checkTills(b, last.Day, day); err != nil {
			return begunDay{}, err
		}
		last = bank.BusinessDay{Day: day}
		b.SetDay(last)
	}
	return begunDay{lending.ClosingDay{BusinessDay: last, First: b.FirstClose()}, b.ClockDay().Since(day) <= 1}, nil
}

// checkTills refuses to begin the close of a day while tills are open that were opened on it
// or before, unless a manager forces it. The reason is stored. The tills of a day that has been
// closed do not count again: that close was forced.
func (c *beginClose) checkTills(b *bank.Book, last, day civil.Date) error {
	var codes []string
	for _, t := range c.open {
		if t.since.After(last) && !t.since.After(day) {
			codes = append(codes, t.code)
		}
	}
	open := strings.Join(codes, ", ")
	switch {
	case len(codes) == 0 && c.Force == "":
		return nil
	case len(codes) == 0:
		return fault.Refuse(settlement.NoTillsOpen, "date", day)
	case c.Force == "":
		return fault.Refuse(settlement.TillsOpen, "date", day, "tills", open)
	}
	forced := settlement.ForcedClose{Day: day, Reason: c.Force, Tills: open, At: b.Now(), Actor: b.Actor()}
	tills.ForcedCloses.Add(b, forced)
	b.Publish(settlement.CloseForcedEvent(accounting.DaySubject(day), forced))
	return nil
}
