package view

import (
	"slices"
	"testing"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
)

// TestMergedByCNBV: accounts of one code add up on the side of the first, whatever
// their own; those without a code stay by themselves, behind the others.
func TestMergedByCNBV(t *testing.T) {
	lines := []BalanceLine{
		{Account: "1001", Spanish: "sin código", Nature: accounting.Debit, Opening: 1, Closing: 1},
		{Account: "1002", CNBV: "900000000000", Spanish: "a", English: "a", Nature: accounting.Debit, Opening: 100, Debits: 7, Credits: 2, Closing: 105},
		{Account: "1003", CNBV: "800000000000", Nature: accounting.Debit, Closing: 5, Debits: 5},
		{Account: "2001", CNBV: "900000000000", Spanish: "b", English: "b", Nature: accounting.Credit, Opening: 30, Debits: 1, Credits: 4, Closing: 33},
		{Account: "3001", Nature: accounting.Credit},
	}
	got := mergedByCNBV(lines, civil.Date{Year: 2026, Month: 1, Day: 1})
	var order []ledger.Account
	for _, l := range got {
		order = append(order, append(l.Accounts, l.Account)[0])
	}
	if !slices.Equal(order, []ledger.Account{"1003", "1002", "1001", "3001"}) {
		t.Errorf("got the order %v, want %+v", order, []ledger.Account{"1003", "1002", "1001", "3001"})
	}
	m := got[1]
	if m.Account != "" || !slices.Equal(m.Accounts, []ledger.Account{"1002", "2001"}) || m.Nature != accounting.Debit || m.Spanish != "a; b" ||
		m.Opening != 70 || m.Debits != 8 || m.Credits != 6 || m.Closing != 72 {
		t.Errorf("got %+v, want the accounts 1002 and 2001 in one line: debtor, a; b, opening 70, debits 8, credits 6, closing 72", m)
	}
}
