package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// ChangeOwnPassword sets the actor's own password, which is already hashed. The caller has verified the
// present one. It invalidates tokens issued earlier. Refused with staff.NotFound.
type ChangeOwnPassword struct{ Username, Password string }

// Name returns the operation's name.
func (ChangeOwnPassword) Name() string { return "change_own_password" }

// Permission returns the permission that the actor's role must have.
func (ChangeOwnPassword) Permission() access.Permission { return staff.OwnPassword }

// Check accepts every command.
func (ChangeOwnPassword) Check(bank.Rules) error { return nil }

// Needs requests the user.
func (c ChangeOwnPassword) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the change.
func (c ChangeOwnPassword) Decide(b *bank.Book) (staff.User, error) {
	found, err := findPerson(b, c.Username)
	if err != nil || found.Username != b.Actor() {
		return staff.User{}, fault.Refuse(staff.NotFound)
	}
	found.Password, found.PasswordAt, found.PasswordBy = c.Password, b.Now(), ""
	Users.Change(b, found)
	b.Publish(staff.UserPasswordChangedEvent(found))
	return found, nil
}
