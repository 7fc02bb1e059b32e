package view

import (
	"bytes"
	"context"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// detached is the end of the months of the journal that are in files.
type detached struct {
	month   civil.Date // first day of the last one; zero without any
	until   id.ID      // the ids of their rows are below it
	endedAt time.Time
	lastDay civil.Date // latest business date of their entries
}

// detached requests the end of the detached months, in the snapshot of the batch.
func (v *View) detached(batch *db.Batch) *detached {
	d := &detached{}
	batch.Before(func() { *d = detached{} })
	batch.Query("SELECT month, until, ended_at, last_day FROM detached_months ORDER BY month DESC LIMIT 1", func(s db.Scanner) error {
		return s.Scan(&d.month, &d.until, &d.endedAt, &d.lastDay)
	})
	return d
}

// refuse refuses a question if it needs rows of detached months.
func (d *detached) refuse(needs bool) error {
	if d.month.IsZero() || !needs {
		return nil
	}
	return fault.Refuse(accounting.JournalDetached, "through", d.month.MonthEnd())
}

// from refuses a question about entries of a day or later if some of them are detached.
func (d *detached) from(day civil.Date) error { return d.refuse(!day.After(d.lastDay)) }

// row refuses a question about a row of a detached month, or one that such a row began.
func (d *detached) row(x id.ID) error { return d.refuse(bytes.Compare(x[:], d.until[:]) < 0) }

// JournalBegins returns the time before which the journal is in files, or the zero time. Everybody may
// know it.
func (v *View) JournalBegins(ctx context.Context, need uint64) (time.Time, error) {
	batch := &db.Batch{}
	d := v.detached(batch)
	err := v.ask(ctx, need, batch, func() {})
	return d.endedAt, err
}
