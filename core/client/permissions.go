package client

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on clients.
const (
	Read   access.Permission = "clients.read"
	Write  access.Permission = "clients.write" // register and change
	Delete access.Permission = "clients.delete"
	Assign access.Permission = "clients.assign" // to another officer or branch

	ReadFile  access.Permission = "clients.files.read"  // files, consents, notes and documents
	WriteFile access.Permission = "clients.files.write" // change files, add consents, notes and documents
	GradeRisk access.Permission = "clients.risk.grade"

	ExportData access.Permission = "clients.data.export" // everything that is held about a client, also blocked data
	EraseData  access.Permission = "clients.data.erase"  // block and destroy it
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Open: true, Text: lang.Text{EN: "read clients", ES: "consultar clientes"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
	{
		Permission: Write, Text: lang.Text{EN: "register and change clients", ES: "registrar y modificar clientes"},
		Holders: []access.Role{access.Admin, access.Officer, access.BranchManager},
	},
	{
		Permission: Delete, Text: lang.Text{EN: "delete clients", ES: "eliminar clientes"},
		Holders: []access.Role{access.Admin},
	},
	{
		Permission: ReadFile, Text: lang.Text{EN: "read clients' files", ES: "consultar expedientes de clientes"},
		Holders: []access.Role{access.Admin, access.Officer, access.Auditor, access.BranchManager, access.Director, access.Collector, access.Compliance},
	},
	{
		Permission: WriteFile, Text: lang.Text{EN: "change clients' files", ES: "modificar expedientes de clientes"},
		Holders: []access.Role{access.Admin, access.Officer, access.BranchManager, access.Compliance},
	},
	{
		Permission: GradeRisk, Text: lang.Text{EN: "set clients' risk grades", ES: "calificar el riesgo de los clientes"},
		Holders: []access.Role{access.Admin, access.Compliance},
	},
	{
		Permission: ExportData, Text: lang.Text{EN: "export all personal data of a client, also blocked ones", ES: "exportar todos los datos personales de un cliente, también los bloqueados"},
		Holders: []access.Role{access.Admin, access.Compliance},
	},
	{
		Permission: EraseData, Text: lang.Text{EN: "block and destroy personal data of clients", ES: "bloquear y suprimir datos personales de clientes"},
		Holders: []access.Role{access.Admin, access.Compliance},
	},
	{
		Permission: Assign, Text: lang.Text{EN: "assign clients to officers and branches", ES: "asignar clientes a ejecutivos y sucursales"},
		Holders: []access.Role{access.Admin, access.BranchManager, access.Director},
	},
}
