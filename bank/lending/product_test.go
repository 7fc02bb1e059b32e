package lending_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestProductVersions: a version never changes, and each change publishes an event.
func TestProductVersions(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		asked := product.Product{Code: "p_1", Name: "Uno"}
		made, err := bank.Do(t.Context(), b, office.By, lending.CreateProduct{Product: asked})
		if err != nil {
			t.Fatal(err)
		}
		today := made.Answer.From
		asked.Name, asked.From, asked.Version, asked.To = "Dos", today.AddDays(5), 77, today.AddDays(9)
		second, err := bank.Do(t.Context(), b, office.By, lending.ChangeProduct{Product: asked})
		if err != nil || second.Answer.Version != 2 || !second.Answer.To.IsZero() {
			t.Fatalf("got %+v, %v, want version 2 without a last day", second.Answer, err)
		}
		for range 2 {
			retired, err := bank.Do(t.Context(), b, office.By, lending.RetireProduct{Code: "p_1"})
			if err == nil && (retired.Answer.Version != 2 || retired.Answer.To != today) || err != nil && !fault.Is(err, product.NotFound) {
				t.Fatalf("got %+v, %v, want version 2 until %s, then %s", retired.Answer, err, today, product.NotFound)
			}
		}
		for want, query := range map[int64]string{
			3: "SELECT count(*) FROM outbox WHERE body LIKE '%product_created%' OR body LIKE '%product_changed%' OR body LIKE '%product_retired%'",
			2: "SELECT count(*) FROM products WHERE code = 'p_1' AND created_by = 'tester' AND effective_to IS NOT NULL",
			1: "SELECT count(*) FROM products WHERE code = 'p_1' AND version = 1 AND body LIKE '%\"Uno\"%' AND effective_to = effective_from",
			0: "SELECT count(*) FROM products WHERE code = 'p_1' AND body LIKE '%effective_to%'",
		} {
			if n := office.Count(t, d, query); n != want {
				t.Errorf("%s: got %d, want %d", query, n, want)
			}
		}
	})
}

// TestAChangeOfNothing: asking for the version that is in force makes no version and no event.
func TestAChangeOfNothing(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		asked := product.Product{Code: "p_1", Name: "Uno"}
		today := office.Must(t, b, lending.CreateProduct{Product: asked}).From
		change := func(name string, from civil.Date, version int, events int64) {
			t.Helper()
			asked.Name, asked.From = name, from
			got := office.Must(t, b, lending.ChangeProduct{Product: asked})
			if n := office.Count(t, d, "SELECT count(*) FROM outbox WHERE body LIKE '%product_changed%'"); got.Version != version || n != events {
				t.Errorf("%s from %s: got version %d and %d events, want %d and %d", name, from, got.Version, n, version, events)
			}
		}
		change("Uno", civil.Date{}, 1, 0)
		change("Uno", today.AddDays(3), 1, 0)
		change("Dos", today.AddDays(5), 2, 1)
		change("Dos", today.AddDays(5), 2, 1)
		change("Dos", today.AddDays(4), 3, 2) // earlier
		change("Tres", civil.Date{}, 4, 3)
		office.Must(t, b, lending.RetireProduct{Code: "p_1"})
		change("Tres", civil.Date{}, 5, 4) // available again
		asked.From = today.AddDays(-1)
		if _, err := bank.Do(t.Context(), b, office.By, lending.ChangeProduct{Product: asked}); !fault.Is(err, fault.Invalid) {
			t.Errorf("from yesterday: got %v, want %s", err, fault.Invalid)
		}
	})
}

// TestAProductOfOneBatch: a product that is created and retired in one batch is stored
// as in two.
func TestAProductOfOneBatch(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d, office.Writers(1))
		asked := product.Product{Code: "p_1", Name: "Uno"}
		release := office.Hold(t, b)
		created := start(t, b, lending.CreateProduct{Product: asked})
		retired := start(t, b, lending.RetireProduct{Code: "p_1"})
		release()
		today := wait(t, created).From
		if got := wait(t, retired); got.To != today {
			t.Errorf("retired: got %+v, want the last day %s", got, today)
		}
		asked.Code = "p_2"
		office.Must(t, b, lending.CreateProduct{Product: asked})
		office.Must(t, b, lending.RetireProduct{Code: "p_2"})
		if n := office.Count(t, d, "SELECT count(DISTINCT replace(body, 'p_2', 'p_1')) FROM products WHERE code <> 'seed' AND effective_to IS NOT NULL"); n != 1 {
			t.Errorf("got %d stored forms of the product, want 1", n)
		}
	})
}

// TestRacingProducts: of many who create the same product at once one succeeds,
// and of many who change it each makes a version of its own.
func TestRacingProducts(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		const racers = 100 // more than one writer is at work
		var made, refused, changed atomic.Int64
		var all sync.WaitGroup
		for i := range racers {
			all.Go(func() {
				p := product.Product{Code: "same", Name: fmt.Sprint(i), Limits: product.Limits{MaxAmount: money.Amount(i + 1)}}
				switch _, err := bank.Do(t.Context(), b, office.By, lending.CreateProduct{Product: p}); {
				case err == nil:
					made.Add(1)
				case fault.Is(err, product.Exists):
					refused.Add(1)
				default:
					t.Error(err)
				}
				p.Name += " changed"
				if _, err := bank.Do(t.Context(), b, office.By, lending.ChangeProduct{Product: p}); err == nil {
					changed.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 || refused.Load() != racers-1 || changed.Load() != racers {
			t.Errorf("got %d made, %d refused, %d changed, want 1, %d, %d", made.Load(), refused.Load(), changed.Load(), racers-1, racers)
		}
		if n := office.Count(t, d, "SELECT count(*) FROM products WHERE code = 'same' AND version BETWEEN 1 AND 101"); n != racers+1 {
			t.Errorf("got %d versions, want %d", n, racers+1)
		}
	})
}

// TestVersionsAreReadAgain: a writer keeps the versions of products as long as its
// connection; a server that took over may have others of the same number.
func TestVersionsAreReadAgain(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	b := office.OpenBank(t, d)
	l := office.Grant(t, b, office.Register(t, b, 1).ID, 1000_00)
	pay := func() error {
		_, err := bank.Do(t.Context(), b, office.By, lending.ReceivePayment{LoanID: l.ID, Operation: servicing.Operation{Amount: 1_00}})
		return err
	}
	run := func(sql string) {
		t.Helper()
		s := d.Session()
		defer s.Close()
		change := &db.Batch{}
		change.Exec(sql)
		if err := s.Begin(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Commit(t.Context(), &db.Batch{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := pay(); err != nil {
		t.Fatal(err)
	}
	run(`UPDATE products SET body = replace(body, '"version":1', '"version":7')`)
	if err := pay(); err != nil {
		t.Errorf("the version was in memory: got %v, want no error", err)
	}
	run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if err := pay(); err == nil || !strings.Contains(err.Error(), "version 1, is missing") {
		t.Errorf("after the connection was lost: got %v, want version 1 to be missing", err)
	}
}
