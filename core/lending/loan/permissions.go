package loan

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on loans and their payments.
const (
	Read            access.Permission = "loans.read"
	Grant           access.Permission = "loans.grant" // from application to disbursement at once
	Quote           access.Permission = "loans.quote"
	Apply           access.Permission = "loans.apply"
	Approve         access.Permission = "loans.approve"  // or reject
	Disburse        access.Permission = "loans.disburse" // or cancel
	Service         access.Permission = "loans.service"  // restructure, write off
	ReceivePayments access.Permission = "payments.receive"
	Reverse         access.Permission = "payments.reverse"
	Statements      access.Permission = "statements.read"
)

// Permissions declares them.
var Permissions = []access.Declaration{
	{
		Permission: Read, Open: true, Text: lang.Text{EN: "read loans", ES: "consultar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor},
	},
	{
		Permission: Grant, Text: lang.Text{EN: "grant loans", ES: "otorgar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer},
	},
	{
		Permission: Quote, Text: lang.Text{EN: "quote loans", ES: "cotizar créditos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor},
	},
	{
		Permission: Apply, Text: lang.Text{EN: "apply for loans", ES: "capturar solicitudes de crédito"},
		Holders: []access.Role{access.Admin, access.Officer},
	},
	{
		Permission: Approve, Text: lang.Text{EN: "approve and reject loans", ES: "autorizar y rechazar créditos"},
		Holders: []access.Role{access.Admin, access.Officer},
	},
	{
		Permission: Disburse, Text: lang.Text{EN: "disburse and cancel loans", ES: "entregar y cancelar créditos"},
		Holders: []access.Role{access.Admin, access.Officer},
	},
	{
		Permission: Service, Text: lang.Text{EN: "restructure and write off loans", ES: "reestructurar y castigar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer},
	},
	{
		Permission: ReceivePayments, Text: lang.Text{EN: "receive payments", ES: "recibir pagos"},
		Holders: []access.Role{access.Admin, access.Teller},
	},
	{
		Permission: Reverse, Text: lang.Text{EN: "reverse payments", ES: "revertir pagos"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
	{
		Permission: Statements, Open: true, Text: lang.Text{EN: "read account statements", ES: "consultar estados de cuenta"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor},
	},
}
