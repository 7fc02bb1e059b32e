package view_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"

	"sofipo/bank"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/infra/cache"
	"sofipo/infra/db"
	"sofipo/test/ground"
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
	n.bank = bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Location: ground.Noon, Committed: n.Forget})
	t.Cleanup(n.bank.Close)
	return n
}

// do carries a command out and gives its answer with the position.
func do[A any](t *testing.T, n *node, c bank.Command[A]) (A, uint64) {
	t.Helper()
	got, err := bank.Do(t.Context(), n.bank, bank.By{System: true, Actor: "tester", CorrelationID: "test"}, c)
	if err != nil {
		t.Fatal(err)
	}
	return got.Answer, got.Position
}

func register(t *testing.T, n *node, number int) client.Client {
	t.Helper()
	c, _ := do(t, n, &clients.RegisterClient{FullName: `Ñandú "Ácido" <b>`, Email: fmt.Sprintf("c%d@example.com", number), RFC: fmt.Sprintf("PEPJ800101%03d", number)})
	return c
}

func grant(t *testing.T, n *node, to id.ID, amount money.Amount) loan.Loan {
	t.Helper()
	l, _ := do(t, n, lending.GrantLoan{ClientID: to, Terms: loan.Terms{Amount: amount, Rate: 150_000, TermMonths: 24}})
	return l
}

func pay(t *testing.T, n *node, to id.ID, amount money.Amount) (servicing.Movement, uint64) {
	t.Helper()
	return do(t, n, lending.ReceivePayment{LoanID: to, Amount: amount})
}

// same compares an answer to its bytes, twice: from the database and, where
// there is one, from the cache.
func same(t *testing.T, what, want string, ask func() ([]byte, error)) {
	t.Helper()
	for range 2 {
		if got, err := ask(); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v\nwant %s", what, got, err, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		holder, other := register(t, n, 1), register(t, n, 2)
		first, second := grant(t, n, holder.ID, 100_000), grant(t, n, holder.ID, 50_050)
		third := grant(t, n, other.ID, 700)
		var paid []servicing.Movement
		for i, amount := range []money.Amount{100, 50_050, 25} {
			to := []id.ID{first.ID, second.ID, first.ID}[i]
			p, _ := pay(t, n, to, amount)
			paid = append(paid, p)
		}
		first.Balance, second.Balance, second.Status = 99_875, 0, loan.PaidOff
		_, need := pay(t, n, third.ID, 700)
		ctx := t.Context()
		text := func(v interface{ AppendJSON([]byte) []byte }) string { return string(v.AppendJSON(nil)) }

		for _, rfc := range []string{holder.RFC, " pepj-800101-001"} {
			same(t, "client", text(holder), func() ([]byte, error) { return n.Client(ctx, rfc, need) })
		}
		same(t, "loan", text(second), func() ([]byte, error) { return n.Loan(ctx, second.ID, need) })
		same(t, "loans of a client", "["+text(first)+","+text(second)+"]", func() ([]byte, error) { return n.ClientLoans(ctx, holder.ID, need) })
		same(t, "statement", `{"client_id":"`+holder.ID.String()+`","full_name":"Ñandú \"Ácido\" <b>","email":"c1@example.com","rfc":"PEPJ800101001","active_loans":[`+
			text(first)+`],"payment_history":[`+text(paid[2])+","+text(paid[1])+","+text(paid[0])+`]}`,
			func() ([]byte, error) { return n.Statement(ctx, holder.ID, need) })
		same(t, "payments", "["+text(paid[0])+","+text(paid[2])+"]", func() ([]byte, error) {
			body, next, err := n.Payments(ctx, first.ID, view.Page{Limit: 100}, need)
			if !next.IsZero() {
				t.Error("a page follows the last")
			}
			return body, err
		})
		same(t, "clients", "["+text(holder)+","+text(other)+"]", func() ([]byte, error) {
			body, _, err := n.Clients(ctx, view.Page{Limit: 100}, need)
			return body, err
		})
		third3 := register(t, n, 3)
		same(t, "loans of a client without any", "[]", func() ([]byte, error) { return n.ClientLoans(ctx, third3.ID, 0) })
		empty := `{"client_id":"` + third3.ID.String() + `","full_name":"Ñandú \"Ácido\" <b>","email":"c3@example.com","rfc":"PEPJ800101003","active_loans":[],"payment_history":[]}`
		same(t, "statement of a client without loans", empty, func() ([]byte, error) { return n.Statement(ctx, third3.ID, 0) })
		var statement view.Statement
		if body, err := n.Statement(ctx, holder.ID, 0); err != nil || json.Unmarshal(body, &statement) != nil || len(statement.PaymentHistory) != 3 {
			t.Errorf("the statement does not read as one: %v", err)
		}
	})
}

func TestAClientChangesAndGoes(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		c := register(t, n, 1)
		name, email := "José", "jose@example.com"
		ask := map[string]func() ([]byte, error){
			"client":    func() ([]byte, error) { return n.Client(t.Context(), c.RFC, 0) },
			"statement": func() ([]byte, error) { return n.Statement(t.Context(), c.ID, 0) },
			"loans":     func() ([]byte, error) { return n.ClientLoans(t.Context(), c.ID, 0) },
		}
		for what, f := range ask {
			if _, err := f(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		do(t, n, &clients.UpdateClient{ID: c.ID, FullName: &name, Email: &email})
		for _, what := range []string{"client", "statement"} {
			if body, err := ask[what](); err != nil || !strings.Contains(string(body), `"full_name":"José","email":"jose@example.com"`) {
				t.Errorf("%s after an update: %s, %v", what, body, err)
			}
		}
		do(t, n, clients.DeleteClient{ID: c.ID})
		for what, f := range ask {
			if body, err := f(); !fault.Is(err, fault.ClientNotFound) || body != nil {
				t.Errorf("%s of a client who is gone: %s, %v", what, body, err)
			}
		}
		again := register(t, n, 1) // "not found" is not remembered
		if body, err := n.Client(t.Context(), again.RFC, 0); err != nil || string(body) != string(again.AppendJSON(nil)) {
			t.Errorf("registered again: %s, %v", body, err)
		}
	})
}

// walk reads a list page by page, by the id after which each begins.
func walk[T any](t *testing.T, limit int64, read func(view.Page) ([]byte, id.ID, error)) (all []T, pages int) {
	t.Helper()
	page := view.Page{Limit: limit}
	for {
		body, next, err := read(page)
		if err != nil {
			t.Fatal(err)
		}
		var part []T
		if err := json.Unmarshal(body, &part); err != nil || int64(len(part)) > limit {
			t.Fatalf("%s: %v", body, err)
		}
		all, pages = append(all, part...), pages+1
		if page.After = next; next.IsZero() {
			return all, pages
		}
	}
}

func TestPages(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, nil)
		var clients []client.Client
		for i := range 7 {
			clients = append(clients, register(t, n, i))
		}
		lent := grant(t, n, clients[0].ID, 100_000)
		other := grant(t, n, clients[0].ID, 100_000)
		var paid []servicing.Movement
		var need uint64
		for i := range 7 {
			pay(t, n, other.ID, 1)
			var p servicing.Movement
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
			page view.Page
			want []string
			next id.ID
		}{
			{view.Page{Limit: 100}, ids(0, 7), id.ID{}},
			{view.Page{Limit: 7}, ids(0, 7), clients[6].ID},
			{view.Page{Limit: 2, Skip: 1}, ids(1, 3), clients[2].ID},
			{view.Page{Limit: 0}, nil, id.ID{}},
			{view.Page{Limit: 5, Skip: 7}, nil, id.ID{}},
			{view.Page{Limit: 5, Skip: 1 << 40}, nil, id.ID{}},
			{view.Page{Limit: 2, After: clients[3].ID}, ids(4, 6), clients[5].ID},
			{view.Page{Limit: 2, Skip: 2, After: clients[3].ID}, ids(6, 7), id.ID{}},
			{view.Page{Limit: 2, After: clients[6].ID}, nil, id.ID{}},
		} {
			body, next, err := n.Clients(t.Context(), c.page, need)
			var got []client.Client
			if err != nil || json.Unmarshal(body, &got) != nil || got == nil {
				t.Errorf("%+v: %s, %v", c.page, body, err)
			}
			var rfcs []string
			for _, one := range got {
				rfcs = append(rfcs, one.RFC)
			}
			if fmt.Sprint(rfcs) != fmt.Sprint(c.want) || next != c.next {
				t.Errorf("%+v: %v, next %s; want %v, %s", c.page, rfcs, next, c.want, c.next)
			}
		}
		all, pages := walk[client.Client](t, 3, func(p view.Page) ([]byte, id.ID, error) { return n.Clients(t.Context(), p, need) })
		if len(all) != 7 || pages != 3 || all[6].RFC != clients[6].RFC {
			t.Errorf("%d clients in %d pages", len(all), pages)
		}
		payments, pages := walk[servicing.Movement](t, 3, func(p view.Page) ([]byte, id.ID, error) { return n.Payments(t.Context(), lent.ID, p, need) })
		if len(payments) != 7 || pages != 3 {
			t.Errorf("%d payments in %d pages", len(payments), pages)
		}
		for i, p := range payments {
			if p.ID != paid[i].ID || p.Amount != money.Amount(i+1) {
				t.Errorf("payment %d is %+v", i, p)
			}
		}
		body, next, err := n.Payments(t.Context(), lent.ID, view.Page{Skip: 5, Limit: 1}, need)
		if err != nil || string(body) != "["+string(paid[5].AppendJSON(nil))+"]" || next != paid[5].ID {
			t.Errorf("%s, %s, %v", body, next, err)
		}
	})
}

func TestNotFound(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
		unknown := id.ID{1}
		for _, rfc := range []string{"PEPJ800101000", "", "nope", "PEPJ\x00", "\xff\xfe", strings.Repeat("x", 100_000)} {
			if body, err := n.Client(t.Context(), rfc, 0); !fault.Is(err, fault.ClientNotFound) || body != nil {
				t.Errorf("client %.10q: %s, %v", rfc, body, err)
			}
		}
		for _, x := range []id.ID{unknown, {}} {
			_, err := n.Statement(t.Context(), x, 0)
			_, also := n.ClientLoans(t.Context(), x, 0)
			if !fault.Is(err, fault.ClientNotFound) || !fault.Is(also, fault.ClientNotFound) {
				t.Errorf("statement: %v, loans: %v", err, also)
			}
			_, err = n.Loan(t.Context(), x, 0)
			_, _, also = n.Payments(t.Context(), x, view.Page{Limit: 1}, 0)
			if !fault.Is(err, fault.LoanNotFound) || !fault.Is(also, fault.LoanNotFound) {
				t.Errorf("loan: %v, payments: %v", err, also)
			}
		}
		for _, name := range []string{"nobody", "", "a\x00b", "\xff"} {
			if _, err := n.User(t.Context(), name); !fault.Is(err, fault.UserNotFound) {
				t.Errorf("user %q: %v", name, err)
			}
		}
		if body, next, err := n.Clients(t.Context(), view.Page{Limit: 10}, 0); err != nil || string(body) != "[]" || !next.IsZero() {
			t.Errorf("no clients: %s, %s, %v", body, next, err)
		}
	})
}

func TestUser(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		n := open(t, d, cache.NewLocal(1000))
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
				t.Errorf("%+v, %v", got, err)
			}
			if is := fmt.Sprint(got.Password, " ", got.Disabled); is != step.want {
				t.Errorf("%s, want %s", is, step.want)
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
	for what, ask := range map[string]func(context.Context) error{
		"client":    func(ctx context.Context) error { _, err := v.Client(ctx, "PEPJ800101HNE", 0); return err },
		"clients":   func(ctx context.Context) error { _, _, err := v.Clients(ctx, view.Page{Limit: 1}, 0); return err },
		"statement": func(ctx context.Context) error { _, err := v.Statement(ctx, id.ID{1}, 0); return err },
		"loan":      func(ctx context.Context) error { _, err := v.Loan(ctx, id.ID{1}, 0); return err },
		"loans":     func(ctx context.Context) error { _, err := v.ClientLoans(ctx, id.ID{1}, 0); return err },
		"payments": func(ctx context.Context) error {
			_, _, err := v.Payments(ctx, id.ID{1}, view.Page{Limit: 1}, 0)
			return err
		},
		"file":        func(ctx context.Context) error { _, err := v.LoanFile(ctx, id.ID{1}, 0); return err },
		"client file": func(ctx context.Context) error { _, err := v.ClientFile(ctx, id.ID{1}, 0); return err },
		"movement": func(ctx context.Context) error {
			_, err := v.Movement(ctx, id.ID{1}, id.ID{2}, 0)
			return err
		},
		"user": func(ctx context.Context) error { _, err := v.User(ctx, "ana"); return err },
	} {
		begun := time.Now()
		err := ask(t.Context())
		if !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", what, err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s took %s", what, took)
		}
	}
	for _, check := range v.Checks(t.Context()) {
		if check.Err == nil {
			t.Errorf("%s holds of a database that is away", check.Name)
		}
	}
}
