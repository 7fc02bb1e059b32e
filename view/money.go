package view

import (
	"context"
	"slices"

	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// MoneyMoved is the money received and paid out by transactions of loans.
type MoneyMoved struct {
	From civil.Date   // the first business date
	To   civil.Date   // the last business date
	In   money.Amount // total received, pesos
	Out  money.Amount // total paid out, pesos
	Rows []MoneyRow   // by business date, product and kind; no rows for days without transactions
}

// MoneyRow has the transactions of one kind and product on a business date.
type MoneyRow struct {
	Date    civil.Date     // business date of registration; the value date may differ
	Product string         // product code
	Kind    servicing.Kind // received: payment, prepayment, advance, recovery, cancellation (the disbursed amount comes back); paid out: disbursement (principal before the fee), refund of unapplied funds, reversal of a payment
	Count   int64          // number of transactions
	In      money.Amount   // pesos; 0 for money paid out
	Out     money.Amount   // pesos; 0 for money received
}

const (
	// moneyOfDay selects the transactions that moved money on a business date.
	moneyOfDay = "SELECT m.business_date, l.product, m.kind, count(*), " + lending.MovedAmount + lending.MovedOnDay + " GROUP BY m.business_date, l.product, m.kind ORDER BY l.product, m.kind"

	// moneyOfClosed selects the same from the totals of closed days.
	moneyOfClosed = "SELECT day, product, kind, sum(count)::bigint, sum(amount)::bigint FROM money_days WHERE day BETWEEN $1 AND $2 AND day <= " + lastClosed + " GROUP BY day, product, kind ORDER BY day, product, kind"
)

// MoneyMoved returns the money moved on the business dates in a range: from the totals of closed
// days, and with one query for each other date. Refused with access.Forbidden.
func (v *View) MoneyMoved(ctx context.Context, by By, from, to civil.Date) (MoneyMoved, error) {
	if err := by.may(risk.ReadReports); err != nil {
		return MoneyMoved{}, err
	}
	out := MoneyMoved{From: from, To: to}
	var first, last civil.Date
	batch := &db.Batch{}
	batch.Query("SELECT "+firstClosed+", "+lastClosed, func(s db.Scanner) error { return s.Scan(&first, &last) })
	batch.Query(moneyOfClosed, out.scan, from, to)
	if err := v.ask(ctx, by.Need, batch, func() { first, last, out.Rows = civil.Date{}, civil.Date{}, nil }); err != nil {
		return out, err
	}
	for day := from; !day.After(to); day = day.AddDays(1) {
		if !last.IsZero() && !day.Before(first) && !day.After(last) {
			continue
		}
		began := len(out.Rows)
		batch := &db.Batch{}
		batch.Query(moneyOfDay, out.scan, day)
		if err := v.ask(ctx, by.Need, batch, func() { out.Rows = out.Rows[:began] }); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Rows, func(a, b MoneyRow) int { return a.Date.Compare(b.Date) })
	for _, r := range out.Rows {
		out.In += r.In
		out.Out += r.Out
	}
	return out, nil
}

// scan reads a row of moneyOfDay or moneyOfClosed.
func (m *MoneyMoved) scan(s db.Scanner) error {
	var r MoneyRow
	var amount money.Amount
	err := s.Scan(&r.Date, &r.Product, &r.Kind, &r.Count, &amount)
	switch r.Kind {
	case servicing.Disbursement, servicing.RefundKind, servicing.Reversal:
		r.Out = amount
	default:
		r.In = amount
	}
	m.Rows = append(m.Rows, r)
	return err
}
