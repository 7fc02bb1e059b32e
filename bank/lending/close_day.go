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

// DayClose is the lending part of a day's close. It writes the daily position of every loan,
// classifies the loans and computes their provisions. It works in slices, each in its own
// transaction.
type DayClose struct {
	Loans int64 // daily positions written
	Of    int64 // estimated number of loans; 0 if it was not counted

	bank       *bank.Bank
	session    *db.Session
	by         bank.By
	limits     SliceLimits
	day, first civil.Date
	last       id.ID // id of the last loan with a daily position
	kept       map[any]any
	flow       *flow // computes slices ahead; nil before the first slice and after an error
	pace       pace
	sums       portfolio // totals of the written positions; nil if some were written before this process took over
}

// SliceLimits limit what a close writes in one transaction, so that a payment on one of its
// loans does not wait long.
type SliceLimits struct {
	Loans        int // 0 means 4,000
	Transactions int // of the loans that change, unless it is a single loan; 0 means 10,000. Each of these transactions is read and recomputed while the loans are locked
}

// BrokenLoan is the error for a loan that cannot be closed. Trying again does not help.
type BrokenLoan struct{ error }

// Unwrap returns the wrapped error.
func (f BrokenLoan) Unwrap() error { return f.error }

// ClosingDay is a day that is closed or being closed, with the progress of the close.
type ClosingDay struct {
	bank.BusinessDay
	First civil.Date // the first day that was ever closed, while its close runs; else zero
}

// NewDayClose starts the close of a day, or continues an interrupted one.
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

// Prepare creates the partitions for daily positions, reads the products and, if count is
// set, estimates the number of loans.
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

// products returns the product versions that loans were granted on.
func (c *DayClose) products() map[ProductKey]product.Product {
	return versions.In(bank.NewBook(c.bank, c.kept))
}

// Slice writes the daily positions of the next loans and reports whether there may be more.
func (c *DayClose) Slice(ctx context.Context) (more bool, err error) {
	if c.flow == nil {
		c.flow = c.begin()
	}
	d, err := c.flow.next(ctx)
	if d != nil {
		c.pace.work(func() { err = d.save(ctx) })
		if writes, failed := c.bank.DB().Writes(ctx); failed == nil { // on an error, the next slice fails
			c.pace.observe(writes, time.Now())
		}
	}
	if err != nil {
		c.Halt()
	}
	return d != nil, err
}

// Resume reads the progress of the close from the database, after an error.
func (c *DayClose) Resume(ctx context.Context) error {
	c.sums = nil
	load := &db.Batch{}
	load.Query("SELECT positions, last_loan FROM business_days WHERE day = $1", func(s db.Scanner) error { return s.Scan(&c.Loans, &c.last) }, c.day)
	if err := c.session.Begin(ctx, load); err != nil {
		return err
	}
	c.session.Rollback()
	return nil
}

// DaySums are the totals of the last day that is closed or being closed. For each product
// they have what it earned, and the change of its provisions since the day before.
type DaySums []productDay

// productDay has a day's totals for a product.
type productDay struct {
	product                  string
	interest, suspended, iva money.Amount
	fees                     money.Amount // origination fees recognised as income
	provision, reserve       money.Amount // changes since the day before
}

// Read queues the queries for the totals.
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

// Post stages the day's entries. It returns the interest earned and the change of the
// provisions.
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

// retainSlice is how many daily positions SQLite deletes in one transaction. PostgreSQL drops
// the partition of a month.
const retainSlice = 10_000

// PurgeDailyPositions deletes daily positions of the oldest month if the month is before the
// date first. It returns a day of that month, or the zero date if there was nothing to
// delete.
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
		err = fmt.Errorf("purging the daily positions of %.7s: %w", oldest, err)
	}
	return oldest, err
}
