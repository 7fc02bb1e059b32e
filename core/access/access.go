// Package access holds the roles, and the types by which the nouns declare who may
// do what.
package access

import (
	"slices"

	"sofipo/core/lang"
)

// Role is what a user is in the institution. A user has one.
type Role string

// The roles.
const (
	Admin      Role = "admin"      // may do everything
	Officer    Role = "officer"    // registers clients, grants and services loans
	Teller     Role = "teller"     // receives payments
	Accountant Role = "accountant" // keeps the books
	Auditor    Role = "auditor"    // reads everything, changes nothing
)

// Permission is leave to do one kind of thing. Each noun declares its own beside
// its rules; core/nouns knows them all.
type Permission string

// Declaration declares a permission.
type Declaration struct {
	Permission Permission
	Holders    []Role
	Open       bool      // it reads, and needs no token where reads are public
	Text       lang.Text // what it lets one do, to follow "may": "read clients"
}

// roles in the order in which they are shown.
var roles = []Role{Admin, Officer, Teller, Accountant, Auditor}

// Roles lists all roles, admin first.
func Roles() []Role { return slices.Clone(roles) }
