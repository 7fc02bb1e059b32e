package webhook

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on webhooks.
const (
	Read   access.Permission = "webhooks.read"
	Manage access.Permission = "webhooks.manage"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read webhooks and their deliveries", ES: "consultar webhooks y sus entregas"},
		Holders: []access.Role{access.Admin, access.Auditor, access.Operator},
	},
	{
		Permission: Manage, Text: lang.Text{EN: "manage webhooks and send dead letters again", ES: "administrar webhooks y reenviar entregas fallidas"},
		Holders: []access.Role{access.Admin},
	},
}
