package servicing_test

import (
	"testing"

	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// TestTrim tests the remaining instalments of the README loan.
func TestTrim(t *testing.T) {
	_, a := readme(t)
	a.Version.Terms.Rules = schedule.Rules1 // a centavo then stays due in the last of 21 instalments
	step := func(amount money.Amount, on string) {
		t.Helper()
		after, _, err := servicing.Receive(a, servicing.Operation{Amount: amount, ValueDate: date(on)}, date(on))
		if err != nil {
			t.Fatal(describe(err))
		}
		a = after
	}
	for _, c := range []struct {
		name string
		do   func()
		left int // instalments
	}{
		{"fresh", func() {}, 24},
		{"the first due", func() { a, _ = servicing.Roll(a, date("2026-02-15")) }, 24},
		{"a centavo short", func() { step(2_524_32, "2026-02-15") }, 24},
		{"paid", func() { step(1, "2026-02-15") }, 23},
		{"the second unpaid, the third due", func() { a, _ = servicing.Roll(a, date("2026-04-15")) }, 23},
		{"both and all the principal but a centavo", func() { step(servicing.PayoffOf(a, a.Day).Total-1, "2026-04-15") }, 21},
		{"to the end, all but the last of nothing", func() { a, _ = servicing.Roll(a, date("2027-12-15")) }, 1},
	} {
		if c.do(); len(servicing.Trim(a).Instalments) != c.left {
			t.Errorf("%s: got %d left, want %d", c.name, len(servicing.Trim(a).Instalments), c.left)
		}
	}
	if step(servicing.PayoffOf(a, a.Day).Total, "2028-01-15"); a.Status != servicing.PaidOff || servicing.Trim(a).Instalments != nil {
		t.Errorf("paid off: got %+v, want status %v without instalments", servicing.Trim(a), servicing.PaidOff)
	}
}
