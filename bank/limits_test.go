package bank_test

import (
	"errors"
	"sync"
	"testing"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// transfer posts an amount from one account to another.
type transfer struct {
	From, To ledger.Account
	Amount   money.Amount
}

func (transfer) Name() string                  { return "transfer" }
func (transfer) Permission() access.Permission { return "" }
func (transfer) Check(bank.Rules) error        { return nil }
func (transfer) Needs(*bank.Needs)             {}

func (c transfer) Decide(b *bank.Book) (string, error) {
	at := b.NewID()
	b.Subject(at)
	return "done", b.Post(ledger.Entry{
		ID: at, BusinessDate: b.Today(), PostedAt: b.Now(), Kind: "manual", Reference: at,
		Postings: []ledger.Posting{{Account: c.To, Subject: at, Debit: c.Amount}, {Account: c.From, Subject: at, Credit: c.Amount}},
	})
}

// codeOf returns the code of a refusal.
func codeOf(err error) fault.Code {
	var refused *fault.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// move posts a transfer and returns the code of its refusal.
func move(t *testing.T, b *bank.Bank, c transfer) fault.Code {
	t.Helper()
	_, err := bank.Do(t.Context(), b, bank.By{System: true, Actor: "cora"}, c)
	code := codeOf(err)
	if err != nil && code == "" {
		t.Fatalf("got %v, want a refusal or success", err)
	}
	return code
}

// No account passes MaxBalance, on either side and with any number of writers and callers, and
// entries back to zero are accepted.
func TestBalanceLimit(t *testing.T) {
	const tenth = bank.MaxBalance / 10
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		var group sync.WaitGroup
		codes := make(chan fault.Code, 30)
		for range cap(codes) {
			group.Go(func() { codes <- move(t, b, transfer{"1102", "1101", tenth}) })
		}
		group.Wait()
		close(codes)
		accepted := 0
		for code := range codes {
			if code == "" {
				accepted++
			} else if code != accounting.BalanceLimit {
				t.Errorf("got %q, want %q", code, accounting.BalanceLimit)
			}
		}
		most := 10
		if !d.Embedded() {
			most = 20 // two writers decide without seeing each other's batch
		}
		if accepted < 10 || accepted > most {
			t.Errorf("got %d of 30 accepted, want 10 to %d", accepted, most)
		}
		for _, c := range []struct {
			transfer transfer
			want     fault.Code
		}{
			{transfer{"1102", "5101", 1}, accounting.BalanceLimit}, // the credit side of 1102
			{transfer{"4101", "1101", 1}, accounting.BalanceLimit}, // the debit side of 1101
			{transfer{"1101", "1102", money.Amount(accepted-10)*tenth + 5}, ""},
			{transfer{"4101", "1101", 5}, ""},
			{transfer{"4101", "1101", 1}, accounting.BalanceLimit},
		} {
			if got := move(t, b, c.transfer); got != c.want {
				t.Errorf("%+v: got %q, want %q", c.transfer, got, c.want)
			}
		}
	})
}

// The debits of open days have a limit, which the close of a day makes room under.
func TestOpenDaysLimit(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d)
		for i := range 10 {
			for _, c := range []transfer{{"1102", "1101", bank.MaxBalance / 2}, {"1101", "1102", bank.MaxBalance / 2}} {
				if got := move(t, b, c); got != "" {
					t.Fatalf("transfer %d: got %q, want it accepted", i, got)
				}
			}
		}
		if got := move(t, b, transfer{"1102", "1101", 1}); got != accounting.OpenDaysLimit {
			t.Errorf("got %q, want %q", got, accounting.OpenDaysLimit)
		}
		if _, err := dayend.New(b, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cora"}, civil.Date{}, nil); err != nil {
			t.Fatal(err)
		}
		if got := move(t, b, transfer{"1102", "1101", 1}); got != "" {
			t.Errorf("after the close got %q, want it accepted", got)
		}
	})
}
