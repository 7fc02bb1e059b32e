package bank

import (
	"sofipo/core/staff"
)

// AddUser lets someone in. The password comes hashed. Refused with Invalid or UserTaken.
type AddUser struct{ Username, Password, Role string }

// Name is the operation.
func (AddUser) Name() string { return "add_user" }

// Check refuses a user name of the wrong form.
func (c AddUser) Check(Rules) error { return staff.CheckName(c.Username) }

// Needs the holder of the name.
func (c AddUser) Needs(n *Needs) { n.User(c.Username) }

// Decide stages the user.
func (c AddUser) Decide(b *Book) (staff.User, error) {
	if _, err := b.User(c.Username); err == nil {
		return staff.User{}, errUserTaken()
	}
	made := staff.User{ID: b.NewID(), Username: c.Username, Password: c.Password, Role: c.Role, CreatedAt: b.Now(), PasswordAt: b.Now()}
	b.AddUser(made)
	b.Tell(staff.UserAddedEvent(made))
	return made, nil
}
