package bank

import (
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// turnPurpose is the lock of the moment in which a day turns, from which every batch
// keeps the close away while it is written.
const turnPurpose = 0x736f_6669_02

// calendar is what a book knows of business days and of closed periods.
type calendar struct {
	last  BusinessDay // the last day whose close began
	first civil.Date  // the first day of all, while it is being closed
	dated civil.Date  // the day of a close, which is not today

	turn          bool // the command needs the turn of the day
	period        bool // it needs the closed period
	closedThrough civil.Date
	day           *dayChange
	closing       bool // closedThrough was changed
}

// BusinessDay is a day whose close began.
type BusinessDay struct {
	Day    civil.Date
	Closed bool
	Loans  int64 // positions written
	Last   id.ID // loan, in the order of ids
}

// The states of a day.
const (
	dayClosing = "CLOSING"
	dayClosed  = "CLOSED"
)

// dayChange is a day to be saved.
type dayChange struct {
	BusinessDay
	actor string
	at    time.Time
}

func (c *calendar) clear() {
	c.last, c.first = BusinessDay{}, civil.Date{}
}

func (c *calendar) load(batch *db.Batch) {
	if c.turn {
		batch.Exclude(turnPurpose)
	} else {
		batch.Share(turnPurpose)
	}
	batch.Query(`SELECT day, status, loans, last_loan, NOT EXISTS (SELECT 1 FROM business_days b WHERE b.day < d.day) FROM business_days d
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
		batch.Exec("INSERT INTO business_days (day, status, actor, began_at, loans) VALUES ($1, $2, $3, $4, 0)", d.Day, dayClosing, d.actor, d.at)
	default:
		batch.Exec("UPDATE business_days SET status = $2, closed_at = $3 WHERE day = $1", d.Day, dayClosed, d.at)
	}
}

// LastDay is the last day whose close began; zero if none did.
func (b *Book) LastDay() BusinessDay { return b.calendar.last }

// FirstClose is the first day of all, while it is being closed; else zero.
func (b *Book) FirstClose() civil.Date { return b.calendar.first }

// DatedOn makes a day the business date until the function that it gives is called, or
// the command is taken back: what a close posts is dated on its day.
func (b *Book) DatedOn(day civil.Date) (back func()) {
	before := b.calendar.dated
	b.calendar.dated = day
	back = func() { b.calendar.dated = before }
	b.Undo(back)
	return back
}

// CloseOn makes the book one of the close of a day, whose first day of all may be
// given.
func (b *Book) CloseOn(day, first civil.Date) {
	b.calendar.dated, b.calendar.first = day, first
	b.calendar.last = BusinessDay{Day: day.AddDays(-1), Closed: true}
}

// SetDay stages the begin or the end of the close of a day.
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

// ClosedThrough is the last day of the last closed period, if a command asked for it.
func (b *Book) ClosedThrough() civil.Date { return b.calendar.closedThrough }

// CloseThrough stages the closing of the books through a day.
func (b *Book) CloseThrough(day civil.Date) {
	before := b.calendar
	b.calendar.closedThrough, b.calendar.closing = day, true
	b.Undo(func() { b.calendar = before })
}

// CheckOpen refuses a day of a closed period, with accounting.PeriodClosed.
func (b *Book) CheckOpen(day civil.Date) error {
	if day.After(b.calendar.closedThrough) {
		return nil
	}
	return b.PeriodClosed()
}

// PeriodClosed is the refusal of a day or month of a closed period.
func (b *Book) PeriodClosed() error {
	return fault.Refuse(accounting.PeriodClosed, "closed_through", b.calendar.closedThrough, "earliest", b.calendar.closedThrough.AddDays(1))
}
