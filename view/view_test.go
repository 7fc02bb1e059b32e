package view_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// node is a bank and a view put together as the program does.
type node struct {
	*view.View
	db   *db.DB
	bank *bank.Bank
}

func open(t *testing.T, d *db.DB, answers cache.Cache) *node {
	t.Helper()
	n := &node{db: d, View: view.Open(d, answers)}
	n.bank = office.OpenBank(t, d, office.Committed(n.Forget))
	return n
}

// do carries out a command and returns its answer and commit token.
func do[A any](t *testing.T, n *node, c bank.Command[A]) (A, uint64) {
	t.Helper()
	got := office.As(t, n.bank, office.By, c)
	return got.Answer, got.Token
}

func pay(t *testing.T, n *node, to id.ID, amount money.Amount) (servicing.Transaction, uint64) {
	t.Helper()
	return do(t, n, lending.ReceivePayment{LoanID: to, Operation: servicing.Operation{Amount: amount}})
}

// same compares an answer, encoded and as a value, twice: from the database and, where
// there is one, from the cache; asked by a door, and by another.
func same[T any](t *testing.T, what string, want T, ask func(codecs) (view.Answer[T], error)) {
	t.Helper()
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for i, door := range []codecs{rest, rest, other, other, rest} {
		a, err := ask(door)
		if err != nil {
			t.Fatalf("%s, asked %d times: %v", what, i+1, err)
		}
		got, err := a.Value()
		if err != nil || text(got) != text(want) || string(a.Bytes()) != text(want) {
			t.Errorf("%s, asked %d times: got %+v, encoded %s, %v\nwant %+v", what, i+1, got, a.Bytes(), err, want)
		}
	}
}

// stored is a transaction as it is stored in the database.
func stored(m servicing.Transaction) view.StoredTransaction {
	split := string(m.Split.AppendJSON(nil))
	m.Split, m.LoanID, m.ClientID, m.Actor, m.Entry = servicing.Split{}, id.ID{}, id.ID{}, "", id.ID{}
	return view.StoredTransaction{Transaction: m, Split: split}
}

func TestAnswers(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		holder, neighbour := office.Register(t, n.bank, 1), office.Register(t, n.bank, 2)
		first, second := office.Grant(t, n.bank, holder.ID, 100_000), office.Grant(t, n.bank, holder.ID, 50_050)
		third := office.Grant(t, n.bank, neighbour.ID, 700)
		var paid []view.StoredTransaction
		for i, amount := range []money.Amount{100, 50_050, 25} {
			to := []id.ID{first.ID, second.ID, first.ID}[i]
			p, _ := pay(t, n, to, amount)
			paid = append(paid, stored(p))
		}
		first.Balance, second.Balance, second.Status = 99_875, 0, loan.PaidOff
		_, token := pay(t, n, third.ID, 700)
		ctx, by := t.Context(), system(token)

		for _, rfc := range []string{holder.RFC, " pepj-800101-001"} {
			same(t, "client", holder, func(c codecs) (view.Answer[client.Client], error) { return n.Client(ctx, by, rfc, c.client) })
		}
		same(t, "loan", second, func(c codecs) (view.Answer[loan.Loan], error) { return n.Loan(ctx, by, second.ID, c.loan) })
		same(t, "loans of a client", []loan.Loan{first, second}, func(c codecs) (view.Answer[[]loan.Loan], error) {
			return n.ClientLoans(ctx, by, holder.ID, c.loans)
		})
		statement := view.Statement{
			ClientID: holder.ID, FullName: office.ClientName, Email: "client1@example.com", RFC: "PEPJ800101001",
			ActiveLoans: []loan.Loan{first}, PaymentHistory: []view.StoredTransaction{paid[2], paid[1], paid[0]},
		}
		same(t, "statement", statement, func(c codecs) (view.Answer[view.Statement], error) {
			return n.Statement(ctx, by, holder.ID, c.statement)
		})
		payments, err := n.Payments(ctx, by, first.ID, view.Paging{Limit: 100})
		if err != nil || !payments.Next.IsZero() || fmt.Sprint(payments.Items) != fmt.Sprint([]view.StoredTransaction{paid[0], paid[2]}) {
			t.Errorf("payments: got %+v, %v; want %+v", payments, err, []view.StoredTransaction{paid[0], paid[2]})
		}
		clients, err := n.Clients(ctx, by, view.Paging{Limit: 100})
		if err != nil || fmt.Sprint(clients.Items) != fmt.Sprint([]client.Client{holder, neighbour}) {
			t.Errorf("clients: got %+v, %v, want %v, no error", clients, err, []client.Client{holder, neighbour})
		}
		newcomer := office.Register(t, n.bank, 3)
		same(t, "loans of a client without any", nil, func(c codecs) (view.Answer[[]loan.Loan], error) {
			return n.ClientLoans(ctx, view.System, newcomer.ID, c.loans)
		})
		empty := view.Statement{ClientID: newcomer.ID, FullName: newcomer.FullName, Email: newcomer.Email, RFC: newcomer.RFC}
		same(t, "statement of a client without loans", empty, func(c codecs) (view.Answer[view.Statement], error) {
			return n.Statement(ctx, view.System, newcomer.ID, c.statement)
		})
	})
}

func TestAClientChangesAndGoes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		c := office.Register(t, n.bank, 1)
		name, email := "José", "jose@example.com"
		ask := map[string]func() (string, error){}
		for name, door := range map[string]codecs{"": rest, " of another door": other} {
			ask["client"+name] = func() (string, error) {
				found, err := value(n.Client(t.Context(), view.System, c.RFC, door.client))
				return found.FullName + " " + found.Email, err
			}
			ask["statement"+name] = func() (string, error) {
				found, err := value(n.Statement(t.Context(), view.System, c.ID, door.statement))
				return found.FullName + " " + found.Email, err
			}
			ask["loans"+name] = func() (string, error) {
				_, err := value(n.ClientLoans(t.Context(), view.System, c.ID, door.loans))
				return "", err
			}
		}
		for what, f := range ask {
			if _, err := f(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		do(t, n, &clients.UpdateClient{ID: c.ID, Changes: client.Changes{FullName: &name, Email: &email}})
		for what, f := range ask {
			if got, err := f(); err != nil || got != "" && got != "José jose@example.com" {
				t.Errorf(`%s after an update: got %s, %v, want "" or José jose@example.com`, what, got, err)
			}
		}
		do(t, n, clients.DeleteClient{ID: c.ID})
		for what, f := range ask {
			if got, err := f(); !fault.Is(err, client.NotFound) {
				t.Errorf("%s of a client who is gone: got %s, %v, want %v", what, got, err, client.NotFound)
			}
		}
		again := office.Register(t, n.bank, 1) // "not found" is not remembered
		if got, err := value(n.Client(t.Context(), view.System, again.RFC, rest.client)); err != nil || got != again {
			t.Errorf("registered again: got %+v, %v; want %+v", got, err, again)
		}
	})
}

// walk reads a list page by page, by the id after which each begins.
func walk[T any](t *testing.T, limit int64, read func(view.Paging) (view.Page[T], error)) (all []T, pages int) {
	t.Helper()
	part := view.Paging{Limit: limit}
	for {
		page, err := read(part)
		if err != nil || int64(len(page.Items)) > limit {
			t.Fatalf("%+v: got %v, want at most %d items and no error", page, err, limit)
		}
		all, pages = append(all, page.Items...), pages+1
		if part.After = page.Next; page.Next.IsZero() {
			return all, pages
		}
	}
}

func TestPages(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, nil)
		var clients []client.Client
		for i := range 7 {
			clients = append(clients, office.Register(t, n.bank, i))
		}
		lent := office.Grant(t, n.bank, clients[0].ID, 100_000)
		other := office.Grant(t, n.bank, clients[0].ID, 100_000)
		var paid []servicing.Transaction
		var need uint64
		for i := range 7 {
			pay(t, n, other.ID, 1)
			var p servicing.Transaction
			p, need = pay(t, n, lent.ID, money.Amount(i+1))
			paid = append(paid, p)
		}
		ids := func(from, to int) (list []string) {
			for _, c := range clients[from:to] {
				list = append(list, c.RFC)
			}
			return list
		}
		for _, c := range []struct {
			page view.Paging
			want []string
			next id.ID
		}{
			{view.Paging{Limit: 100}, ids(0, 7), id.ID{}},
			{view.Paging{Limit: 7}, ids(0, 7), clients[6].ID},
			{view.Paging{Limit: 2, Skip: 1}, ids(1, 3), clients[2].ID},
			{view.Paging{Limit: 0}, nil, id.ID{}},
			{view.Paging{Limit: 5, Skip: 7}, nil, id.ID{}},
			{view.Paging{Limit: 5, Skip: 1 << 40}, nil, id.ID{}},
			{view.Paging{Limit: 2, After: clients[3].ID}, ids(4, 6), clients[5].ID},
			{view.Paging{Limit: 2, Skip: 2, After: clients[3].ID}, ids(6, 7), id.ID{}},
			{view.Paging{Limit: 2, After: clients[6].ID}, nil, id.ID{}},
		} {
			got, err := n.Clients(t.Context(), system(need), c.page)
			if err != nil {
				t.Errorf("%+v: %v", c.page, err)
			}
			var rfcs []string
			for _, one := range got.Items {
				rfcs = append(rfcs, one.RFC)
			}
			if fmt.Sprint(rfcs) != fmt.Sprint(c.want) || got.Next != c.next {
				t.Errorf("%+v: got %v, next %s; want %v, %s", c.page, rfcs, got.Next, c.want, c.next)
			}
		}
		all, pages := walk(t, 3, func(p view.Paging) (view.Page[client.Client], error) { return n.Clients(t.Context(), system(need), p) })
		if len(all) != 7 || pages != 3 || all[6].RFC != clients[6].RFC {
			t.Errorf("got %d clients in %d pages, want 7 in 3 pages, the last %v", len(all), pages, clients[6].RFC)
		}
		payments, pages := walk(t, 3, func(p view.Paging) (view.Page[view.StoredTransaction], error) {
			return n.Payments(t.Context(), system(need), lent.ID, p)
		})
		if len(payments) != 7 || pages != 3 {
			t.Errorf("got %d payments in %d pages, want 7 in 3", len(payments), pages)
		}
		for i, p := range payments {
			if p.Transaction.ID != paid[i].ID || p.Transaction.Amount != money.Amount(i+1) {
				t.Errorf("payment %d: got %+v, want ID %v, amount %v", i, p, paid[i].ID, money.Amount(i+1))
			}
		}
		sixth, err := n.Payments(t.Context(), system(need), lent.ID, view.Paging{Skip: 5, Limit: 1})
		if err != nil || len(sixth.Items) != 1 || fmt.Sprint(sixth.Items[0]) != fmt.Sprint(stored(paid[5])) || sixth.Next != paid[5].ID {
			t.Errorf("got %+v, %v; want %+v", sixth, err, stored(paid[5]))
		}
	})
}

func TestNotFound(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		unknown := id.ID{1}
		for _, rfc := range []string{"PEPJ800101000", "", "nope", "PEPJ\x00", "\xff\xfe", strings.Repeat("x", 100_000)} {
			if got, err := value(n.Client(t.Context(), view.System, rfc, rest.client)); !fault.Is(err, client.NotFound) {
				t.Errorf("client %.10q: got %+v, %v, want %v", rfc, got, err, client.NotFound)
			}
		}
		for _, x := range []id.ID{unknown, {}} {
			_, err := n.Statement(t.Context(), view.System, x, rest.statement)
			_, also := n.ClientLoans(t.Context(), view.System, x, rest.loans)
			if !fault.Is(err, client.NotFound) || !fault.Is(also, client.NotFound) {
				t.Errorf("got the statement error %v and the loans error %v, want %v for both", err, also, client.NotFound)
			}
			_, err = n.Loan(t.Context(), view.System, x, rest.loan)
			_, also = n.Payments(t.Context(), view.System, x, view.Paging{Limit: 1})
			if !fault.Is(err, loan.NotFound) || !fault.Is(also, loan.NotFound) {
				t.Errorf("got the loan error %v and the payments error %v, want %v for both", err, also, loan.NotFound)
			}
		}
		for _, name := range []string{"nobody", "", "a\x00b", "\xff"} {
			if _, err := n.User(t.Context(), name); !fault.Is(err, staff.NotFound) {
				t.Errorf("user %q: got %v, want %v", name, err, staff.NotFound)
			}
		}
		if got, err := n.Clients(t.Context(), view.System, view.Paging{Limit: 10}); err != nil || len(got.Items) != 0 || !got.Next.IsZero() {
			t.Errorf("no clients: got %+v, %v, want an empty last page", got, err)
		}
	})
}

func TestUser(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		do(t, n, staffing.AddUser{Username: "root", Password: "hash", Role: "admin"}) // the last administrator stays
		made, _ := do(t, n, staffing.AddUser{Username: "ana", Password: "hash one", Role: "teller"})
		for _, step := range []struct {
			change func()
			want   string
		}{
			{func() {}, "hash one false"},
			{func() { do(t, n, staffing.ChangePassword{Username: "ana", Password: "hash two"}) }, "hash two false"},
			{func() { do(t, n, staffing.DisableUser{Username: "ana"}) }, "hash two true"},
		} {
			step.change()
			got, err := n.User(t.Context(), "ana")
			if err != nil || got.ID != made.ID || got.Role != "teller" || !got.CreatedAt.Equal(made.CreatedAt) {
				t.Errorf("got %+v, %v, want ID %v, role teller, %v", got, err, made.ID, made.CreatedAt)
			}
			if is := fmt.Sprint(got.Password, " ", got.Disabled); is != step.want {
				t.Errorf("got %s, want %s", is, step.want)
			}
		}
	})
}

// Whatever the question, a database that is away is a fault that says so.
func TestTheDatabaseIsAway(t *testing.T) {
	d, err := db.Open(db.Config{PrimaryURL: "postgres://u:p@127.0.0.1:1/x", ReplicaURL: "postgres://u:p@127.0.0.1:1/x"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	v := view.Open(d, cache.NewLocal(10))
	one := view.Paging{Limit: 1}
	for what, ask := range map[string]func(context.Context) error{
		"client": func(ctx context.Context) error {
			_, err := v.Client(ctx, view.System, "PEPJ800101HNE", rest.client)
			return err
		},
		"clients": func(ctx context.Context) error { _, err := v.Clients(ctx, view.System, one); return err },
		"statement": func(ctx context.Context) error {
			_, err := v.Statement(ctx, view.System, id.ID{1}, rest.statement)
			return err
		},
		"loan": func(ctx context.Context) error { _, err := v.Loan(ctx, view.System, id.ID{1}, rest.loan); return err },
		"loans": func(ctx context.Context) error {
			_, err := v.ClientLoans(ctx, view.System, id.ID{1}, rest.loans)
			return err
		},
		"payments": func(ctx context.Context) error { _, err := v.Payments(ctx, view.System, id.ID{1}, one); return err },
		"file":     func(ctx context.Context) error { _, err := v.LoanFile(ctx, view.System, id.ID{1}); return err },
		"client file": func(ctx context.Context) error {
			_, err := v.ClientFile(ctx, view.System, id.ID{1})
			return err
		},
		"transaction": func(ctx context.Context) error {
			_, err := v.Transaction(ctx, view.System, id.ID{1}, id.ID{2})
			return err
		},
		"user": func(ctx context.Context) error { _, err := v.User(ctx, "ana"); return err },
	} {
		begun := time.Now()
		err := ask(t.Context())
		if !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: got %v, want %v without 127.0.0.1", what, err, fault.Unavailable)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s took %s, want at most %v", what, took, 5*time.Second)
		}
	}
}
