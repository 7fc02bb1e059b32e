package view

import (
	"context"

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
	Kind    servicing.Kind // received: payment, prepayment, advance, recovery, cancellation (the disbursed amount comes back); paid out: disbursement (principal before the fee), reversal of a payment
	Count   int64          // number of transactions
	In      money.Amount   // pesos; 0 for money paid out
	Out     money.Amount   // pesos; 0 for money received
}

// moneyOfDay selects the transactions that moved money on a business date. There is no index
// of transactions by date, but each of them has a journal entry of the same date with the
// loan as its subject. The cross joins make SQLite read the tables in this order.
const moneyOfDay = `SELECT l.product, m.kind, count(*), sum(CASE WHEN m.kind = 'cancellation' THEN l.amount ELSE m.amount END)::bigint
	FROM (SELECT DISTINCT subject FROM journal WHERE business_date = $1) r
	CROSS JOIN loan_transactions m CROSS JOIN loans l
	WHERE m.loan_id = r.subject AND m.business_date = $1 AND l.id = m.loan_id AND (m.amount > 0 OR m.kind = 'cancellation')
	GROUP BY l.product, m.kind ORDER BY l.product, m.kind`

// MoneyMoved returns the money moved on the business dates in a range, with one query for
// each date. Refused with access.Forbidden.
func (v *View) MoneyMoved(ctx context.Context, by By, from, to civil.Date) (MoneyMoved, error) {
	if err := by.may(risk.ReadReports); err != nil {
		return MoneyMoved{}, err
	}
	out := MoneyMoved{From: from, To: to}
	for day := from; !day.After(to); day = day.AddDays(1) {
		var rows []MoneyRow
		batch := &db.Batch{}
		batch.Query(moneyOfDay, func(s db.Scanner) error {
			r := MoneyRow{Date: day}
			var amount money.Amount
			err := s.Scan(&r.Product, &r.Kind, &r.Count, &amount)
			if r.In = amount; r.Kind == servicing.Disbursement || r.Kind == servicing.Reversal {
				r.In, r.Out = 0, amount
			}
			rows = append(rows, r)
			return err
		}, day)
		if err := v.ask(ctx, by.Need, batch, func() { rows = nil }); err != nil {
			return out, err
		}
		for _, r := range rows {
			out.In += r.In
			out.Out += r.Out
		}
		out.Rows = append(out.Rows, rows...)
	}
	return out, nil
}
