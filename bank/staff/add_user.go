package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
)

// AddUser adds a user. Password is already hashed. The branch is the head office if zero.
// Refused with Invalid or staff.NameTaken.
type AddUser struct {
	Username, Password, FullName, Role string
	BranchID                           id.ID
}

// Name returns the operation's name.
func (AddUser) Name() string { return "add_user" }

// Permission returns the permission that the actor's role must have.
func (AddUser) Permission() access.Permission { return staff.Manage }

// Check validates the user name.
func (c AddUser) Check(bank.Rules) error { return staff.CheckName(c.Username) }

// Needs requests the user with the name.
func (c AddUser) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the user.
func (c AddUser) Decide(b *bank.Book) (staff.User, error) {
	if _, taken := Users.Get(b, c.Username); taken {
		return staff.User{}, fault.Refuse(staff.NameTaken)
	}
	made := staff.User{
		ID: b.NewID(), Username: c.Username, Password: c.Password, FullName: c.FullName, Role: c.Role, BranchID: c.BranchID,
		CreatedAt: b.Now(), PasswordAt: b.Now(),
	}
	if made.BranchID.IsZero() {
		made.BranchID = staff.HeadOffice
	}
	Users.Add(b, made)
	b.Publish(staff.UserAddedEvent(made))
	return made, nil
}
