package view

import (
	"context"
	"sync"
	"time"

	"sofipo/core/civil"
	"sofipo/infra/db"
)

// calendar is what this process knows of the days whose close has begun.
type calendar struct {
	mu    sync.Mutex
	last  civil.Date // the last of them; zero if none is known
	asked time.Time  // when the database was last asked, whether it answered or not
}

// calendarMemory is how long a process that reads nothing else relies on what it
// knows of the days.
const calendarMemory = 5 * time.Second

// Began tells that the close of a day has begun: what is asked for from now on
// knows of it. The zero day is none.
func (v *View) Began(day civil.Date) {
	v.days.mu.Lock()
	defer v.days.mu.Unlock()
	v.days.last, v.days.asked = civil.Later(v.days.last, day), time.Now()
}

func (c *calendar) known() (last civil.Date, stale bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last, time.Since(c.asked) > calendarMemory
}

// Today is the business date of now, given the day of the clock. It costs no trip
// while one was made of late: every question whose answer depends on the business
// date asks for the last day too, so Today is never behind what such an answer was
// made from. While the database is away it is what was known last.
func (v *View) Today(clock civil.Date) civil.Date {
	last, stale := v.days.known()
	if stale {
		_, _, _ = v.flight.Do("business date", func() (any, error) {
			if _, stale := v.days.known(); stale {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				_, err := v.BusinessDate(ctx, clock, 0)
				v.Began(civil.Date{})
				return nil, err
			}
			return nil, nil
		})
		last, _ = v.days.known()
	}
	return civil.BusinessDate(clock, last)
}

// BusinessDate is the business date of now, given the day of the clock, as the
// database has it at the token need or later.
func (v *View) BusinessDate(ctx context.Context, clock civil.Date, need uint64) (civil.Date, error) {
	err := v.ask(ctx, need, v.dated(&db.Batch{}), func() {})
	last, _ := v.days.known()
	return civil.BusinessDate(clock, last), err
}

// dated adds to a batch what Today learns from.
func (v *View) dated(batch *db.Batch) *db.Batch {
	batch.Query("SELECT max(day) FROM business_days", func(s db.Scanner) error {
		var last civil.Date
		err := s.Scan(&last)
		v.Began(last)
		return err
	})
	return batch
}
