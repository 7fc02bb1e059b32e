package lending_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sofipo/bank"
	"sofipo/bank/books"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	"sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	corestaff "sofipo/core/staff"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// looks is a command that lists the rows in the book of its batch.
type looks struct {
	client, loan id.ID
}

func (looks) Name() string                  { return "look" }
func (looks) Permission() access.Permission { return "" }
func (looks) Check(bank.Rules) error        { return nil }
func (c looks) Needs(n *bank.Needs) {
	clients.ByID.Need(n, c.client)
	lending.NeedHistory(n, c.loan)
	lending.ProductByCode.Need(n, product.SeedCode)
	n.Period()
}

func (c looks) Decide(b *bank.Book) (string, error) {
	b.Subject(c.client)
	if _, err := lending.Find(b, c.loan); err != nil { // its account is read when it is first looked at
		return "", err
	}
	lines := []string{fmt.Sprint("books ", b.ClosedThrough(), b.LastDay(), b.Today())}
	lines = slices.Concat(lines, rowsIn(b, clients.Clients), rowsIn(b, clients.Claims), rowsIn(b, staff.Users), rowsIn(b, books.Entries),
		rowsIn(b, lending.Products), rowsIn(b, lending.Loans), rowsIn(b, lending.Schedules), rowsIn(b, lending.Transactions))
	for m := range lending.Transactions.All(b) {
		posted, found := b.Posted(m.Entry)
		lines = append(lines, fmt.Sprint("entry ", posted, found))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), nil
}

// rowsIn lists the rows of a table in a book.
func rowsIn[K comparable, V any](b *bank.Book, t *bank.Table[K, V]) (lines []string) {
	for v := range t.All(b) {
		lines = append(lines, fmt.Sprintf("%s %+v", t.Name, *v))
	}
	return lines
}

// stagesAll stages something of every kind, then fails.
type stagesAll struct {
	looks
	posted *id.ID // an entry
	staged *string
}

var errStaged = errors.New("on purpose")

func (c stagesAll) Decide(b *bank.Book) (string, error) {
	l, _, _, err := lending.Operate(b, c.loan, servicing.Operation{Kind: servicing.Prepayment, Amount: 100_00})
	if err != nil {
		return "", err
	}
	*c.posted = b.NewID()
	if err := b.Post(ledger.Entry{ID: *c.posted, BusinessDate: b.Today(), Postings: []ledger.Posting{{Account: "1102", Debit: 1}, {Account: "6401", Credit: 1}}}); err != nil {
		return "", err
	}
	p, _ := lending.Products.Get(b, lending.ProductKey{Code: product.SeedCode, Version: 1})
	p.To = b.Today()
	lending.Products.Change(b, p)
	p.Version = 2
	lending.Products.Add(b, p)
	books.Entries.Add(b, books.Entry{ManualEntry: accounting.ManualEntry{ID: b.NewID()}})
	b.CloseThrough(b.Today())
	known, _ := clients.Clients.Get(b, c.client)
	known.Email = "other@example.com"
	clients.Clients.Change(b, known)
	clients.Clients.Add(b, client.Client{ID: b.NewID(), RFC: "X", Email: "x"})
	clients.Clients.Remove(b, known)
	clients.Claims.Add(b, client.Claim{Kind: client.ByRFC, Value: "X", Client: known.ID})
	staff.Users.Add(b, corestaff.User{Username: "u"})
	b.Publish(loan.CreatedEvent(l.Loan))
	if *c.staged, err = c.looks.Decide(b); err != nil {
		return "", err
	}
	return "", errStaged
}

// TestARollbackTakesEverythingBack: after a command that staged something of every
// kind and failed, the book is as it was before, for the commands after it in the
// batch, and nothing of it is written.
func TestARollbackTakesEverythingBack(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d, office.Writers(1))
		defer b.Close()
		holder := office.Register(t, b, 1)
		lent := office.Grant(t, b, holder.ID, 1_000_00)
		var posted id.ID
		var staged string
		look := looks{holder.ID, lent.ID}
		stored := memoryOf(t, d)

		release := office.Hold(t, b)
		var seen [2]bank.Started[string]
		seen[0] = start(t, b, look)
		failed := start(t, b, stagesAll{look, &posted, &staged})
		seen[1] = start(t, b, look)
		missing := start(t, b, postedOf{&posted})
		release()
		if _, err := failed.Wait(); !errors.Is(err, errStaged) {
			t.Fatalf("got %v, want %v", err, errStaged)
		}
		before, after := wait(t, seen[0]), wait(t, seen[1])
		if after != before {
			t.Errorf("got the book after the rollback (+), want it as before (-):%s", differ(after, before))
		}
		for _, table := range []string{"books", "clients", "client_claims", "users", "manual_entries", "products", "loans", "loan_versions", "loan_transactions"} {
			of := func(text string) (lines []string) {
				for line := range strings.Lines(text) {
					if strings.HasPrefix(line, table+" ") {
						lines = append(lines, line)
					}
				}
				return lines
			}
			if slices.Equal(of(staged), of(before)) {
				t.Errorf("got nothing staged in %s, want a row", table)
			}
		}
		if alone := b.Stats().Alone.Load(); alone != 0 {
			t.Errorf("got %d commands in batches that the database refused, want none", alone)
		}
		if wait(t, missing) {
			t.Error("got the entry in the book, want none")
		}
		now := memoryOf(t, d)
		if now.Audit != stored.Audit+3 {
			t.Errorf("got %d audit lines, want %d", now.Audit, stored.Audit+3)
		}
		if now.Audit = stored.Audit; now.Text() != stored.Text() {
			t.Errorf("got the database (+), want it as before (-):%s", differ(now.Text(), stored.Text()))
		}
	})
}

// postedOf reports whether the book has an entry.
type postedOf struct{ entry *id.ID }

func (postedOf) Name() string                  { return "look_for_entry" }
func (postedOf) Permission() access.Permission { return "" }
func (postedOf) Check(bank.Rules) error        { return nil }
func (postedOf) Needs(*bank.Needs)             {}
func (c postedOf) Decide(b *bank.Book) (bool, error) {
	b.Subject(*c.entry)
	_, found := b.Posted(*c.entry)
	return found, nil
}

func start[A any](t *testing.T, b *bank.Bank, c bank.Command[A]) bank.Started[A] {
	t.Helper()
	started, err := bank.Start(context.Background(), b, office.By, c)
	if err != nil {
		t.Fatal(err)
	}
	return started
}

func wait[A any](t *testing.T, s bank.Started[A]) A {
	t.Helper()
	got, err := s.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return got.Answer
}
