// Package access has the roles of users, and the types with which each noun declares its
// permissions and the roles that have them. core/nouns answers whether a role has a
// permission.
package access

import (
	"slices"

	"sofipo/core/lang"
)

// Role is the job of a user in the institution. A user has exactly one role.
type Role string

// The roles.
const (
	Admin      Role = "admin"      // may do everything
	Officer    Role = "officer"    // registers clients, grants and services loans
	Teller     Role = "teller"     // receives payments
	Accountant Role = "accountant" // posts manual entries and closes days and months
	Auditor    Role = "auditor"    // reads everything, changes nothing
)

// Permission allows one kind of operation. Each noun declares its permissions;
// core/nouns has them all.
type Permission string

// Declaration declares a permission.
type Declaration struct {
	Permission Permission
	Holders    []Role
	Open       bool      // a read that needs no token if public reads are enabled
	Text       lang.Text // the allowed operation, in a form that follows "may": "read clients"
}

// roles has the roles in display order.
var roles = []Role{Admin, Officer, Teller, Accountant, Auditor}

// Roles lists all roles, admin first.
func Roles() []Role { return slices.Clone(roles) }
