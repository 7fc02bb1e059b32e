package event

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on the event log.
const (
	ReadLog access.Permission = "events.read"
	Void    access.Permission = "events.void"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: ReadLog, Text: lang.Text{EN: "read events", ES: "consultar eventos"},
		Holders: []access.Role{access.Admin, access.Auditor, access.Director, access.Compliance},
	},
	{
		Permission: Void, Text: lang.Text{EN: "void events", ES: "anular eventos"},
		Holders: []access.Role{access.Admin},
	},
}
