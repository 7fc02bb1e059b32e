package staff

import (
	"slices"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/nouns"
	"sofipo/core/staff"
)

// DefineRole makes a role or changes one: its title, permissions, scope and limits. Two people do
// it: one files it as a request, another, who does not have the role, approves it. Refused with
// Invalid, access.FourEyes or authority.Exceeded.
type DefineRole struct {
	staff.Role
}

var _ = bank.Requestable(DefineRole{})

// Name returns the operation's name.
func (DefineRole) Name() string { return "define_role" }

// Permission returns the permission that the actor's role must have.
func (DefineRole) Permission() access.Permission { return staff.ManageRoles }

// Check validates the role.
func (c DefineRole) Check(bank.Rules) error { return c.Role.Check(nouns.Permissions()) }

// Needs requests the role.
func (c DefineRole) Needs(n *bank.Needs) { roleByName.Need(n, string(c.Role.Name)) }

// Authority requires a second person, who does not have the role.
func (c DefineRole) Authority(b *bank.Book) (bank.Authority, error) {
	needed := bank.Authority{Second: true}
	if b.Requested() && b.Who().Role.Name == c.Role.Name {
		own := fault.Refuse(access.FourEyes, "role", c.Role.Name).Because(staff.OwnRole)
		needed.Makers = []bank.Makers{{Users: []string{b.Actor()}, Refusal: own}}
	}
	return needed, nil
}

// Decide stages the role.
func (c DefineRole) Decide(b *bank.Book) (staff.Role, error) {
	made := c.Ordered(nouns.Permissions())
	former, exists := roleOf(b, made.Name)
	var fields []string
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"title", former.Title != made.Title}, {"permissions", !slices.Equal(former.Permissions, made.Permissions)},
		{"scope", former.Scope != made.Scope}, {"limits", former.Limits != made.Limits},
	} {
		if f.changed {
			fields = append(fields, f.name)
		}
	}
	stored := storedRole{Role: made, ChangedAt: b.Now()}
	if Roles.At(b, string(made.Name)) != nil {
		Roles.Change(b, stored)
	} else {
		Roles.Add(b, stored)
	}
	if !exists {
		fields = append([]string{"new"}, fields...)
	}
	b.Publish(staff.RoleChangedEvent(made, b.NewID(), fields))
	return made, nil
}
