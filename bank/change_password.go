package bank

import (
	"sofipo/core/staff"
)

// ChangePassword gives a user a new password, which comes hashed, makes void
// the tokens issued before, and lets a disabled user in again. Refused with UserNotFound.
type ChangePassword struct{ Username, Password string }

// Name is the operation.
func (ChangePassword) Name() string { return "change_password" }

// Check has nothing to refuse.
func (ChangePassword) Check(Rules) error { return nil }

// Needs the user.
func (c ChangePassword) Needs(n *Needs) { n.User(c.Username) }

// Decide stages the change.
func (c ChangePassword) Decide(b *Book) (staff.User, error) {
	found, err := b.User(c.Username)
	if err != nil {
		return found, err
	}
	found.Password, found.PasswordAt, found.Disabled = c.Password, b.Now(), false
	b.ChangeUser(found)
	b.Tell(staff.UserPasswordChangedEvent(found))
	return found, nil
}
