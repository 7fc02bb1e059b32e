package bank

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// DayClose is a close, running or done.
type DayClose struct {
	Day        civil.Date   `json:"day"`
	Loans      int64        `json:"loans"`      // positions written
	Interest   money.Amount `json:"interest"`   // that the day earned, but for what its movements posted
	Provisions money.Amount `json:"provisions"` // change of what is provided

	Of       int64  `json:"-"` // loans that it is about, as far as is known; 0 when it was not asked for
	Position uint64 `json:"-"` // of the commit that ended it
	Replayed bool   `json:"-"` // it was asked for with this key before

	last  id.ID
	first civil.Date // the day, if no day was closed before
}

// sliceSize is how many loans a close writes in one transaction: few enough that
// a payment that waits for one of them waits for little.
const sliceSize = 4000

// moveLimit is how many movements the loans that change in one transaction of a close
// have, unless it is one loan: each is read and computed anew, while the loans are locked.
const moveLimit = 10_000

// closeTries is how often a step of a close is taken when the database gives its
// transaction up or is away.
const closeTries = 5

// CloseDay closes a business day, the next one if none is named: it writes the
// position of every loan, classifies and provides for them and posts what the day
// earned. One that was cut off goes on where it was; it notices after each slice of
// loans that its context has ended or the bank is being closed. The business date
// is the next day from the first moment on; commands go on meanwhile. It is refused
// with Invalid, DayClosed, DayOpen, or CloseRunning while another process closes.
// With an error the answer has the day alone, if its close has begun. The key of By
// stands for the whole close. Progress, unless nil, is told before the first loan
// and after each slice.
func (b *Bank) CloseDay(ctx context.Context, by By, day civil.Date, progress func(DayClose)) (DayClose, error) {
	if !b.closing.TryLock() {
		return DayClose{}, errCloseRunning()
	}
	defer b.closing.Unlock()
	c := closer{bank: b, session: b.opts.DB.Session(), by: by, asked: by, progress: progress}
	c.by.Key = ""
	defer c.session.Close()
	if err := c.lead(ctx); err != nil {
		return DayClose{}, err
	}
	if done, err := c.replay(ctx); done.Replayed || err != nil {
		return done, err
	}
	done, err := c.close(ctx, day)
	if err != nil {
		done.Day = c.at.Day
	}
	return done, err
}

func errCloseRunning() error {
	return fault.New(fault.CloseRunning, "A day is being closed already", "Ya hay un cierre de día en curso")
}

// lead makes this the one process that closes.
func (c *closer) lead(ctx context.Context) error {
	leads, err := c.session.Lead(ctx, closePurpose)
	if err != nil {
		return unavailable("the database does not answer", err)
	}
	if !leads {
		return errCloseRunning()
	}
	return nil
}

// replay finds the answer to an earlier request with the same key.
func (c *closer) replay(ctx context.Context) (done DayClose, err error) {
	if c.asked.Key == "" {
		return done, nil
	}
	var known *record
	load := &db.Batch{}
	load.Before(func() { known = nil })
	load.Query("SELECT request_hash, answer FROM idempotency WHERE key = $1 AND username = $2 AND operation = $3", func(s db.Scanner) error {
		known = &record{}
		return s.Scan(&known.request, &known.answer)
	}, c.asked.Key, c.asked.Actor, finishClose{}.Name())
	if err := c.session.Begin(ctx, load); err != nil {
		return done, unavailable("the database does not answer", err)
	}
	c.session.Rollback()
	if known == nil {
		return done, nil
	}
	answer, err := known.replay(c.asked.Request)
	if err == nil {
		err, done.Replayed = json.Unmarshal(answer, &done), true
	}
	return done, err
}

// close does the work of CloseDay.
func (c *closer) close(ctx context.Context, day civil.Date) (DayClose, error) {
	begun, err := Do(ctx, c.bank, c.by, beginClose{day})
	if err != nil {
		return DayClose{}, err
	}
	c.at = begun.Answer
	if c.at.last.IsZero() {
		c.sums = portfolio{}
	}
	defer c.halt()
	if err := c.steadily(ctx, c.prepare); err != nil {
		return DayClose{}, err
	}
	c.tell()
	for more := true; more; c.tell() {
		err := c.steadily(ctx, func(ctx context.Context) (err error) {
			more, err = c.slice(ctx)
			return err
		})
		if err != nil {
			return DayClose{}, err
		}
	}
	if err := c.steadily(ctx, c.sum); err != nil {
		return DayClose{}, err
	}
	done, err := Do(ctx, c.bank, c.asked, finishClose{c.at.Day})
	if err != nil {
		return DayClose{}, err
	}
	done.Answer.Position, done.Answer.Replayed = done.Position, done.Replayed
	c.retain(ctx)
	return done.Answer, nil
}

func (c *closer) tell() {
	if c.progress != nil {
		c.progress(c.at)
	}
}

// flaw is a loan that cannot be closed, however often it is tried.
type flaw struct{ error }

// Unwrap gives the error itself.
func (f flaw) Unwrap() error { return f.error }

// steadily takes a step of the close, a whole transaction; again, from where the
// database says that the close is, if that gave the transaction up or was away.
func (c *closer) steadily(ctx context.Context, step func(context.Context) error) error {
	for try := 1; ; try++ {
		if err := c.stopped(ctx); err != nil {
			return err
		}
		err := c.attempt(ctx, step, try > 1)
		var broken flaw
		switch {
		case err == nil || fault.Is(err, fault.CloseRunning):
			return err
		case errors.As(err, &broken) || db.Refused(err) && !db.Crossed(err):
			return fmt.Errorf("close of %s: %w", c.at.Day, err)
		case try == closeTries:
			return unavailable(fmt.Sprintf("the close of %s was cut off; asked for again it goes on from there", c.at.Day), err)
		}
		c.bank.opts.Log.Warn("a step of the close is taken again", "day", c.at.Day.String(), "loans", c.at.Loans, "error", err)
		time.Sleep(time.Duration(try) * 100 * time.Millisecond)
	}
}

// attempt takes the step once. Once begun it is not cut short by its caller.
func (c *closer) attempt(ctx context.Context, step func(context.Context) error, again bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tripTime)
	defer cancel()
	if again {
		if err := c.resume(ctx); err != nil {
			return err
		}
	}
	return step(ctx)
}

// resume asks the database how far the close has come.
func (c *closer) resume(ctx context.Context) error {
	if err := c.lead(ctx); err != nil {
		return err
	}
	c.sums = nil
	load := &db.Batch{}
	load.Query("SELECT loans, last_loan FROM business_days WHERE day = $1", func(s db.Scanner) error { return s.Scan(&c.at.Loans, &c.at.last) }, c.at.Day)
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	c.session.Rollback()
	return nil
}

// stopped refuses to go on when nobody waits for the close any more.
func (c *closer) stopped(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-c.bank.stopping:
	default:
		return nil
	}
	return unavailable(fmt.Sprintf("the close of %s was stopped; asked for again it goes on from there", c.at.Day), ctx.Err())
}

// AppendJSON adds the close as JSON.
func (c DayClose) AppendJSON(b []byte) []byte {
	b = append(append(b, `{"day":"`...), c.Day.String()...)
	b = fmt.Appendf(b, `","loans":%d,"interest":%s,"provisions":%s}`, c.Loans, c.Interest, c.Provisions)
	return b
}

// closer closes a day, slice by slice, each in a transaction of its own.
type closer struct {
	bank     *Bank
	session  *db.Session
	by       By // of its steps
	asked    By // of the whole, perhaps with a key
	progress func(DayClose)
	at       DayClose
	products map[productKey]product.Product
	flow     *flow // of slices; nil until the first is asked for, and after a fault
	pace     pace
	sums     portfolio // of the positions written; nil if it does not know of them all
}

// prepare makes room for the day's positions and reads the products.
func (c *closer) prepare(ctx context.Context) error {
	c.products = map[productKey]product.Product{}
	load := &db.Batch{}
	load.Month("positions", c.at.Day)
	load.Month("positions", c.at.Day.AddMonths(1, 1))
	if c.progress != nil {
		load.Query(`SELECT coalesce((SELECT sum(loans) FROM portfolio WHERE day = $1), (SELECT count(*) FROM loans WHERE opened <= $2 AND status IN ('ACTIVE', 'RESTRUCTURED')))::bigint`,
			func(s db.Scanner) error { return s.Scan(&c.at.Of) }, c.at.Day.AddDays(-1), c.at.Day)
	}
	load.Query("SELECT effective_to, body FROM products", func(s db.Scanner) error {
		p, err := scanProduct(s)
		c.products[productKey{p.Code, int32(p.Version)}] = p
		return err
	})
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	_, err := c.session.Commit(ctx, &db.Batch{})
	return err
}

// slice writes the positions of the next loans, and tells whether there may be more.
func (c *closer) slice(ctx context.Context) (more bool, err error) {
	if c.flow == nil {
		c.flow = c.begin()
	}
	d, err := c.flow.next(ctx)
	if d != nil {
		c.pace.work(func() { err = d.save(ctx) })
		if writes, failed := c.bank.opts.DB.Writes(ctx); failed == nil { // else the next slice tells
			c.pace.look(writes, time.Now())
		}
	}
	if err != nil {
		c.halt()
	}
	return d != nil, err
}
