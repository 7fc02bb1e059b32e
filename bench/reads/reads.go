package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"sofipo/checks"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/infra/db"
	"sofipo/view"
)

// read is a question and the number of times that it is asked for one figure.
type read struct {
	name  string
	times int
	ask   func(context.Context) error
}

// books are the objects that the questions are about.
type books struct {
	patient *db.DB // without timeouts, for slow questions
	view    *view.View
	open    civil.Date // the day after the last closed day
	closed  civil.Date // a day in the middle of the closed days
	first   civil.Date // the first closed day

	client, busyClient id.ID // busyClient has the loan with the longest history
	loan, busyLoan     id.ID
}

// look chooses the objects.
func look(ctx context.Context, database, patient *db.DB) (*books, error) {
	b := &books{patient: patient, view: view.Open(database, nil)}
	batch := &db.Batch{}
	batch.Query("SELECT min(day), max(day) FROM business_days WHERE status = 'CLOSED'", func(s db.Scanner) error { return s.Scan(&b.first, &b.open) })
	batch.Query("SELECT id, client_id FROM loans WHERE transactions = (SELECT max(transactions) FROM loans) ORDER BY id LIMIT 1",
		func(s db.Scanner) error { return s.Scan(&b.busyLoan, &b.busyClient) })
	batch.Query("SELECT id, client_id FROM loans WHERE status = 'ACTIVE' AND transactions = 24 ORDER BY id LIMIT 1",
		func(s db.Scanner) error { return s.Scan(&b.loan, &b.client) })
	if err := database.ReadPrimary(ctx, batch); err != nil {
		return nil, err
	}
	if b.open.IsZero() || b.loan.IsZero() {
		return nil, errors.New("the books need a closed day and a loan with 24 transactions")
	}
	b.closed, b.open = b.first.AddDays(b.open.Since(b.first)*3/4), b.open.AddDays(1)
	return b, nil
}

const page = 100 // rows

// reads returns all questions.
func (b *books) reads(ctx context.Context) (all []read, err error) {
	add := func(name string, times int, ask func(context.Context) error) {
		all = append(all, read{name, times, ask})
	}
	add("trial balance of the open day", 1, func(ctx context.Context) error { return b.trialBalance(ctx, b.open, b.open) })
	add("trial balance of a closed day", 20, func(ctx context.Context) error { return b.trialBalance(ctx, b.closed, b.closed) })
	for _, account := range []ledger.Account{"1102", "1301", "5302", "7102"} {
		last, err := b.ledger(ctx, account, b.closed, b.closed, id.ID{})
		if err != nil {
			return nil, err
		}
		add(fmt.Sprintf("ledger of %s, the first page", account), 1, b.page(account, b.first, b.open, id.ID{}))
		add(fmt.Sprintf("ledger of %s, a page behind 20 days", account), 1, b.page(account, b.closed.AddDays(-20), b.open, last))
		add(fmt.Sprintf("ledger of %s on the open day, the first page", account), 1, b.page(account, b.open, b.open, id.ID{}))
	}
	last, err := b.ledger(ctx, "1102", b.open, b.open, id.ID{})
	if err != nil {
		return nil, err
	}
	add("an entry", 500, func(ctx context.Context) error { _, err := b.view.Entry(ctx, view.System, last); return err })
	add("a loan's transactions", 500, func(ctx context.Context) error { return b.transactions(ctx, b.loan) })
	add("the transactions of a loan that has 1,000, all", 20, func(ctx context.Context) error { return b.transactions(ctx, b.busyLoan) })
	add("a loan's file", 200, func(ctx context.Context) error { _, err := b.view.LoanFile(ctx, view.System, b.loan); return err })
	add("the file of a loan that has 1,000 transactions", 20, func(ctx context.Context) error { _, err := b.view.LoanFile(ctx, view.System, b.busyLoan); return err })
	add("a loan", 500, func(ctx context.Context) error {
		_, err := b.view.Loan(ctx, view.System, b.loan, &view.Codec[loan.Loan]{})
		return err
	})
	add("a client's statement", 500, func(ctx context.Context) error { return b.statement(ctx, b.client) })
	add("the statement of a client who paid 1,000 times", 20, func(ctx context.Context) error { return b.statement(ctx, b.busyClient) })
	add("periods", 200, func(ctx context.Context) error { _, err := b.view.Periods(ctx, view.System, b.open); return err })
	add("business days", 200, func(ctx context.Context) error {
		_, err := b.view.Days(ctx, view.System, b.open, b.open.AddDays(1), page)
		return err
	})
	add("money moved on the open day", 1, func(ctx context.Context) error {
		_, err := b.view.MoneyMoved(ctx, view.System, b.open, b.open)
		return err
	})
	add("money moved on a closed day", 10, func(ctx context.Context) error {
		_, err := b.view.MoneyMoved(ctx, view.System, b.closed, b.closed)
		return err
	})
	add("portfolio, with what was written off", 50, func(ctx context.Context) error {
		_, err := b.view.Portfolio(ctx, view.System, civil.Date{})
		return err
	})
	add(doctor, 1, b.doctor)
	return all, nil
}

// doctor is the name of the slowest question.
const doctor = "doctor, all checks"

func (b *books) trialBalance(ctx context.Context, from, to civil.Date) error {
	_, err := b.view.TrialBalance(ctx, view.System, from, to, false)
	return err
}

// ledger reads a page of an account's ledger and returns its last entry.
func (b *books) ledger(ctx context.Context, account ledger.Account, from, to civil.Date, after id.ID) (last id.ID, err error) {
	got, err := b.view.Ledger(ctx, view.System, view.LedgerQuery{Account: account, From: from, To: to, Paging: view.Paging{After: after, Limit: page}})
	if n := len(got.Postings.Items); n > 0 {
		last = got.Postings.Items[n-1].Entry
	}
	return last, err
}

func (b *books) page(account ledger.Account, from, to civil.Date, after id.ID) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := b.ledger(ctx, account, from, to, after)
		return err
	}
}

func (b *books) transactions(ctx context.Context, of id.ID) error {
	_, err := b.view.Transactions(ctx, view.System, of, view.Paging{Limit: math.MaxInt32})
	return err
}

func (b *books) statement(ctx context.Context, of id.ID) error {
	_, err := b.view.Statement(ctx, view.System, of, &view.Codec[view.Statement]{})
	return err
}

func (b *books) doctor(ctx context.Context) (err error) {
	for _, c := range checks.Run(ctx, b.patient, checks.Sample) {
		if c.Err != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", c.Name, c.Err))
		}
	}
	return err
}
