package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// AddUser lets someone in. The password comes hashed. Refused with Invalid or UserTaken.
type AddUser struct{ Username, Password, Role string }

// Name is the operation.
func (AddUser) Name() string { return "add_user" }

// Permission is what the role must hold.
func (AddUser) Permission() access.Permission { return staff.Manage }

// Check refuses a user name of the wrong form.
func (c AddUser) Check(bank.Rules) error { return staff.CheckName(c.Username) }

// Needs the holder of the name.
func (c AddUser) Needs(n *bank.Needs) { userByName.Need(n, c.Username) }

// Decide stages the user.
func (c AddUser) Decide(b *bank.Book) (staff.User, error) {
	if _, taken := Users.Get(b, c.Username); taken {
		return staff.User{}, fault.Refuse(staff.NameTaken)
	}
	made := staff.User{ID: b.NewID(), Username: c.Username, Password: c.Password, Role: c.Role, CreatedAt: b.Now(), PasswordAt: b.Now()}
	Users.Add(b, made)
	b.Publish(staff.UserAddedEvent(made))
	return made, nil
}
