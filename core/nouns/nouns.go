// Package nouns registers the nouns of the bank: the packages of core that declare texts,
// refusals, permissions and events. It looks up the declaration of a code, the text of a
// constant and the roles with a permission. To register a new noun, add a line to All.
package nouns

import (
	"slices"

	"sofipo/core/access"
	"sofipo/core/accounting"
	"sofipo/core/authority"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/imports"
	"sofipo/core/institution"
	"sofipo/core/lang"
	"sofipo/core/lending/collections"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/risk"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/core/screening"
	"sofipo/core/settlement"
	"sofipo/core/settlement/bankfile"
	"sofipo/core/settlement/incoming"
	"sofipo/core/staff"
	"sofipo/core/webhook"
)

// Noun has the declarations of one package.
type Noun struct {
	Name        string
	Texts       lang.Texts
	Faults      []fault.Declaration
	Permissions []access.Declaration
	Events      []event.Declaration
}

// All lists every noun. Permissions are displayed in this order.
var All = []Noun{
	{Name: "fault", Texts: fault.Texts, Faults: fault.Faults},
	{Name: "access", Texts: access.Texts, Faults: access.Faults},
	{Name: "money", Texts: money.Texts},
	{Name: "civil", Texts: civil.Texts},
	{Name: "rate", Texts: rate.Texts},
	{Name: "folio", Texts: folio.Texts},
	{Name: "client", Texts: client.Texts, Faults: client.Faults, Permissions: client.Permissions, Events: client.Events},
	{Name: "loan", Texts: loan.Texts, Faults: loan.Faults, Permissions: loan.Permissions, Events: loan.Events},
	{Name: "schedule", Texts: schedule.Texts},
	{Name: "servicing", Texts: servicing.Texts, Faults: servicing.Faults, Events: servicing.Events},
	{Name: "collections", Texts: collections.Texts, Faults: collections.Faults, Permissions: collections.Permissions, Events: collections.Events},
	{Name: "product", Texts: product.Texts, Faults: product.Faults, Permissions: product.Permissions, Events: product.Events},
	{Name: "accounting", Texts: accounting.Texts, Faults: accounting.Faults, Permissions: accounting.Permissions, Events: accounting.Events},
	{Name: "journal entry", Texts: accounting.EntryKinds},
	{Name: "settlement", Texts: settlement.Texts, Faults: settlement.Faults, Permissions: settlement.Permissions, Events: settlement.Events},
	{Name: "bankfile", Texts: bankfile.Texts},
	{Name: "incoming", Texts: incoming.Texts, Faults: incoming.Faults, Permissions: incoming.Permissions, Events: incoming.Events},
	{Name: "risk", Texts: risk.Texts, Permissions: risk.Permissions},
	{Name: "event", Permissions: event.Permissions, Events: event.Events},
	{Name: "authority", Texts: authority.Texts, Faults: authority.Faults, Permissions: authority.Permissions, Events: authority.Events},
	{Name: "limits", Texts: staff.LimitTexts},
	{Name: "operations", Texts: authority.OperationTexts},
	{Name: "institution", Texts: institution.Texts, Faults: institution.Faults, Permissions: institution.Permissions, Events: institution.Events},
	{Name: "imports", Texts: imports.Texts, Faults: imports.Faults, Permissions: imports.Permissions, Events: imports.Events},
	{Name: "screening", Texts: screening.Texts, Faults: screening.Faults, Permissions: screening.Permissions, Events: screening.Events},
	{Name: "staff", Texts: staff.Texts, Faults: staff.Faults, Permissions: staff.Permissions, Events: staff.Events},
	{Name: "webhook", Texts: webhook.Texts, Faults: webhook.Faults, Permissions: webhook.Permissions, Events: webhook.Events},
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

// Fault returns the declaration of a code, and whether a noun declares it.
func Fault(code fault.Code) (d fault.Declaration, declared bool) {
	d, declared = faults[code]
	return d, declared
}

// Text returns the text of a typed constant, and whether a noun declares it.
func Text(constant any) (t lang.Text, declared bool) {
	t, declared = texts[constant]
	return t, declared
}

// May reports whether the built-in role has the permission by its declaration. It is false
// for an unknown role or permission. Where there is a database, bank.May and view.By decide by
// the role's data.
func May(role access.Role, p access.Permission) bool {
	return slices.Contains(permissions[p].Holders, role)
}

// Open reports whether the permission needs no token if public reads are enabled.
func Open(p access.Permission) bool { return permissions[p].Open }

// Holders lists the roles that have the permission, admin first; none for an unknown
// permission.
func Holders(p access.Permission) []access.Role { return slices.Clone(permissions[p].Holders) }

// Permissions lists the permissions of all nouns in display order.
func Permissions() (all []access.Permission) {
	for _, n := range All {
		for _, p := range n.Permissions {
			all = append(all, p.Permission)
		}
	}
	return all
}

// Role returns a built-in role as the nouns declare it, and whether there is one.
func Role(name access.Role) (r staff.Role, builtIn bool) {
	if builtIn = slices.Contains(access.Roles(), name); !builtIn {
		return r, false
	}
	r = staff.Role{Name: name, Title: texts[name].ES, Scope: staff.ScopeOf(name), Limits: staff.DefaultLimits[name]}
	for _, p := range Permissions() {
		if May(name, p) {
			r.Permissions = append(r.Permissions, p)
		}
	}
	return r, true
}

// Events returns the events of all nouns.
func Events() (all []event.Declaration) {
	for _, n := range All {
		all = append(all, n.Events...)
	}
	return all
}
