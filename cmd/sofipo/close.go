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
	Date     *string `placeholder:"DATE" help:"Day to close, YYYY-MM-DD. It must be the next; that one if left out."`
	CatchUp  bool    `help:"Close every day before today that is not closed yet, in order."`
	Wait     bool    `help:"If a close is running elsewhere, wait for its end; else it is refused."`
	Progress bool    `help:"Tell how far the close is, also where standard error is no terminal."`

	day, next civil.Date // the day that is asked for, and the next when the command began
}

// Validate is called by kong after parsing; its message names the flag.
func (c *closeCommand) Validate() (err error) {
	if c.Date != nil && c.CatchUp {
		return errors.New("--date and --catch-up exclude each other")
	}
	if c.Date != nil {
		if c.day, err = civil.Parse(*c.Date); err != nil {
			return fmt.Errorf("--date is %q: use YYYY-MM-DD", *c.Date)
		}
	}
	return c.settings.Validate()
}

// Run closes the day, or the days, and prints a line for each.
func (c *closeCommand) Run(ctx context.Context) error {
	began := time.Now()
	waited, release, err := c.claim(ctx)
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

// claim keeps others out of the embedded stores, which must be there. While another
// command closes a day in them it waits, if it may.
func (c *closeCommand) claim(ctx context.Context) (waited bool, release func(), err error) {
	if c.primaryURL() == "" && !db.HasDatabase(c.Data) {
		return false, nil, fmt.Errorf("SOFIPO_DATA: there is no database in %s; sofipo serve makes one", c.Data)
	}
	for ; ; waited = true {
		release, err := c.claimFolder(closing)
		var other claimedError
		switch {
		case !errors.As(err, &other):
			return waited, release, err
		case other.by == serving:
			return waited, nil, fmt.Errorf("%w: let it close the day (POST /api/v1/days/close, or SOFIPO_CLOSE_AT), or stop it first", err)
		case !c.Wait:
			return waited, nil, fmt.Errorf("%w: --wait waits for its end", err)
		case !sleep(ctx, waitPause):
			return waited, nil, errStoppedWaiting
		}
	}
}

var errStoppedWaiting = errors.New("stopped while waiting for the close that is running")

// await waits a moment for the close that runs elsewhere, and tells whether the
// day has been closed by it. It does not ask for the close itself meanwhile: that
// would keep the other from going on to its next day.
func (c *closeCommand) await(ctx context.Context, n *node) (closed bool, err error) {
	if !sleep(ctx, waitPause) {
		return false, errStoppedWaiting
	}
	if c.CatchUp {
		return false, nil
	}
	days, err := c.days(ctx, n, 1)
	if closed = err == nil && days.Next.After(c.day); closed {
		tellElsewhere(c.day)
	}
	return closed, err
}

// closedSince tells whether the day that is asked for, or any if none is, was closed
// after the moment at which this command began to wait.
func (c *closeCommand) closedSince(ctx context.Context, n *node, began time.Time) (closed bool, err error) {
	if c.CatchUp {
		return false, nil
	}
	days, err := c.days(ctx, n, newestDays)
	for _, d := range days.Days {
		if d.ClosedAt != nil && d.ClosedAt.After(began) && (c.day.IsZero() || d.Day == c.day) {
			tellElsewhere(d.Day)
			return true, nil
		}
	}
	return false, err
}

func tellElsewhere(day civil.Date) { fmt.Printf("%s closed elsewhere\n", day) }

// waitPause is between two looks whether a close elsewhere has ended.
const waitPause = 200 * time.Millisecond

// pin names the day when none was named: who waits for the close of a day must
// not close the one after it too.
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

// days are the newest whose close has begun, at most so many, and the next.
func (c *closeCommand) days(ctx context.Context, n *node, most int64) (view.Days, error) {
	today, err := c.today()
	if err != nil {
		return view.Days{}, err
	}
	return n.view.Days(ctx, view.System, today, endOfTime, most)
}

// newestDays is more than another command closes while this one waits for its folder.
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
	told := 0
	tell := func(done dayend.ClosedDay, took time.Duration) {
		told++
		fmt.Printf("%s closed: %d loans, interest %s, provisions %s, %.1f s\n", done.Day, done.Loans, done.Interest, done.Provisions, took.Seconds())
	}
	if !c.CatchUp {
		began := time.Now()
		done, err := n.days.CloseDay(ctx, commandLine, c.day, c.meter())
		if err == nil {
			tell(done, time.Since(began))
		}
		return err
	}
	today, err := c.today()
	if err != nil {
		return err
	}
	all := catchUp{days: n.days, by: commandLine, progress: c.meter(), closed: tell}
	if err := all.through(ctx, today.AddDays(-1)); err != nil {
		return err
	}
	if told == 0 {
		fmt.Printf("nothing to close: no day before %s is open\n", today)
	}
	return nil
}

// tellEvery is how often progress is told.
const tellEvery = time.Second

// meter tells how far a close is: the first and the last slice of a day, and
// what lies between once a second.
func (c *closeCommand) meter() func(dayend.ClosedDay) {
	if info, err := os.Stderr.Stat(); !c.Progress && (err != nil || info.Mode()&os.ModeCharDevice == 0) {
		return nil
	}
	var at dayend.ClosedDay
	var began, told time.Time
	return func(d dayend.ClosedDay) {
		now := time.Now()
		if at.Day != d.Day {
			at, began, told = d, now, time.Time{}
		}
		if now.Sub(told) < tellEvery && d.Loans < d.Of {
			return
		}
		told = now
		speed := 0.0
		if seconds := now.Sub(began).Seconds(); d.Loans > at.Loans {
			speed = float64(d.Loans-at.Loans) / seconds
		}
		fmt.Fprintf(os.Stderr, "%s: %d of about %d loans, %.0f loans/s\n", d.Day, d.Loans, d.Of, speed)
	}
}
