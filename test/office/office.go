// Package office gives tests a small institution: a bank with a clock that the test sets, and
// functions for clients, loans and entries.
package office

import (
	"context"
	"slices"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/lending"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
)

// Office is a bank on a database of a test, with a clock that the test sets.
type Office struct {
	*testing.T
	DB   *db.DB
	Bank *bank.Bank
	Now  time.Time // what the bank's clock shows
	Need uint64    // commit token of the last command
}

// Open opens a bank of one writer on 15 January 2026, until the test ends.
func Open(t *testing.T, d *db.DB, options ...func(*bank.Options)) *Office {
	t.Helper()
	o := &Office{T: t, DB: d}
	o.On("2026-01-15")
	o.Bank = OpenBank(t, d, slices.Concat([]func(*bank.Options){Clock(func() time.Time { return o.Now }), Writers(1)}, options)...)
	return o
}

// Day parses a date.
func Day(text string) civil.Date {
	d, err := civil.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// On sets the clock to four in the afternoon of a day.
func (o *Office) On(text string) { o.Now = Day(text).Midnight().Add(16 * time.Hour) }

// Do executes a command for a user and returns its answer.
func Do[A any](o *Office, who string, c bank.Command[A]) A {
	o.Helper()
	got := As(o, o.Bank, bank.By{System: true, Actor: who}, c)
	o.Need = got.Token
	return got.Answer
}

// Client registers client n.
func (o *Office) Client(n int) client.Client {
	o.Helper()
	return Do(o, "ana", registration(n))
}

// Lend grants a loan on the terms of Grant.
func (o *Office) Lend(to id.ID, amount money.Amount, changes ...func(*loan.Terms)) loan.Loan {
	o.Helper()
	return Do(o, "ana", grant(to, amount, changes))
}

// Pay receives a payment.
func (o *Office) Pay(to loan.Loan, amount money.Amount, kind servicing.Kind) servicing.Transaction {
	o.Helper()
	return Do(o, "tito", lending.ReceivePayment{LoanID: to.ID, Operation: servicing.Operation{Amount: amount, Kind: kind}})
}

// PostByHand proposes a manual entry with two lines, which another user posts.
func (o *Office) PostByHand(date, description string, debit, credit ledger.Account, amount money.Amount) accounting.ManualEntry {
	o.Helper()
	v := Do(o, "cora", books.ProposeEntry{Date: Day(date), Description: description, Lines: []accounting.Line{{Account: debit, Debit: amount}, {Account: credit, Credit: amount}}})
	return Do(o, "dino", books.DecideEntry{ID: v.ID, Post: true})
}

// WorkedExample creates the worked example of docs/books.md: the capital is paid in, the
// loan is disbursed, and its first instalment is paid.
func (o *Office) WorkedExample() (loan.Loan, servicing.Transaction, accounting.ManualEntry) {
	o.Helper()
	paidIn := o.PostByHand("2026-01-02", "Aportación de capital", accounting.Bank, "4101", 100_000_000)
	lent := o.Lend(o.Client(1).ID, 5_000_000)
	o.On("2026-02-15")
	return lent, o.Pay(lent, 252_433, ""), paidIn
}

// SQL runs statements that no command would run.
func (o *Office) SQL(statements ...string) {
	o.Helper()
	session := o.DB.Session()
	defer session.Close()
	batch := &db.Batch{}
	for _, s := range statements {
		batch.Exec(s)
	}
	err := session.Begin(context.Background(), batch)
	if err == nil {
		_, err = session.Commit(context.Background(), &db.Batch{})
	}
	if err != nil {
		o.Fatalf("%q: %v", statements, err)
	}
}
