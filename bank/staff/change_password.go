package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// ChangePassword sets a user's password, which is already hashed. It invalidates tokens
// issued earlier and enables a disabled user. Refused with staff.NotFound.
type ChangePassword struct{ Username, Password string }

// Name returns the operation's name.
func (ChangePassword) Name() string { return "change_password" }

// Permission returns the permission that the actor's role must have.
func (ChangePassword) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (ChangePassword) Check(bank.Rules) error { return nil }

// Needs requests the user.
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
