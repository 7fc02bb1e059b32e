package collections

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on collection work.
const (
	Read   access.Permission = "collections.read"
	Work   access.Permission = "collections.work" // register contacts, promises and notes
	Assign access.Permission = "collections.assign"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read collection work", ES: "consultar la gestión de cobranza"},
		Holders: []access.Role{access.Admin, access.Officer, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
	{
		Permission: Work, Text: lang.Text{EN: "register contacts, promises and notes of collection", ES: "registrar contactos, promesas y notas de cobranza"},
		Holders: []access.Role{access.Admin, access.Officer, access.BranchManager, access.Collector},
	},
	{
		Permission: Assign, Text: lang.Text{EN: "assign loans to collectors", ES: "asignar préstamos a gestores de cobranza"},
		Holders: []access.Role{access.Admin, access.BranchManager},
	},
}
