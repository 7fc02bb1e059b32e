package document

import (
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// PortfolioReport returns the portfolio of a closed day by product, branch and officer, and its
// totals at the ends of the last months. The function names a branch by its id.
func (i Issuer) PortfolioReport(r view.PortfolioReport, branch func(string) string) File {
	var all []layout.Row
	add := func(by, key, name string, p view.PortfolioPart, total bool) {
		all = append(all, layout.Row{Cells: cells(by, key, name, p.Sums.Loans, p.Sums.Balance, p.Sums.Interest, p.Sums.Provision, p.Overdue, p.IMOR, p.ICOR, p.PAR1, p.PAR30, p.PAR90), Total: total})
	}
	for _, p := range r.Products {
		add("Producto", p.Product, p.Name, p, false)
	}
	for _, p := range r.Branches {
		add("Sucursal", "", branch(p.Product), p, false)
	}
	for _, p := range r.Officers {
		name := p.Product
		if name == "" {
			name = "Sin ejecutivo"
		}
		add("Ejecutivo", p.Product, name, p, false)
	}
	for _, b := range r.Total.Buckets {
		all = append(all, layout.Row{Cells: cells("Días de atraso", bucketInSpanish(b.Bucket), "", b.Loans, b.Balance, b.Interest, b.Provision, nil, nil, nil, nil, nil, nil)})
	}
	for _, h := range r.History {
		add("Fecha", h.Date.String(), "", h.Total, false)
	}
	add("Total", "", "", r.Total, true)
	return i.report("cartera-por-sucursal-"+r.Date.String(), "Cartera", "cartera al "+text.Of(text.ES, r.Date), []layout.Heading{
		{Name: "Por"}, {Name: "Clave"}, {Name: "Nombre"}, {Name: "Préstamos", Column: "creditos", Kind: layout.Count}, {Name: "Saldo de capital", Kind: layout.Money},
		{Name: "Intereses devengados", Kind: layout.Money}, {Name: "Estimación preventiva", Kind: layout.Money}, {Name: "Cartera vencida", Kind: layout.Money},
		{Name: "IMOR", Kind: layout.Percent}, {Name: "ICOR", Kind: layout.Percent}, {Name: "PAR 1", Kind: layout.Percent}, {Name: "PAR 30", Kind: layout.Percent}, {Name: "PAR 90", Kind: layout.Percent},
	}, layout.RowsOf(all...))
}
