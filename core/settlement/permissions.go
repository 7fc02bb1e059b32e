package settlement

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on tills, vaults and bank accounts.
const (
	Read     access.Permission = "tills.read"
	Operate  access.Permission = "tills.operate" // open and use the own till
	Manage   access.Permission = "tills.manage"  // vaults, tills of others, closes of days with open tills
	Treasury access.Permission = "treasury"      // bank accounts, and transfers between them and the vaults
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read tills, vaults and bank accounts", ES: "consultar cajas, bóvedas y cuentas bancarias"},
		Holders: []access.Role{access.Admin, access.Teller, access.Accountant, access.Auditor, access.BranchManager, access.Director},
	},
	{
		Permission: Operate, Text: lang.Text{EN: "operate a till", ES: "operar una caja"},
		Holders: []access.Role{access.Admin, access.Teller},
	},
	{
		Permission: Manage, Text: lang.Text{EN: "manage tills and vaults", ES: "administrar cajas y bóvedas"},
		Holders: []access.Role{access.Admin, access.BranchManager},
	},
	{
		Permission: Treasury, Text: lang.Text{EN: "manage bank accounts", ES: "administrar cuentas bancarias"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
}
