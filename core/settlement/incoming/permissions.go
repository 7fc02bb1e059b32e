package incoming

import (
	"sofipo/core/access"
	"sofipo/core/lang"
)

// The permissions on incoming payments.
const (
	Read         access.Permission = "incoming_payments.read"
	Import       access.Permission = "incoming_payments.import"
	Resolve      access.Permission = "incoming_payments.resolve" // assign to a loan, return to the sender
	TakeToIncome access.Permission = "incoming_payments.income"
	SetLayouts   access.Permission = "bank_layouts.manage"
)

// Permissions declares the permissions of this package.
var Permissions = []access.Declaration{
	{
		Permission: Read, Text: lang.Text{EN: "read incoming payments and bank files", ES: "consultar depósitos y archivos de bancos"},
		Holders: []access.Role{access.Admin, access.Officer, access.Teller, access.Accountant, access.Auditor},
	},
	{
		Permission: Import, Text: lang.Text{EN: "import files of payments", ES: "importar archivos de pagos"},
		Holders: []access.Role{access.Admin, access.Teller, access.Accountant},
	},
	{
		Permission: Resolve, Text: lang.Text{EN: "assign and return unidentified deposits", ES: "asignar y devolver depósitos por identificar"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
	{
		Permission: TakeToIncome, Text: lang.Text{EN: "write unidentified deposits to income", ES: "llevar a ingresos depósitos por identificar"},
		Holders: []access.Role{access.Admin},
	},
	{
		Permission: SetLayouts, Text: lang.Text{EN: "set the layouts of bank files", ES: "registrar formatos de archivos de bancos"},
		Holders: []access.Role{access.Admin, access.Accountant},
	},
}
