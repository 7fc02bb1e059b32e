package bank_test

import (
	"slices"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/client"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/core/mx"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestAReplayForgets repeats a payment at another node than the one that made it, which may
// have lost the outcome: the answer has a commit token, and with it the answers that show the
// loan are stale.
func TestAReplayForgets(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		clock := func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }
		one := office.OpenBank(t, d, office.Writers(1), office.Clock(clock))
		holder := office.Register(t, one, 1)
		lent := office.Grant(t, one, holder.ID, 1_000_00)
		var token uint64
		var forgotten []string
		other := bank.Open(bank.Options{DB: d, Rules: bank.Rules{RFC: mx.TierStructural}, Writers: 1, Clock: clock, Committed: func(at uint64, stale []string) {
			token, forgotten = at, append(forgotten, stale...)
		}})
		t.Cleanup(other.Close)
		by := bank.By{System: true, Actor: "teller", Key: "one"}
		pay := lending.ReceivePayment{LoanID: lent.ID, Operation: servicing.Operation{Amount: 1_00}}
		if _, err := bank.Do(t.Context(), one, by, pay); err != nil {
			t.Fatal(err)
		}
		again, err := bank.Do(t.Context(), other, by, pay)
		if err != nil || !again.Replayed || again.Token == 0 || again.Token != token {
			t.Errorf("the replay: got %+v, %v, want the token %d of its commit", again, err, token)
		}
		for _, key := range []string{loan.CacheKey(lent.ID), client.StatementCacheKey(holder.ID), client.LoansCacheKey(holder.ID)} {
			if !slices.Contains(forgotten, key) {
				t.Errorf("got %q forgotten, want %s among them", forgotten, key)
			}
		}
	})
}
