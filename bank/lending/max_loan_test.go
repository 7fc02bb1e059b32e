package lending_test

import (
	"errors"
	"testing"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestMaximumOfTheInstitution: no loan is granted or applied for above it.
func TestMaximumOfTheInstitution(t *testing.T) {
	const most = money.Amount(5_000_00)
	ground.Each(t, func(t *testing.T, d *db.DB) {
		b := office.OpenBank(t, d, func(o *bank.Options) { o.Rules.MaxLoan = most })
		holder := office.Register(t, b, 1)
		office.Grant(t, b, holder.ID, most)
		_, granted := bank.Do(t.Context(), b, office.By, lending.GrantLoan{ClientID: holder.ID, Terms: loan.Terms{Amount: most + 1, Rate: 150_000, TermMonths: 24}})
		_, applied := bank.Do(t.Context(), b, office.By, lending.ApplyForLoan{ClientID: holder.ID, Product: "seed", Amount: most + 1, Rate: 150_000, Periods: 24})
		for name, err := range map[string]error{"granted": granted, "applied": applied} {
			var refusal *fault.Error
			if !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Flaws[0].Rule != fault.AtMost {
				t.Errorf("%s above the maximum: got %v, want one flaw, at most %s", name, err, most)
			}
		}
	})
}
