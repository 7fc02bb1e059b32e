package view

import (
	"context"
	"math"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Delinquency is the loans that were late at the end of a day, a page of them.
type Delinquency struct {
	Date  civil.Date       `json:"date" doc:"The day, at whose end the figures stand."`
	Sums  DelinquencySums  `json:"sums" doc:"All loans that were asked for, whatever the page."`
	Loans []DelinquentLoan `json:"loans" doc:"Those of this page, the latest first."`
}

// DelinquencySums are sums of late loans.
type DelinquencySums struct {
	Loans            int64        `json:"loans" doc:"How many."`
	Balance          money.Amount `json:"balance" doc:"Principal outstanding, pesos."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
}

// DelinquentLoan is a loan that is late.
type DelinquentLoan struct {
	Loan             id.ID        `json:"loan_id" doc:"The id of the loan."`
	Client           id.ID        `json:"client_id" doc:"The id of the client."`
	Name             string       `json:"client_name" doc:"The client's name, as it is now."`
	RFC              string       `json:"client_rfc" doc:"The client's RFC, as it is now."`
	Product          string       `json:"product" doc:"The code of the product."`
	Bucket           string       `json:"bucket" doc:"The bucket of its days past due."`
	DaysPastDue      int          `json:"days_past_due" doc:"Since the due date of the oldest instalment that is not fully paid."`
	Stage            risk.Stage   `json:"stage" doc:"1, 2 or 3; 3 is cartera vencida."`
	OverduePrincipal money.Amount `json:"overdue_principal" doc:"Principal whose due date has passed, pesos."`
	Interest         money.Amount `json:"interest" doc:"Interest accrued and not collected, in the books, pesos."`
	Suspended        money.Amount `json:"suspended" doc:"Interest that is no income until it is collected: memorandum, pesos."`
	Moratorium       money.Amount `json:"moratorium" doc:"Moratorium owed with its IVA, pesos."`
	Balance          money.Amount `json:"balance" doc:"Principal outstanding, pesos."`
}

// LateBuckets are the buckets that a late loan may be in.
func LateBuckets() (names []string) {
	for _, b := range risk.Buckets()[1:] {
		names = append(names, b.String())
	}
	return names
}

// Late says which late loans are asked for.
type Late struct {
	Bucket  string // of LateBuckets; empty for all
	Product string // code; empty for all
}

// days are the first and the last number of days past due.
func (l Late) days() (first, last int64) {
	for _, b := range risk.Buckets() {
		if span := b.Days(); b.String() == l.Bucket {
			if span.Last == risk.Open {
				return int64(span.First), math.MaxInt32
			}
			return int64(span.First), int64(span.Last)
		}
	}
	return 1, math.MaxInt32
}

// Delinquency answers a page of the loans that were late at the end of a closed
// day, the latest first and those of one day in the order of their ids, and the id
// after which the next page begins (zero at the end). Refused with NoPositions,
// ProductNotFound or Invalid.
func (v *View) Delinquency(ctx context.Context, asked civil.Date, which Late, page Page, need uint64) (out Delinquency, next id.ID, err error) {
	day, written, err := v.closedDay(ctx, asked, need)
	if err != nil {
		return out, next, err
	}
	first, last := which.days()
	from := int64(math.MaxInt32) // the days past due with which the page begins
	var found, known, dropped bool
	batch := &db.Batch{}
	batch.Query("SELECT code FROM products WHERE code = $1 LIMIT 1", func(db.Scanner) error { known = true; return nil }, which.Product)
	batch.Query("SELECT day FROM positions WHERE day = $1 LIMIT 1", func(db.Scanner) error { dropped = false; return nil }, day)
	batch.Query("SELECT days_past_due FROM positions WHERE day = $1 AND loan_id = $2 AND days_past_due > 0",
		func(s db.Scanner) error { found = true; return s.Scan(&from) }, day, page.After)
	if err = v.ask(ctx, need, batch, func() { found, known, dropped = page.After.IsZero(), which.Product == "", written > 0 }); err != nil {
		return out, next, err
	}
	switch {
	case dropped:
		return out, next, errDropped(day)
	case !known:
		return out, next, errProductNotFound()
	case !found:
		return out, next, fault.InFields([]fault.Field{{Loc: []any{"query", "after"}, Message: "must be the id of a loan of the report, as the Link header gives it", Type: "value_error"}})
	}
	out.Date = day
	batch = &db.Batch{}
	batch.Query(`SELECT coalesce(sum(loans), 0)::bigint, coalesce(sum(balance), 0)::bigint, coalesce(sum(overdue_principal), 0)::bigint, coalesce(sum(interest), 0)::bigint
		FROM portfolio WHERE day = $1 AND days_past_due BETWEEN $2 AND $3 AND ($4 = '' OR product = $4)`,
		func(s db.Scanner) error {
			return s.Scan(&out.Sums.Loans, &out.Sums.Balance, &out.Sums.OverduePrincipal, &out.Sums.Interest)
		}, day, first, last, which.Product)
	batch.Query(lateLoans, func(s db.Scanner) error {
		var l DelinquentLoan
		err := s.Scan(&l.Loan, &l.Client, &l.Name, &l.RFC, &l.Product, &l.DaysPastDue, &l.Stage, &l.OverduePrincipal, &l.Interest, &l.Suspended, &l.Moratorium, &l.Balance)
		l.Bucket = risk.BucketOf(l.DaysPastDue).String()
		out.Loans = append(out.Loans, l)
		return err
	}, day, first, min(last, from), which.Product, from, after(page.After), page.Limit)
	if err = v.ask(ctx, need, batch, func() { out.Loans = []DelinquentLoan{} }); err == nil && int64(len(out.Loans)) == page.Limit {
		next = out.Loans[len(out.Loans)-1].Loan
	}
	return out, next, err
}

// lateLoans takes the page first, in the order of the index positions_late, and
// then looks for its clients.
const lateLoans = `SELECT p.loan_id, p.client_id, c.full_name, c.rfc, p.product, p.days_past_due, p.stage, p.overdue_principal, p.interest, p.suspended, p.moratorium, p.balance
	FROM (SELECT loan_id, client_id, product, days_past_due, stage, overdue_principal, interest, suspended, moratorium, balance FROM positions
		WHERE day = $1 AND days_past_due > 0 AND days_past_due BETWEEN $2 AND $3 AND ($4 = '' OR product = $4) AND (days_past_due < $5 OR days_past_due = $5 AND loan_id > $6)
		ORDER BY days_past_due DESC, loan_id LIMIT $7) p
	JOIN clients c ON c.id = p.client_id ORDER BY p.days_past_due DESC, p.loan_id`
