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
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// terms are the terms of every loan: a million pesos at 15 % over 24 months.
var terms = loan.Terms{Amount: 100_000_000, Rate: 150_000, TermMonths: 24}

// overdue is the number of due instalments of an ordinary loan, overdueDays that of a loan
// with daily instalments. A client has loansOfOne of the latter.
const (
	overdue     = 2
	overdueDays = 18
	loansOfOne  = 4
)

// daily returns a product with daily instalments. Otherwise it is like the default product.
func daily() product.Product {
	p := product.Seed()
	p.Code, p.Name, p.From, p.Frequency, p.PeriodDays = "daily", "Crédito diario", civil.Date{}, schedule.EveryNumDays, 1
	return p.Defaults()
}

// filler fills a database through the bank's commands, with a clock that it sets.
type filler struct {
	*books
	bank *bank.Bank
	now  atomic.Int64 // microseconds since 1970
}

// fill creates the schema, the clients and the loans of the books, and closes every day
// before today.
func fill(ctx context.Context, config db.Config, b *books) error {
	database, err := db.Open(config)
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return err
	}
	f := &filler{books: b}
	f.bank = bank.Open(bank.Options{DB: database, Clock: func() time.Time { return time.UnixMicro(f.now.Load()) }})
	err = f.history(ctx)
	f.bank.Close()
	if err == nil {
		err = forget(ctx, database)
	}
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	return nil
}

// history creates the history: loans with due instalments were disbursed some months ago and
// not paid since; the others are disbursed today with one payment ahead of time.
func (f *filler) history(ctx context.Context) error {
	now := time.Now()
	today := civil.DateOf(now.UTC())
	opened := f.due.opened(today)
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

// offer creates the products unless they exist.
func (f *filler) offer(ctx context.Context) error {
	seed := product.Seed()
	seed.From = civil.Date{}
	for _, p := range []product.Product{seed, daily()} {
		if _, err := bank.Do(ctx, f.bank, by, lending.CreateProduct{Product: p}); err != nil && !fault.Is(err, product.Exists) {
			return err
		}
	}
	return nil
}

func (f *filler) register(ctx context.Context, n int) error {
	f.rfcs[n] = rfc(n)
	got, err := bank.Do(ctx, f.bank, by, &clients.RegisterClient{FullName: "María Fernández Ñuño", Email: fmt.Sprintf("client%d@example.com", n), RFC: f.rfcs[n]})
	f.holders[n] = got.Answer.ID
	return err
}

func (f *filler) grant(ctx context.Context, to *workload, n int) error {
	holder := f.holders[to.first+n/to.each]
	if !to.daily {
		got, err := bank.Do(ctx, f.bank, by, lending.GrantLoan{ClientID: holder, Terms: terms})
		to.loans[n] = got.Answer.ID
		return err
	}
	got, err := bank.Do(ctx, f.bank, by, lending.ApplyForLoan{ClientID: holder, Product: daily().Code, Amount: terms.Amount, Rate: terms.Rate, Periods: int(terms.TermMonths)})
	if err != nil {
		return err
	}
	to.loans[n] = got.Answer.ID
	if _, err := bank.Do(ctx, f.bank, by, lending.ApproveLoan{LoanID: to.loans[n]}); err != nil {
		return err
	}
	_, err = bank.Do(ctx, f.bank, by, lending.DisburseLoan{LoanID: to.loans[n]})
	return err
}

func (f *filler) pay(ctx context.Context, on *workload, n int, amount money.Amount) error {
	_, err := bank.Do(ctx, f.bank, by, lending.ReceivePayment{LoanID: on.loans[n], Operation: servicing.Operation{Amount: amount}})
	if err == nil {
		f.accept(1, amount)
	}
	return err
}

// parallel calls work for every number below n, many at the same time, so that the bank's
// batches are full.
func parallel(n int, work func(int) error) error { return machine.Parallel(512, n, work) }

// rfc returns the n-th RFC with 13 characters; n must be below 17,576,000.
func rfc(n int) string {
	letter := func(k int) byte { return byte('A' + k%26) }
	return fmt.Sprintf("%c%c%cX800101%03d", letter(n/1000/26/26), letter(n/1000/26), letter(n/1000), n%1000)
}

// forget deletes the events of the set-up, so that the relay handles only those of the
// measurement.
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
