package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// AddBranch opens a branch. Refused with Invalid or staff.BranchCodeTaken.
type AddBranch struct{ Code, BranchName, Address, Phone string }

// Name returns the operation's name.
func (AddBranch) Name() string { return "add_branch" }

// Permission returns the permission that the actor's role must have.
func (AddBranch) Permission() access.Permission { return staff.Manage }

// Check validates the branch.
func (c AddBranch) Check(bank.Rules) error { return c.branch().Check() }

func (c AddBranch) branch() staff.Branch {
	return staff.Branch{Code: c.Code, Name: c.BranchName, Address: c.Address, Phone: c.Phone}
}

// Needs requests the branch with the code.
func (c AddBranch) Needs(n *bank.Needs) { NeedBranch(n, c.Code) }

// Decide stages the branch.
func (c AddBranch) Decide(b *bank.Book) (staff.Branch, error) {
	made := c.branch()
	if branchByCode(b, c.Code) != nil {
		return made, fault.Refuse(staff.BranchCodeTaken)
	}
	made.ID, made.CreatedAt = b.NewID(), b.Now()
	Branches.Add(b, made)
	b.Publish(staff.BranchAddedEvent(made))
	return made, nil
}
