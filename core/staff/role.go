package staff

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/glyph"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Scope is the part of the clients and loans that a role may see and change.
type Scope string

// The scopes.
const (
	Own      Scope = "own"    // those of the user as officer
	OfBranch Scope = "branch" // those of the user's branch
	All      Scope = "all"
)

// Scopes lists the scopes, the narrowest first.
func Scopes() []Scope { return []Scope{Own, OfBranch, All} }

// Role is what the users with it may do. The zero Role allows nothing.
type Role struct {
	Name        access.Role         `json:"name"`
	Title       string              `json:"title"`
	Permissions []access.Permission `json:"permissions"`
	Scope       Scope               `json:"scope"`
	Limits      Limits              `json:"limits"`
}

// May reports whether the role has a permission. Every role has access.Own.
func (r *Role) May(p access.Permission) bool {
	return p == access.Own || slices.Contains(r.Permissions, p)
}

var roleName = regexp.MustCompile(`^[a-z][a-z0-9_]{1,31}$`)

// Check refuses a role with a wrong name, title, scope, or a permission that is not among the
// known ones. It reports all fields at fault. The role admin keeps all permissions and scope
// over everything, so that somebody can always repair the others.
func (r Role) Check(known []access.Permission) error {
	var f fault.Flaws
	f.Unless(roleName.MatchString(string(r.Name)), "name", RoleForm)
	checkText(&f, "title", r.Title, MaxName)
	f.Unless(f.Has("title") || !glyph.Blank(r.Title), "title", fault.Blank)
	if !slices.Contains(Scopes(), r.Scope) {
		f.Add(fault.At("scope", fault.OneOf, "accepted", Scopes()))
	}
	if slices.ContainsFunc(r.Permissions, func(p access.Permission) bool { return !slices.Contains(known, p) }) {
		f.Add(fault.At("permissions", fault.OneOf, "accepted", known))
	}
	if r.Name == access.Admin {
		f.Unless(len(r.Permissions) >= len(known), "permissions", AdminFixed)
		f.Unless(r.Scope == All, "scope", AdminFixed)
	}
	return f.Err()
}

// Ordered returns the role with its permissions in the order of the known ones, each once.
func (r Role) Ordered(known []access.Permission) Role {
	held := r.Permissions
	r.Permissions = []access.Permission{}
	for _, p := range known {
		if slices.Contains(held, p) {
			r.Permissions = append(r.Permissions, p)
		}
	}
	return r
}

// AppendJSON adds the role as JSON.
func (r Role) AppendJSON(b []byte) []byte { return wire.JSON(b, r) }

// Parse reads the permissions and the limits of a role from their stored form.
func (r *Role) Parse(permissions, limits string) error {
	if err := json.Unmarshal([]byte(permissions), &r.Permissions); err != nil {
		return fmt.Errorf("permissions of the role %s: %w", r.Name, err)
	}
	if err := json.Unmarshal([]byte(limits), &r.Limits); err != nil {
		return fmt.Errorf("limits of the role %s: %w", r.Name, err)
	}
	return nil
}

// ScopeOf returns the scope of a built-in role until the institution changes it.
func ScopeOf(role access.Role) Scope {
	switch role {
	case access.Collector:
		return Own
	case access.Officer, access.BranchManager:
		return OfBranch
	}
	return All
}

// Owner is whose a client or a loan is.
type Owner struct {
	BranchID id.ID
	Officer  string // user name; empty if nobody
	Assigned bool   // the user in question collects it
}

// Member is a user with the role in force.
type Member struct {
	User User
	Role Role  // with the permissions that the key has, if there is one
	Key  id.ID // the API key with which a program acts as the user; zero for a person
}

// Covers refuses a client or a loan outside the member's scope with OutOfScope. The function
// returns the name of a branch for the text.
func (m *Member) Covers(o Owner, branchName func(id.ID) string) error {
	switch {
	case m.Role.Scope == All, m.Role.Scope == OfBranch && o.BranchID == m.User.BranchID, m.Role.Scope == Own && (o.Officer == m.User.Username || o.Assigned):
		return nil
	case m.Role.Scope == OfBranch:
		return fault.Refuse(OutOfScope, "branch", branchName(o.BranchID)).Because(OtherBranch)
	case o.Officer == "":
		return fault.Refuse(OutOfScope).Because(NoOfficer)
	}
	return fault.Refuse(OutOfScope, "officer", o.Officer).Because(OtherOfficer)
}

// Assigns returns the branch and the officer of a new client whom the member registers. An
// officer looks after the clients that he registers.
func (m *Member) Assigns() (branch id.ID, officer string) {
	if m.Role.Name == access.Officer {
		officer = m.User.Username
	}
	return m.User.BranchID, officer
}
