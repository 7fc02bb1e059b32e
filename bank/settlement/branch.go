package settlement

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
)

// The tills and the vault of a branch, by its code.
var (
	branchVia = &bank.Via{Table: "branches", Column: "code", Columns: []string{"id"}, Own: []string{"branch_id"}}
	tillsVia  = &bank.Via{Table: "tills t JOIN branches b ON b.id = t.branch_id", Column: "b.code", Columns: []string{"t.id"}}
	tillsOf   = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, string]{Table: Tills, Column: "branch_id", Lock: true, Via: branchVia})
)

// NeedBranch requests the tills and the vault of a branch, and their cash.
func NeedBranch(n *bank.Needs, code string) {
	tillsOf.Need(n, code)
	n.PlaceBalances(tillsVia, code)
}

// LeftIn returns the number of open tills of a branch, and the cash in its tills and vault. The
// tills must have been requested with NeedBranch.
func LeftIn(b *bank.Book, branchID id.ID) (open int, cash money.Amount) {
	for t := range Tills.All(b) {
		if t.BranchID != branchID {
			continue
		}
		if cash += cashIn(b, *t); !t.SessionID.IsZero() {
			open++
		}
	}
	return open, cash
}

// RetireBranch stages the retirement of the tills and the vault of a branch, in the order of
// their ids.
func RetireBranch(b *bank.Book, branchID id.ID) {
	var left []settlement.Till
	for t := range Tills.All(b) {
		if t.BranchID == branchID && !t.Closed {
			left = append(left, *t)
		}
	}
	slices.SortFunc(left, func(x, y settlement.Till) int { return bank.ByID(x.ID, y.ID) })
	for _, t := range left {
		t.Closed = true
		Tills.Change(b, t)
		b.Publish(settlement.TillRetiredEvent(t))
	}
}
