package settlement

import (
	"slices"

	"sofipo/bank"
	branches "sofipo/bank/staff"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/settlement"
	"sofipo/core/staff"
)

// CloseBranch closes a branch that has no enabled users, clients, loans, open tills or cash, and
// retires its tills and its vault. Refused with staff.BranchNotFound, staff.BranchClosed or
// staff.BranchInUse.
type CloseBranch struct {
	Code string

	users, clients, loans int
}

// The tills and the vault of a branch, by its code.
var (
	branchVia = &bank.Via{Table: "branches", Column: "code", Columns: []string{"id"}, Own: []string{"branch_id"}}
	tillsVia  = &bank.Via{Table: "tills t JOIN branches b ON b.id = t.branch_id", Column: "b.code", Columns: []string{"t.id"}}
	tillsOf   = bank.DeclareLookup(bank.Lookup[id.ID, settlement.Till, string]{Table: Tills, Column: "branch_id", Lock: true, Via: branchVia})
)

// counted is the number up to which the users, clients and loans of a branch are counted.
const counted = 1000

// What keeps a branch open besides its tills and cash.
var (
	usersIn = bank.Count{Table: "users", Via: branchVia, Most: counted, And: "NOT t.disabled",
		Only: func(value func(string) string) bool { return value("disabled") == "false" }}
	clientsIn = bank.Count{Table: "clients", Via: branchVia, Most: counted}
	loansIn   = bank.Count{Table: "loans", Via: branchVia, Most: counted, And: "t.status NOT IN ('REJECTED', 'CANCELLED', 'PAID_OFF')",
		Only: func(value func(string) string) bool {
			return !slices.Contains([]string{"REJECTED", "CANCELLED", "PAID_OFF"}, value("status"))
		}}
)

// Name returns the operation's name.
func (*CloseBranch) Name() string { return "close_branch" }

// Permission returns the permission that the actor's role must have.
func (*CloseBranch) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (*CloseBranch) Check(bank.Rules) error { return nil }

// Needs requests the branch, its tills with their cash, and what else keeps it open.
func (c *CloseBranch) Needs(n *bank.Needs) {
	branches.NeedBranch(n, c.Code)
	tillsOf.Need(n, c.Code)
	n.PlaceBalances(tillsVia, c.Code)
	usersIn.Need(n, c.Code, &c.users)
	clientsIn.Need(n, c.Code, &c.clients)
	loansIn.Need(n, c.Code, &c.loans)
}

// Decide stages the closing.
func (c *CloseBranch) Decide(b *bank.Book) (staff.Branch, error) {
	found, err := branches.FindBranch(b, c.Code)
	if err != nil {
		return found, err
	}
	open, cash := leftIn(b, found.ID)
	inUse := fault.Refuse(staff.BranchInUse, "users", c.users, "clients", c.clients, "loans", c.loans, "open_tills", open, "cash", cash)
	switch {
	case staff.IsHeadOffice(found.ID):
		return found, inUse.Because(staff.HeadOfficeOpen)
	case c.users+c.clients+c.loans+open > 0 || cash != 0:
		return found, inUse
	}
	found.Closed = true
	branches.Branches.Change(b, found)
	retireBranch(b, found.ID)
	b.Publish(staff.BranchClosedEvent(found))
	return found, nil
}

// leftIn returns the number of open tills of a branch, and the cash in its tills and vault.
func leftIn(b *bank.Book, branchID id.ID) (open int, cash money.Amount) {
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

// retireBranch stages the retirement of the tills and the vault of a branch, in the order of
// their ids.
func retireBranch(b *bank.Book, branchID id.ID) {
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
