package view

import (
	"context"
	"sync"
	"time"

	"sofipo/core/civil"
	"sofipo/infra/db"
)

// calendar caches the last day that is closed or being closed.
type calendar struct {
	mu       sync.Mutex
	last     civil.Date // the last day; zero if none is known
	lastRead time.Time  // when the database was last asked, even if it did not answer
}

// calendarMemory is how long a process that reads nothing else uses the cached day.
const calendarMemory = 5 * time.Second

// CloseBegan reports that the close of a day has begun. Later answers take it into account. A zero
// day changes nothing.
func (v *View) CloseBegan(day civil.Date) {
	v.days.mu.Lock()
	defer v.days.mu.Unlock()
	v.days.last, v.days.lastRead = civil.Later(v.days.last, day), time.Now()
}

func (c *calendar) known() (last civil.Date, stale bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last, time.Since(c.lastRead) > calendarMemory
}

// Today returns the current business date; clock is the current date. It usually needs no
// query, because every question that depends on the business date also reads the last
// business day. So Today is never older than such an answer. If the database is unavailable,
// Today uses the last known day.
func (v *View) Today(clock civil.Date) civil.Date {
	last, stale := v.days.known()
	if stale {
		_, _, _ = v.flight.Do("business date", func() (any, error) {
			if _, stale := v.days.known(); stale {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				_, err := v.BusinessDate(ctx, clock, 0)
				v.CloseBegan(civil.Date{})
				return nil, err
			}
			return nil, nil
		})
		last, _ = v.days.known()
	}
	return civil.BusinessDate(clock, last)
}

// BusinessDate returns the current business date; clock is the current date. The database is
// read at the commit token need or later.
func (v *View) BusinessDate(ctx context.Context, clock civil.Date, need uint64) (civil.Date, error) {
	err := v.ask(ctx, need, v.dated(&db.Batch{}), func() {})
	last, _ := v.days.known()
	return civil.BusinessDate(clock, last), err
}

// dated adds the query that updates the calendar.
func (v *View) dated(batch *db.Batch) *db.Batch {
	batch.Query("SELECT max(day) FROM business_days", func(s db.Scanner) error {
		var last civil.Date
		err := s.Scan(&last)
		v.CloseBegan(last)
		return err
	})
	return batch
}
