package bank

import (
	"context"
	"fmt"

	"sofipo/core/civil"
	"sofipo/infra/db"
)

// retainSlice is how many positions are deleted in one transaction where they
// are not in tables by months.
const retainSlice = 10_000

// retain drops the positions of the months that are more than so many before that
// of the day just closed, whole months at a time; the sums of their portfolios
// stay. A failure is told in the log: the next close tries again.
func (c *closer) retain(ctx context.Context) {
	months := c.bank.opts.PositionMonths
	if months <= 0 {
		return
	}
	first := c.at.Day.AddMonths(-months, 1)
	for dropped, err := c.drop(ctx, first); ; dropped, err = c.drop(ctx, first) {
		switch {
		case err != nil:
			c.bank.opts.Log.Warn("old positions were not dropped", "before", first.String(), "error", err)
			return
		case dropped.IsZero() || c.stopped(ctx) != nil:
			return
		}
	}
}

// drop drops positions of the oldest month, if that lies before the first to keep,
// and gives a day of it.
func (c *closer) drop(ctx context.Context, first civil.Date) (oldest civil.Date, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tripTime)
	defer cancel()
	load := &db.Batch{}
	load.Before(func() { oldest = civil.Date{} })
	load.Query("SELECT min(day) FROM positions", func(s db.Scanner) error { return s.Scan(&oldest) })
	if err := c.session.Begin(ctx, load); err != nil {
		return oldest, err
	}
	if oldest.IsZero() || !oldest.Before(first) {
		c.session.Rollback()
		return civil.Date{}, nil
	}
	save := &db.Batch{}
	save.DropMonth("positions", oldest)
	if c.bank.opts.DB.Embedded() {
		save.Exec("DELETE FROM positions WHERE (day, loan_id) IN (SELECT day, loan_id FROM positions WHERE day < $1 ORDER BY day, loan_id LIMIT $2)", first, int64(retainSlice))
	}
	_, err = c.session.Commit(ctx, save)
	if err != nil {
		err = fmt.Errorf("positions of %.7s: %w", oldest, err)
	}
	return oldest, err
}
