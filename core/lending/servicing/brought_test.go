package servicing_test

import (
	"bytes"
	"reflect"
	"testing"

	"sofipo/core/fault"
	"sofipo/core/lending/codec"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// TestImport: what was overdue keeps its due date, and interest on the whole principal runs from
// the day of the import.
func TestImport(t *testing.T) {
	h, opened := readme(t)
	charges := servicing.Amounts{Interest: 1_120_35, InterestIVA: 179_26, PenaltyInterest: 85_00}
	for overdue, instalments := range map[money.Amount]int{2_900_00: 25, 0: 25, 50_000_00: 1} {
		owed := charges
		owed.Principal = overdue
		a, split, err := servicing.Import(opened, servicing.Brought{Due: date("2025-12-01"), Owed: owed})
		if err != nil {
			t.Fatal(err)
		}
		on := date("2026-01-15")
		if got := servicing.DaysPastDue(a, on); got != 45 || a.Outstanding != 50_000_00 || len(a.Instalments) != instalments {
			t.Errorf("overdue %s: got %d days past due, a principal of %s and %d instalments, want 45, 50000.00 and %d", overdue, got, a.Outstanding, len(a.Instalments), instalments)
		}
		if got, want := servicing.PayoffOf(a, on).Total, 50_000_00+charges.Sum(); got != want {
			t.Errorf("overdue %s: got the payoff amount %s on the day of the import, want %s", overdue, got, want)
		}
		if got, want := servicing.PayoffOf(a, date("2026-02-15")).Amounts.Interest, charges.Interest+625_00; got != want {
			t.Errorf("overdue %s: got the interest %s after a month, want %s", overdue, got, want)
		}
		h.Operations = []servicing.Operation{{Kind: servicing.ImportKind, ValueDate: split.Date, Brought: split.Amounts()}, {Number: 1, ValueDate: date("2026-02-15"), Amount: 1_384_61}}
		recomputed, splits, err := servicing.Recompute(h)
		if err != nil {
			t.Fatal(err)
		}
		if got := splits[1].Amounts(); got != charges && instalments > 1 { // otherwise the interest of the month, with its IVA, is due too
			t.Errorf("overdue %s: got a payment of 1384.61 for %+v, want the charges %+v", overdue, got, charges)
		}
		a, _, err = servicing.Receive(a, h.Operations[1], date("2026-02-15"))
		if a, recomputed = servicing.Trim(a), servicing.Trim(recomputed); err != nil || !reflect.DeepEqual(a, recomputed) {
			t.Errorf("overdue %s: got %+v, %v, recomputed %+v, want the same", overdue, a, err, recomputed)
		}
		restored, err := codec.Restore(h.Product, a.Version, codec.AppendPlan(nil, a), codec.AppendState(nil, a))
		if err != nil || !bytes.Equal(codec.AppendState(nil, restored), codec.AppendState(nil, a)) || servicing.DaysPastDue(restored, date("2026-02-15")) != servicing.DaysPastDue(a, date("2026-02-15")) {
			t.Errorf("overdue %s: got %+v, %v from the stored form, want %+v", overdue, restored, err, a)
		}
	}
	if a, _, err := servicing.Import(opened, servicing.Brought{}); err != nil || !reflect.DeepEqual(a.Instalments, opened.Instalments) {
		t.Errorf("nothing overdue: got %+v, %v, want the schedule of the contract", a, err)
	}
	for name, b := range map[string]servicing.Brought{
		"more principal than is left": {Due: date("2025-12-01"), Owed: servicing.Amounts{Principal: 50_000_01}},
		"due on the day":              {Due: date("2026-01-15"), Owed: charges},
	} {
		if _, _, err := servicing.Import(opened, b); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want %s", name, err, fault.Invalid)
		}
	}
}
