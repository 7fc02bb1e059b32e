package view

import (
	"slices"
	"testing"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/ledger"
	"sofipo/core/money"
)

// TestMergedByCNBV: accounts of one code add up on the side of the first, whatever
// their own; those without a code stay by themselves, behind the others.
func TestMergedByCNBV(t *testing.T) {
	lines := []BalanceLine{
		{Account: "1001", Spanish: "sin código", Nature: accounting.Debit, Opening: money.Amount(1).Total(), Closing: money.Amount(1).Total()},
		{Account: "1002", CNBV: "900000000000", Spanish: "a", English: "a", Nature: accounting.Debit, Opening: money.Amount(100).Total(), Debits: money.Amount(7).Total(), Credits: money.Amount(2).Total(), Closing: money.Amount(105).Total()},
		{Account: "1003", CNBV: "800000000000", Nature: accounting.Debit, Closing: money.Amount(5).Total(), Debits: money.Amount(5).Total()},
		{Account: "2001", CNBV: "900000000000", Spanish: "b", English: "b", Nature: accounting.Credit, Opening: money.Amount(30).Total(), Debits: money.Amount(1).Total(), Credits: money.Amount(4).Total(), Closing: money.Amount(33).Total()},
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
		m.Opening != money.Amount(70).Total() || m.Debits != money.Amount(8).Total() || m.Credits != money.Amount(6).Total() || m.Closing != money.Amount(72).Total() {
		t.Errorf("got %+v, want the accounts 1002 and 2001 in one line: debtor, a; b, opening 70, debits 8, credits 6, closing 72", m)
	}
}
