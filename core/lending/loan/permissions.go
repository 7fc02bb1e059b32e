package loan

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on loans and their payments.
const (
	Read            access.Permission = "loans.read"
	Grant           access.Permission = "loans.grant" // apply, approve and disburse in one step
	Quote           access.Permission = "loans.quote"
	Apply           access.Permission = "loans.apply"
	Approve         access.Permission = "loans.approve"  // or reject or return
	Disburse        access.Permission = "loans.disburse" // or cancel
	Service         access.Permission = "loans.service"  // restructure, write off
	ReceivePayments access.Permission = "payments.receive"
	Reverse         access.Permission = "payments.reverse"
	Refund          access.Permission = "payments.refund"
	Statements      access.Permission = "statements.read"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Open: true, Text: lang.Text{EN: "read loans", ES: "consultar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
	{
		Permission: Grant, Text: lang.Text{EN: "grant loans in one step", ES: "otorgar préstamos en un solo paso"},
		Holders: []access.Role{access.Admin, access.Officer},
	},
	{
		Permission: Quote, Text: lang.Text{EN: "quote loans", ES: "cotizar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
	{
		Permission: Apply, Text: lang.Text{EN: "enter loan applications", ES: "capturar solicitudes de préstamo"},
		Holders: []access.Role{access.Admin, access.Officer, access.BranchManager},
	},
	{
		Permission: Approve, Text: lang.Text{EN: "approve, reject and return loan applications", ES: "autorizar, rechazar y devolver solicitudes de préstamo"},
		Holders: []access.Role{access.Admin, access.Officer, access.BranchManager, access.Director},
	},
	{
		Permission: Disburse, Text: lang.Text{EN: "disburse and cancel loans", ES: "entregar y cancelar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.BranchManager},
	},
	{
		Permission: Service, Text: lang.Text{EN: "restructure and write off loans", ES: "reestructurar y castigar préstamos"},
		Holders: []access.Role{access.Admin, access.Officer, access.BranchManager, access.Director},
	},
	{
		Permission: ReceivePayments, Text: lang.Text{EN: "receive payments", ES: "recibir pagos"},
		Holders: []access.Role{access.Admin, access.Teller},
	},
	{
		Permission: Reverse, Text: lang.Text{EN: "reverse transactions", ES: "revertir movimientos"},
		Holders: []access.Role{access.Admin, access.Accountant, access.BranchManager},
	},
	{
		Permission: Refund, Text: lang.Text{EN: "refund unapplied funds", ES: "devolver saldos a favor"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
	{
		Permission: Statements, Open: true, Text: lang.Text{EN: "read account statements", ES: "consultar estados de cuenta"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
}
