package checks_test

import (
	"testing"

	"sofipo/bank"
	"sofipo/bank/dayend"
	"sofipo/checks"
	"sofipo/core/civil"
	"sofipo/infra/db"
	"sofipo/test/ground"
)

// TestOverdrawnAccountsAreFound: a loan without capital overdraws the bank account, and
// capital ends that, before and after a close. The loan loss provision of the close has a
// credit balance, as a contra account must.
func TestOverdrawnAccountsAreFound(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		o := open(t, d)
		expect := func(want string) {
			t.Helper()
			got := ""
			if c := checks.Overdrawn(t.Context(), d); c.Err != nil {
				got = c.Err.Error()
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		const overdraft = "1102 Bank and SPEI settlement has a credit balance of 8000.00"
		expect("")
		o.Lend(o.Client(1).ID, 800_000)
		expect(overdraft)
		o.On("2026-01-16")
		if _, err := dayend.New(o.Bank, dayend.Options{}).CloseDay(t.Context(), bank.By{System: true, Actor: "cierre"}, civil.Date{}, nil); err != nil {
			t.Fatal(err)
		}
		expect(overdraft)
		o.PostByHand("2026-01-16", "IVA pagado de más", "2403", "4101", 100)
		expect(overdraft + "; 2403 Income tax withheld payable has a debit balance of 1.00")
		o.PostByHand("2026-01-16", "Corrección", "1102", "2403", 100)
		o.PostByHand("2026-01-16", "Aportación de capital", "1102", "4101", 799_900)
		expect("")
	})
}
