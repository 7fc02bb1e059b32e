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
	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/view"
)

var by = bank.By{Actor: "tester", CorrelationID: "test"}

func open(t *testing.T, d *db.DB) *bank.Bank {
	b := bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Location: ground.Noon})
	t.Cleanup(b.Close)
	return b
}

func register(t *testing.T, b *bank.Bank, n int) client.Client {
	t.Helper()
	got, err := bank.Do(t.Context(), b, by, &bank.RegisterClient{
		FullName: "Ñandú Ácido", Email: fmt.Sprintf("client%d@example.com", n), RFC: fmt.Sprintf("PEPJ800101%03d", n)})
	if err != nil {
		t.Fatal(err)
	}
	return got.Answer
}

func grant(t *testing.T, b *bank.Bank, to id.ID, amount money.Amount) loan.Loan {
	t.Helper()
	got, err := bank.Do(t.Context(), b, by, bank.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 24}})
	if err != nil {
		t.Fatal(err)
	}
	return got.Answer
}

// sound fails the test unless every invariant of the books holds.
func sound(t *testing.T, d *db.DB) {
	t.Helper()
	for _, check := range view.Open(d, nil).Checks(t.Context()) {
		if check.Err != nil {
			t.Errorf("%s: %v", check.Name, check.Err)
		}
	}
}

func count(t *testing.T, d *db.DB, sql string) (n int64) {
	t.Helper()
	batch := &db.Batch{}
	batch.Query(sql, func(s db.Scanner) error { return s.Scan(&n) })
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFiftyPaymentsOfAHundredOnAThousand(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		lent := grant(t, b, register(t, b, 1).ID, 100_000)
		var accepted, refused atomic.Int64
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := bank.Do(t.Context(), b, by, bank.ReceivePayment{LoanID: lent.ID, Amount: 10_000})
				switch {
				case err == nil:
					accepted.Add(1)
				case fault.Is(err, fault.LoanNotActive), fault.Is(err, fault.OverPayment):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if accepted.Load() != 10 || refused.Load() != 40 {
			t.Errorf("%d accepted, %d refused", accepted.Load(), refused.Load())
		}
		if n := count(t, d, "SELECT count(*) FROM loans WHERE balance = 0 AND status = 'PAID_OFF'"); n != 1 {
			t.Error("the loan is not paid off at zero")
		}
		if n := count(t, d, "SELECT count(*) FROM outbox"); n != 12 {
			t.Errorf("%d events for 12 commands that succeeded", n)
		}
		sound(t, d)
	})
}

func TestARefusedCommandLeavesNothing(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		first := register(t, b, 1)
		lent := grant(t, b, first.ID, 100_000)
		name := "Other"
		taken := "client1@example.com"
		second := register(t, b, 2)
		lines := count(t, d, "SELECT count(*) FROM audit")
		refusals := map[fault.Code]error{}
		_, refusals[fault.OverPayment] = bank.Do(t.Context(), b, by, bank.ReceivePayment{LoanID: lent.ID, Amount: 100_001})
		_, refusals[fault.LoanNotFound] = bank.Do(t.Context(), b, by, bank.ReceivePayment{LoanID: first.ID, Amount: 1})
		_, refusals[fault.Invalid] = bank.Do(t.Context(), b, by, bank.ReceivePayment{LoanID: lent.ID})
		_, refusals[fault.ClientNotFound] = bank.Do(t.Context(), b, by, bank.GrantLoan{ClientID: lent.ID, Terms: loan.Terms{Amount: 1, TermMonths: 1}})
		_, refusals[fault.ClientHasLoans] = bank.Do(t.Context(), b, by, bank.DeleteClient{ID: first.ID})
		_, refusals[fault.EmailTaken] = bank.Do(t.Context(), b, by, &bank.UpdateClient{ID: second.ID, FullName: &name, Email: &taken})
		_, refusals[fault.RFCTaken] = bank.Do(t.Context(), b, by, &bank.RegisterClient{FullName: "x", Email: "new@example.com", RFC: first.RFC})
		_, refusals[fault.UserNotFound] = bank.Do(t.Context(), b, by, bank.DisableUser{Username: "nobody"})
		for code, err := range refusals {
			if !fault.Is(err, code) {
				t.Errorf("%s: got %v", code, err)
			}
		}
		if n := count(t, d, "SELECT count(*) FROM audit"); n != lines {
			t.Errorf("refused commands left %d audit lines", n-lines)
		}
		if n := count(t, d, "SELECT count(*) FROM movements WHERE number > 0"); n != 0 {
			t.Errorf("%d payments", n)
		}
		if n := count(t, d, "SELECT count(*) FROM clients WHERE full_name = 'Other'"); n != 0 {
			t.Error("a refused update was half written")
		}
		sound(t, d)
	})
}

func TestAKeyPaysOnce(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		holder := register(t, b, 1)
		lent := grant(t, b, holder.ID, 100_000)
		keyed := by
		keyed.Key, keyed.Request = "k1", sha256.Sum256([]byte("pay 100"))
		var paid sync.Map
		var replays atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				got, err := bank.Do(t.Context(), b, keyed, bank.ReceivePayment{LoanID: lent.ID, Amount: 10_000})
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
			t.Errorf("%d different answers, %d replays", answers, replays.Load())
		}
		if n := count(t, d, "SELECT count(*) FROM movements WHERE number > 0"); n != 1 {
			t.Errorf("%d payments", n)
		}
		other := keyed
		other.Request = sha256.Sum256([]byte("pay 200"))
		if _, err := bank.Do(t.Context(), b, other, bank.ReceivePayment{LoanID: lent.ID, Amount: 20_000}); !fault.Is(err, fault.IdempotencyReused) {
			t.Errorf("another request with the key: %v", err)
		}
		someone := keyed
		someone.Actor = "someone else"
		if _, err := bank.Do(t.Context(), b, someone, bank.ReceivePayment{LoanID: lent.ID, Amount: 10_000}); err != nil {
			t.Errorf("another user's same key: %v", err)
		}
		sound(t, d)
	})
}

// Two banks on one database stand for two nodes: memory does not keep them
// right, only locks and unique keys do.
func TestTwoNodes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := []*bank.Bank{open(t, d), open(t, d)}
		lent := grant(t, nodes[0], register(t, nodes[0], 1).ID, 100_000)
		keyed := by
		keyed.Key, keyed.Request = "one payment", sha256.Sum256([]byte("x"))
		var accepted, registered, taken atomic.Int64
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				node := nodes[i%2]
				if _, err := bank.Do(t.Context(), node, by, bank.ReceivePayment{LoanID: lent.ID, Amount: 20_000}); err == nil {
					accepted.Add(1)
				}
				if _, err := bank.Do(t.Context(), node, keyed, bank.DisableUser{Username: "nobody"}); !fault.Is(err, fault.UserNotFound) {
					t.Error(err)
				}
				_, err := bank.Do(t.Context(), node, by, &bank.RegisterClient{FullName: "Race", Email: fmt.Sprintf("race%d@example.com", i%7), RFC: "RACE800101AAA"})
				switch {
				case err == nil:
					registered.Add(1)
				case fault.Is(err, fault.RFCTaken), fault.Is(err, fault.EmailTaken):
					taken.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if accepted.Load() != 5 || registered.Load() != 1 || taken.Load() != 99 {
			t.Errorf("accepted %d payments, registered %d, refused %d", accepted.Load(), registered.Load(), taken.Load())
		}
		sound(t, d)
	})
}

func TestOneKeyOnTwoNodes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		nodes := []*bank.Bank{open(t, d), open(t, d)}
		lent := grant(t, nodes[0], register(t, nodes[0], 1).ID, 100_000)
		for round := range 10 {
			keyed := by
			keyed.Key = fmt.Sprintf("round %d", round)
			var ids sync.Map
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					got, err := bank.Do(t.Context(), nodes[i%2], keyed, bank.ReceivePayment{LoanID: lent.ID, Amount: 100})
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
				t.Errorf("round %d paid %d times", round, n)
			}
		}
		sound(t, d)
	})
}

// A panicking command fails alone: the others of its batch are committed.
type panics struct{ loanID id.ID }

func (panics) Name() string           { return "panic" }
func (panics) Check(bank.Rules) error { return nil }
func (p panics) Needs(n *bank.Needs)  { n.Loan(p.loanID) }
func (p panics) Decide(b *bank.Book) (loan.Loan, error) {
	b.AddLoan(loan.Loan{ID: p.loanID})
	panic("on purpose")
}

func TestAPanicFailsAlone(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		lent := grant(t, b, register(t, b, 1).ID, 100_000)
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
				if _, err := bank.Do(t.Context(), b, by, bank.ReceivePayment{LoanID: lent.ID, Amount: 1}); err == nil {
					paid.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 10 || paid.Load() != 30 {
			t.Errorf("%d failed, %d paid", failed.Load(), paid.Load())
		}
		if n := count(t, d, "SELECT balance FROM loans"); n != 100_000-30 {
			t.Errorf("balance %d", n)
		}
		sound(t, d)
	})
}

// A command that the database refuses fails alone.
type breaksConstraint struct{ loanID id.ID }

func (breaksConstraint) Name() string           { return "break" }
func (breaksConstraint) Check(bank.Rules) error { return nil }
func (c breaksConstraint) Needs(n *bank.Needs)  { n.Loan(c.loanID) }
func (c breaksConstraint) Decide(b *bank.Book) (loan.Loan, error) {
	b.AddLoan(loan.Loan{ID: b.NewID(), ClientID: b.NewID(), Amount: 1, TermMonths: 1, Periods: 1, Product: product.SeedCode, ProductVersion: 1, GrantedAt: b.Now()})
	return loan.Loan{}, nil
}

func TestARefusalOfTheDatabaseFailsAlone(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		lent := grant(t, b, register(t, b, 1).ID, 100_000)
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
				if _, err := bank.Do(t.Context(), b, by, bank.ReceivePayment{LoanID: lent.ID, Amount: 1}); err == nil {
					paid.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 10 || paid.Load() != 30 || count(t, d, "SELECT count(*) FROM movements WHERE number > 0") != 30 {
			t.Errorf("%d failed, %d paid", failed.Load(), paid.Load())
		}
		sound(t, d)
	})
}

func TestTheBooksTakeNoChange(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		lent := grant(t, b, register(t, b, 1).ID, 100_000)
		for _, sql := range []string{
			"UPDATE entries SET kind = 'x'", "DELETE FROM entries", "UPDATE postings SET debit = debit + 1 WHERE debit > 0",
			"DELETE FROM postings", "DELETE FROM audit", "UPDATE loan_versions SET level = 0", "DELETE FROM loan_versions",
			"INSERT INTO entries (id, business_date, posted_at, kind, reference) SELECT client_id, '2026-01-01', granted_at, 'x', id FROM loans",
			"INSERT INTO postings (entry_id, line, account, subject, debit, credit) SELECT id, 9, '1301', id, 1, 0 FROM entries",
		} {
			s := d.Session()
			if err := s.Begin(t.Context(), &db.Batch{}); err != nil {
				t.Fatal(err)
			}
			save := &db.Batch{}
			save.Exec(sql)
			if _, err := s.Commit(t.Context(), save); err == nil {
				t.Errorf("accepted: %s", sql)
			}
			s.Close()
		}
		if lent.Balance != 100_000 {
			t.Error(lent)
		}
		sound(t, d)
	})
}

func TestClosedBankRefuses(t *testing.T) {
	b := bank.Open(bank.Options{DB: ground.Open(t, ground.Config(t, ground.SQLite)), Rules: bank.Rules{RFC: mx.TierStructural}})
	b.Close()
	if _, err := bank.Do(t.Context(), b, by, bank.DisableUser{Username: "x"}); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

// Two nodes that lock two entries by hand against the order deadlock; the one
// that the database gives up is decided anew and succeeds.
type crosses struct{ first, second id.ID }

func (crosses) Name() string           { return "cross" }
func (crosses) Check(bank.Rules) error { return nil }
func (c crosses) Needs(n *bank.Needs)  { n.Voucher(c.first) }
func (c crosses) Decide(b *bank.Book) (accounting.Voucher, error) {
	v, err := b.Voucher(c.first)
	if err != nil {
		return v, err
	}
	b.ChangeVoucher(v)
	other := v
	other.ID = c.second
	b.ChangeVoucher(other)
	time.Sleep(200 * time.Millisecond) // until the other node holds its first too
	b.Tell(accounting.ManualEntryProposedEvent(v))
	return v, nil
}

func TestADeadlockIsDecidedAnew(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	nodes := []*bank.Bank{open(t, d), open(t, d)}
	var proposed [2]id.ID
	for i := range proposed {
		got, err := bank.Do(t.Context(), nodes[0], by, bank.ProposeVoucher{Description: "Renta", Lines: []accounting.Line{{Account: "6101", Debit: 1}, {Account: "1102", Credit: 1}}})
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
	sound(t, d)
}
