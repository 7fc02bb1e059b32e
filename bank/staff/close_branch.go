package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// CloseBranch closes a branch that has no enabled users and no clients. Refused with
// staff.BranchNotFound, staff.BranchClosed or staff.BranchInUse.
type CloseBranch struct {
	Code string

	users, clients *int
}

// NewCloseBranch returns the command.
func NewCloseBranch(code string) CloseBranch { return CloseBranch{code, new(int), new(int)} }

// Name returns the operation's name.
func (CloseBranch) Name() string { return "close_branch" }

// Permission returns the permission that the actor's role must have.
func (CloseBranch) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (CloseBranch) Check(bank.Rules) error { return nil }

// Needs requests the branch and what belongs to it.
func (c CloseBranch) Needs(n *bank.Needs) {
	NeedBranch(n, c.Code)
	n.Read(func(batch *db.Batch) {
		batch.Query("SELECT count(*) FROM users u JOIN branches b ON b.id = u.branch_id WHERE b.code = $1 AND NOT u.disabled", func(s db.Scanner) error { return s.Scan(c.users) }, c.Code)
		batch.Query("SELECT count(*) FROM (SELECT c.id FROM clients c JOIN branches b ON b.id = c.branch_id WHERE b.code = $1 LIMIT 1) f", func(s db.Scanner) error { return s.Scan(c.clients) }, c.Code)
	})
}

// Decide stages the change.
func (c CloseBranch) Decide(b *bank.Book) (staff.Branch, error) {
	found, err := findBranch(b, c.Code)
	switch {
	case err != nil:
		return found, err
	case staff.IsHeadOffice(found.ID):
		return found, fault.Refuse(staff.BranchInUse, "users", *c.users).Because(staff.HeadOfficeOpen)
	case *c.users+*c.clients > 0:
		return found, fault.Refuse(staff.BranchInUse, "users", *c.users)
	}
	found.Closed = true
	Branches.Change(b, found)
	b.Publish(staff.BranchClosedEvent(found))
	return found, nil
}
