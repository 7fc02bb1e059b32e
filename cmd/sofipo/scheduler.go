package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/settlement"
)

// closeAtForm is the format of SOFIPO_CLOSE_AT.
const closeAtForm = "15:04"

// scheduler closes all past days at a set time of day, and at start-up if that time has
// passed. If more than dayend.UsualDays are open, it closes none and logs an error: a person
// has to confirm that the clock is right. With several nodes, one of them closes the days; the
// others find that a close is running or done.
type scheduler struct {
	days     *dayend.Closer
	at       time.Duration // time of day
	location *time.Location
	clock    func() time.Time
	log      *slog.Logger
	look     time.Duration // interval of checks of the clock, which may be adjusted
	retry    time.Duration // pause after the first failure, doubled after each one
	tills    time.Duration // pause while tills are open that a person must close
}

// The pauses of the scheduler.
const (
	lookEvery  = 20 * time.Second
	firstRetry = 5 * time.Second
	lastRetry  = 5 * time.Minute
	tillsRetry = time.Hour
)

// startScheduler runs the scheduler until the context ends, if it is configured.
func (n *node) startScheduler(ctx context.Context, s *settings) (done chan struct{}, err error) {
	done = make(chan struct{})
	if s.CloseAt == "" {
		close(done)
		return done, nil
	}
	location, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, err
	}
	at, err := time.Parse(closeAtForm, s.CloseAt)
	if err != nil {
		return nil, err
	}
	run := scheduler{
		days: n.days, at: at.Sub(at.Truncate(24 * time.Hour)), location: location, clock: n.now, log: n.log, look: lookEvery, retry: firstRetry, tills: tillsRetry,
	}
	go func() {
		defer close(done)
		run.run(ctx)
	}()
	return done, nil
}

// run closes days until the context ends.
func (s *scheduler) run(ctx context.Context) {
	var closed civil.Date // last day that is known to be closed
	failures := 0
	for pause := time.Duration(0); sleep(ctx, pause); {
		pause = s.look
		due, now := s.due()
		if !now || !due.After(closed) {
			continue
		}
		switch err := s.close(ctx); {
		case err == nil || fault.Is(err, accounting.NoOpenDay):
			closed, failures = due, 0
		case ctx.Err() != nil:
		case fault.Is(err, accounting.CloseRunning):
			s.log.Info("another process is closing a day", "through", due.String())
		case fault.Is(err, settlement.TillsOpen):
			pause = s.tills
			s.log.Error("the day is not closed: tills are open", "through", due.String(), "error", explain(err), "retry_in", pause)
		default:
			pause = min(s.retry<<min(failures, 10), lastRetry)
			failures++
			s.log.Error("closing days failed", "through", due.String(), "error", errors.Join(errors.New(explain(err)), cause(err)), "retry_in", pause)
		}
	}
}

// due returns the last day to close now, which is yesterday, and whether it is time to
// close it.
func (s *scheduler) due() (civil.Date, bool) {
	now := s.clock().In(s.location)
	today := civil.DateOf(now)
	hour, minute, _ := now.Clock()
	if time.Duration(hour)*time.Hour+time.Duration(minute)*time.Minute < s.at {
		return civil.Date{}, false
	}
	return today.AddDays(-1), true
}

// close closes all open days before the clock's day.
func (s *scheduler) close(ctx context.Context) error {
	by := bank.By{System: true, Actor: commandLine.Actor, CorrelationID: "scheduler"}
	_, err := s.days.CloseOpen(ctx, by, dayend.UsualDays, nil, func(done dayend.ClosedDay, took time.Duration) {
		s.log.Info("day closed", "day", done.Day.String(), "loans", done.Loans, "duration", took)
	})
	return err
}

// cause returns the internal cause of a refusal.
func cause(err error) error {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal.Cause
	}
	return nil
}

// sleep pauses. It returns false if the context ends.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return ctx.Err() == nil
	}
}
