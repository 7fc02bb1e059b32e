package authority

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on requests. To file a request, a role also needs the permission of its
// operation; to decide it, the limit, or the permission of an operation without a limit.
const (
	Read  access.Permission = "requests.read"
	File  access.Permission = "requests.file" // or withdraw
	Judge access.Permission = "requests.decide"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read requests", ES: "consultar solicitudes de autorización"},
		Holders: access.Roles(),
	},
	{
		Permission: File, Text: lang.Text{EN: "file requests", ES: "presentar solicitudes de autorización"},
		Holders: []access.Role{
			access.Admin, access.Officer, access.Teller, access.Accountant, access.BranchManager, access.Director, access.Collector, access.Compliance, access.Operator,
		},
	},
	{
		Permission: Judge, Text: lang.Text{EN: "decide requests", ES: "decidir solicitudes de autorización"},
		Holders: []access.Role{access.Admin, access.Accountant, access.BranchManager, access.Director, access.Operator},
	},
}
