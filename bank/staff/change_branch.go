package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// ChangeBranch changes the name, the address or the phone of a branch. A nil field stays
// unchanged. Refused with Invalid, staff.BranchNotFound or staff.BranchClosed.
type ChangeBranch struct {
	Code                       string
	BranchName, Address, Phone *string
}

// Name returns the operation's name.
func (ChangeBranch) Name() string { return "change_branch" }

// Permission returns the permission that the actor's role must have.
func (ChangeBranch) Permission() access.Permission { return staff.Manage }

// Check validates the new values.
func (c ChangeBranch) Check(bank.Rules) error {
	return c.change(staff.Branch{Code: "0", Name: "-"}).Check()
}

func (c ChangeBranch) change(o staff.Branch) staff.Branch {
	for _, f := range []struct{ field, value *string }{{&o.Name, c.BranchName}, {&o.Address, c.Address}, {&o.Phone, c.Phone}} {
		if f.value != nil {
			*f.field = *f.value
		}
	}
	return o
}

// Needs requests the branch.
func (c ChangeBranch) Needs(n *bank.Needs) { NeedBranch(n, c.Code) }

// Decide stages the change.
func (c ChangeBranch) Decide(b *bank.Book) (staff.Branch, error) {
	found, err := FindBranch(b, c.Code)
	if err != nil {
		return found, err
	}
	found = c.change(found)
	Branches.Change(b, found)
	b.Publish(staff.BranchChangedEvent(found))
	return found, nil
}
