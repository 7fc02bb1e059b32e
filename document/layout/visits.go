package layout

import (
	"io"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/money"
)

// Visits is a list of visits to print, on landscape pages.
type Visits struct {
	Institution Institution
	Date        civil.Date
	Collector   string // empty if the list is not of one collector
	Visits      []Visit
}

// Visit is an overdue loan whose client is to be visited.
type Visit struct {
	Client           string
	Address, Phone   string // empty if the client's file has none
	Loan             string // its number as people write it
	DaysPastDue      int
	Instalments      int // overdue
	Overdue          money.Amount
	Contact, Promise string // the last contact and the promise, in words
}

// PDF writes the list with an empty column for the result of each visit.
func (v Visits) PDF(w io.Writer) error {
	reference := "Visitas del " + day(v.Date)
	if v.Collector != "" {
		reference += " · gestor " + v.Collector
	}
	s := newSheet("Lista de visitas", reference, v.Institution, v.Date)
	s.landscape = true
	g := grid{columns: []column{figures("Núm."), prose("Cliente, domicilio y teléfono"), text("Préstamo"), figures("Días de atraso"), figures("Amort. vencidas"),
		figures("Importe vencido"), prose("Último contacto"), prose("Promesa de pago"), prose("Resultado de la visita")}}
	var sum money.Amount
	for i, one := range v.Visits {
		sum += one.Overdue
		g.rows = append(g.rows, []string{strconv.Itoa(i + 1), joined("\n", one.Client, one.Address, one.Phone), one.Loan, strconv.Itoa(one.DaysPastDue),
			strconv.Itoa(one.Instalments), pesos(one.Overdue), one.Contact, one.Promise, ""})
	}
	g.total = []string{"", "", "", "", "Total", pesos(sum), "", "", ""}
	s.page()
	s.paragraph(small, faded, reference+". Importes en pesos mexicanos (M.N.) a la fecha del documento. Registre el resultado de cada visita el mismo día.")
	s.grid("", g)
	return s.write(w)
}
