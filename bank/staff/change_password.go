package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// ChangePassword sets a user's password, which is already hashed. It invalidates tokens
// issued earlier. If a person does it, the user is disabled until somebody else enables the
// user, so that nobody acts as another user alone; the program itself enables the user at once.
// Refused with staff.NotFound, staff.BranchClosed or staff.LastAdmin.
type ChangePassword struct{ Username, Password string }

// Name returns the operation's name.
func (ChangePassword) Name() string { return "change_password" }

// Permission returns the permission that the actor's role must have.
func (ChangePassword) Permission() access.Permission { return staff.Manage }

// Check accepts every command.
func (ChangePassword) Check(bank.Rules) error { return nil }

// Needs requests the user with the branch, and the administrators.
func (c ChangePassword) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	branchOfUser.Need(n, c.Username)
	usersOfRole.Need(n, string(access.Admin))
}

// Decide stages the change.
func (c ChangePassword) Decide(b *bank.Book) (staff.User, error) {
	found, err := findPerson(b, c.Username)
	if err != nil {
		return found, err
	}
	before := found
	found.Password, found.PasswordAt, found.Disabled = c.Password, b.Now(), false
	if person := b.Who().Role.Name != ""; person {
		found.Disabled = true
		found.AddMaker(b.Actor())
	} else {
		found.PasswordBy = ""
	}
	if !found.Disabled && !IsOpen(b, found.BranchID) {
		return before, fault.Refuse(staff.BranchClosed).Because(staff.UsersBranch)
	}
	Users.Change(b, found)
	if err := leavesAdmin(b, before); err != nil {
		return found, err
	}
	b.Publish(staff.UserPasswordChangedEvent(found))
	if found.Disabled && !before.Disabled {
		b.Publish(staff.UserDisabledEvent(found))
	}
	return found, nil
}
