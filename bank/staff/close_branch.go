package staff

import (
	"fmt"

	"sofipo/bank"
	"sofipo/bank/settlement"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// CloseBranch closes a branch that has no enabled users, clients, loans, open tills or cash, and
// retires its tills and its vault. Refused with staff.BranchNotFound, staff.BranchClosed or
// staff.BranchInUse.
type CloseBranch struct {
	Code string

	users, clients, loans int
}

// counted is the number up to which the clients and the loans of a branch are counted.
const counted = 1000

// Name returns the operation's name.
func (*CloseBranch) Name() string { return "close_branch" }

// Permission returns the permission that the actor's role must have.
func (*CloseBranch) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (*CloseBranch) Check(bank.Rules) error { return nil }

// Needs requests the branch and what belongs to it.
func (c *CloseBranch) Needs(n *bank.Needs) {
	NeedBranch(n, c.Code)
	settlement.NeedBranch(n, c.Code)
	n.Read(func(batch *db.Batch) {
		const ofBranch = "SELECT count(*) FROM (SELECT 1 FROM %s x JOIN branches b ON b.id = x.branch_id WHERE b.code = $1%s LIMIT $2) f"
		for _, of := range []struct {
			table, where string
			number       *int
		}{
			{"users", " AND NOT x.disabled", &c.users},
			{"clients", "", &c.clients},
			{"loans", " AND x.status NOT IN ('REJECTED', 'CANCELLED', 'PAID_OFF')", &c.loans},
		} {
			batch.Query(fmt.Sprintf(ofBranch, of.table, of.where), func(s db.Scanner) error { return s.Scan(of.number) }, c.Code, counted)
		}
	})
}

// Decide stages the change.
func (c *CloseBranch) Decide(b *bank.Book) (staff.Branch, error) {
	found, err := findBranch(b, c.Code)
	if err != nil {
		return found, err
	}
	open, cash := settlement.LeftIn(b, found.ID)
	inUse := fault.Refuse(staff.BranchInUse, "users", c.users, "clients", c.clients, "loans", c.loans, "open_tills", open, "cash", cash)
	switch {
	case staff.IsHeadOffice(found.ID):
		return found, inUse.Because(staff.HeadOfficeOpen)
	case c.users+c.clients+c.loans+open > 0 || cash != 0:
		return found, inUse
	}
	found.Closed = true
	Branches.Change(b, found)
	settlement.RetireBranch(b, found.ID)
	b.Publish(staff.BranchClosedEvent(found))
	return found, nil
}
