package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/staff"
)

// EndSessions ends all sessions of a user and invalidates the user's tokens. The password stays.
// Refused with staff.NotFound.
type EndSessions struct{ Username string }

// Name returns the operation's name.
func (EndSessions) Name() string { return "end_sessions" }

// Permission returns the permission that the actor's role must have.
func (EndSessions) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (EndSessions) Check(bank.Rules) error { return nil }

// Needs requests the user.
func (c EndSessions) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the change.
func (c EndSessions) Decide(b *bank.Book) (staff.User, error) {
	found, err := findPerson(b, c.Username)
	if err != nil {
		return found, err
	}
	found.PasswordAt = b.Now()
	Users.Change(b, found)
	b.Subject(found.ID)
	return found, nil
}
