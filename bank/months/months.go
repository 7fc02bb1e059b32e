// Package months detaches old months of the journal and of the daily positions: it writes a month to
// files and drops it from the database, and puts it back. The seals of the journal stay, so the rows of
// a file can be verified without attaching it. docs/decisions/0014 explains it.
package months

import (
	"bytes"
	"context"
	"time"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Month is a detached month.
type Month struct {
	First      civil.Date // first day of the month
	Until      id.ID      // the ids of its rows are below it
	EndedAt    time.Time
	LastDay    civil.Date // latest business date of its entries
	Journal    File
	Positions  File // without a hash: the database had no daily positions of the month
	DetachedAt time.Time
	DetachedBy string
}

// File identifies a written file.
type File struct {
	Rows   int64
	SHA256 string // hexadecimal
}

// Detached is the table of the detached months.
var Detached = bank.Declare(bank.Table[civil.Date, Month]{
	Name: "detached_months", Rank: 152,
	Columns: db.Columns[Month]{
		db.DayField("month", func(m *Month) *civil.Date { return &m.First }),
		db.IDField("until", func(m *Month) *id.ID { return &m.Until }),
		db.TimeField("ended_at", func(m *Month) *time.Time { return &m.EndedAt }),
		db.DayField("last_day", func(m *Month) *civil.Date { return &m.LastDay }),
		db.IntField("journal_rows", func(m *Month) *int64 { return &m.Journal.Rows }),
		db.TextField("journal_sha256", func(m *Month) *string { return &m.Journal.SHA256 }),
		db.IntField("position_rows", func(m *Month) *int64 { return &m.Positions.Rows }),
		db.TextField("position_sha256", func(m *Month) *string { return &m.Positions.SHA256 }),
		db.TimeField("detached_at", func(m *Month) *time.Time { return &m.DetachedAt }),
		db.TextField("detached_by", func(m *Month) *string { return &m.DetachedBy }),
	},
	Of:      func(m *Month) civil.Date { return m.First },
	Compare: civil.Date.Compare,
})

// List returns the detached months, oldest first.
func List(ctx context.Context, d *db.DB) (all []Month, err error) {
	batch := &db.Batch{}
	batch.Before(func() { all = nil })
	batch.Query("SELECT "+Detached.Columns.List("")+" FROM detached_months ORDER BY month", func(s db.Scanner) error {
		var m Month
		err := Detached.Columns.Scan(s, &m)
		all = append(all, m)
		return err
	})
	err = d.ReadPrimary(ctx, batch)
	return all, err
}

// bounds returns the moment at which a month begins and the one at which it ends. Months of the journal
// are those of its ids, in UTC.
func bounds(month civil.Date) (from, to time.Time) {
	first := civil.Date{Year: month.Year, Month: month.Month, Day: 1}
	return first.Midnight(), first.AddMonths(1, 1).Midnight()
}

// boundary returns the id below which all rows are older than a moment.
func boundary(at time.Time) (x id.ID) {
	x = id.New(at, [10]byte{})
	clear(x[6:])
	return x
}

// state is what a command must know of the months.
type state struct {
	newest      Month      // the last detached month
	oldest      id.ID      // the first row that is attached
	row         id.ID      // the last row of the month
	first, last civil.Date // business dates of the month's entries
	sealed      id.ID      // end of the last seal
	closes      [2]civil.Date
}

// read requests the state.
func (s *state) read(month civil.Date) func(*db.Batch) {
	from, to := bounds(month)
	return func(batch *db.Batch) {
		*s = state{}
		batch.Query("SELECT "+Detached.Columns.List("")+" FROM detached_months ORDER BY month DESC LIMIT 1", func(r db.Scanner) error { return Detached.Columns.Scan(r, &s.newest) })
		batch.Query("SELECT id FROM journal WHERE id >= "+bank.JournalBegins+" ORDER BY id LIMIT 1", func(r db.Scanner) error { return r.Scan(&s.oldest) })
		batch.Query("SELECT id FROM journal WHERE id < $1 ORDER BY id DESC LIMIT 1", func(r db.Scanner) error { return r.Scan(&s.row) }, boundary(to))
		batch.Query("SELECT min(business_date), max(business_date) FROM journal WHERE id >= $1 AND id < $2", func(r db.Scanner) error { return r.Scan(&s.first, &s.last) }, boundary(from), boundary(to))
		batch.Query("SELECT until FROM journal_seals ORDER BY number DESC LIMIT 1", func(r db.Scanner) error { return r.Scan(&s.sealed) })
		batch.Query("SELECT min(day), max(day) FROM business_days WHERE status = 'CLOSED'", func(r db.Scanner) error { return r.Scan(&s.closes[0], &s.closes[1]) })
	}
}

// Detachable returns the day before which months can be detached. The current and the previous year stay
// in the database, because audits and annual statements read them.
func Detachable(today civil.Date) civil.Date {
	return civil.Date{Year: today.Year - 1, Month: 1, Day: 1}
}

// check refuses a month that cannot be detached.
func (s *state) check(b *bank.Book, month civil.Date) error {
	refuse := func(why fault.Rule, values ...any) error {
		return fault.Refuse(accounting.MonthStays, append(values, "month", month.MonthOf())...).Because(why)
	}
	switch limit := Detachable(b.Today()); {
	case !s.newest.First.Before(month):
		return fault.Refuse(accounting.MonthStays, "month", month.MonthOf())
	case !month.Before(limit):
		return refuse(accounting.StaysOnline, "earliest", limit)
	case !s.oldest.IsZero() && s.oldest.Time().Before(month.Midnight()):
		return refuse(accounting.OldestFirst, "oldest", civil.DateOf(s.oldest.Time().UTC()).MonthOf())
	case b.ClosedThrough().Before(month.MonthEnd()):
		return refuse(accounting.BooksOpen)
	case bytes.Compare(s.sealed[:], s.row[:]) < 0:
		return refuse(accounting.NotSealed)
	// Balances have the totals of closed days instead of the entries.
	case !s.first.IsZero() && (s.closes[0].IsZero() || s.first.Before(s.closes[0]) || s.last.After(s.closes[1])):
		return refuse(accounting.DaysNotClosed, "first", s.first, "last", s.last)
	}
	return nil
}
