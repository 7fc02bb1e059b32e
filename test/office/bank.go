package office

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/checks"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/rate"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// By is the actor of commands in tests that are not about roles.
var By = bank.By{Actor: "tester", System: true, CorrelationID: "test"}

// OpenBank opens a bank until the test ends. No day ends while it runs, unless an option
// sets another clock.
func OpenBank(t testing.TB, d *db.DB, options ...func(*bank.Options)) *bank.Bank {
	t.Helper()
	o := bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Location: ground.Noon}
	for _, option := range options {
		option(&o)
	}
	b := bank.Open(o)
	t.Cleanup(b.Close)
	return b
}

// Clock is the option that sets the clock. Its days are UTC days.
func Clock(now func() time.Time) func(*bank.Options) {
	return func(o *bank.Options) { o.Clock, o.Location = now, nil }
}

// Writers is the option that sets the number of writers.
func Writers(n int) func(*bank.Options) {
	return func(o *bank.Options) { o.Writers = n }
}

// Committed is the option that sets the function that is called after each commit.
func Committed(call func(token uint64, changed []string)) func(*bank.Options) {
	return func(o *bank.Options) { o.Committed = call }
}

// As carries out a command of an actor, which must not be refused, and returns its receipt.
func As[A any](t testing.TB, b *bank.Bank, by bank.By, c bank.Command[A]) bank.Receipt[A] {
	t.Helper()
	got, err := bank.Do(t.Context(), b, by, c)
	if err != nil {
		t.Fatalf("%s: got %v, want no error", c.Name(), err)
	}
	return got
}

// Must carries out a command of By, which must not be refused, and returns its answer.
func Must[A any](t testing.TB, b *bank.Bank, c bank.Command[A]) A {
	t.Helper()
	return As(t, b, By, c).Answer
}

// ClientName is the name of each client: with characters that JSON and HTML escape.
const ClientName = `Ñandú "Ácido" <b>`

// registration is the command that registers client n.
func registration(n int) *clients.RegisterClient {
	return &clients.RegisterClient{FullName: ClientName, Email: fmt.Sprintf("client%d@example.com", n), RFC: fmt.Sprintf("PEPJ800101%03d", n)}
}

// Register registers client n, with the number in the e-mail and the RFC.
func Register(t testing.TB, b *bank.Bank, n int) client.Client {
	t.Helper()
	return Must(t, b, registration(n))
}

// grant is the command that lends an amount on the seed's product.
func grant(to id.ID, amount money.Amount, changes []func(*loan.Terms)) lending.GrantLoan {
	terms := loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 24}
	for _, change := range changes {
		change(&terms)
	}
	return lending.GrantLoan{ClientID: to, Terms: terms}
}

// Grant lends an amount on the seed's product, for 24 months at 15 % unless At says otherwise.
func Grant(t testing.TB, b *bank.Bank, to id.ID, amount money.Amount, changes ...func(*loan.Terms)) loan.Loan {
	t.Helper()
	return Must(t, b, grant(to, amount, changes))
}

// At sets the annual rate and the months of Grant.
func At(annual rate.Annual, months int64) func(*loan.Terms) {
	return func(t *loan.Terms) { t.Rate, t.TermMonths = annual, months }
}

// Lend applies for a loan on any product, approves it and disburses it.
func Lend(t testing.TB, b *bank.Bank, asked lending.ApplyForLoan) loan.Loan {
	t.Helper()
	applied := Must(t, b, asked)
	Must(t, b, lending.ApproveLoan{LoanID: applied.ID})
	return Must(t, b, lending.DisburseLoan{LoanID: applied.ID})
}

// Pay receives a payment on a loan.
func Pay(t testing.TB, b *bank.Bank, to id.ID, amount money.Amount) servicing.Transaction {
	t.Helper()
	return Must(t, b, lending.ReceivePayment{LoanID: to, Operation: servicing.Operation{Amount: amount}})
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
	for _, check := range checks.Run(ctx, d, checks.Sample) {
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
