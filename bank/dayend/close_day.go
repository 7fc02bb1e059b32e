// Package dayend closes business days: it composes what each line of business does at
// the end of a day.
package dayend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// ClosedDay is the close of a day, running or done.
type ClosedDay struct {
	Day        civil.Date   `json:"day"`
	Loans      int64        `json:"loans"`      // positions written
	Interest   money.Amount `json:"interest"`   // that the day earned, beyond what its transactions posted
	Provisions money.Amount `json:"provisions"` // change of what is provided

	Of       int64  `json:"-"` // loans that it is about, as far as is known; 0 if nobody asked
	Token    uint64 `json:"-"` // of the commit that ended it
	Replayed bool   `json:"-"` // it was asked for with this key before
}

// AppendJSON adds the close as JSON.
func (c ClosedDay) AppendJSON(b []byte) []byte {
	b = append(append(b, `{"day":"`...), c.Day.String()...)
	return fmt.Appendf(b, `","loans":%d,"interest":%s,"provisions":%s}`, c.Loans, c.Interest, c.Provisions)
}

// Options set a Closer up.
type Options struct {
	PositionMonths int                 // of positions that closes keep, before the month of the day; 0: all
	Limits         lending.SliceLimits // zero values stand for the defaults
}

// Closer closes the days of a bank, one at a time.
type Closer struct {
	bank     *bank.Bank
	opts     Options
	closing  sync.Mutex    // a day is being closed
	stopping chan struct{} // closed when a close has to stop
	stop     func()        // closes it, once
}

// New makes the closer of a bank.
func New(b *bank.Bank, o Options) *Closer {
	c := &Closer{bank: b, opts: o, stopping: make(chan struct{})}
	c.stop = sync.OnceFunc(func() { close(c.stopping) })
	return c
}

// Stop stops a close after the slice of loans in hand, and refuses to begin one. It
// does not wait.
func (c *Closer) Stop() { c.stop() }

// Close is Stop that waits until the close has stopped.
func (c *Closer) Close() {
	c.stop()
	c.closing.Lock()
	defer c.closing.Unlock()
}

// closePurpose is the lock of the process that closes days.
const closePurpose = 0x736f_6669_01

// closeTries is how often a step of a close is taken when the database gives its
// transaction up or is away.
const closeTries = 5

// CloseDay closes a business day, the next one if none is named: it writes the
// position of every loan, classifies and provides for them and posts what the day
// earned. A close that was cut off goes on where it was; it stops after each slice of
// loans if its context has ended or the closer is being closed. The business date is
// the next day from the first moment on; commands go on meanwhile. It is refused with
// Invalid, accounting.DayClosed, DayOpen, or CloseRunning while another process closes.
// With an error the answer has the day alone, if its close has begun. The key of By
// stands for the whole close. Progress, unless nil, is called before the first loan
// and after each slice.
func (c *Closer) CloseDay(ctx context.Context, by bank.By, day civil.Date, progress func(ClosedDay)) (ClosedDay, error) {
	if err := c.bank.May(ctx, by, accounting.CloseDays); err != nil {
		return ClosedDay{}, err
	}
	if !c.closing.TryLock() {
		return ClosedDay{}, fault.Refuse(accounting.CloseRunning)
	}
	defer c.closing.Unlock()
	by.System = true // the role was checked
	r := run{closer: c, session: c.bank.DB().Session(), by: by, asked: by, progress: progress}
	r.by.Key = ""
	defer r.session.Close()
	if err := r.lead(ctx); err != nil {
		return ClosedDay{}, err
	}
	answer, err := bank.Replayed(ctx, r.session, r.asked, (*finishClose)(nil).Name())
	if answer != nil {
		done := ClosedDay{Replayed: true}
		return done, json.Unmarshal(answer, &done)
	}
	if err != nil {
		return ClosedDay{}, err
	}
	done, err := r.close(ctx, day)
	if err != nil {
		done.Day = r.day
	}
	return done, err
}

// run is one close of a day.
type run struct {
	closer   *Closer
	session  *db.Session
	by       bank.By // of its steps
	asked    bank.By // of the whole, perhaps with a key
	progress func(ClosedDay)
	day      civil.Date
	loans    *lending.DayClose
}

// lead makes this the one process that closes.
func (r *run) lead(ctx context.Context) error {
	leads, err := r.session.Lead(ctx, closePurpose)
	if err != nil {
		return bank.Unavailable(fault.DatabaseAway, err)
	}
	if !leads {
		return fault.Refuse(accounting.CloseRunning)
	}
	return nil
}

// close does the work of CloseDay.
func (r *run) close(ctx context.Context, day civil.Date) (ClosedDay, error) {
	begun, err := bank.Do(ctx, r.closer.bank, r.by, &beginClose{Day: day})
	if err != nil {
		return ClosedDay{}, err
	}
	r.day = begun.Answer.Day
	r.loans = lending.NewDayClose(r.closer.bank, r.session, r.by, r.closer.opts.Limits, begun.Answer)
	defer r.loans.Halt()
	if err := r.steadily(ctx, func(ctx context.Context) error { return r.loans.Prepare(ctx, r.progress != nil) }); err != nil {
		return ClosedDay{}, err
	}
	r.report()
	for more := true; more; r.report() {
		err := r.steadily(ctx, func(ctx context.Context) (err error) {
			more, err = r.loans.Slice(ctx)
			return err
		})
		if err != nil {
			return ClosedDay{}, err
		}
	}
	if err := r.steadily(ctx, r.sum); err != nil {
		return ClosedDay{}, err
	}
	done, err := bank.Do(ctx, r.closer.bank, r.asked, &finishClose{Day: r.day})
	if err != nil {
		return ClosedDay{}, err
	}
	done.Answer.Token, done.Answer.Replayed = done.Token, done.Replayed
	r.retain(ctx)
	return done.Answer, nil
}

// sum writes the sums of the day's positions and of its entries.
func (r *run) sum(ctx context.Context) error {
	save := &db.Batch{}
	r.loans.Sum(save)
	bank.SumAccountDay(save, r.day)
	if err := r.session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	_, err := r.session.Commit(ctx, save)
	return err
}

func (r *run) report() {
	if r.progress != nil {
		r.progress(ClosedDay{Day: r.day, Loans: r.loans.Loans, Of: r.loans.Of})
	}
}

// retain drops the positions of the months that are more than so many before that of
// the day just closed, whole months at a time; the sums of their portfolios stay. A
// failure goes to the log: the next close tries again.
func (r *run) retain(ctx context.Context) {
	months := r.closer.opts.PositionMonths
	if months <= 0 {
		return
	}
	first := r.day.AddMonths(-months, 1)
	for {
		dropped, err := r.drop(ctx, first)
		switch {
		case err != nil:
			r.closer.bank.Log().Warn("old positions were not dropped", "before", first.String(), "error", err)
			return
		case dropped.IsZero() || r.stopped(ctx) != nil:
			return
		}
	}
}

func (r *run) drop(ctx context.Context, first civil.Date) (civil.Date, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bank.TripTime)
	defer cancel()
	return lending.PurgeDailyPositions(ctx, r.session, r.closer.bank.DB().Embedded(), first)
}

// steadily takes a step of the close, a whole transaction; again, from where the
// database says that the close is, if that gave the transaction up or was away.
func (r *run) steadily(ctx context.Context, step func(context.Context) error) error {
	for try := 1; ; try++ {
		if err := r.stopped(ctx); err != nil {
			return err
		}
		err := r.attempt(ctx, step, try > 1)
		var broken lending.BrokenLoan
		switch {
		case err == nil || fault.Is(err, accounting.CloseRunning):
			return err
		case errors.As(err, &broken) || db.Refused(err) && !db.Crossed(err):
			return fmt.Errorf("close of %s: %w", r.day, err)
		case try == closeTries:
			return r.cutOff(accounting.CloseCutOff, err)
		}
		r.closer.bank.Log().Warn("a step of the close is taken again", "day", r.day.String(), "loans", r.loans.Loans, "error", err)
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
	}
}

// attempt takes the step once. Once begun it is not cut short by its caller.
func (r *run) attempt(ctx context.Context, step func(context.Context) error, again bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bank.TripTime)
	defer cancel()
	if again {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	return step(ctx)
}

// resume makes this the process that closes again, and asks how far the close has come.
func (r *run) resume(ctx context.Context) error {
	if err := r.lead(ctx); err != nil {
		return err
	}
	return r.loans.Resume(ctx)
}

// cutOff is the refusal of a close that did not end.
func (r *run) cutOff(why fault.Rule, cause error) error {
	return bank.Unavailable(why, cause).With("date", r.day)
}

// stopped refuses to go on when nobody waits for the close any more.
func (r *run) stopped(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-r.closer.stopping:
	default:
		return nil
	}
	return r.cutOff(accounting.CloseStopped, ctx.Err())
}
