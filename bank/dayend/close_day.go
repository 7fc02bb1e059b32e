// Package dayend closes business days. It combines the end-of-day work of all lines of
// business.
package dayend

import (
	"cmp"
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
	"sofipo/core/settlement"
	"sofipo/infra/db"
)

// ClosedDay is the progress or the result of a day's close.
type ClosedDay struct {
	Day        civil.Date   `json:"day"`
	Loans      int64        `json:"loans"`      // daily positions written
	Interest   money.Amount `json:"interest"`   // interest earned on the day beyond what its transactions posted
	Provisions money.Amount `json:"provisions"` // change of the provisions

	// Earlier are the days that the same request closed before this one, oldest first.
	Earlier []ClosedDay `json:"earlier_days,omitempty"`

	Of       int64  `json:"-"` // estimated number of loans; 0 if it was not counted
	Token    uint64 `json:"-"` // commit token of the commit that ended the close
	Replayed bool   `json:"-"` // an earlier request with the same key closed the day
}

// AppendJSON appends the close as JSON.
func (c ClosedDay) AppendJSON(b []byte) []byte {
	b = append(append(b, `{"day":"`...), c.Day.String()...)
	b = fmt.Appendf(b, `","loans":%d,"interest":%s,"provisions":%s`, c.Loans, c.Interest, c.Provisions)
	for i, day := range c.Earlier {
		b = append(b, [...]string{`,"earlier_days":[`, ","}[min(i, 1)]...)
		b = day.AppendJSON(b)
	}
	if len(c.Earlier) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

// Options configure a Closer.
type Options struct {
	PositionMonths int                 // months of daily positions to keep before the month of the closed day; 0 keeps all
	Limits         lending.SliceLimits // zero fields mean the defaults
}

// Closer closes the days of a bank, one at a time.
type Closer struct {
	bank     *bank.Bank
	opts     Options
	closing  sync.Mutex    // held while a day is being closed
	stopping chan struct{} // closed when a running close must stop
	stop     func()        // closes the channel once
}

// New returns the closer of a bank.
func New(b *bank.Bank, o Options) *Closer {
	c := &Closer{bank: b, opts: o, stopping: make(chan struct{})}
	c.stop = sync.OnceFunc(func() { close(c.stopping) })
	return c
}

// Stop stops a running close after its current slice of loans and refuses new closes. It does
// not wait.
func (c *Closer) Stop() { c.stop() }

// Close calls Stop and waits until a running close has stopped.
func (c *Closer) Close() {
	c.stop()
	c.closing.Lock()
	defer c.closing.Unlock()
}

// closeLock is the lock of the process that closes days.
const closeLock = 0x736f_6669_01

// closeTries is how often a step of a close is tried when the database aborts its transaction
// or is unavailable.
const closeTries = 5

// CloseDay closes a business day, or the next one if day is zero. It writes the daily
// position of every loan, classifies the loans, computes their provisions, and posts what the
// day earned. The business date moves to the next day as soon as the close begins; commands
// continue meanwhile.
//
// An interrupted close continues where it stopped. A close stops after the current slice of
// loans if its context ends or Stop is called. By.Key identifies the whole close. A non-nil
// progress is called before the first loan and after each slice.
//
// Refused with Invalid, accounting.DayClosed, DayOpen, settlement.TillsOpen, or CloseRunning if
// another process closes a day. With an error, the result has only the day, and only if its close has begun.
func (c *Closer) CloseDay(ctx context.Context, by bank.By, day civil.Date, progress func(ClosedDay)) (ClosedDay, error) {
	return c.exclusively(ctx, by, progress, func(r *run) (ClosedDay, error) {
		done, _, err := r.close(ctx, beginClose{Day: day}, nil)
		return done, err
	})
}

// ForceDay is CloseDay although tills are open. The reason is stored. It needs the permission
// settlement.Manage. Refused as CloseDay, and with settlement.NoTillsOpen.
func (c *Closer) ForceDay(ctx context.Context, by bank.By, day civil.Date, reason string, progress func(ClosedDay)) (ClosedDay, error) {
	if err := cmp.Or(c.bank.May(ctx, by, settlement.Manage), settlement.CheckReason(reason)); err != nil {
		return ClosedDay{}, err
	}
	return c.alone(ctx, by, progress, func(r *run) (ClosedDay, error) {
		done, _, err := r.close(ctx, beginClose{Day: day, Force: reason}, nil)
		return done, err
	})
}

// UsualDays is the maximum number of days that are closed together unless a person asks for
// more. So a clock that is wrong by months does not close months.
const UsualDays = 7

// maxOpenDays is the maximum of the number of days that may be asked for.
const maxOpenDays = 100_000

// CloseOpen closes all open days before the clock's day, in order, as CloseDay does. If more
// than most days are open, it closes none: they have to be confirmed. It calls closed after
// each day, with the time that its close took. By.Key identifies the close of all these days.
//
// Refused with Invalid, accounting.NoOpenDay, TooManyOpenDays, or as CloseDay. The result is the
// last day, with the others in Earlier. With an error, the days closed so far stay closed.
func (c *Closer) CloseOpen(ctx context.Context, by bank.By, most int, progress func(ClosedDay), closed func(ClosedDay, time.Duration)) (ClosedDay, error) {
	var flaws fault.Flaws
	if fault.Within(&flaws, most, 1, maxOpenDays, "max_days"); len(flaws) > 0 {
		return ClosedDay{}, flaws.Err()
	}
	return c.exclusively(ctx, by, progress, func(r *run) (ClosedDay, error) {
		var earlier []ClosedDay
		for {
			began := time.Now()
			done, latest, err := r.close(ctx, beginClose{Most: most}, earlier)
			if err != nil {
				return ClosedDay{}, err
			}
			closed(done, time.Since(began))
			if latest {
				return done, nil
			}
			earlier = append(earlier, done)
		}
	})
}

// exclusively is alone for a user who may close days.
func (c *Closer) exclusively(ctx context.Context, by bank.By, progress func(ClosedDay), work func(*run) (ClosedDay, error)) (ClosedDay, error) {
	if err := c.bank.May(ctx, by, accounting.CloseDays); err != nil {
		return ClosedDay{}, err
	}
	return c.alone(ctx, by, progress, work)
}

// alone does the work as the only process that closes days, unless an earlier request with the
// same key has done it.
func (c *Closer) alone(ctx context.Context, by bank.By, progress func(ClosedDay), work func(*run) (ClosedDay, error)) (ClosedDay, error) {
	if !c.closing.TryLock() {
		return ClosedDay{}, fault.Refuse(accounting.CloseRunning)
	}
	defer c.closing.Unlock()
	by.System = true // the role has been checked
	r := run{closer: c, session: c.bank.DB().Session(), by: by, request: by, progress: progress}
	r.by.Key = ""
	defer r.session.Close()
	if err := r.lead(ctx); err != nil {
		return ClosedDay{}, err
	}
	answer, err := bank.Replayed(ctx, r.session, r.request, (*finishClose)(nil).Name())
	if answer != nil {
		done := ClosedDay{Replayed: true}
		return done, json.Unmarshal(answer, &done)
	}
	if err != nil {
		return ClosedDay{}, err
	}
	done, err := work(&r)
	if err != nil {
		done.Day = r.day
	}
	return done, err
}

// run is one close of a day.
type run struct {
	closer   *Closer
	session  *db.Session
	by       bank.By // for the steps of the close
	request  bank.By // for the whole close; may have a key
	progress func(ClosedDay)
	day      civil.Date
	loans    *lending.DayClose
}

// lead makes this process the only one that closes days.
func (r *run) lead(ctx context.Context) error {
	leads, err := r.session.Lead(ctx, closeLock)
	if err != nil {
		return bank.Unavailable(fault.DatabaseAway, err)
	}
	if !leads {
		return fault.Refuse(accounting.CloseRunning)
	}
	return nil
}

// close closes a day and reports whether it is the latest one before the clock's day. The days
// that the same request closed earlier are part of the answer.
func (r *run) close(ctx context.Context, begin beginClose, earlier []ClosedDay) (done ClosedDay, latest bool, err error) {
	begun, err := bank.Do(ctx, r.closer.bank, r.by, &begin)
	if err != nil {
		return ClosedDay{}, false, err
	}
	r.day = begun.Answer.Day
	r.loans = lending.NewDayClose(r.closer.bank, r.session, r.by, r.closer.opts.Limits, begun.Answer.ClosingDay)
	defer r.loans.Halt()
	if err := r.retry(ctx, func(ctx context.Context) error { return r.loans.Prepare(ctx, r.progress != nil) }); err != nil {
		return ClosedDay{}, false, err
	}
	r.report()
	for more := true; more; r.report() {
		err := r.retry(ctx, func(ctx context.Context) (err error) {
			more, err = r.loans.Slice(ctx)
			return err
		})
		if err != nil {
			return ClosedDay{}, false, err
		}
	}
	for more := true; more; {
		err := r.retry(ctx, func(ctx context.Context) (err error) {
			more, err = r.loans.DecidePromises(ctx)
			return err
		})
		if err != nil {
			return ClosedDay{}, false, err
		}
	}
	if err := r.retry(ctx, r.sum); err != nil {
		return ClosedDay{}, false, err
	}
	by, latest := r.request, begun.Answer.Latest
	if begin.Most > 0 && !latest {
		by, earlier = r.by, nil // the key and the answer are those of the last day
	}
	finished, err := bank.Do(ctx, r.closer.bank, by, &finishClose{Day: r.day, Earlier: earlier})
	if err != nil {
		return ClosedDay{}, false, err
	}
	done = finished.Answer
	done.Token, done.Replayed = finished.Token, finished.Replayed
	r.purge(ctx)
	return done, latest, nil
}

// sum writes the totals of the day's positions and of its entries.
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

// purge deletes the daily positions of months older than Options.PositionMonths. The
// portfolio totals remain. A failure is only logged, because the next close tries again.
func (r *run) purge(ctx context.Context) {
	months := r.closer.opts.PositionMonths
	if months <= 0 {
		return
	}
	first := r.day.AddMonths(-months, 1)
	for {
		purged, err := r.purgeMonth(ctx, first)
		switch {
		case err != nil:
			r.closer.bank.Log().Warn("purging old daily positions failed", "before", first.String(), "error", err)
			return
		case purged.IsZero() || r.stopped(ctx) != nil:
			return
		}
	}
}

func (r *run) purgeMonth(ctx context.Context, first civil.Date) (civil.Date, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bank.TripTime)
	defer cancel()
	return lending.PurgeDailyPositions(ctx, r.session, r.closer.bank.DB().Embedded(), first)
}

// retry runs a step of the close, which is one transaction. If the database aborts the
// transaction or is unavailable, it reads the progress of the close and runs the step again.
func (r *run) retry(ctx context.Context, step func(context.Context) error) error {
	for try := 1; ; try++ {
		if err := r.stopped(ctx); err != nil {
			return err
		}
		err := r.attempt(ctx, step, try > 1)
		var broken lending.BrokenLoan
		switch {
		case err == nil || fault.Is(err, accounting.CloseRunning):
			return err
		case errors.As(err, &broken) || db.Refused(err) && !db.Aborted(err):
			return fmt.Errorf("close of %s: %w", r.day, err)
		case try == closeTries:
			return r.cutOff(accounting.CloseCutOff, err)
		}
		r.closer.bank.Log().Warn("retrying a step of the daily close", "day", r.day.String(), "loans", r.loans.Loans, "error", err)
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
	}
}

// attempt runs the step once. The caller's context cannot interrupt a step that has begun.
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

// resume makes this process the one that closes days again, and reads the progress of the
// close.
func (r *run) resume(ctx context.Context) error {
	if err := r.lead(ctx); err != nil {
		return err
	}
	return r.loans.Resume(ctx)
}

// cutOff returns the refusal for a close that did not finish.
func (r *run) cutOff(why fault.Rule, cause error) error {
	return bank.Unavailable(why, cause).With("date", r.day)
}

// stopped returns a refusal if the context has ended or Stop was called.
func (r *run) stopped(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-r.closer.stopping:
	default:
		return nil
	}
	return r.cutOff(accounting.CloseStopped, ctx.Err())
}
