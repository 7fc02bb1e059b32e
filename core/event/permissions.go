package event

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on the event log.
const (
	ReadLog access.Permission = "events.read"
	Operate access.Permission = "system.operate"
	Void    access.Permission = "events.void"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: ReadLog, Text: lang.Text{EN: "read events", ES: "consultar eventos"},
		Holders: []access.Role{access.Admin, access.Auditor, access.Director, access.Compliance},
	},
	{
		Permission: Operate, Text: lang.Text{EN: "watch over the system and send events again", ES: "vigilar el sistema y reenviar eventos"},
		Holders: []access.Role{access.Admin, access.Operator},
	},
	{
		Permission: Void, Text: lang.Text{EN: "void events", ES: "anular eventos"},
		Holders: []access.Role{access.Admin},
	},
}
