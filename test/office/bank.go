package office

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/checks"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// By is the actor of tests that are not about roles.
var By = bank.By{Actor: "tester", System: true, CorrelationID: "test"}

// OpenBank opens a bank until the test ends, in a time zone where the day does not change
// during the test.
func OpenBank(t testing.TB, d *db.DB) *bank.Bank {
	b := bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Location: ground.Noon})
	t.Cleanup(b.Close)
	return b
}

// Must executes a command and fails the test if it is refused.
func Must[A any](t testing.TB, b *bank.Bank, c bank.Command[A]) A {
	t.Helper()
	got, err := bank.Do(t.Context(), b, By, c)
	if err != nil {
		t.Fatalf("%s: %v", c.Name(), err)
	}
	return got.Answer
}

// Register registers a client with a numbered e-mail address and RFC.
func Register(t testing.TB, b *bank.Bank, n int) client.Client {
	t.Helper()
	return Must(t, b, &clients.RegisterClient{FullName: "Ñandú Ácido", Email: fmt.Sprintf("client%d@example.com", n), RFC: fmt.Sprintf("PEPJ800101%03d", n)})
}

// Grant grants a loan for 24 months.
func Grant(t testing.TB, b *bank.Bank, to id.ID, amount money.Amount) loan.Loan {
	t.Helper()
	return Must(t, b, lending.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 24}})
}

// Sound fails the test if a check of the books fails.
func Sound(t testing.TB, d *db.DB) {
	t.Helper()
	if err := Check(t.Context(), d); err != nil {
		t.Error(err)
	}
}

// Check returns the failed checks of the books.
func Check(ctx context.Context, d *db.DB) error {
	var wrong []error
	for _, check := range checks.Run(ctx, d) {
		if check.Err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", check.Name, check.Err))
		}
	}
	return errors.Join(wrong...)
}

// Count returns the number that a query returns.
func Count(t testing.TB, d *db.DB, sql string) (n int64) {
	t.Helper()
	batch := &db.Batch{}
	batch.Query(sql, func(s db.Scanner) error { return s.Scan(&n) })
	if err := d.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return n
}

// Run executes a statement.
func Run(t testing.TB, d *db.DB, sql string, args ...any) {
	t.Helper()
	s := d.Session()
	defer s.Close()
	if err := s.Begin(t.Context(), &db.Batch{}); err != nil {
		t.Fatal(err)
	}
	change := &db.Batch{}
	change.Exec(sql, args...)
	if _, err := s.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// Hold blocks the only writer of a bank until release is called. The commands started
// meanwhile form the next batch. Hold changes no data.
func Hold(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, b *bank.Bank) (release func()) {
	t.Helper()
	g := gate{make(chan struct{}), make(chan struct{})}
	held, err := bank.Start(context.Background(), b, By, g)
	if err != nil {
		t.Fatalf("blocking the writer failed: %v", err)
	}
	<-g.reached
	return func() {
		t.Helper()
		close(g.opened)
		if _, err := held.Wait(); !errors.Is(err, errHeld) {
			t.Fatalf("the blocking command: got %v, want %v", err, errHeld)
		}
	}
}

// gate is a command that waits until it is opened and is then refused.
type gate struct{ reached, opened chan struct{} }

var errHeld = errors.New("it leaves nothing")

func (gate) Name() string                  { return "hold" }
func (gate) Permission() access.Permission { return "" }
func (gate) Check(bank.Rules) error        { return nil }
func (gate) Needs(*bank.Needs)             {}
func (g gate) Decide(*bank.Book) (struct{}, error) {
	close(g.reached)
	<-g.opened
	return struct{}{}, errHeld
}
