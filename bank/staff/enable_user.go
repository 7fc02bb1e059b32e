package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// EnableUser enables a user who was disabled. Refused with staff.NotFound.
type EnableUser struct{ Username string }

// Name returns the operation's name.
func (EnableUser) Name() string { return "enable_user" }

// Permission returns the permission that the actor's role must have.
func (EnableUser) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (EnableUser) Check(bank.Rules) error { return nil }

// Needs requests the user.
func (c EnableUser) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the change.
func (c EnableUser) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	found.Disabled = false
	Users.Change(b, found)
	b.Publish(staff.UserEnabledEvent(found))
	return found, nil
}
