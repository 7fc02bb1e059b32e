package risk

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permission on the reports.
const (
	ReadReports access.Permission = "reports.read"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: ReadReports, Text: lang.Text{EN: "read the portfolio reports", ES: "consultar los reportes de cartera"},
		Holders: []access.Role{access.Admin, access.Officer, access.Accountant, access.Auditor, access.BranchManager, access.Director, access.Compliance},
	},
}
