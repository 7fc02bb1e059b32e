package staff

import (
	"encoding/json"
	"fmt"
	"slices"

	"sofipo/core/access"
	"sofipo/core/id"
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

// May reports whether the role has a permission.
func (r *Role) May(p access.Permission) bool { return slices.Contains(r.Permissions, p) }

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

// Member is a user with the role in force.
type Member struct {
	User User
	Role Role
}

// Assigns returns the branch and the officer of a new client whom the member registers. An
// officer looks after the clients that he registers.
func (m *Member) Assigns() (branch id.ID, officer string) {
	if m.Role.Name == access.Officer {
		officer = m.User.Username
	}
	return m.User.BranchID, officer
}
