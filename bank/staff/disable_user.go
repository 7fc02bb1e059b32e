package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// DisableUser keeps a user out. Refused with UserNotFound.
type DisableUser struct{ Username string }

// Name is the operation.
func (DisableUser) Name() string { return "disable_user" }

// Permission is what the role must hold.
func (DisableUser) Permission() access.Permission { return staff.Manage }

// Check has nothing to refuse.
func (DisableUser) Check(bank.Rules) error { return nil }

// Needs the user.
func (c DisableUser) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the change.
func (c DisableUser) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	found.Disabled = true
	Users.Change(b, found)
	b.Publish(staff.UserDisabledEvent(found))
	return found, nil
}
