package event

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permission on the event log.
const (
	ReadLog access.Permission = "events.read"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: ReadLog, Text: lang.Text{EN: "read events", ES: "consultar eventos"},
		Holders: []access.Role{access.Admin, access.Auditor},
	},
}
