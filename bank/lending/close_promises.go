package lending

import (
	"context"
	"strings"

	"sofipo/core/accounting"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// promisesAtOnce is how many promises a close decides in one transaction.
const promisesAtOnce = 1000

// PromisePayments returns SQL that adds up the payments that count for the promise p, as the
// close of a day sees them; collections.Promise says which they are. The day is an expression.
func PromisePayments(day string) string {
	return `coalesce((SELECT sum(m.amount) FROM loan_transactions m LEFT JOIN loan_transactions r ON r.loan_id = m.loan_id AND r.id = m.reversed_by
		WHERE m.loan_id = p.loan_id AND m.number > p.after_transaction AND m.kind IN (` + paymentKinds + `) AND m.value_date BETWEEN p.made_on AND p.due
			AND m.business_date <= ` + day + ` AND (r.id IS NULL OR r.business_date > ` + day + `)), 0)::bigint`
}

// paymentKinds lists, in SQL, the kinds of transaction that bring money from the client.
var paymentKinds = func() string {
	kinds := make([]string, len(servicing.Payments))
	for i, k := range servicing.Payments {
		kinds[i] = "'" + string(k) + "'"
	}
	return strings.Join(kinds, ", ")
}()

// duePromises selects the open promises until the day, with the payments that count. The
// index promises_open has only these few promises.
var duePromises = "SELECT " + Promises.Columns.List("p") + ", " + PromisePayments("$1") +
	" FROM promises p WHERE p.status = 'OPEN' AND p.due <= $1 ORDER BY p.due, p.id LIMIT $2"

// DecidePromises decides the next open promises until the day, each with its event, and
// reports whether there may be more. Nothing that happens after the beginning of the close
// changes a decision, because transactions and reversals then have a later business date.
func (c *DayClose) DecidePromises(ctx context.Context) (more bool, err error) {
	load := &db.Batch{}
	clock := c.bank.CheckClock(load)
	var due []collections.Promise
	var received []money.Amount
	load.Query(duePromises, func(s db.Scanner) error {
		var p collections.Promise
		var sum money.Amount
		err := Promises.Columns.Scan(s, &p, &sum)
		due, received = append(due, p), append(received, sum)
		return err
	}, c.day, int64(promisesAtOnce))
	if err := c.session.Begin(ctx, load); err != nil {
		return false, err
	}
	if err := clock.Err(); err != nil || len(due) == 0 {
		c.session.Rollback()
		return false, err
	}
	book := c.newBook()
	book.Begin(c.by, "decide_promises", clock.Time())
	book.Subject(accounting.DaySubject(c.day))
	for i, p := range due {
		Promises.Place(book, p)
		p = p.Decide(received[i], c.day)
		Promises.Change(book, p)
		book.Publish(collections.PromiseDecidedEvent(p))
	}
	if err := book.Seal(); err != nil {
		c.session.Rollback()
		return false, BrokenLoan{err}
	}
	save := &db.Batch{}
	book.Save(save)
	token, err := c.session.Commit(ctx, save)
	if err != nil {
		return false, err
	}
	c.bank.Committed(token, book.Stale())
	return len(due) == promisesAtOnce, nil
}
