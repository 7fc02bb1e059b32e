package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// ChangePassword gives a user a new password, which comes hashed, makes void
// the tokens issued before, and lets a disabled user in again. Refused with UserNotFound.
type ChangePassword struct{ Username, Password string }

// Name is the operation.
func (ChangePassword) Name() string { return "change_password" }

// Permission is what the role must hold.
func (ChangePassword) Permission() access.Permission { return staff.Manage }

// Check has nothing to refuse.
func (ChangePassword) Check(bank.Rules) error { return nil }

// Needs the user.
func (c ChangePassword) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the change.
func (c ChangePassword) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	found.Password, found.PasswordAt, found.Disabled = c.Password, b.Now(), false
	Users.Change(b, found)
	b.Publish(staff.UserPasswordChangedEvent(found))
	return found, nil
}
