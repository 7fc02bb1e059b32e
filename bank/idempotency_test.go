package bank_test

import (
	"slices"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	booked "sofipo/bank/institution"
	"sofipo/bank/lending"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/institution"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
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

// TestEachReplayForgets repeats commands on every kind of row with cached answers at another node.
func TestEachReplayForgets(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		clock := func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }
		one := office.OpenBank(t, d, office.Writers(1), office.Clock(clock))
		var forgotten []string
		other := office.OpenBank(t, d, office.Writers(1), office.Clock(clock), office.Committed(func(_ uint64, stale []string) { forgotten = append(forgotten, stale...) }))
		holder := office.Register(t, one, 1)
		lent := office.Grant(t, one, holder.ID, 1_000_00)
		p := product.Seed()
		p.Code, p.From = "other", civil.Date{Year: 2026, Month: 3, Day: 2}

		again(t, one, other, &forgotten, &clients.RegisterClient{FullName: "Eva", Email: "eva@example.com", RFC: "EVAA800101HNE"}, client.ListCacheKey, client.CacheKey("EVAA800101HNE"))
		again(t, one, other, &forgotten, lending.CreateProduct{Product: p}, product.CacheKey("other"), product.ListCacheKey)
		again(t, one, other, &forgotten, &booked.ChangeInstitution{Institution: institution.Institution{LegalName: "Caja Sur", Name: "Sur"}}, institution.CacheKey)
		again(t, one, other, &forgotten, lending.ReassignClient{ClientID: holder.ID, Branch: "001"}, loan.CacheKey(lent.ID), client.StatementCacheKey(holder.ID))
	})
}

// again carries out a command at a bank and repeats it at another one, which must forget the keys.
func again[A any](t *testing.T, one, other *bank.Bank, forgotten *[]string, c bank.Command[A], want ...string) {
	t.Helper()
	by := bank.By{System: true, Actor: "test", Key: c.Name()}
	office.As(t, one, by, c)
	*forgotten = nil
	if r := office.As(t, other, by, c); !r.Replayed {
		t.Errorf("%s: got a first answer, want the replay", c.Name())
	}
	for _, key := range want {
		if !slices.Contains(*forgotten, key) {
			t.Errorf("%s: got %q forgotten, want %s among them", c.Name(), *forgotten, key)
		}
	}
}
