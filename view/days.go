package view

import (
	"context"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// Days is the state of the business days.
type Days struct {
	BusinessDate civil.Date    // business date of what is done now
	Next         civil.Date    // next day to close: the day that is closed or being closed, or the day after the last closed day. If no day was closed, the day of the first entry, or the first day of an open period
	Days         []BusinessDay // newest first
}

// BusinessDay is a day that is closed or being closed.
type BusinessDay struct {
	Day      civil.Date // the day
	Status   string     // CLOSING or CLOSED
	Actor    string     // who began the close
	BeganAt  time.Time  // when the close began, UTC
	ClosedAt *time.Time // when the close finished, UTC; nil before
	Loans    int64      // daily positions written
	Of       int64      // expected number of loans, from the previous day; only while the close runs
}

// mayReadDays is may for the state of the business days: of those who read the books, close days,
// or force the close of a day with open tills.
func (by By) mayReadDays() error {
	if by.Who.Role.May(accounting.CloseDays) || by.Who.Role.May(settlement.Manage) {
		return nil
	}
	return by.may(accounting.Read)
}

// Days returns at most limit business days before a date, newest first. The date clock is the
// caller's current date. Refused with access.Forbidden.
func (v *View) Days(ctx context.Context, by By, clock, before civil.Date, limit int64) (out Days, err error) {
	if err := by.mayReadDays(); err != nil {
		return out, err
	}
	var last BusinessDay
	var first, through civil.Date
	batch := &db.Batch{}
	batch.Query("SELECT closed_through, (SELECT min(business_date) FROM journal WHERE business_date IS NOT NULL) FROM books", func(s db.Scanner) error { return s.Scan(&through, &first) })
	batch.Query("SELECT day, status FROM business_days ORDER BY day DESC LIMIT 1", func(s db.Scanner) error { return s.Scan(&last.Day, &last.Status) })
	batch.Query(`SELECT d.day, d.status, d.actor, d.began_at, coalesce(d.closed_at, d.began_at), d.positions,
		CASE WHEN d.status = 'CLOSING' THEN coalesce((SELECT b.positions FROM business_days b WHERE b.day < d.day ORDER BY b.day DESC LIMIT 1), 0) ELSE 0 END
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
	v.CloseBegan(last.Day)
	out.BusinessDate = civil.BusinessDate(clock, last.Day)
	out.Next = accounting.CloseState{Begun: last.Day, Closed: last.Status == "CLOSED", First: first, Through: through, Clock: clock}.Next()
	return out, err
}

// CloseReview is what waits before the close of a day.
type CloseReview struct {
	Tills    []OpenTill // open tills in the reader's scope that block the close, the oldest first
	Others   int64      // such tills outside the scope
	Entries  int64      // manual entries that wait for a decision; at most mostWaiting
	Deposits int64      // incoming payments without a loan; at most mostWaiting
}

// mostWaiting limits what CloseReview counts.
const mostWaiting = 100

// CloseReview returns what waits before the close of a day and of the days before it. It names
// the open tills to those who may read them, and counts the others. Refused with
// access.Forbidden.
func (v *View) CloseReview(ctx context.Context, by By, day civil.Date) (out CloseReview, err error) {
	if err := by.mayReadDays(); err != nil {
		return out, err
	}
	const blocking = " AND s.business_date <= $1 AND s.business_date > " + lastDay
	batch := &db.Batch{}
	batch.Query("SELECT count(*) FROM till_sessions s WHERE s.closed_on IS NULL"+blocking, func(s db.Scanner) error { return s.Scan(&out.Others) }, day)
	if by.may(settlement.Read) == nil {
		args := []any{day, int64(mostOpenTills)}
		batch.Query(selectOpenTill+blocking+by.ofBranch("s", &args)+" ORDER BY s.business_date, s.id LIMIT $2", func(s db.Scanner) error {
			o, err := scanOpenTill(s)
			out.Tills = append(out.Tills, o)
			return err
		}, args...)
	}
	batch.Query(`SELECT (SELECT count(*) FROM (SELECT 1 FROM manual_entries WHERE status = 'PROPOSED' LIMIT $1) e),
		(SELECT count(*) FROM (SELECT 1 FROM incoming_payments WHERE status = 'SUSPENSE' LIMIT $1) p)`, func(s db.Scanner) error {
		return s.Scan(&out.Entries, &out.Deposits)
	}, int64(mostWaiting))
	err = v.ask(ctx, by.Need, batch, func() { out = CloseReview{} })
	out.Others -= int64(len(out.Tills))
	return out, err
}

// LastCloses are the day that is being closed and the last closed day. Each is zero if there is
// none.
type LastCloses struct{ Running, Closed BusinessDay }

// LastCloses returns the state of the closes. Refused with access.Forbidden.
func (v *View) LastCloses(ctx context.Context, by By) (out LastCloses, err error) {
	if err := by.may(accounting.Read); err != nil {
		return out, err
	}
	batch := &db.Batch{}
	batch.Query("SELECT day, status, actor, began_at, coalesce(closed_at, began_at), positions FROM business_days ORDER BY day DESC LIMIT 2", func(s db.Scanner) error {
		var d BusinessDay
		var closed time.Time
		err := s.Scan(&d.Day, &d.Status, &d.Actor, &d.BeganAt, &closed, &d.Loans)
		switch {
		case d.Status == "CLOSING":
			out.Running = d
		case out.Closed.Day.IsZero():
			d.ClosedAt = &closed
			out.Closed = d
			if !out.Running.Day.IsZero() {
				out.Running.Of = d.Loans
			}
		}
		return err
	})
	err = v.ask(ctx, by.Need, batch, func() { out = LastCloses{} })
	return out, err
}
