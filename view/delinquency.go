package view

import (
	"context"
	"math"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Delinquency is a page of the loans that were overdue at the end of a day.
type Delinquency struct {
	Date  civil.Date           // the day; figures are of its end
	Sums  DelinquencySums      // totals of all requested loans, independent of the page
	Loans Page[DelinquentLoan] // most overdue first
}

// DelinquencySums are totals of overdue loans.
type DelinquencySums struct {
	Loans            int64        // number of loans
	Balance          money.Amount // outstanding principal, pesos
	OverduePrincipal money.Amount // principal past its due date, pesos
	Interest         money.Amount // accrued and uncollected interest in the books, pesos
}

// DelinquentLoan is an overdue loan.
type DelinquentLoan struct {
	Loan             id.ID        // loan id
	Number           string       // number of the loan, as people write it
	Client           id.ID        // client id
	Name             string       // client's current name
	RFC              string       // client's current RFC
	Product          string       // product code
	Bucket           string       // bucket of days past due
	DaysPastDue      int          // days since the due date of the oldest unpaid instalment
	Stage            risk.Stage   // 1, 2 or 3; 3 is cartera vencida
	OverduePrincipal money.Amount // principal past its due date, pesos
	Interest         money.Amount // accrued and uncollected interest in the books, pesos
	Suspended        money.Amount // suspended interest (memorandum), income only when collected, pesos
	PenaltyInterest  money.Amount // penalty interest with its IVA, pesos
	Balance          money.Amount // outstanding principal, pesos
}

// Late selects overdue loans.
type Late struct {
	Bucket  string // name of a bucket in risk.Buckets; empty for all
	Product string // product code; empty for all
}

// days returns the first and the last number of days past due.
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

// Delinquency returns a page of the loans that were overdue at the end of a closed day, most
// overdue first, then by id. A zero requested date means the last closed day. Refused with
// accounting.NoDailyPositions, product.NotFound, Invalid or access.Forbidden.
func (v *View) Delinquency(ctx context.Context, by By, requested civil.Date, which Late, part Paging) (out Delinquency, err error) {
	if err := by.may(risk.ReadReports); err != nil {
		return out, err
	}
	day, written, err := v.closedDay(ctx, requested, by.Need)
	if err != nil {
		return out, err
	}
	first, last := which.days()
	from := int64(math.MaxInt32) // days past due at which the page begins
	var found, known, purged bool
	batch := &db.Batch{}
	batch.Query("SELECT code FROM products WHERE code = $1 LIMIT 1", func(db.Scanner) error { known = true; return nil }, which.Product)
	batch.Query("SELECT day FROM daily_positions WHERE day = $1 LIMIT 1", func(db.Scanner) error { purged = false; return nil }, day)
	batch.Query("SELECT days_past_due FROM daily_positions WHERE day = $1 AND loan_id = $2 AND days_past_due > 0",
		func(s db.Scanner) error { found = true; return s.Scan(&from) }, day, part.After)
	if err = v.ask(ctx, by.Need, batch, func() { found, known, purged = part.After.IsZero(), which.Product == "", written > 0 }); err != nil {
		return out, err
	}
	switch {
	case purged:
		return out, fault.Refuse(accounting.NoDailyPositions, "date", day).Because(accounting.DailyPositionsPurged)
	case !known:
		return out, fault.Refuse(product.NotFound)
	case !found:
		return out, fault.Wrong(fault.At("after", fault.PageStart))
	}
	var loans []DelinquentLoan
	out.Date = day
	batch = &db.Batch{}
	counted, summed := []any{day, first, last, which.Product}, "sum(loans)"
	table, inScope := "portfolio p", ""
	if !by.everywhere(risk.ReadReports) { // the portfolio has totals of the institution only
		summed, table = "count(*)", "daily_positions p JOIN loans l ON l.id = p.loan_id"
		inScope = by.within(risk.ReadReports, "l", &counted)
	}
	batch.Query("SELECT coalesce("+summed+", 0)::bigint, coalesce(sum(p.balance), 0)::bigint, coalesce(sum(p.overdue_principal), 0)::bigint, coalesce(sum(p.interest), 0)::bigint FROM "+
		table+" WHERE p.day = $1 AND p.days_past_due BETWEEN $2 AND $3 AND ($4 = '' OR p.product = $4)"+inScope,
		func(s db.Scanner) error {
			return s.Scan(&out.Sums.Loans, &out.Sums.Balance, &out.Sums.OverduePrincipal, &out.Sums.Interest)
		}, counted...)
	listed := []any{day, first, min(last, from), which.Product, from, after(part.After), part.Limit}
	batch.Query(lateLoans(by.within(risk.ReadReports, "l", &listed)), func(s db.Scanner) error {
		var l DelinquentLoan
		var number folio.Number
		err := s.Scan(&l.Loan, &number, &l.Client, &l.Name, &l.RFC, &l.Product, &l.DaysPastDue, &l.Stage, &l.OverduePrincipal, &l.Interest, &l.Suspended, &l.PenaltyInterest, &l.Balance)
		l.Number, l.Bucket = folio.Loan.Print(number), risk.BucketOf(l.DaysPastDue).String()
		loans = append(loans, l)
		return err
	}, listed...)
	err = v.ask(ctx, by.Need, batch, func() { loans = nil })
	out.Loans = pageOf(loans, part.Limit, func(l DelinquentLoan) id.ID { return l.Loan })
	return out, err
}

// lateLoans selects the page first, in the order of the index positions_late, and joins the
// loans and clients afterwards. The condition on the loans l keeps those in the reader's scope.
func lateLoans(inScope string) string {
	if inScope != "" {
		inScope = " AND EXISTS (SELECT 1 FROM loans l WHERE l.id = loan_id" + inScope + ")"
	}
	return `SELECT p.loan_id, coalesce(n.number, 0), p.client_id, c.full_name, c.rfc, p.product, p.days_past_due, p.stage, p.overdue_principal, p.interest, p.suspended, p.penalty_interest, p.balance
	FROM (SELECT loan_id, client_id, product, days_past_due, stage, overdue_principal, interest, suspended, penalty_interest, balance FROM daily_positions
		WHERE day = $1 AND days_past_due > 0 AND days_past_due BETWEEN $2 AND $3 AND ($4 = '' OR product = $4) AND (days_past_due < $5 OR days_past_due = $5 AND loan_id > $6)` + inScope + `
		ORDER BY days_past_due DESC, loan_id LIMIT $7) p
	LEFT JOIN loans n ON n.id = p.loan_id JOIN clients c ON c.id = p.client_id ORDER BY p.days_past_due DESC, p.loan_id`
}
