package staff

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/staff"
)

// AssignRole gives a user another role. Two people do it: one files it as a request, another
// approves it. The user is neither the approver nor the one who does it at once. Refused with
// Invalid, staff.NotFound, staff.LastAdmin, access.FourEyes or authority.Exceeded.
type AssignRole struct {
	Username string      `json:"username"`
	Role     access.Role `json:"role"`
}

var _ = bank.Requestable(AssignRole{})

// Name returns the operation's name.
func (AssignRole) Name() string { return "assign_role" }

// Permission returns the permission that the actor's role must have.
func (AssignRole) Permission() access.Permission { return staff.ManageRoles }

// Check refuses a role without a name.
func (c AssignRole) Check(bank.Rules) error {
	if c.Role == "" {
		return fault.Wrong(fault.At("role", fault.Blank))
	}
	return nil
}

// Needs requests the user, the role and the administrators.
func (c AssignRole) Needs(n *bank.Needs) {
	userByName.Need(n, c.Username)
	roleByName.Need(n, string(c.Role))
	usersOfRole.Need(n, string(access.Admin))
}

// Authority requires a second person, who is not the user.
func (c AssignRole) Authority(*bank.Book) (bank.Authority, error) {
	own := fault.Refuse(access.FourEyes, "username", c.Username).Because(staff.OwnRole)
	return bank.Authority{Second: true, Makers: []bank.Makers{{Users: []string{c.Username}, Refusal: own}}}, nil
}

// Decide stages the change.
func (c AssignRole) Decide(b *bank.Book) (staff.User, error) {
	found, err := find(b, c.Username)
	if err != nil {
		return found, err
	}
	if _, exists := roleOf(b, c.Role); !exists {
		return found, fault.Wrong(fault.At("role", staff.UnknownRole))
	}
	before := found
	found.Role = string(c.Role)
	Users.Change(b, found)
	if err := leavesAdmin(b, before); err != nil {
		return found, err
	}
	b.Publish(staff.UserRoleChangedEvent(found, before.Role))
	return found, nil
}
