package layout

import (
	"io"

	"sofipo/core/civil"
)

// Quote is a quote of a loan that nobody has asked for yet: a Credit without client and number.
type Quote struct {
	Credit
	Issued civil.Date
}

// PDF writes the terms, the CAT and the amortization table.
func (q Quote) PDF(w io.Writer) error {
	s := newSheet("Simulación de crédito", q.Product, q.Institution, q.Issued)
	g := instalmentGrid(contractRows(q.Contract))
	s.fit(g)
	s.page()
	Table{Credit: q.Credit, Issued: q.Issued}.terms(s)
	s.grid("Tabla de amortización", g)
	s.paragraph(small, faded, "Simulación informativa. Las condiciones definitivas son las del contrato.")
	s.foot = q.Institution.brief()
	return s.write(w)
}
