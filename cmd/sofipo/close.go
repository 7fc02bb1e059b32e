package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"sofipo/bank/dayend"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
)

type closeCommand struct {
	settings `embed:""`
	Date     *string `placeholder:"DATE" help:"Day to close, as YYYY-MM-DD. It must be the next open day. Without it, all open days before today are closed."`
	CatchUp  bool    `help:"Exit with 0 if no day before today is open; for cron."`
	MaxDays  *int    `placeholder:"7" help:"Maximum number of open days to close. If more are open, none is closed."`
	Wait     bool    `help:"Wait if another close is running, instead of failing."`
	Progress bool    `help:"Show progress even if standard error is not a terminal."`

	day civil.Date // the requested day
}

// Validate checks the flags. Kong calls it after parsing.
func (c *closeCommand) Validate() (err error) {
	if c.Date != nil && (c.CatchUp || c.MaxDays != nil) {
		return errors.New("--date cannot be used together with --catch-up or --max-days")
	}
	if c.Date != nil {
		if c.day, err = civil.Parse(*c.Date); err != nil {
			return fmt.Errorf("--date is %q: use YYYY-MM-DD", *c.Date)
		}
	}
	if c.MaxDays != nil && *c.MaxDays < 1 {
		return fmt.Errorf("--max-days is %d: use at least 1", *c.MaxDays)
	}
	return c.settings.Validate()
}

// Run closes the day, or all open days, and prints a line for each.
func (c *closeCommand) Run(ctx context.Context) error {
	waited, release, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	return change(ctx, &c.settings, func(n *node) error {
		err := c.close(ctx, n)
		for c.Wait && fault.Is(err, accounting.CloseRunning) {
			if !sleep(ctx, waitPause) {
				return errStoppedWaiting
			}
			waited, err = true, c.close(ctx, n)
		}
		var refusal *fault.Error
		switch {
		case waited && fault.Is(err, accounting.DayClosed):
			fmt.Printf("%s closed by another process\n", c.day)
		case (waited || c.CatchUp) && fault.Is(err, accounting.NoOpenDay) && errors.As(err, &refusal):
			fmt.Printf("nothing to close: all days before %s are closed\n", refusal.Values["today"])
		default:
			return err
		}
		return nil
	})
}

// lock locks the embedded database, which must exist. If another command is closing a
// day and --wait is set, it waits.
func (c *closeCommand) lock(ctx context.Context) (waited bool, release func(), err error) {
	if err := c.hasDatabase(); err != nil {
		return false, nil, err
	}
	for ; ; waited = true {
		release, err := c.lockFolder(closing)
		var other lockedError
		switch {
		case !errors.As(err, &other):
			return waited, release, err
		case other.by == serving:
			return waited, nil, fmt.Errorf("%w: close the day through it (POST /api/v1/days/close or SOFIPO_CLOSE_AT), or stop it first", err)
		case !c.Wait:
			return waited, nil, fmt.Errorf("%w: use --wait to wait until it ends", err)
		case !sleep(ctx, waitPause):
			return waited, nil, errStoppedWaiting
		}
	}
}

var errStoppedWaiting = errors.New("stopped while waiting for the running close")

// waitPause is the interval of checks whether another close has ended.
const waitPause = 200 * time.Millisecond

// close closes the requested day, or all open days before today.
func (c *closeCommand) close(ctx context.Context, n *node) error {
	printClosed := func(done dayend.ClosedDay, took time.Duration) {
		fmt.Printf("%s closed: %d loans, interest %s, provisions %s, %.1f s\n", done.Day, done.Loans, done.Interest, done.Provisions, took.Seconds())
	}
	if c.Date == nil {
		most := dayend.UsualDays
		if c.MaxDays != nil {
			most = *c.MaxDays
		}
		_, err := n.days.CloseOpen(ctx, commandLine, most, c.meter(), printClosed)
		return err
	}
	began := time.Now()
	done, err := n.days.CloseDay(ctx, commandLine, c.day, c.meter())
	if err == nil {
		printClosed(done, time.Since(began))
	}
	return err
}

// progressInterval is the time between two lines of progress.
const progressInterval = time.Second

// meter returns a function that prints the progress of a close: the first and the last
// batch of a day, and one line a second in between.
func (c *closeCommand) meter() func(dayend.ClosedDay) {
	if info, err := os.Stderr.Stat(); !c.Progress && (err != nil || info.Mode()&os.ModeCharDevice == 0) {
		return nil
	}
	var at dayend.ClosedDay
	var began, printed time.Time
	return func(d dayend.ClosedDay) {
		now := time.Now()
		if at.Day != d.Day {
			at, began, printed = d, now, time.Time{}
		}
		if now.Sub(printed) < progressInterval && d.Loans < d.Of {
			return
		}
		printed = now
		speed := 0.0
		if seconds := now.Sub(began).Seconds(); d.Loans > at.Loans {
			speed = float64(d.Loans-at.Loans) / seconds
		}
		fmt.Fprintf(os.Stderr, "%s: %d of about %d loans, %.0f loans/s\n", d.Day, d.Loans, d.Of, speed)
	}
}
