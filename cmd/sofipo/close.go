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
	"sofipo/infra/db"
	"sofipo/view"
)

type closeCommand struct {
	settings `embed:""`
	Date     *string `placeholder:"DATE" help:"Day to close, as YYYY-MM-DD. It must be the next open day, which is the default."`
	CatchUp  bool    `help:"Close all open days before today, in order."`
	Wait     bool    `help:"Wait if another close is running, instead of failing."`
	Progress bool    `help:"Show progress even if standard error is not a terminal."`

	day, next civil.Date // the requested day, and the next day to close at the start of the command
}

// Validate checks the flags. Kong calls it after parsing.
func (c *closeCommand) Validate() (err error) {
	if c.Date != nil && c.CatchUp {
		return errors.New("--date and --catch-up cannot be used together")
	}
	if c.Date != nil {
		if c.day, err = civil.Parse(*c.Date); err != nil {
			return fmt.Errorf("--date is %q: use YYYY-MM-DD", *c.Date)
		}
	}
	return c.settings.Validate()
}

// Run closes the day, or all open days, and prints a line for each.
func (c *closeCommand) Run(ctx context.Context) error {
	began := time.Now()
	waited, release, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	return withNode(ctx, &c.settings, func(n *node) error {
		if waited {
			if closed, err := c.closedSince(ctx, n, began); closed || err != nil {
				return err
			}
		}
		if err := c.pin(ctx, n); err != nil {
			return err
		}
		for {
			err := c.close(ctx, n)
			if !c.Wait || !fault.Is(err, accounting.CloseRunning) {
				return err
			}
			if c.day.IsZero() {
				c.day = c.next
			}
			if closed, err := c.await(ctx, n); closed || err != nil {
				return err
			}
		}
	})
}

// lock locks the embedded database, which must exist. If another command is closing a
// day and --wait is set, it waits.
func (c *closeCommand) lock(ctx context.Context) (waited bool, release func(), err error) {
	if c.primaryURL() == "" && !db.HasDatabase(c.Data) {
		return false, nil, fmt.Errorf("SOFIPO_DATA: no database in %s; sofipo serve creates one", c.Data)
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

// await waits a moment for the close that another process runs, and reports whether it
// has closed the day. It does not start the close itself, which would keep the other
// process from closing its next day.
func (c *closeCommand) await(ctx context.Context, n *node) (closed bool, err error) {
	if !sleep(ctx, waitPause) {
		return false, errStoppedWaiting
	}
	if c.CatchUp {
		return false, nil
	}
	days, err := c.days(ctx, n, 1)
	if closed = err == nil && days.Next.After(c.day); closed {
		printClosedElsewhere(c.day)
	}
	return closed, err
}

// closedSince reports whether the requested day, or any day if none was requested, was
// closed after this command started to wait.
func (c *closeCommand) closedSince(ctx context.Context, n *node, began time.Time) (closed bool, err error) {
	if c.CatchUp {
		return false, nil
	}
	days, err := c.days(ctx, n, newestDays)
	for _, d := range days.Days {
		if d.ClosedAt != nil && d.ClosedAt.After(began) && (c.day.IsZero() || d.Day == c.day) {
			printClosedElsewhere(d.Day)
			return true, nil
		}
	}
	return false, err
}

func printClosedElsewhere(day civil.Date) { fmt.Printf("%s closed by another process\n", day) }

// waitPause is the interval of checks whether another close has ended.
const waitPause = 200 * time.Millisecond

// pin fixes the day to close if none was requested, so that a command that waits for the
// close of a day does not close the following day too.
func (c *closeCommand) pin(ctx context.Context, n *node) error {
	if !c.Wait || !c.day.IsZero() || c.CatchUp {
		return nil
	}
	days, err := c.days(ctx, n, 1)
	if c.next = days.Next; len(days.Days) > 0 && days.Days[0].Day == days.Next {
		c.day = days.Next
	}
	return err
}

// days returns the newest closed or closing days, at most limit, and the next day to close.
func (c *closeCommand) days(ctx context.Context, n *node, limit int64) (view.Days, error) {
	today, err := c.today()
	if err != nil {
		return view.Days{}, err
	}
	return n.view.Days(ctx, view.System, today, endOfTime, limit)
}

// newestDays is more than another command can close while this one waits for the lock.
const newestDays = 1000

var endOfTime = civil.Date{Year: 9999, Month: 12, Day: 31}

func (c *closeCommand) today() (civil.Date, error) {
	location, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return civil.Date{}, err
	}
	return civil.DateOf(time.Now().In(location)), nil
}

func (c *closeCommand) close(ctx context.Context, n *node) error {
	count := 0
	printClosed := func(done dayend.ClosedDay, took time.Duration) {
		count++
		fmt.Printf("%s closed: %d loans, interest %s, provisions %s, %.1f s\n", done.Day, done.Loans, done.Interest, done.Provisions, took.Seconds())
	}
	if !c.CatchUp {
		began := time.Now()
		done, err := n.days.CloseDay(ctx, commandLine, c.day, c.meter())
		if err == nil {
			printClosed(done, time.Since(began))
		}
		return err
	}
	today, err := c.today()
	if err != nil {
		return err
	}
	all := catchUp{days: n.days, by: commandLine, progress: c.meter(), closed: printClosed}
	if err := all.through(ctx, today.AddDays(-1)); err != nil {
		return err
	}
	if count == 0 {
		fmt.Printf("nothing to close: all days before %s are closed\n", today)
	}
	return nil
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
