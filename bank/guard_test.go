package bank_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/lending"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// guarded is a bank with users of every role: "ana" and "luis" are administrators, the
// others have the name of their role. The clock stands still until the test moves it.
type guarded struct {
	*bank.Bank
	t       *testing.T
	db      *db.DB
	elapsed atomic.Int64
}

func guard(t *testing.T, d *db.DB) *guarded {
	t.Helper()
	g := &guarded{t: t, db: d}
	began := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	g.Bank = office.OpenBank(t, d, office.Writers(1), office.Clock(func() time.Time { return began.Add(time.Duration(g.elapsed.Load())) }))
	for _, role := range access.Roles() {
		office.Must(t, g.Bank, staff.AddUser{Username: string(role), Password: "hash", Role: string(role)})
	}
	for _, name := range []string{"ana", "luis"} {
		office.Must(t, g.Bank, staff.AddUser{Username: name, Password: "hash", Role: string(access.Admin)})
	}
	return g
}

// as carries out a command as a user.
func as[A any](g *guarded, user string, c bank.Command[A]) (A, error) {
	got, err := bank.Do(g.t.Context(), g.Bank, bank.By{Actor: user, CorrelationID: "of " + user}, c)
	return got.Answer, err
}

// written counts the rows of all tables that a command may write, except the audit lines of
// refusals.
func (g *guarded) written() string {
	g.t.Helper()
	var all []string
	for _, table := range []string{"users", "clients", "client_claims", "products", "loans", "loan_versions", "loan_transactions", "manual_entries", "entries", "postings", "outbox", "idempotency", "business_days", "audit WHERE refusal IS NULL"} {
		all = append(all, fmt.Sprint(table, " ", office.Count(g.t, g.db, "SELECT count(*) FROM "+table)))
	}
	return strings.Join(all, ", ")
}

// noted lists the audit lines of refusals.
func (g *guarded) noted() (lines []string) {
	g.t.Helper()
	batch := &db.Batch{}
	batch.Query("SELECT actor, action, refusal, times, correlation_id FROM audit WHERE refusal IS NOT NULL ORDER BY at, command", func(s db.Scanner) error {
		var actor, action, refusal, correlation string
		var times int64
		err := s.Scan(&actor, &action, &refusal, &times, &correlation)
		lines = append(lines, fmt.Sprint(actor, " ", action, " ", refusal, " ", times, " ", correlation))
		return err
	})
	if err := g.db.ReadPrimary(g.t.Context(), batch); err != nil {
		g.t.Fatal(err)
	}
	return lines
}

// refused checks that a command was refused with a code, and returns the refusal.
func refused(t *testing.T, what string, err error, want fault.Code) fault.Error {
	t.Helper()
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != want {
		t.Errorf("%s: got %v, want %s", what, err, want)
		return fault.Error{}
	}
	return *refusal
}

// touched is a command that records which of its methods were called.
type touched struct{ steps *atomic.Int64 }

func (touched) Name() string                  { return "touch" }
func (touched) Permission() access.Permission { return product.Manage }
func (c touched) Check(bank.Rules) error      { c.steps.Add(1); return nil }
func (c touched) Needs(*bank.Needs)           { c.steps.Add(1) }
func (c touched) Decide(*bank.Book) (struct{}, error) {
	c.steps.Add(1)
	return struct{}{}, nil
}

func TestTheRoleIsCheckedBeforeTheQueue(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		before, waiting := g.written(), g.Stats().Commands.Load()
		var steps atomic.Int64
		for _, user := range []string{"officer", "teller", "accountant", "auditor"} {
			_, err := as(g, user, touched{&steps})
			if refusal := refused(t, user, err, access.Forbidden); refusal.Values["permission"] != product.Manage {
				t.Errorf("%s: got a refusal with %v, want %s", user, refusal.Values, product.Manage)
			}
		}
		if steps.Load() != 0 {
			t.Errorf("got %d steps of a forbidden command, want 0", steps.Load())
		}
		_, err := as(g, "teller", lending.GrantLoan{Terms: loan.Terms{Amount: -1}}) // the amount is wrong as well
		refused(t, "a wrong amount", err, access.Forbidden)
		_, err = as(g, "officer", lending.GrantLoan{Terms: loan.Terms{Amount: -1}})
		refused(t, "a wrong amount by one who may", err, fault.Invalid)
		if after := g.written(); after != before {
			t.Errorf("got %s\nwant %s", after, before)
		}
		want := []string{"officer", "teller", "accountant", "auditor"}
		for i, user := range want {
			want[i] = user + " products.manage forbidden 1 of " + user
		}
		want = append(want, "teller loans.grant forbidden 1 of teller")
		if got := g.noted(); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got noted %q, want %q", got, want)
		}
		if n := g.Stats().Commands.Load() - waiting; n != uint64(len(want)) {
			t.Errorf("got %d commands queued, want the %d that note the refusals", n, len(want))
		}
	})
}

func TestEveryRoleMayWhatItHolds(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		for role, may := range map[access.Role]bool{access.Admin: true, access.Officer: false, access.Teller: false, access.Accountant: true, access.Auditor: false} {
			if err := g.May(t.Context(), bank.By{Actor: string(role)}, accounting.CloseDays); fault.Is(err, access.Forbidden) == may || may && err != nil {
				t.Errorf("%s: got %v, want the command accepted: %t", role, err, may)
			}
		}
		if err := g.May(t.Context(), bank.By{Actor: "admin"}, "no.such"); !fault.Is(err, access.Forbidden) {
			t.Errorf("a permission that there is not: got %v, want %s", err, access.Forbidden)
		}
		for _, name := range []string{"nobody", "", "Admin", "a\x00b", "\xff"} {
			if err := g.May(t.Context(), bank.By{Actor: name}, accounting.CloseDays); !fault.Is(err, access.Forbidden) {
				t.Errorf("the unknown user %q: got %v, want %s", name, err, access.Forbidden)
			}
		}
		before := len(g.noted())
		if err := g.May(t.Context(), bank.By{Actor: "nobody", System: true}, accounting.CloseDays); err != nil || len(g.noted()) != before {
			t.Errorf("the program itself: got %v and %d lines more, want no error and no lines", err, len(g.noted())-before)
		}
	})
}

func TestADisabledUserIsOutAfterSeconds(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		lent := office.Grant(t, g.Bank, office.Register(t, g.Bank, 1).ID, 1_000_00)
		keyed := bank.By{Actor: "teller", Key: "one"}
		pay := lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1_00}}
		first, err := bank.Do(t.Context(), g.Bank, keyed, pay)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := bank.Do(t.Context(), g.Bank, keyed, pay); err != nil || !again.Replayed || again.Answer.ID != first.Answer.ID {
			t.Errorf("the replay: got %+v, %v, want %s", again, err, first.Answer.ID)
		}
		office.Must(t, g.Bank, staff.DisableUser{Username: "teller"})
		g.elapsed.Add(int64(5 * time.Second))
		if _, err := as(g, "teller", pay); err != nil {
			t.Errorf("while the user is remembered: %v", err)
		}
		g.elapsed.Add(int64(time.Millisecond))
		_, err = as(g, "teller", pay)
		refused(t, "disabled", err, access.Forbidden)
		_, err = bank.Do(t.Context(), g.Bank, keyed, pay)
		refused(t, "a replay by one who is disabled", err, access.Forbidden)
		office.Must(t, g.Bank, staff.ChangePassword{Username: "teller", Password: "new"})
		_, err = as(g, "teller", pay)
		refused(t, "let in again, while remembered as disabled", err, access.Forbidden)
		g.elapsed.Add(int64(6 * time.Second))
		if _, err := as(g, "teller", pay); err != nil {
			t.Errorf("let in again: %v", err)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE number > 0"); n != 3 {
			t.Errorf("got %d payments, want 3", n)
		}
	})
}

// TestUsersAreRememberedWhileTheDatabaseIsAway: a user who was read before may go on, nobody
// else.
func TestUsersAreRememberedWhileTheDatabaseIsAway(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	g := guard(t, d)
	if err := g.May(t.Context(), bank.By{Actor: "teller"}, loan.ReceivePayments); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Member(t.Context(), "nobody"); err == nil {
		t.Fatal("got the unknown user nobody, want a refusal")
	}
	d.Close()
	g.elapsed.Add(int64(time.Minute))
	if err := g.May(t.Context(), bank.By{Actor: "teller"}, loan.ReceivePayments); err != nil {
		t.Errorf("a user seen before: %v", err)
	}
	if err := g.May(t.Context(), bank.By{Actor: "auditor"}, loan.ReceivePayments); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a user not seen before: got %v, want %s", err, fault.Unavailable)
	}
}

func TestFourEyesInTheBatch(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		const limit = 10_000_00
		seed := product.Seed()
		seed.From, seed.Limits.ApprovalLimit = civil.Date{}, limit
		office.Must(t, g.Bank, lending.ChangeProduct{Product: seed})
		borrower := office.Register(t, g.Bank, 1).ID
		grant := func(amount money.Amount) lending.GrantLoan {
			return lending.GrantLoan{ClientID: borrower, Terms: loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 12}}
		}
		if _, err := as(g, "ana", grant(limit)); err != nil {
			t.Errorf("at the limit: %v", err)
		}
		asked, err := as(g, "ana", lending.ApplyForLoan{ClientID: borrower, Product: product.SeedCode, Amount: limit + 1, Rate: 150_000, Periods: 12})
		if err != nil {
			t.Fatal(err)
		}
		proposed, err := as(g, "ana", books.ProposeEntry{Description: "Renta", Lines: []accounting.Line{{Account: "6101", Debit: 1}, {Account: "1102", Credit: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		before := g.written()
		second := func(what string, err error, rule fault.Rule, values string) {
			t.Helper()
			if refusal := refused(t, what, err, access.FourEyes); refusal.Rule != rule || fmt.Sprint(refusal.Values) != values {
				t.Errorf("%s: got a refusal with %s, %v, want %s, %s", what, refusal.Rule, refusal.Values, rule, values)
			}
		}
		above := func(exposure money.Amount, more ...string) string {
			values := map[string]any{"approval_limit": money.Amount(limit), "applied_by": "ana", "exposure": exposure}
			if len(more) > 0 {
				values["file"] = more[0]
			}
			return fmt.Sprint(values)
		}
		_, err = as(g, "ana", grant(limit+1))
		second("granted at once", err, loan.OtherApprover, above(3*limit+2, authority.HowToFile))
		_, err = as(g, "ana", lending.ApproveLoan{LoanID: asked.ID})
		second("approved", err, loan.OtherApprover, above(2*limit+1))
		proposer := fmt.Sprint(map[string]any{"proposed_by": "ana"})
		for _, post := range []bool{true, false} {
			_, err = as(g, "ana", books.DecideEntry{ID: proposed.ID, Post: post})
			second(fmt.Sprint("posted: ", post), err, accounting.OtherDecider, proposer)
		}
		if after := g.written(); after != before {
			t.Errorf("got %s\nwant %s", after, before)
		}
		want := []string{"ana grant_loan four_eyes 1 of ana", "ana approve_loan four_eyes 1 of ana", "ana post_manual_entry four_eyes 1 of ana", "ana reject_manual_entry four_eyes 1 of ana"}
		if got := g.noted(); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got noted %q, want %q", got, want)
		}
		if got, err := as(g, "luis", lending.ApproveLoan{LoanID: asked.ID}); err != nil || got.ApprovedBy != "luis" {
			t.Errorf("approved by another: got %+v, %v, want approved by luis", got, err)
		}
		if got, err := as(g, "luis", books.DecideEntry{ID: proposed.ID, Post: true}); err != nil || got.Status != accounting.Posted {
			t.Errorf("posted by another: got %+v, %v, want status %v", got, err, accounting.Posted)
		}
		for what, err := range map[string]error{
			"decided already": errOf(as(g, "ana", books.DecideEntry{ID: proposed.ID, Post: true})),
			"no such loan":    errOf(as(g, "ana", lending.ApproveLoan{LoanID: borrower})),
		} {
			if err == nil || fault.Is(err, access.FourEyes) {
				t.Errorf("%s: got %v, want the refusal of the command itself", what, err)
			}
		}
		if got := g.noted(); len(got) != len(want) {
			t.Errorf("got %d refusals of the guard noted, want %d", len(got), len(want))
		}
	})
}

func errOf[A any](_ A, err error) error { return err }

// TestRefusalsAreCounted: of an actor ten refusals a minute get a line, the rest one
// with their count, when the bank closes at the latest.
func TestRefusalsAreCounted(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		before := g.written()
		for range 25 {
			_ = errOf(as(g, "teller", staff.DisableUser{Username: "ana"}))
		}
		for range 10 {
			_ = errOf(as(g, "auditor", staff.DisableUser{Username: "ana"}))
		}
		_ = errOf(as(g, "teller", books.ClosePeriod{}))
		counts := map[string]int{}
		for _, line := range g.noted() {
			counts[line]++
		}
		want := fmt.Sprint(map[string]int{"teller users.manage forbidden 1 of teller": 10, "auditor users.manage forbidden 1 of auditor": 10})
		if fmt.Sprint(counts) != want {
			t.Errorf("got noted %v, want %s", counts, want)
		}
		g.Close()
		lines := g.noted()
		if last := lines[len(lines)-1]; len(lines) != 21 || last != "teller books.close forbidden 16 of teller" {
			t.Errorf("got %d lines, the last %q, want 21 and one of 16 refusals", len(lines), last)
		}
		if after := g.written(); after != before {
			t.Errorf("got %s\nwant %s", after, before)
		}
		g.Close()
		if again := g.noted(); len(again) != 21 {
			t.Errorf("closed twice: got %d lines, want 21", len(again))
		}
	})
}

// TestRefusalsOfABatchThatIsRunAgain: each is counted once.
func TestRefusalsOfABatchThatIsRunAgain(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		lent := office.Grant(t, g.Bank, office.Register(t, g.Bank, 1).ID, 1_000_00)
		proposed, err := as(g, "ana", books.ProposeEntry{Description: "Renta", Lines: []accounting.Line{{Account: "6101", Debit: 1}, {Account: "1102", Credit: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		release := office.Hold(t, g.Bank)
		culprit, err := bank.Start(context.Background(), g.Bank, by, breaksConstraint{lent.ID})
		if err != nil {
			t.Fatal(err)
		}
		var waiting []bank.Started[accounting.ManualEntry]
		for range 14 {
			started, err := bank.Start(context.Background(), g.Bank, bank.By{Actor: "ana"}, books.DecideEntry{ID: proposed.ID})
			if err != nil {
				t.Fatal(err)
			}
			waiting = append(waiting, started)
		}
		paid, err := bank.Start(context.Background(), g.Bank, by, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1_00, Kind: servicing.Ordinary}})
		if err != nil {
			t.Fatal(err)
		}
		release()
		if _, err := culprit.Wait(); err == nil {
			t.Error("got no error for a row that the database refuses, want one")
		}
		for _, started := range waiting {
			refused(t, "decided by the proposer", errOf(started.Wait()), access.FourEyes)
		}
		if _, err := paid.Wait(); err != nil {
			t.Errorf("the payment: %v", err)
		}
		if alone := g.Stats().Alone.Load(); alone != 16 {
			t.Errorf("got %d commands that ran alone, want 16", alone)
		}
		g.Close()
		lines, times := office.Count(t, d, "SELECT count(*) FROM audit WHERE refusal IS NOT NULL"), office.Count(t, d, "SELECT sum(times) FROM audit WHERE refusal IS NOT NULL")
		if lines != 11 || times != 14 {
			t.Errorf("got %d lines of %d refusals, want 11 of 14", lines, times)
		}
	})
}
