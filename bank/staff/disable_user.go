package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// DisableUser disables a user and ends the user's sessions and tokens, also for when the user is
// enabled again. Refused with staff.NotFound or staff.LastAdmin.
type DisableUser struct{ Username string }

// Name returns the operation's name.
func (DisableUser) Name() string { return "disable_user" }

// Permission returns the permission that the actor's role must have.
func (DisableUser) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (DisableUser) Check(bank.Rules) error { return nil }

// Needs requests the user and the administrators.
func (c DisableUser) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	usersOfRole.Need(n, string(access.Admin))
}

// Decide stages the change.
func (c DisableUser) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	before := found
	found.Disabled, found.PasswordAt = true, b.Now()
	Users.Change(b, found)
	if err := leavesAdmin(b, before); err != nil {
		return found, err
	}
	b.Publish(staff.UserDisabledEvent(found))
	return found, nil
}
