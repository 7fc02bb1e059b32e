package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// ChangeUser changes the name or the branch of a user. A nil field stays unchanged. Refused with
// Invalid or staff.NotFound.
type ChangeUser struct {
	Username string
	FullName *string
	Branch   *string // code
}

// Name returns the operation's name.
func (ChangeUser) Name() string { return "change_user" }

// Permission returns the permission that the actor's role must have.
func (ChangeUser) Permission() access.Permission { return staff.Manage }

// Check validates the name.
func (c ChangeUser) Check(bank.Rules) error {
	if c.FullName == nil {
		return nil
	}
	return staff.CheckFullName(*c.FullName)
}

// Needs requests the user and the branch.
func (c ChangeUser) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	if c.Branch != nil {
		NeedBranch(n, *c.Branch)
	}
}

// Decide stages the change.
func (c ChangeUser) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	var fields []string
	if c.FullName != nil && *c.FullName != found.FullName {
		found.FullName = *c.FullName
		fields = append(fields, "full_name")
	}
	if c.Branch != nil {
		branch, err := openBranch(b, *c.Branch)
		if err != nil {
			return found, err
		}
		if branch != found.BranchID {
			found.BranchID = branch
			fields = append(fields, "branch_id")
		}
	}
	Users.Change(b, found)
	b.Publish(staff.UserChangedEvent(found, fields))
	return found, nil
}
