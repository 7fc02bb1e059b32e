package staff

import (
	"strings"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// EnableUser enables a user who was disabled. Who set the user's password or removed the user's second
// factor does not enable the user. Refused with staff.NotFound, staff.BranchClosed or access.FourEyes.
type EnableUser struct{ Username string }

// Name returns the operation's name.
func (EnableUser) Name() string { return "enable_user" }

// Permission returns the permission that the actor's role must have.
func (EnableUser) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (EnableUser) Check(bank.Rules) error { return nil }

// Needs requests the user with the branch.
func (c EnableUser) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	branchOfUser.Need(n, c.Username)
}

// Authority requires somebody other than the makers of the user.
func (c EnableUser) Authority(b *bank.Book) (bank.Authority, error) {
	u, err := find(b, c.Username)
	if err != nil || u.PasswordBy == "" {
		return bank.Authority{}, nil // Decide refuses it, or the user chose the password
	}
	refusal := fault.Refuse(access.FourEyes, "password_by", strings.Join(u.Makers(), ", ")).Because(staff.OtherEnabler)
	return bank.Authority{Makers: []bank.Makers{{Users: u.Makers(), Refusal: refusal}}}, nil
}

// Decide stages the change.
func (c EnableUser) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	if !IsOpen(b, found.BranchID) {
		return found, fault.Refuse(staff.BranchClosed).Because(staff.UsersBranch)
	}
	found.Disabled = false
	Users.Change(b, found)
	b.Publish(staff.UserEnabledEvent(found))
	return found, nil
}
