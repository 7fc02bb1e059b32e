// Package nouns lists every noun of the institution with what its package declares
// for the packages that know no noun.
package nouns

import (
	"sofipo/core/accounting"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/staff"
)

// Noun is what the package of a noun declares.
type Noun struct {
	Name   string
	Events []event.Declaration
}

// All are the nouns.
var All = []Noun{
	{Name: "client", Events: client.Events},
	{Name: "staff", Events: staff.Events},
	{Name: "product", Events: product.Events},
	{Name: "loan", Events: loan.Events},
	{Name: "servicing", Events: servicing.Events},
	{Name: "accounting", Events: accounting.Events},
}

// Events are the events of all nouns.
func Events() (all []event.Declaration) {
	for _, n := range All {
		all = append(all, n.Events...)
	}
	return all
}
