package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/bench/machine"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// The terms of every loan: a million pesos at 15 % over 24 months.
var terms = loan.Terms{Amount: 100_000_000, Rate: 150_000, TermMonths: 24}

// overdue is how many instalments are due of a loan disbursed earlier.
const overdue = 2

// filler fills a database through the bank's own door, at a clock that stands
// where the history needs it.
type filler struct {
	*books
	bank *bank.Bank
	now  atomic.Int64 // microseconds since 1970
}

// fill makes the schema and the books: a client of each number with one loan, and
// every day closed until today.
func fill(ctx context.Context, config db.Config, clients int) (*books, error) {
	database, err := db.Open(config)
	if err != nil {
		return nil, err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return nil, err
	}
	f := &filler{books: newBooks(clients)}
	f.bank = bank.Open(bank.Options{DB: database, Clock: func() time.Time { return time.UnixMicro(f.now.Load()) }})
	err = f.history(ctx)
	f.bank.Close()
	if err == nil {
		err = forget(ctx, database)
	}
	if err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	return f.books, nil
}

// history is what happened until now: half of the loans were disbursed some
// months ago and not paid since; the others were disbursed today and something was
// paid ahead.
func (f *filler) history(ctx context.Context) error {
	now := time.Now()
	today := civil.DateOf(now.UTC())
	opened := today.AddMonths(-overdue, min(today.Day, 28)).AddDays(-3)
	f.now.Store(opened.Midnight().UnixMicro())
	if err := f.offer(ctx); err != nil {
		return err
	}
	if err := parallel(len(f.holders), func(n int) error { return f.register(ctx, n) }); err != nil {
		return err
	}
	if err := parallel(len(f.due.loans), func(n int) error { return f.grant(ctx, f.due, n) }); err != nil {
		return err
	}
	f.now.Store(now.UnixMicro())
	for day := opened; day.Before(today); day = day.AddDays(1) {
		if _, err := dayend.New(f.bank, dayend.Options{}).CloseDay(ctx, by, day, nil); err != nil {
			return err
		}
	}
	return parallel(len(f.ahead.loans), func(n int) error {
		if err := f.grant(ctx, f.ahead, n); err != nil {
			return err
		}
		return f.pay(ctx, f.ahead, n, f.ahead.amount)
	})
}

var by = bank.By{System: true, Actor: "bench"}

// offer makes the default product, unless it is there.
func (f *filler) offer(ctx context.Context) error {
	p := product.Seed()
	p.From = civil.Date{}
	_, err := bank.Do(ctx, f.bank, by, lending.CreateProduct{Product: p})
	if fault.Is(err, product.Exists) {
		return nil
	}
	return err
}

func (f *filler) register(ctx context.Context, n int) error {
	f.rfcs[n] = rfc(n)
	got, err := bank.Do(ctx, f.bank, by, &clients.RegisterClient{FullName: "María Fernández Ñuño", Email: fmt.Sprintf("client%d@example.com", n), RFC: f.rfcs[n]})
	f.holders[n] = got.Answer.ID
	return err
}

func (f *filler) grant(ctx context.Context, to *workload, n int) error {
	got, err := bank.Do(ctx, f.bank, by, lending.GrantLoan{ClientID: f.holders[to.first+n], Terms: terms})
	to.loans[n] = got.Answer.ID
	return err
}

func (f *filler) pay(ctx context.Context, on *workload, n int, amount money.Amount) error {
	_, err := bank.Do(ctx, f.bank, by, lending.ReceivePayment{LoanID: on.loans[n], Amount: amount})
	if err == nil {
		f.accept(1, amount)
	}
	return err
}

// parallel does the work for every number below n, many at once, so that the
// bank's batches are full.
func parallel(n int, work func(int) error) error { return machine.Parallel(512, n, work) }

// rfc makes the n-th RFC of 13 characters, n below 17,576,000.
func rfc(n int) string {
	letter := func(k int) byte { return byte('A' + k%26) }
	return fmt.Sprintf("%c%c%cX800101%03d", letter(n/1000/26/26), letter(n/1000/26), letter(n/1000), n%1000)
}

// forget drops the events of the filling: the relay is to carry those of what is
// measured.
func forget(ctx context.Context, database *db.DB) error {
	session := database.Session()
	defer session.Close()
	if err := session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	drop := &db.Batch{}
	drop.Exec("DELETE FROM outbox")
	_, err := session.Commit(ctx, drop)
	return err
}
