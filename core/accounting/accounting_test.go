package accounting

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/loan"
	"sofipo/core/money"
)

var (
	moment = time.Date(2026, 11, 23, 9, 22, 42, 0, time.UTC)
	day    = civil.Date{Year: 2026, Month: 11, Day: 23}
)

// sides sums an entry by account: positive is debit.
func sides(e ledger.Entry) map[ledger.Account]money.Amount {
	sums := map[ledger.Account]money.Amount{}
	for _, p := range e.Postings {
		sums[p.Account] += p.Debit - p.Credit
	}
	return sums
}

func check(t *rapid.T, e ledger.Entry, subject id.ID, want map[ledger.Account]money.Amount) {
	t.Helper()
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	got := sides(e)
	if len(got) != len(want) {
		t.Fatalf("accounts %v, want %v", got, want)
	}
	for account, amount := range want {
		if got[account] != amount || Chart[account] == "" {
			t.Fatalf("account %s %q moved by %s, want %s", account, Chart[account], got[account], amount)
		}
	}
	for _, p := range e.Postings {
		if p.Subject != subject {
			t.Fatalf("posting on %s belongs to %s", p.Account, p.Subject)
		}
	}
	if e.ID != (id.ID{9}) || e.BusinessDate != day || !e.PostedAt.Equal(moment) || !e.Reverses.IsZero() {
		t.Fatalf("%+v", e)
	}
}

func TestEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := money.Amount(rapid.Int64Range(1, int64(money.Max)).Draw(t, "amount"))
		lent := loan.Loan{ID: id.ID{1}, ClientID: id.ID{2}, Amount: amount, Balance: amount, GrantedAt: moment}
		granted := LoanGranted(id.ID{9}, day, lent)
		check(t, granted, lent.ID, map[ledger.Account]money.Amount{LoansPrincipal: amount, Bank: -amount})
		if granted.Kind != "loan_granted" || granted.Reference != lent.ID {
			t.Fatalf("%+v", granted)
		}
		paid := loan.Payment{ID: id.ID{3}, LoanID: lent.ID, ClientID: lent.ClientID, Amount: amount, PaidAt: moment}
		received := PaymentReceived(id.ID{9}, day, paid)
		check(t, received, lent.ID, map[ledger.Account]money.Amount{Bank: amount, LoansPrincipal: -amount})
		if received.Kind != "payment_received" || received.Reference != paid.ID {
			t.Fatalf("%+v", received)
		}
	})
}
