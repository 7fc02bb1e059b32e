package product

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on products.
const (
	Read   access.Permission = "products.read"
	Manage access.Permission = "products.manage"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read products", ES: "consultar productos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
	{
		Permission: Manage, Text: lang.Text{EN: "manage products", ES: "administrar productos"},
		Holders: []access.Role{access.Admin, access.Director},
	},
}
