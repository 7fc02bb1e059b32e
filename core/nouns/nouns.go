// Package nouns holds one registration line for each noun of the bank, and answers
// questions about all of them: the declaration of a code, the text of a constant, who
// holds a permission.
package nouns

import (
	"slices"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/lang"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/staff"
)

// Noun is what a package of the core declares.
type Noun struct {
	Name        string
	Texts       lang.Texts
	Faults      []fault.Declaration
	Permissions []access.Declaration
	Events      []event.Declaration
}

// All is every noun. Permissions are shown in its order.
var All = []Noun{
	{Name: "fault", Texts: fault.Texts, Faults: fault.Faults},
	{Name: "access", Texts: access.Texts, Faults: access.Faults},
	{Name: "money", Texts: money.Texts},
	{Name: "civil", Texts: civil.Texts},
	{Name: "rate", Texts: rate.Texts},
	{Name: "client", Texts: client.Texts, Faults: client.Faults, Permissions: client.Permissions, Events: client.Events},
	{Name: "loan", Texts: loan.Texts, Faults: loan.Faults, Permissions: loan.Permissions, Events: loan.Events},
	{Name: "schedule", Texts: schedule.Texts},
	{Name: "servicing", Texts: servicing.Texts, Faults: servicing.Faults, Events: servicing.Events},
	{Name: "product", Texts: product.Texts, Faults: product.Faults, Permissions: product.Permissions, Events: product.Events},
	{Name: "accounting", Texts: accounting.Texts, Faults: accounting.Faults, Permissions: accounting.Permissions, Events: accounting.Events},
	{Name: "risk", Texts: risk.Texts, Permissions: risk.Permissions},
	{Name: "event", Permissions: event.Permissions},
	{Name: "staff", Texts: staff.Texts, Faults: staff.Faults, Permissions: staff.Permissions, Events: staff.Events},
}

var (
	faults      = map[fault.Code]fault.Declaration{}
	texts       = lang.Texts{}
	permissions = map[access.Permission]access.Declaration{}
)

func init() {
	for _, n := range All {
		for key, t := range n.Texts {
			texts[key] = t
		}
		for _, f := range n.Faults {
			faults[f.Code], texts[f.Code] = f, f.Text
		}
		for _, p := range n.Permissions {
			permissions[p.Permission], texts[p.Permission] = p, p.Text
		}
	}
}

// Fault is the declaration of a code, and whether a noun declares it.
func Fault(code fault.Code) (d fault.Declaration, declared bool) {
	d, declared = faults[code]
	return d, declared
}

// Text is the text of a typed constant, and whether a noun declares it.
func Text(constant any) (t lang.Text, declared bool) {
	t, declared = texts[constant]
	return t, declared
}

// May reports whether the role holds the permission. An unknown role or permission
// holds and grants nothing.
func May(role access.Role, p access.Permission) bool {
	return slices.Contains(permissions[p].Holders, role)
}

// Open reports whether the permission needs no token where reads are public.
func Open(p access.Permission) bool { return permissions[p].Open }

// Holders lists the roles that hold the permission, admin first; none for an
// unknown one.
func Holders(p access.Permission) []access.Role { return slices.Clone(permissions[p].Holders) }

// Events are the events of all nouns.
func Events() (all []event.Declaration) {
	for _, n := range All {
		all = append(all, n.Events...)
	}
	return all
}
