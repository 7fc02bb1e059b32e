package bank

import (
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// dayLock is the lock for a change of the business date. Every batch holds it shared while it
// is written; beginning or finishing a close takes it exclusively.
const dayLock = 0x736f_6669_02

// calendar is a book's knowledge of business days and closed periods.
type calendar struct {
	last  BusinessDay // the last day that is closed or being closed
	first civil.Date  // the first day that was ever closed, while its close runs; else zero
	dated civil.Date  // business date during a close; else zero

	lockDay       bool // the command changes the business date
	period        bool // the command needs closedThrough
	closedThrough civil.Date
	day           *dayChange
	closing       bool // closedThrough was changed
}

// BusinessDay is a day that is closed or being closed.
type BusinessDay struct {
	Day    civil.Date
	Closed bool
	Loans  int64 // daily positions written so far
	Last   id.ID // id of the last loan with a daily position
}

// The states of a business day.
const (
	dayClosing = "CLOSING"
	dayClosed  = "CLOSED"
)

// dayChange is a staged business day.
type dayChange struct {
	BusinessDay
	actor string
	at    time.Time
}

func (c *calendar) clear() {
	c.last, c.first = BusinessDay{}, civil.Date{}
}

func (c *calendar) load(batch *db.Batch) {
	if c.lockDay {
		batch.Exclude(dayLock)
	} else {
		batch.Share(dayLock)
	}
	batch.Query(`SELECT day, status, positions, last_loan, NOT EXISTS (SELECT 1 FROM business_days b WHERE b.day < d.day) FROM business_days d
		ORDER BY day DESC LIMIT 1`, func(s db.Scanner) error {
		var status string
		var first bool
		err := s.Scan(&c.last.Day, &status, &c.last.Loans, &c.last.Last, &first)
		if c.last.Closed = status == dayClosed; first && !c.last.Closed {
			c.first = c.last.Day
		}
		return err
	})
	if c.period {
		batch.Query("SELECT closed_through FROM books FOR NO KEY UPDATE", func(s db.Scanner) error { return s.Scan(&c.closedThrough) })
	}
}

func (c *calendar) today(clock civil.Date) civil.Date {
	if !c.dated.IsZero() {
		return c.dated
	}
	return civil.BusinessDate(clock, c.last.Day)
}

func (c *calendar) save(batch *db.Batch) {
	if c.closing {
		batch.Exec("UPDATE books SET closed_through = $1", c.closedThrough)
	}
	switch d := c.day; {
	case d == nil:
	case !d.Closed:
		batch.Exec("INSERT INTO business_days (day, status, actor, began_at, positions) VALUES ($1, $2, $3, $4, 0)", d.Day, dayClosing, d.actor, d.at)
	default:
		batch.Exec("UPDATE business_days SET status = $2, closed_at = $3 WHERE day = $1", d.Day, dayClosed, d.at)
	}
}

// LastDay returns the last day that is closed or being closed, or the zero value.
func (b *Book) LastDay() BusinessDay { return b.calendar.last }

// FirstClose returns the first day that was ever closed while its close runs, and otherwise
// the zero date.
func (b *Book) FirstClose() civil.Date { return b.calendar.first }

// DatedOn makes day the business date until the returned function is called or the command is
// rolled back. The close uses it to date entries on their own days.
func (b *Book) DatedOn(day civil.Date) (back func()) {
	before := b.calendar.dated
	b.calendar.dated = day
	back = func() { b.calendar.dated = before }
	b.Undo(back)
	return back
}

// CloseOn prepares the book for the close of a day. The date first is FirstClose.
func (b *Book) CloseOn(day, first civil.Date) {
	b.calendar.dated, b.calendar.first = day, first
	b.calendar.last = BusinessDay{Day: day.AddDays(-1), Closed: true}
}

// SetDay stages the beginning or the end of a day's close.
func (b *Book) SetDay(d BusinessDay) {
	before := b.calendar
	b.calendar.last, b.calendar.day = d, &dayChange{d, b.Actor(), b.now}
	switch {
	case d.Closed:
		b.calendar.first = civil.Date{}
	case before.last.Day.IsZero():
		b.calendar.first = d.Day
	}
	b.Undo(func() { b.calendar = before })
}

// ClosedThrough returns the last day of the last closed period. The command must have called
// Needs.Period.
func (b *Book) ClosedThrough() civil.Date { return b.calendar.closedThrough }

// CloseThrough stages the closing of all periods through a day.
func (b *Book) CloseThrough(day civil.Date) {
	before := b.calendar
	b.calendar.closedThrough, b.calendar.closing = day, true
	b.Undo(func() { b.calendar = before })
}

// CheckOpen refuses a day in a closed period with accounting.PeriodClosed.
func (b *Book) CheckOpen(day civil.Date) error {
	if day.After(b.calendar.closedThrough) {
		return nil
	}
	return b.PeriodClosed()
}

// PeriodClosed returns the refusal for a day or month in a closed period.
func (b *Book) PeriodClosed() error {
	return fault.Refuse(accounting.PeriodClosed, "closed_through", b.calendar.closedThrough, "earliest", b.calendar.closedThrough.AddDays(1))
}
