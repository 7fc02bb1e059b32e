// Package access says who may do what: the roles, the permissions and the table of
// who holds which.
package access

import (
	"fmt"
	"slices"
	"strings"
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

// Permission is leave to do one kind of thing.
type Permission string

// The permissions.
const (
	ClientsRead     Permission = "clients.read"
	ClientsWrite    Permission = "clients.write"
	ClientsDelete   Permission = "clients.delete"
	LoansRead       Permission = "loans.read"
	LoansGrant      Permission = "loans.grant"
	LoansQuote      Permission = "loans.quote"
	LoansApply      Permission = "loans.apply"
	LoansApprove    Permission = "loans.approve" // or reject
	LoansDisburse   Permission = "loans.disburse"
	LoansService    Permission = "loans.service" // restructure, write off
	ProductsRead    Permission = "products.read"
	ProductsManage  Permission = "products.manage"
	PaymentsReceive Permission = "payments.receive"
	PaymentsReverse Permission = "payments.reverse"
	StatementsRead  Permission = "statements.read"
	EventsRead      Permission = "events.read"
	BooksRead       Permission = "books.read"
	BooksWrite      Permission = "books.write" // propose and decide entries by hand
	BooksClose      Permission = "books.close" // close a month
	DaysClose       Permission = "days.close"
	ReportsRead     Permission = "reports.read"
	UsersRead       Permission = "users.read"
	UsersManage     Permission = "users.manage"
)

// roles in the order in which they are shown.
var roles = []Role{Admin, Officer, Teller, Accountant, Auditor}

// table says who may do what. It is the only place that does: the check and the
// OpenAPI document are drawn from it.
var table = []struct {
	permission Permission
	holders    []Role
}{
	{ClientsRead, []Role{Admin, Officer, Teller, Accountant, Auditor}},
	{ClientsWrite, []Role{Admin, Officer}},
	{ClientsDelete, []Role{Admin}},
	{LoansRead, []Role{Admin, Officer, Teller, Accountant, Auditor}},
	{LoansGrant, []Role{Admin, Officer}},
	{LoansQuote, []Role{Admin, Officer, Teller, Accountant, Auditor}},
	{LoansApply, []Role{Admin, Officer}},
	{LoansApprove, []Role{Admin, Officer}},
	{LoansDisburse, []Role{Admin, Officer}},
	{LoansService, []Role{Admin, Officer}},
	{ProductsRead, []Role{Admin, Officer, Teller, Accountant, Auditor}},
	{ProductsManage, []Role{Admin}},
	{PaymentsReceive, []Role{Admin, Teller}},
	{PaymentsReverse, []Role{Admin, Accountant}},
	{StatementsRead, []Role{Admin, Officer, Teller, Accountant, Auditor}},
	{EventsRead, []Role{Admin, Auditor}},
	{BooksRead, []Role{Admin, Accountant, Auditor}},
	{BooksWrite, []Role{Admin, Accountant}},
	{BooksClose, []Role{Admin, Accountant}},
	{DaysClose, []Role{Admin, Accountant}},
	{ReportsRead, []Role{Admin, Officer, Accountant, Auditor}},
	{UsersRead, []Role{Admin, Auditor}},
	{UsersManage, []Role{Admin}},
}

// holdersOf is the table by permission.
var holdersOf = func() map[Permission][]Role {
	index := make(map[Permission][]Role, len(table))
	for _, row := range table {
		index[row.permission] = row.holders
	}
	return index
}()

// May tells whether the role holds the permission. An unknown role or
// permission holds and grants nothing.
func (r Role) May(p Permission) bool { return slices.Contains(holdersOf[p], r) }

// Roles lists all roles, admin first.
func Roles() []Role { return slices.Clone(roles) }

// Permissions lists all permissions in the order of the table.
func Permissions() []Permission {
	list := make([]Permission, len(table))
	for i, row := range table {
		list[i] = row.permission
	}
	return list
}

// Holders lists the roles that hold the permission, in the order of Roles; none
// for an unknown one.
func Holders(p Permission) []Role { return slices.Clone(holdersOf[p]) }

// ParseRole reads a role's name as Roles spells it; the error lists the names
// that are accepted.
func ParseRole(name string) (Role, error) {
	if slices.Contains(roles, Role(name)) {
		return Role(name), nil
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return "", fmt.Errorf("role %q is unknown: use one of %s", name, strings.Join(names, ", "))
}
