package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/infra/outbox"
)

// books describes the contents of a database: clients with their loans, and the payments made
// on them.
type books struct {
	rfcs     []string
	holders  []id.ID // clients by number
	due      *workload
	ahead    *workload
	accepted atomic.Int64 // number of payments
	received atomic.Int64 // centavos
}

// workload is a kind of payment and the loans that it is made on.
type workload struct {
	what   string
	daily  bool         // the loans have an instalment every day
	amount money.Amount // of one payment
	first  int          // number of the client with the first loan
	each   int          // loans for each client
	loans  []id.ID
	order  []int // order in which the loans are paid
	paid   int   // payments requested so far
	most   int   // maximum number of payments, so that no loan is paid off
}

// newBooks returns books for payments of due instalments and payments ahead of time. A due
// payment is most of an instalment (50,486.65), so that each payment pays interest, its IVA
// and principal, and the overdue instalments last for as many payments. A payment ahead of
// time could be made about a thousand times on each loan.
func newBooks(clients int) *books {
	half := clients / 2
	return &books{
		rfcs: make([]string, clients), holders: make([]id.ID, clients),
		due:   newWorkload(duePayments, 40_000_00, 0, half, overdue),
		ahead: newWorkload(aheadPayments, 100_00, half, clients-half, 500),
	}
}

// newSustainedBooks returns books with loans that have an instalment every day. So few loans,
// and few days to close, are enough for many payments of due instalments. A payment of
// 40,000.00 is a little less than an instalment (41,950.70), so that each payment pays
// interest, its IVA and principal.
func newSustainedBooks(loans int) *books {
	clients := (loans + loansOfOne - 1) / loansOfOne
	due := newWorkload(sustainedPayments, 40_000_00, 0, loans, overdueDays)
	due.daily, due.each = true, loansOfOne
	return &books{
		rfcs: make([]string, clients), holders: make([]id.ID, clients),
		due: due, ahead: newWorkload("", 0, 0, 0, 0),
	}
}

func newWorkload(what string, amount money.Amount, first, loans, payments int) *workload {
	return &workload{what: what, amount: amount, first: first, each: 1, loans: make([]id.ID, loans), order: rand.Perm(loans), most: payments * loans}
}

// opened returns the disbursement date that gives the loans their due instalments by today.
func (w *workload) opened(today civil.Date) civil.Date {
	if w.daily {
		return today.AddDays(-overdueDays - 1)
	}
	return today.AddMonths(-overdue, min(int(today.Day), 28)).AddDays(-3)
}

// next returns the loan for the next payment: all loans in turn, in random order. It returns
// false when all loans have been paid as often as possible.
func (w *workload) next() (id.ID, bool) {
	if w.paid == w.most {
		return id.ID{}, false
	}
	w.paid++
	return w.loans[w.order[w.paid%len(w.order)]], true
}

// accept counts payments that must be in the database at the end.
func (b *books) accept(payments int, each money.Amount) {
	b.accepted.Add(int64(payments))
	b.received.Add(int64(payments) * int64(each))
}

// drained waits until all events have been relayed, so that the relay does not affect the
// next measurement. It returns the number of events that were waiting at first.
func drained(ctx context.Context, config db.Config) (waited int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	database, err := db.Open(config)
	if err != nil {
		return 0, err
	}
	defer database.Close()
	if waited, err = outbox.Backlog(ctx, database); err != nil {
		return 0, err
	}
	for left := waited; left > 0; {
		time.Sleep(100 * time.Millisecond)
		if left, err = outbox.Backlog(ctx, database); err != nil {
			return 0, fmt.Errorf("%d events were not relayed: %w", left, err)
		}
	}
	return waited, nil
}

// verify compares the payments in the database with the accepted ones, and payments and loan
// principal with the accounts in the books.
func (b *books) verify(ctx context.Context, config db.Config) error {
	database, err := db.Open(config)
	if err != nil {
		return err
	}
	defer database.Close()
	var payments, received, lent, ended, principal int64
	posted := map[ledger.Account]int64{}
	batch := &db.Batch{}
	batch.Query("SELECT count(*), sum(amount)::bigint FROM loan_transactions WHERE kind = ANY($1::text[])",
		func(s db.Scanner) error { return s.Scan(&payments, &received) }, kinds(servicing.Payments))
	batch.Query(`SELECT sum(amount)::bigint, count(*) FILTER (WHERE status <> 'ACTIVE'), sum(balance)::bigint FROM loans`,
		func(s db.Scanner) error { return s.Scan(&lent, &ended, &principal) })
	batch.Query("SELECT account, sum(debit)::bigint - sum(credit)::bigint FROM posted GROUP BY account",
		func(s db.Scanner) error {
			var account ledger.Account
			var balance int64
			err := s.Scan(&account, &balance)
			posted[account] = balance
			return err
		})
	if err := database.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	if payments != b.accepted.Load() || received != b.received.Load() || ended > 0 {
		return fmt.Errorf("%d payments of %s in all were accepted; the database has %d of %s, and %d loans ended",
			b.accepted.Load(), money.Amount(b.received.Load()), payments, money.Amount(received), ended)
	}
	for account, amount := range map[ledger.Account]int64{accounting.Bank: received - lent, accounting.LoansPrincipal: principal} {
		if posted[account] != amount {
			err = errors.Join(err, fmt.Errorf("account %s is %s in the books; loans and payments make it %s", account, money.Amount(posted[account]), money.Amount(amount)))
		}
	}
	return err
}

func kinds(list []servicing.Kind) (names []string) {
	for _, k := range list {
		names = append(names, string(k))
	}
	return names
}
