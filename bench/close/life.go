package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/dayend"
	"sofipo/bank/lending"
	"sofipo/bench/machine"
	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/infra/db"
)

// by is the actor of all commands.
var by = bank.By{System: true, Actor: "bench"}

// borrower is a loan with the behaviour of its client, who pays each instalment on its due
// date, except for some of the last ones.
type borrower struct {
	opened civil.Date
	months int
	amount money.Amount
	rate   rate.Annual
	skips  int        // number of the last due instalments that are not paid
	renews civil.Date // day of the restructure; zero if there is none

	loan id.ID
	plan []schedule.Row
}

// life creates the history of some loans through the bank's commands. It closes every day
// except the last.
type life struct {
	bank   *bank.Bank
	now    atomic.Int64 // microseconds since 1970
	today  civil.Date
	last   civil.Date
	client id.ID
	loans  []borrower
}

// personal returns the second product. It is like the default product, but with daily
// interest and penalty interest.
func personal() product.Product {
	p := product.Seed()
	p.Code, p.Name, p.From, p.DayCount = "personal", "Crédito personal", civil.Date{}, civil.Actual360
	p.PenaltyInterest = product.PenaltyTerms{Rate: 720_000}
	return p.Defaults()
}

// newLife draws loans that are granted over the months. At the end 90 % are current (2 % of
// all were restructured in the last three weeks), 6 % are 1 to 30 days overdue, 2 % are 31 to
// 89 days overdue, and 2 % are more.
func newLife(database *db.DB, loans, months int) *life {
	first := civil.Date{Year: 2025, Month: 1, Day: 10}
	l := &life{today: first, last: first.AddMonths(months, int(first.Day)), loans: make([]borrower, loans)}
	l.bank = bank.Open(bank.Options{DB: database, Clock: func() time.Time { return time.UnixMicro(l.now.Load()) }})
	random := rand.New(rand.NewPCG(2, 2))
	days := l.last.Since(first)
	for i := range l.loans {
		k := &l.loans[i]
		*k = borrower{
			opened: first.AddDays(i * days / loans), months: 24 + 12*random.IntN(3), amount: money.Amount(5_000_00 + random.IntN(95_000_00)),
			rate: rate.Annual(240_000 + 10_000*random.IntN(37)),
		}
		switch n := random.IntN(100); {
		case n < 2:
			k.skips = 4 + random.IntN(3)
		case n < 4:
			k.skips = 2 + random.IntN(2)
		case n < 10:
			k.skips = 1
		case n < 12:
			k.renews = l.last.AddDays(-1 - random.IntN(20))
		}
	}
	return l
}

func noon(day civil.Date) time.Time { return day.Midnight().Add(12 * time.Hour) }

// live runs through the days.
func (l *life) live(ctx context.Context) error {
	l.now.Store(noon(l.today).UnixMicro())
	holder, err := bank.Do(ctx, l.bank, by, &clients.RegisterClient{FullName: "María Fernández Ñuño", Email: "client@example.com", RFC: "AAAX800101001"})
	if err != nil {
		return err
	}
	l.client = holder.Answer.ID
	if _, err := bank.Do(ctx, l.bank, by, lending.CreateProduct{Product: personal()}); err != nil {
		return err
	}
	for {
		l.now.Store(noon(l.today).UnixMicro())
		if err := parallel(l.loans, func(n int, k *borrower) error { return l.act(ctx, n, k) }); err != nil {
			return err
		}
		if l.today == l.last {
			return nil
		}
		if _, err := dayend.New(l.bank, dayend.Options{}).CloseDay(ctx, by, l.today, nil); err != nil {
			return err
		}
		l.today = l.today.AddDays(1)
	}
}

// act performs what a borrower does on the day.
func (l *life) act(ctx context.Context, n int, k *borrower) error {
	if k.opened == l.today {
		return l.lend(ctx, n, k)
	}
	if k.renews == l.today && k.opened.Before(l.today) {
		_, err := bank.Do(ctx, l.bank, by, lending.RestructureLoan{LoanID: k.loan, Rate: k.rate, Periods: k.months, Capitalise: true})
		k.plan = nil // the next instalment is due after the end
		return err
	}
	due := 0
	for due < len(k.plan) && !k.plan[due].Due.After(l.last) {
		due++
	}
	for _, row := range k.plan[:max(0, due-k.skips)] {
		if row.Due == l.today {
			if _, err := bank.Do(ctx, l.bank, by, lending.ReceivePayment{LoanID: k.loan, Operation: servicing.Operation{Amount: row.Total}}); err != nil {
				return fmt.Errorf("instalment %d: %w", row.Number, err)
			}
		}
	}
	return nil
}

// lend grants loans alternately on the default and on the second product.
func (l *life) lend(ctx context.Context, n int, k *borrower) error {
	p := product.Seed()
	if n%2 == 0 {
		got, err := bank.Do(ctx, l.bank, by, lending.GrantLoan{ClientID: l.client, Terms: loan.Terms{Amount: k.amount, Rate: k.rate, TermMonths: int64(k.months)}})
		if err != nil {
			return err
		}
		k.loan = got.Answer.ID
	} else {
		p = personal()
		applied, err := bank.Do(ctx, l.bank, by, lending.ApplyForLoan{ClientID: l.client, Product: p.Code, Amount: k.amount, Rate: k.rate, Periods: k.months})
		if err != nil {
			return err
		}
		k.loan = applied.Answer.ID
		if _, err := bank.Do(ctx, l.bank, by, lending.ApproveLoan{LoanID: k.loan}); err != nil {
			return err
		}
		if _, err := bank.Do(ctx, l.bank, by, lending.DisburseLoan{LoanID: k.loan}); err != nil {
			return err
		}
	}
	terms, err := p.Terms(k.amount, k.rate, k.months, l.today, civil.Date{})
	if err != nil {
		return err
	}
	plan, err := schedule.Plan(terms)
	k.plan = plan.Rows
	return err
}

// parallel calls work for every loan, many at the same time, so that the bank's batches are
// full.
func parallel(loans []borrower, work func(int, *borrower) error) error {
	return machine.Parallel(64, len(loans), func(i int) error { return work(i, &loans[i]) })
}
