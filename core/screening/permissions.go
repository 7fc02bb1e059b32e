package screening

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on lists and alerts.
const (
	Read   access.Permission = "screening.read"
	Import access.Permission = "screening.import"
	Decide access.Permission = "screening.decide"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read screening lists and alerts", ES: "consultar listas y alertas de personas"},
		Holders: []access.Role{access.Admin, access.Auditor, access.Director, access.Compliance},
	},
	{
		Permission: Import, Text: lang.Text{EN: "import screening lists", ES: "importar listas de personas"},
		Holders: []access.Role{access.Admin, access.Compliance},
	},
	{
		Permission: Decide, Text: lang.Text{EN: "decide on screening alerts", ES: "resolver alertas de personas"},
		Holders: []access.Role{access.Admin, access.Compliance},
	},
}
