package accounting

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on the books.
const (
	Read        access.Permission = "books.read"
	Write       access.Permission = "books.write" // propose, post and reject manual entries
	CloseMonths access.Permission = "books.close"
	CloseDays   access.Permission = "days.close"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read the books", ES: "consultar la contabilidad"},
		Holders: []access.Role{access.Admin, access.Accountant, access.Auditor, access.Director},
	},
	{
		Permission: Write, Text: lang.Text{EN: "propose, post and reject manual entries", ES: "proponer, contabilizar y rechazar pólizas"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
	{
		Permission: CloseMonths, Text: lang.Text{EN: "close months", ES: "cerrar meses"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
	{
		Permission: CloseDays, Text: lang.Text{EN: "close days", ES: "cerrar días"},
		Holders: []access.Role{access.Admin, access.Accountant, access.Operator},
	},
}
