package event

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permission on the log of events.
const (
	ReadLog access.Permission = "events.read"
)

// Permissions declares them.
var Permissions = []access.Declaration{
	{
		Permission: ReadLog, Text: lang.Text{EN: "read events", ES: "consultar eventos"},
		Holders: []access.Role{access.Admin, access.Auditor},
	},
}
