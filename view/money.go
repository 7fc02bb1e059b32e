package view

import (
	"context"

	"sofipo/core/civil"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// MoneyMoved is what came in and went out by the transactions of loans.
type MoneyMoved struct {
	From civil.Date   // the first business date
	To   civil.Date   // the last business date
	In   money.Amount // all that came in, pesos
	Out  money.Amount // all that went out, pesos
	Rows []MoneyRow   // by business date, product and kind, in order; none without transactions
}

// MoneyRow is the transactions of a kind and a product on a business date.
type MoneyRow struct {
	Date    civil.Date     // the day on which they were registered, whatever the day for which they count
	Product string         // the code of the product
	Kind    servicing.Kind // in: payment, prepayment, advance, recovery, cancellation (what was disbursed comes back). Out: disbursement (the principal, before its fee), reversal (of a payment)
	Count   int64          // how many
	In      money.Amount   // pesos; 0 of what goes out
	Out     money.Amount   // pesos; 0 of what comes in
}

// moneyOfDay are the transactions that moved money on a business date. No index has
// transactions by their days, but each transaction of money has an entry of the same date,
// whose subject is the loan. Read in this order, SQLite keeps to it.
const moneyOfDay = `SELECT l.product, m.kind, count(*), sum(CASE WHEN m.kind = 'cancellation' THEN l.amount ELSE m.amount END)::bigint
	FROM (SELECT DISTINCT subject FROM journal WHERE business_date = $1) r
	CROSS JOIN loan_transactions m CROSS JOIN loans l
	WHERE m.loan_id = r.subject AND m.business_date = $1 AND l.id = m.loan_id AND (m.amount > 0 OR m.kind = 'cancellation')
	GROUP BY l.product, m.kind ORDER BY l.product, m.kind`

// MoneyMoved answers the money that moved on the business dates from one to
// another, asking for one date after the other.
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
