package checks

import (
	"context"
	"fmt"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/entries"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// since returns the condition that a day is after the last closed day, or that no day is
// closed, in SQL.
func since(day string) string {
	return "(" + lastClosed + " IS NULL OR " + day + " > " + lastClosed + ")"
}

// ofFees adds up, in SQL, the postings of origination fees since the last closed day, by
// loan. Closes post for all loans of a product together, all other entries for one loan.
var ofFees = `(SELECT p.subject, -sum(p.amount)::bigint AS amount FROM journal_accounts a CROSS JOIN posted p
	WHERE a.account = '5302' AND p.entry_id = a.entry_id AND p.account = a.account AND ` + since("a.business_date") + ` GROUP BY p.subject)`

// deferred is a loan with an origination fee and the deferred part of the fee in the books.
type deferred struct {
	loan              id.ID
	fee               money.Amount
	opened, last      civil.Date // the period over which the fee becomes income
	status            servicing.Status
	day               civil.Date
	lastTransactionOn civil.Date // business date of the last transaction
	interestPostedOn  civil.Date // date of the last transaction before days were closed
	positioned        bool       // it has a daily position on the last closed day
	posted            money.Amount
	product           productVersion
	version           servicing.Version
	terms             string
	plan, state       []byte
}

// checkFees compares the deferred part of the origination fees with account 5302. For the
// last closed day it compares the totals of the loans with a daily position; for each loan
// with later transactions it also compares what these posted.
func checkFees(ctx context.Context, database *db.DB) Check {
	products, err := allProducts(ctx, database)
	var last civil.Date
	var early bool // transactions after that day posted the income themselves
	var looked, strays, breaches int64
	var deferredThen, books money.Amount
	var first error
	batch := &db.Batch{}
	batch.Query("SELECT "+lastClosed+", EXISTS (SELECT 1 FROM loans WHERE fee > 0 AND interest_posted_on > "+lastClosed+")", func(s db.Scanner) error { return s.Scan(&last, &early) })
	batch.Query("SELECT l.fee, l.opened, l.fee_last FROM daily_positions p JOIN loans l ON l.id = p.loan_id WHERE l.fee > 0 AND p.day = "+lastClosed, func(s db.Scanner) error {
		var d deferred
		err := s.Scan(&d.fee, &d.opened, &d.last)
		deferredThen += d.rest(last)
		looked++
		return err
	})
	batch.Query(`SELECT coalesce(-sum(amount), 0)::bigint FROM (SELECT p.amount FROM journal_accounts a CROSS JOIN posted p WHERE a.account = '5302' AND p.entry_id = a.entry_id AND p.account = a.account
		AND a.business_date <= `+lastClosed+` AND `+strings.ReplaceAll(entered, "business_date", "a.business_date")+` UNION ALL SELECT amount FROM `+carried+` c WHERE account = '5302') b`,
		func(s db.Scanner) error { return s.Scan(&books) })
	batch.Query(`SELECT l.id, l.fee, l.opened, l.fee_last, l.status, l.day, l.moved, l.interest_posted_on, EXISTS (SELECT 1 FROM daily_positions p WHERE p.loan_id = l.id AND p.day = `+lastClosed+`),
		coalesce(f.amount, 0), l.product, l.product_version, l.state, v.number, v.effective_from, v.reason, v.terms, v.level, v.plan
		FROM loans l JOIN loan_versions v ON v.loan_id = l.id AND v.serial = l.version LEFT JOIN `+ofFees+` f ON f.subject = l.id WHERE l.fee > 0 AND `+since("l.moved"),
		func(s db.Scanner) error {
			var d deferred
			if err := s.Scan(&d.loan, &d.fee, &d.opened, &d.last, &d.status, &d.day, &d.lastTransactionOn, &d.interestPostedOn, &d.positioned, &d.posted, &d.product.code, &d.product.version, &d.state,
				&d.version.Number, &d.version.From, &d.version.Reason, &d.terms, &d.version.Level, &d.plan); err != nil {
				return err
			}
			looked++
			if wrong := d.check(last, products[d.product]); wrong != nil {
				if breaches++; first == nil {
					first = fmt.Errorf("loan %s: %w", d.loan, wrong)
				}
			}
			return nil
		})
	batch.Query("SELECT count(*) FROM "+ofFees+" f WHERE f.amount <> 0 AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.id = f.subject AND l.fee > 0 AND "+since("l.moved")+")",
		func(s db.Scanner) error { return s.Scan(&strays) })
	if err == nil {
		err = read(ctx, database, batch, func() { looked, strays, breaches, deferredThen, first = 0, 0, 0, 0, nil })
	}
	switch {
	case err != nil:
	case !early && books != deferredThen:
		err = fmt.Errorf("through %s the account has %s, but %s of the loans' fees is deferred", last, books, deferredThen)
	case strays > 0:
		err = fmt.Errorf("the account has postings of %d subjects that are not loans with an origination fee", strays)
	case breaches > 0:
		err = fmt.Errorf("%d loans differ; the first: %w", breaches, first)
	}
	return Check{Name: "5302 equals the deferred origination fees", Found: fmt.Sprintf("%d rows", looked), Err: err}
}

// rest returns the deferred part of the fee at the end of a day, for a loan that has not
// ended.
func (d *deferred) rest(day civil.Date) money.Amount {
	return d.fee - entries.Amortised(d.fee, d.opened, d.last, day)
}

// check compares the books with what they must have after the loan's last transaction; last
// is the last closed day. Income of days that are not closed yet may be missing.
func (d *deferred) check(last civil.Date, p product.Product) error {
	var least, most money.Amount
	switch {
	case last.IsZero() && d.lastTransactionOn == d.interestPostedOn: // no day is closed: transactions posted all of it
		if servicing.Alive(d.status) {
			least = d.rest(d.day.AddDays(-1))
		}
		most = least
	case d.interestPostedOn.After(last): // left to later closes
		return nil
	default:
		if err := codec.ParseTerms(&d.version.Terms, d.terms); err != nil {
			return err
		}
		a, err := codec.Restore(p, d.version, d.plan, d.state)
		if err != nil {
			return err
		}
		eve := d.lastTransactionOn.AddDays(-1)
		if a, _ = servicing.Roll(a, eve); servicing.Alive(a.Status) {
			least = d.rest(eve)
		}
		most = least + d.rest(last) - d.rest(eve)
		if d.positioned {
			d.posted += d.rest(last)
		}
	}
	if d.posted < least || d.posted > most {
		return fmt.Errorf("the books have %s of the fee, want %s to %s", d.posted, least, most)
	}
	return nil
}
