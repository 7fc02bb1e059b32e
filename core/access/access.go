// Package access has the built-in roles of users, and the types with which each noun declares
// its permissions and the roles that have them. What a role may do is data of the institution
// (staff.Role); core/nouns has what the built-in roles may do until the institution changes it.
package access

import (
	"slices"

	"sofipo/core/lang"
)

// Role is the job of a user in the institution. A user has exactly one role.
type Role string

// The built-in roles. The institution may change what they may do, and make others.
const (
	Admin      Role = "admin"      // may do everything
	Officer    Role = "officer"    // registers clients, grants and services loans
	Teller     Role = "teller"     // disburses approved loans and receives payments
	Accountant Role = "accountant" // posts manual entries and closes days and months
	Auditor    Role = "auditor"    // reads everything, changes nothing

	BranchManager Role = "branch_manager" // runs a branch: approves, reverses, assigns clients to officers
	Director      Role = "director"       // approves what exceeds a branch, and changes of roles
	Collector     Role = "collector"      // collects the overdue loans of a portfolio
	Compliance    Role = "compliance"     // completes and watches over the clients' files and operations
	Operator      Role = "operator"       // runs the system: users and closes, no client data
)

// Permission allows one kind of operation. Each noun declares its permissions;
// core/nouns has them all.
type Permission string

// Own is the permission for users' own accounts. Every user has it; roles do not list it.
const Own Permission = "own"

// Declaration declares a permission.
type Declaration struct {
	Permission Permission
	Holders    []Role    // built-in roles that have it until the institution changes them
	Open       bool      // a read that needs no token if public reads are enabled
	Text       lang.Text // the allowed operation, in a form that follows "may": "read clients"
}

// roles has the built-in roles in display order.
var roles = []Role{Admin, Officer, Teller, Accountant, Auditor, BranchManager, Director, Collector, Compliance, Operator}

// Roles lists the built-in roles, admin first.
func Roles() []Role { return slices.Clone(roles) }
