package institution

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on the institution's data.
const (
	Read   access.Permission = "institution.read"
	Manage access.Permission = "institution.manage"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read the institution's data", ES: "consultar los datos de la institución"},
		Holders: access.Roles(),
	},
	{
		Permission: Manage, Text: lang.Text{EN: "change the institution's data and logo", ES: "modificar los datos y el logotipo de la institución"},
		Holders: []access.Role{access.Admin, access.Director},
	},
}
