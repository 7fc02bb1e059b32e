package imports

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// Run is the permission to import data from another system.
const Run access.Permission = "imports.run"

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Run, Text: lang.Text{EN: "import data from another system", ES: "importar datos de otro sistema"},
		Holders: []access.Role{access.Admin, access.Director},
	},
}
