package risk

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permission on the reports of the portfolio.
const (
	ReadReports access.Permission = "reports.read" // of the portfolio
)

// Permissions declares them.
var Permissions = []access.Declaration{
	{
		Permission: ReadReports, Text: lang.Text{EN: "read the reports", ES: "consultar los reportes de cartera"},
		Holders: []access.Role{access.Admin, access.Officer, access.Accountant, access.Auditor},
	},
}
