package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// AddUser adds a user. Password is already hashed. The branch is that with the code, or the head
// office if it is empty. A person adds a user without a role, which may do nothing until two
// people assign one. A service account has no password. Refused with Invalid, staff.NameTaken or authority.Exceeded.
type AddUser struct {
	Username, Password, FullName, Role, Branch string
	Service                                    bool // a service account
}

// Name returns the operation's name.
func (AddUser) Name() string { return "add_user" }

// Permission returns the permission that the actor's role must have.
func (AddUser) Permission() access.Permission { return staff.Manage }

// Check validates the user name and the person's name.
func (c AddUser) Check(bank.Rules) error {
	if err := staff.CheckName(c.Username); err != nil {
		return err
	}
	return staff.CheckFullName(c.FullName)
}

// Needs requests the user with the name, the role and the branch.
func (c AddUser) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	roleByName.Need(n, c.Role)
	NeedBranch(n, c.Branch)
}

// Authority requires a second person if the user gets a role at once.
func (c AddUser) Authority(*bank.Book) (bank.Authority, error) {
	return bank.Authority{Second: c.Role != ""}, nil
}

// Decide stages the user.
func (c AddUser) Decide(b *bank.Book) (staff.User, error) {
	if _, taken := Users.Get(b, c.Username); taken {
		return staff.User{}, fault.Refuse(staff.NameTaken)
	}
	if _, exists := roleOf(b, access.Role(c.Role)); c.Role != "" && !exists {
		return staff.User{}, fault.Wrong(fault.At("role", staff.UnknownRole))
	}
	made := staff.User{
		ID: b.NewID(), Username: c.Username, Kind: staff.Person, Password: c.Password, FullName: c.FullName, Role: c.Role, BranchID: staff.HeadOffice,
		CreatedAt: b.Now(), PasswordAt: b.Now(),
	}
	if c.Service {
		made.Kind, made.Password = staff.Service, ""
	}
	if c.Branch != "" {
		branch, err := openBranch(b, c.Branch)
		if err != nil {
			return staff.User{}, err
		}
		made.BranchID = branch
	}
	Users.Add(b, made)
	b.Publish(staff.UserAddedEvent(made))
	return made, nil
}
