package staff

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on users.
const (
	Read   access.Permission = "users.read"
	Manage access.Permission = "users.manage"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read users", ES: "consultar usuarios"},
		Holders: []access.Role{access.Admin, access.Auditor, access.BranchManager, access.Director, access.Compliance, access.Operator},
	},
	{
		Permission: Manage, Text: lang.Text{EN: "manage users", ES: "administrar usuarios"},
		Holders: []access.Role{access.Admin, access.Operator},
	},
}
