package document

import (
	"fmt"

	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// MoneyMoved returns the money received and paid out.
func (i Issuer) MoneyMoved(m view.MoneyMoved) File {
	var all []layout.Row
	var n int64
	for _, r := range m.Rows {
		n += r.Count
		all = append(all, layout.Row{Cells: cells(r.Date, r.Product, layout.Label(r.Kind), r.Count, r.In, r.Out)})
	}
	rows := layout.RowsOf(append(all, layout.Row{Cells: cells(nil, nil, "Total", n, m.In, m.Out), Total: true})...)
	return i.report(fmt.Sprintf("movimientos-%s-%s", m.From, m.To), "Movimientos de dinero", fmt.Sprintf("movimientos del %s al %s", text.Of(text.ES, m.From), text.Of(text.ES, m.To)), []layout.Heading{
		{Name: "Fecha", Kind: layout.Day}, {Name: "Producto"}, {Name: "Movimiento"}, {Name: "Número", Kind: layout.Count},
		{Name: "Entradas", Kind: layout.Money}, {Name: "Salidas", Kind: layout.Money},
	}, rows)
}
