package main

import (
	"context"
	"fmt"
	"time"

	"sofipo/bank"
	"sofipo/core/civil"
)

// maxGap is the accepted time between the newest row and the clock at the start.
const maxGap = 7 * 24 * time.Hour

// openClock sets the node's clock: nil for the machine's, or the training clock of
// SOFIPO_BUSINESS_DATE.
func (n *node) openClock(ctx context.Context, s *settings, location *time.Location) error {
	if s.BusinessDate == "" {
		return nil
	}
	day, err := civil.Parse(s.BusinessDate)
	if err != nil {
		return err
	}
	newest, err := bank.NewestRow(ctx, n.db)
	if err != nil {
		return err
	}
	if n.clock, err = trainingClock(day, time.Now().In(location), newest); err == nil {
		n.log.Warn("the business date is set for training", "date", day.String())
	}
	return err
}

// trainingClock returns a clock that starts on the day at the time of day of now, or after the
// newest row if that is later on the same day.
func trainingClock(day civil.Date, now, newest time.Time) (func() time.Time, error) {
	hour, minute, second := now.Clock()
	start := time.Date(int(day.Year), time.Month(day.Month), int(day.Day), hour, minute, second, 0, now.Location())
	if newest.After(start) {
		if last := civil.DateOf(newest.In(now.Location())); last != day {
			return nil, usageError{fmt.Errorf("SOFIPO_BUSINESS_DATE is %s, but the newest row is of %s: use that day or a later one, or an empty database", day, last)}
		}
		start = newest
	}
	began := time.Now()
	return func() time.Time { return start.Add(time.Since(began)) }, nil
}

// now returns the time of the node's clock.
func (n *node) now() time.Time {
	if n.clock != nil {
		return n.clock()
	}
	return n.wall()
}

// checkGap refuses to write if the clock and the newest row are more than a week apart: one of
// them is probably wrong. It accepts every clock in the demo profile, in training, and with
// --accept-clock.
func (n *node) checkGap(ctx context.Context, s *settings) error {
	if s.Profile == demoProfile || n.clock != nil {
		return nil
	}
	newest, err := bank.NewestRow(ctx, n.db)
	now := n.wall().Round(0)
	if gap := now.Sub(newest); err != nil || newest.IsZero() || gap.Abs() <= maxGap {
		return err
	}
	if s.AcceptClock {
		n.log.Warn("the clock is accepted", "clock", now, "newest_row", newest)
		return nil
	}
	often := "once"
	if newest.After(now) {
		often = "each time until it has passed that row,"
	}
	return fmt.Errorf("the clock shows %s, but the newest row of the database is of %s, more than %d days apart. "+
		"If the clock is wrong, set it. If it is right, start %s with --accept-clock or SOFIPO_ACCEPT_CLOCK=true",
		now.UTC().Format(time.RFC3339), newest.UTC().Format(time.RFC3339), int(maxGap.Hours()/24), often)
}

// ready returns the checks of /readyz.
func (n *node) ready(ctx context.Context) map[string]error {
	checks := map[string]error{"database": n.db.Ping(ctx), "disk": n.db.Writable(ctx), "clock": nil}
	if checks["database"] == nil {
		_, checks["clock"] = n.bank.Now(ctx)
	}
	return checks
}
