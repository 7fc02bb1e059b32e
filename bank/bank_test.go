package bank_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	corestaff "sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var by = office.By

func TestFiftyPaymentsOfAHundredOnAThousand(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		lent := office.Grant(t, b, office.Register(t, b, 1).ID, 100_000)
		var accepted, refused atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := bank.Do(t.Context(), b, by, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 10_000}})
				switch {
				case err == nil:
					accepted.Add(1)
				case fault.Is(err, servicing.NotActive), fault.Is(err, servicing.OverPayment):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if accepted.Load() != 10 || refused.Load() != 40 {
			t.Errorf("got %d accepted and %d refused, want 10 and 40", accepted.Load(), refused.Load())
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loans WHERE balance = 0 AND status = 'PAID_OFF'"); n != 1 {
			t.Errorf("got %d loans paid off with a balance of zero, want 1", n)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM outbox"); n != 12 {
			t.Errorf("got %d events, want one for each of the 12 commands that succeeded", n)
		}
		office.Sound(t, d)
	})
}

func TestARefusedCommandLeavesNothing(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		first := office.Register(t, b, 1)
		lent := office.Grant(t, b, first.ID, 100_000)
		name := "Other"
		taken := "client1@example.com"
		second := office.Register(t, b, 2)
		lines := office.Count(t, d, "SELECT count(*) FROM audit")
		refusals := map[fault.Code]error{}
		_, refusals[servicing.OverPayment] = bank.Do(t.Context(), b, by, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 100_001}})
		_, refusals[loan.NotFound] = bank.Do(t.Context(), b, by, lending.ReceivePayment{LoanID: first.ID, Operation: servicing.Operation{Amount: 1}})
		_, refusals[fault.Invalid] = bank.Do(t.Context(), b, by, lending.ReceivePayment{LoanID: lent.ID})
		_, refusals[client.NotFound] = bank.Do(t.Context(), b, by, lending.GrantLoan{ClientID: lent.ID, Terms: loan.Terms{Amount: 1, TermMonths: 1}})
		_, refusals[client.HasLoans] = bank.Do(t.Context(), b, by, clients.DeleteClient{ID: first.ID})
		_, refusals[client.EmailTaken] = bank.Do(t.Context(), b, by, &clients.UpdateClient{ID: second.ID, Changes: client.Changes{FullName: &name, Email: &taken}})
		_, refusals[client.RFCTaken] = bank.Do(t.Context(), b, by, &clients.RegisterClient{FullName: "x", Email: "new@example.com", RFC: first.RFC})
		_, refusals[corestaff.NotFound] = bank.Do(t.Context(), b, by, staff.DisableUser{Username: "nobody"})
		for code, err := range refusals {
			if !fault.Is(err, code) {
				t.Errorf("got %v, want %s", err, code)
			}
		}
		if n := office.Count(t, d, "SELECT count(*) FROM audit"); n != lines {
			t.Errorf("got %d audit lines of refused commands, want 0", n-lines)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE number > 0"); n != 0 {
			t.Errorf("got %d payments, want 0", n)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM clients WHERE full_name = 'Other'"); n != 0 {
			t.Errorf("got %d clients with the name of a refused update, want 0", n)
		}
		office.Sound(t, d)
	})
}

func TestAKeyPaysOnce(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		holder := office.Register(t, b, 1)
		lent := office.Grant(t, b, holder.ID, 100_000)
		keyed := by
		keyed.Key, keyed.Request = "k1", sha256.Sum256([]byte("pay 100"))
		var paid sync.Map
		var replays atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				got, err := bank.Do(t.Context(), b, keyed, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 10_000}})
				if err != nil {
					t.Error(err)
					return
				}
				paid.Store(got.Answer.ID, got.Answer.At.UnixMicro())
				if got.Replayed {
					replays.Add(1)
				}
			})
		}
		wg.Wait()
		answers := 0
		paid.Range(func(any, any) bool { answers++; return true })
		if answers != 1 || replays.Load() != 19 {
			t.Errorf("got %d different answers and %d replays, want 1 and 19", answers, replays.Load())
		}
		if n := office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE number > 0"); n != 1 {
			t.Errorf("got %d payments, want 1", n)
		}
		other := keyed
		other.Request = sha256.Sum256([]byte("pay 200"))
		if _, err := bank.Do(t.Context(), b, other, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 20_000}}); !fault.Is(err, fault.IdempotencyReused) {
			t.Errorf("another request with the key: got %v, want %s", err, fault.IdempotencyReused)
		}
		someone := keyed
		someone.Actor = "someone else"
		if _, err := bank.Do(t.Context(), b, someone, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 10_000}}); err != nil {
			t.Errorf("another user's same key: got %v, want no error", err)
		}
		office.Sound(t, d)
	})
}

// Two banks on one database stand for two nodes: memory does not keep them
// right, only locks and unique keys do.
func TestTwoNodes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := []*bank.Bank{office.OpenBank(t, d), office.OpenBank(t, d)}
		lent := office.Grant(t, nodes[0], office.Register(t, nodes[0], 1).ID, 100_000)
		keyed := by
		keyed.Key, keyed.Request = "one payment", sha256.Sum256([]byte("x"))
		var accepted, registered, taken atomic.Int64
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				node := nodes[i%2]
				if _, err := bank.Do(t.Context(), node, by, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 20_000}}); err == nil {
					accepted.Add(1)
				}
				if _, err := bank.Do(t.Context(), node, keyed, staff.DisableUser{Username: "nobody"}); !fault.Is(err, corestaff.NotFound) {
					t.Errorf("got %v, want %s", err, corestaff.NotFound)
				}
				_, err := bank.Do(t.Context(), node, by, &clients.RegisterClient{FullName: "Race", Email: fmt.Sprintf("race%d@example.com", i%7), RFC: "RACE800101AAA"})
				switch {
				case err == nil:
					registered.Add(1)
				case fault.Is(err, client.RFCTaken), fault.Is(err, client.EmailTaken):
					taken.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if accepted.Load() != 5 || registered.Load() != 1 || taken.Load() != 99 {
			t.Errorf("got %d payments accepted, %d clients registered and %d refused, want 5, 1 and 99", accepted.Load(), registered.Load(), taken.Load())
		}
		office.Sound(t, d)
	})
}

func TestOneKeyOnTwoNodes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := []*bank.Bank{office.OpenBank(t, d), office.OpenBank(t, d)}
		lent := office.Grant(t, nodes[0], office.Register(t, nodes[0], 1).ID, 100_000)
		for round := range 10 {
			keyed := by
			keyed.Key = fmt.Sprintf("round %d", round)
			var ids sync.Map
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					got, err := bank.Do(t.Context(), nodes[i%2], keyed, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 100}})
					if err != nil {
						t.Error(err)
					}
					ids.Store(got.Answer.ID, true)
				})
			}
			wg.Wait()
			n := 0
			ids.Range(func(any, any) bool { n++; return true })
			if n != 1 {
				t.Errorf("round %d: got %d payments, want 1", round, n)
			}
		}
		office.Sound(t, d)
	})
}

// lockedLoan asks for a loan, locked.
var lockedLoan = bank.DeclareLookup(bank.Lookup[id.ID, lending.Loan, id.ID]{Table: lending.Loans, Column: "id", Lock: true})

// A panicking command fails alone: the others of its batch are committed.
type panics struct{ loanID id.ID }

func (panics) Name() string                  { return "panic" }
func (panics) Permission() access.Permission { return loan.Service }
func (panics) Check(bank.Rules) error        { return nil }
func (p panics) Needs(n *bank.Needs)         { lockedLoan.Need(n, p.loanID) }
func (p panics) Decide(b *bank.Book) (loan.Loan, error) {
	lending.Loans.Add(b, lending.Loan{Stored: lending.Stored{Loan: loan.Loan{ID: p.loanID}}})
	panic("on purpose")
}

func TestAPanicFailsAlone(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		lent := office.Grant(t, b, office.Register(t, b, 1).ID, 100_000)
		var failed, paid atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if i%4 == 0 {
					var refusal *fault.Error
					if _, err := bank.Do(t.Context(), b, by, panics{lent.ID}); err != nil && !errors.As(err, &refusal) {
						failed.Add(1)
					}
					return
				}
				if _, err := bank.Do(t.Context(), b, by, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1}}); err == nil {
					paid.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 10 || paid.Load() != 30 {
			t.Errorf("got %d failed and %d paid, want 10 and 30", failed.Load(), paid.Load())
		}
		if n := office.Count(t, d, "SELECT balance FROM loans"); n != 100_000-30 {
			t.Errorf("got the balance %d, want %d", n, 100_000-30)
		}
		office.Sound(t, d)
	})
}

// A command that the database refuses fails alone.
type breaksConstraint struct{ loanID id.ID }

func (breaksConstraint) Name() string                  { return "break" }
func (breaksConstraint) Permission() access.Permission { return loan.Service }
func (breaksConstraint) Check(bank.Rules) error        { return nil }
func (c breaksConstraint) Needs(n *bank.Needs)         { lockedLoan.Need(n, c.loanID) }
func (c breaksConstraint) Decide(b *bank.Book) (loan.Loan, error) {
	lending.Loans.Add(b, lending.Loan{Stored: lending.Stored{Loan: loan.Loan{
		ID: b.NewID(), ClientID: b.NewID(), Amount: 1, TermMonths: 1, Periods: 1, Product: product.SeedCode, ProductVersion: 1, GrantedAt: b.Now(),
	}}})
	return loan.Loan{}, nil
}

func TestARefusalOfTheDatabaseFailsAlone(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		lent := office.Grant(t, b, office.Register(t, b, 1).ID, 100_000)
		var failed, paid atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if i%4 == 0 {
					if _, err := bank.Do(t.Context(), b, by, breaksConstraint{lent.ID}); err != nil {
						failed.Add(1)
					}
					return
				}
				if _, err := bank.Do(t.Context(), b, by, lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1}}); err == nil {
					paid.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 10 || paid.Load() != 30 || office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE number > 0") != 30 {
			t.Errorf("got %d failed and %d paid, %d payments stored, want 10, 30 and 30", failed.Load(), paid.Load(), office.Count(t, d, "SELECT count(*) FROM loan_transactions WHERE number > 0"))
		}
		office.Sound(t, d)
	})
}

func TestClosedBankRefuses(t *testing.T) {
	b := office.OpenBank(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	b.Close()
	if _, err := bank.Do(t.Context(), b, by, staff.DisableUser{Username: "x"}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want %s", err, fault.Unavailable)
	}
}

// Two nodes that lock two entries by hand against the order deadlock; the one
// that the database aborts is decided again and succeeds.
type crosses struct{ first, second id.ID }

func (crosses) Name() string                  { return "cross" }
func (crosses) Permission() access.Permission { return accounting.Write }
func (crosses) Check(bank.Rules) error        { return nil }
func (c crosses) Needs(n *bank.Needs)         { lockedEntry.Need(n, c.first) }
func (c crosses) Decide(b *bank.Book) (accounting.ManualEntry, error) {
	e, found := books.Entries.Get(b, c.first)
	if !found {
		return e.ManualEntry, fault.Refuse(accounting.ManualEntryNotFound)
	}
	books.Entries.Change(b, e)
	other := e
	other.ID = c.second
	books.Entries.Change(b, other)
	time.Sleep(200 * time.Millisecond) // until the other node has locked its first too
	b.Publish(accounting.ManualEntryProposedEvent(e.ManualEntry))
	return e.ManualEntry, nil
}

// lockedEntry asks for a manual entry, locked.
var lockedEntry = bank.DeclareLookup(bank.Lookup[id.ID, books.Entry, id.ID]{Table: books.Entries, Column: "id", Lock: true})

func TestADeadlockIsRetried(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	nodes := []*bank.Bank{office.OpenBank(t, d), office.OpenBank(t, d)}
	var proposed [2]id.ID
	for i := range proposed {
		got, err := bank.Do(t.Context(), nodes[0], by, books.ProposeEntry{Description: "Renta", Lines: []accounting.Line{{Account: "6101", Debit: 1}, {Account: "1102", Credit: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		proposed[i] = got.Answer.ID
	}
	var wg sync.WaitGroup
	for i, c := range []crosses{{proposed[0], proposed[1]}, {proposed[1], proposed[0]}} {
		wg.Go(func() {
			if _, err := bank.Do(t.Context(), nodes[i], by, c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	office.Sound(t, d)
}
