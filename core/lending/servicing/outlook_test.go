package servicing_test

import (
	"testing"

	"pgregory.net/rapid"

	"sofipo/core/lending/servicing"
	"sofipo/test/loans"
	"sofipo/test/random"
)

// The outlook gives the same interest as rolling, on every day that it covers.
func TestOutlookIsWhatRollingGives(t *testing.T) {
	covered := 0
	random.Check(t, func(t *rapid.T) {
		p := loans.AnyProduct(t)
		contract := loans.AnyContract(t, p)
		l := life{history: servicing.History{Product: p, Contract: contract}, account: servicing.Open(p, contract)}
		for range rapid.IntRange(0, 4).Draw(t, "operations") {
			l.try(t, loans.AnyOperation(t, l.history, l.account))
		}
		a, _ := servicing.Roll(l.account, l.account.Day.AddDays(rapid.IntRange(0, 40).Draw(t, "later")))
		o, found := servicing.OutlookOf(a)
		last := a.Instalments
		runs := len(last) > 0 && last[len(last)-1].Until.After(a.Day)
		if want := a.Status == servicing.Active && runs && len(servicing.Due(a, a.Day).Lines) == 0; found != want {
			t.Fatalf("got found %v, want %v", found, want)
		}
		if !found {
			return
		}
		covered++
		for day := a.Day.AddDays(-1); !day.After(o.Until); day = day.AddDays(1) {
			got, ok := o.Interest(day)
			if inside := !day.Before(a.Day) && day.Before(o.Until); ok != inside {
				t.Fatalf("the outlook covers %s: got %v, want %v", day, ok, inside)
			}
			if !ok {
				continue
			}
			later, happened := servicing.Roll(a, day)
			want, iva := servicing.Receivable(later)
			if len(happened) > 0 || got != want || iva != 0 || servicing.DaysPastDue(later, day) != 0 || later.Outstanding != a.Outstanding {
				t.Fatalf("%s: got interest %s, want %s; got %d facts and IVA %s, want none", day, got, want, len(happened), iva)
			}
		}
	})
	if covered == 0 {
		t.Error("got no account with an outlook, want some")
	}
}
