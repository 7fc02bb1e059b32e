package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// SignIn records that the actor got a token without a session. It changes nothing else. The caller
// has verified the password. Refused with staff.NotFound.
type SignIn struct{ Username string }

// Name returns the operation's name.
func (SignIn) Name() string { return "sign_in" }

// Permission returns the permission that the actor's role must have.
func (SignIn) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (SignIn) Check(bank.Rules) error { return nil }

// Needs requests the user.
func (c SignIn) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide names the user in the audit row.
func (c SignIn) Decide(b *bank.Book) (staff.User, error) {
	found, err := findPerson(b, c.Username)
	if err != nil || found.Disabled || found.Username != b.Actor() {
		return staff.User{}, fault.Refuse(staff.NotFound)
	}
	b.Subject(found.ID)
	return found, nil
}
