package view

import (
	"context"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/infra/db"
)

// Days is where the institution stands in time.
type Days struct {
	BusinessDate civil.Date    // the day on which what is done now counts
	Next         civil.Date    // the day to be closed next: the one whose close has begun, or the one after the last that is closed. The first is that of the first entry, or the first of an open period
	Days         []BusinessDay // the newest first
}

// BusinessDay is a day whose close has begun.
type BusinessDay struct {
	Day      civil.Date // the day
	Status   string     // CLOSING until all of it is done
	Actor    string     // who began to close it
	BeganAt  time.Time  // when that was, UTC
	ClosedAt *time.Time // when it was closed, UTC; absent before
	Loans    int64      // loans whose position is written
	Of       int64      // about how many there will be, as many as on the day before; only while it is being closed
}

// Days answers the days before one, at most limit, the newest first. The clock's
// day is that of the asker.
func (v *View) Days(ctx context.Context, by By, clock, before civil.Date, limit int64) (out Days, err error) {
	if err := by.may(accounting.Read); err != nil {
		return out, err
	}
	var last BusinessDay
	var first, through civil.Date
	batch := &db.Batch{}
	batch.Query("SELECT closed_through, (SELECT min(business_date) FROM journal) FROM books", func(s db.Scanner) error { return s.Scan(&through, &first) })
	batch.Query("SELECT day, status FROM business_days ORDER BY day DESC LIMIT 1", func(s db.Scanner) error { return s.Scan(&last.Day, &last.Status) })
	batch.Query(`SELECT d.day, d.status, d.actor, d.began_at, coalesce(d.closed_at, d.began_at), d.loans,
		CASE WHEN d.status = 'CLOSING' THEN coalesce((SELECT b.loans FROM business_days b WHERE b.day < d.day ORDER BY b.day DESC LIMIT 1), 0) ELSE 0 END
		FROM business_days d WHERE d.day < $1 ORDER BY d.day DESC LIMIT $2`, func(s db.Scanner) error {
		var d BusinessDay
		var closed time.Time
		err := s.Scan(&d.Day, &d.Status, &d.Actor, &d.BeganAt, &closed, &d.Loans, &d.Of)
		if d.Status == "CLOSED" {
			d.ClosedAt = &closed
		}
		out.Days = append(out.Days, d)
		return err
	}, before, limit)
	err = v.ask(ctx, by.Need, batch, func() { out.Days, last = nil, BusinessDay{} })
	v.Began(last.Day)
	out.BusinessDate = civil.BusinessDate(clock, last.Day)
	out.Next = accounting.Closes{Begun: last.Day, Closed: last.Status == "CLOSED", First: first, Through: through, Clock: clock}.Next()
	return out, err
}

// LastClosed answers the last day that is closed; the zero BusinessDay if none is.
func (v *View) LastClosed(ctx context.Context, by By) (d BusinessDay, err error) {
	if err := by.may(accounting.Read); err != nil {
		return d, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT day, status, actor, began_at, closed_at, loans FROM business_days WHERE status = 'CLOSED' ORDER BY day DESC LIMIT 1", func(s db.Scanner) error {
		d.ClosedAt = &time.Time{}
		return s.Scan(&d.Day, &d.Status, &d.Actor, &d.BeganAt, d.ClosedAt, &d.Loans)
	})
	err = v.ask(ctx, by.Need, batch, func() { d = BusinessDay{} })
	return d, err
}
