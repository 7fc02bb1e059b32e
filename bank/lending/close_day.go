package lending

import (
	"context"
	"fmt"
	"time"

	"sofipo/bank"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// DayClose does the part of the close of a business day that is about loans: it writes
// the position of every loan, classifies and provides for them, slice by slice, each
// in a transaction of its own.
type DayClose struct {
	Loans int64 // positions written
	Of    int64 // loans that it is about, as far as is known; 0 if nobody asked

	bank       *bank.Bank
	session    *db.Session
	by         bank.By
	limits     SliceLimits
	day, first civil.Date
	last       id.ID // loan, in the order of ids
	kept       map[any]any
	flow       *flow // of slices; nil until the first is asked for, and after a fault
	pace       pace
	sums       portfolio // of the positions written; nil if it does not know of them all
}

// SliceLimits bound what a close writes in one transaction, so that a payment that
// waits for one of its loans waits for little.
type SliceLimits struct {
	Loans        int // 4000 if zero
	Transactions int // of the loans that change, unless it is one loan: each is read and computed again while the loans are locked. 10,000 if zero
}

// BrokenLoan is the fault of a loan that cannot be closed, however often it is tried.
type BrokenLoan struct{ error }

// Unwrap gives the error itself.
func (f BrokenLoan) Unwrap() error { return f.error }

// ClosingDay is a day whose close has begun: its row has the positions written and the last
// loan.
type ClosingDay struct {
	bank.BusinessDay
	First civil.Date // the first day of all, while it is being closed
}

// NewDayClose begins the close of the day, or goes on where an earlier one was cut off.
func NewDayClose(b *bank.Bank, session *db.Session, by bank.By, limits SliceLimits, at ClosingDay) *DayClose {
	if limits.Loans == 0 {
		limits.Loans = 4000
	}
	if limits.Transactions == 0 {
		limits.Transactions = 10_000
	}
	c := &DayClose{bank: b, session: session, by: by, limits: limits, day: at.Day, first: at.First, Loans: at.Loans, last: at.Last}
	if c.last.IsZero() {
		c.sums = portfolio{}
	}
	return c
}

// Prepare makes room for the day's positions, reads the products and, if count is set,
// counts the loans.
func (c *DayClose) Prepare(ctx context.Context, count bool) error {
	c.kept = map[any]any{}
	load := &db.Batch{}
	load.Month("daily_positions", c.day)
	load.Month("daily_positions", c.day.AddMonths(1, 1))
	if count {
		load.Query(`SELECT coalesce((SELECT sum(loans) FROM portfolio WHERE day = $1), (SELECT count(*) FROM loans WHERE opened <= $2 AND status IN ('ACTIVE', 'RESTRUCTURED')))::bigint`,
			func(s db.Scanner) error { return s.Scan(&c.Of) }, c.day.AddDays(-1), c.day)
	}
	known := c.products()
	load.Query("SELECT "+Products.Columns.List("")+" FROM products", func(s db.Scanner) error {
		var p Product
		if err := Products.Columns.Scan(s, &p); err != nil {
			return err
		}
		err := p.read()
		known[ProductKey{p.Code, p.Version}] = p.Product
		return err
	})
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	_, err := c.session.Commit(ctx, &db.Batch{})
	return err
}

// products are the versions of products that loans were granted on.
func (c *DayClose) products() map[ProductKey]product.Product {
	return versions.In(bank.NewBook(c.bank, c.kept))
}

// Slice writes the positions of the next loans, and reports whether there may be more.
func (c *DayClose) Slice(ctx context.Context) (more bool, err error) {
	if c.flow == nil {
		c.flow = c.begin()
	}
	d, err := c.flow.next(ctx)
	if d != nil {
		c.pace.work(func() { err = d.save(ctx) })
		if writes, failed := c.bank.DB().Writes(ctx); failed == nil { // else the next slice finds out
			c.pace.look(writes, time.Now())
		}
	}
	if err != nil {
		c.Halt()
	}
	return d != nil, err
}

// Resume asks the database how far the close has come, after a fault.
func (c *DayClose) Resume(ctx context.Context) error {
	c.sums = nil
	load := &db.Batch{}
	load.Query("SELECT loans, last_loan FROM business_days WHERE day = $1", func(s db.Scanner) error { return s.Scan(&c.Loans, &c.last) }, c.day)
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	c.session.Rollback()
	return nil
}

// DaySums are the sums of the last day whose close began: by product what it earned,
// and how its provisions differ from those of the day before.
type DaySums []productDay

// productDay is the sums of a day for a product.
type productDay struct {
	product                  string
	interest, suspended, iva money.Amount
	fees                     money.Amount // origination fees that became income
	provision, reserve       money.Amount // changes since the day before
}

// Read queues the queries for the sums.
func (d *DaySums) Read(batch *db.Batch) {
	*d = nil
	batch.Query(`SELECT product, sum(interest)::bigint, sum(suspended)::bigint, sum(iva)::bigint, sum(fees)::bigint FROM day_accruals
		WHERE day = (SELECT max(day) FROM business_days) GROUP BY product ORDER BY product`, func(s db.Scanner) error {
		var one productDay
		err := s.Scan(&one.product, &one.interest, &one.suspended, &one.iva, &one.fees)
		*d = append(*d, one)
		return err
	})
	batch.Query(`SELECT product, sum(CASE WHEN day = d.last THEN provision ELSE -provision END)::bigint, sum(CASE WHEN day = d.last THEN reserve ELSE -reserve END)::bigint
		FROM portfolio, (SELECT max(day) AS last FROM business_days) d
		WHERE day IN (SELECT day FROM business_days ORDER BY day DESC LIMIT 2) GROUP BY product ORDER BY product`, func(s db.Scanner) error {
		var one productDay
		err := s.Scan(&one.product, &one.provision, &one.reserve)
		*d = append(*d, one)
		return err
	})
}

// Post stages the entries of the day, and gives the interest that it earned and the
// change of what is provided.
func (d DaySums) Post(b *bank.Book, day civil.Date) (interest, provisions money.Amount, err error) {
	for _, p := range d {
		k := entries.Booking{Booking: accounting.Booking{Day: day, At: b.Now(), Reference: accounting.DaySubject(day), Subject: product.Subject(p.product)}}
		k.ID = b.NewID()
		if err := b.Post(entries.DayAccrued(k, p.interest, p.iva, p.suspended)); err != nil {
			return 0, 0, err
		}
		k.ID = b.NewID()
		if err := b.Post(entries.FeesAmortised(k, p.fees)); err != nil {
			return 0, 0, err
		}
		k.ID = b.NewID()
		if err := b.Post(entries.Provisioned(k, p.provision, p.reserve)); err != nil {
			return 0, 0, err
		}
		interest += p.interest
		provisions += p.provision + p.reserve
	}
	return interest, provisions, nil
}

// retainSlice is how many positions are deleted in one transaction where they are not
// in tables by months.
const retainSlice = 10_000

// PurgeDailyPositions drops positions of the oldest month, if that lies before the first day
// to keep, and gives a day of it; the zero day if there is nothing to drop.
func PurgeDailyPositions(ctx context.Context, session *db.Session, embedded bool, first civil.Date) (oldest civil.Date, err error) {
	load := &db.Batch{}
	load.Before(func() { oldest = civil.Date{} })
	load.Query("SELECT min(day) FROM daily_positions", func(s db.Scanner) error { return s.Scan(&oldest) })
	if err := session.Begin(ctx, load); err != nil {
		return oldest, err
	}
	if oldest.IsZero() || !oldest.Before(first) {
		session.Rollback()
		return civil.Date{}, nil
	}
	save := &db.Batch{}
	save.DropMonth("daily_positions", oldest)
	if embedded {
		save.Exec("DELETE FROM daily_positions WHERE (day, loan_id) IN (SELECT day, loan_id FROM daily_positions WHERE day < $1 ORDER BY day, loan_id LIMIT $2)", first, int64(retainSlice))
	}
	if _, err = session.Commit(ctx, save); err != nil {
		err = fmt.Errorf("positions of %.7s: %w", oldest, err)
	}
	return oldest, err
}
