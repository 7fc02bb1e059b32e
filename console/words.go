package console

// words has the phrases of more than one page.
var words = phrases{
	"Balance":         "Saldo",
	"Branch":          "Sucursal",
	"Client":          "Cliente",
	"Date":            "Fecha",
	"Interest":        "Interés",
	"IVA":             "IVA",
	"Loan":            "Préstamo",
	"Loans":           "Préstamos",
	"Method":          "Forma",
	"Name":            "Nombre",
	"Number":          "Número",
	"Officer":         "Ejecutivo",
	"Payment":         "Pago",
	"Principal":       "Capital",
	"Product":         "Producto",
	"Receipt":         "Recibo",
	"Receive payment": "Recibir pago",
	"Reversed":        "Revertido",
	"State":           "Estado",
	"Total":           "Total",
	"Up to date":      "Al corriente",
}
