package staff

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on users.
const (
	Read   access.Permission = "users.read"
	Manage access.Permission = "users.manage" // users and branches

	ManageRoles access.Permission = "roles.manage"    // file or approve a change of a role, or of the role of a user
	OwnPassword access.Permission = "password.change" // the user's own
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read users, roles and branches", ES: "consultar usuarios, perfiles y sucursales"},
		Holders: []access.Role{access.Admin, access.Auditor, access.BranchManager, access.Director, access.Compliance, access.Operator},
	},
	{
		Permission: Manage, Text: lang.Text{EN: "manage users and branches", ES: "administrar usuarios y sucursales"},
		Holders: []access.Role{access.Admin, access.Operator},
	},
	{
		Permission: ManageRoles, Text: lang.Text{EN: "change roles, together with another person", ES: "cambiar perfiles, junto con otra persona"},
		Holders: []access.Role{access.Admin, access.Director, access.Operator},
	},
	{
		Permission: OwnPassword, Text: lang.Text{EN: "change one's own password", ES: "cambiar la contraseña propia"},
		Holders: access.Roles(),
	},
}
