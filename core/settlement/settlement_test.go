package settlement_test

import (
	"slices"
	"testing"

	"sofipo/core/accounting"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement"
)

func TestDenominations(t *testing.T) {
	all := settlement.Denominations()
	if len(all) != 14 || all[0].Value != 1000_00 || all[13].Value != 5 {
		t.Fatalf("got %v, want 14 values from 1000.00 to 0.05", all)
	}
	for i, d := range all {
		if d.Kind != "note" && d.Kind != "coin" || i > 0 && d.Value >= all[i-1].Value {
			t.Errorf("got %v at %d, want a note or coin of a lower value than the one before", d, i)
		}
	}
}

func TestMeans(t *testing.T) {
	till, account := id.ID{1}, id.ID{2}
	for _, c := range []struct {
		means          settlement.Means
		received, paid string // field that is refused
	}{
		{settlement.Means{}, "", ""},
		{settlement.Means{AccountID: account}, "", ""},
		{settlement.Means{Method: settlement.Cash, TillID: till}, "", ""},
		{settlement.Means{Method: settlement.Cash}, "till", "till"},
		{settlement.Means{TillID: till}, "till", "till"},
		{settlement.Means{Method: settlement.Cash, TillID: till, AccountID: account}, "bank_account", "bank_account"},
		{settlement.Means{Method: settlement.Card, Reference: "1"}, "", "method"},
		{settlement.Means{Method: settlement.Card, Reference: " "}, "reference", "method"},
		{settlement.Means{Method: "bitcoin"}, "method", "method"},
		{settlement.Means{Reference: "a\nb"}, "reference", "reference"},
	} {
		for field, err := range map[string]error{c.received: c.means.CheckReceived(), "paid " + c.paid: c.means.CheckPaid()} {
			want := field != "" && field != "paid "
			if fault.Is(err, fault.Invalid) != want {
				t.Errorf("%+v: got %v, want a refusal of %q: %t", c.means, err, field, want)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, m := range settlement.CollectedMethods() {
		got := settlement.Means{Method: m, AccountID: settlement.MainAccount}.Received()
		if got.Account == accounting.Bank || !slices.Contains(accounting.Places(), got.Account) || !got.Subject.IsZero() {
			t.Errorf("%s: got %v, want an account of its own, and no subject for the main account", m, got)
		}
	}
	sheet := settlement.Sheet{{Value: 500_00, Pieces: 3}, {Value: 50, Pieces: 1}}
	if got := sheet.Total(); got != 1500_50 || sheet.Check() != nil {
		t.Errorf("got %s, %v, want 1500.50 and no error", got, sheet.Check())
	}
	for _, wrong := range []settlement.Sheet{{{Value: 3, Pieces: 1}}, {{Value: 50, Pieces: -1}}, {{Value: 50}, {Value: 50}}} {
		if err := wrong.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: got %v, want %s", wrong, err, fault.Invalid)
		}
	}
}
