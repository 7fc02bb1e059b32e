package bank

import (
	"sofipo/core/staff"
)

// DisableUser keeps a user out. Refused with UserNotFound.
type DisableUser struct{ Username string }

// Name is the operation.
func (DisableUser) Name() string { return "disable_user" }

// Check has nothing to refuse.
func (DisableUser) Check(Rules) error { return nil }

// Needs the user.
func (c DisableUser) Needs(n *Needs) { n.User(c.Username) }

// Decide stages the change.
func (c DisableUser) Decide(b *Book) (staff.User, error) {
	found, err := b.User(c.Username)
	if err != nil {
		return found, err
	}
	found.Disabled = true
	b.ChangeUser(found)
	b.Tell(staff.UserDisabledEvent(found))
	return found, nil
}
