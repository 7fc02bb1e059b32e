package document

import (
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// Portfolio returns the portfolio of a closed day by product and days past due.
func (i Issuer) Portfolio(p view.Portfolio) File {
	var all []layout.Row
	for _, part := range p.Products {
		all = append(all, portfolioRows(part)...)
	}
	p.Total.Product = "Total"
	return i.report("cartera-"+p.Date.String(), "Cartera por atraso", "cartera al "+text.Of(text.ES, p.Date), []layout.Heading{
		{Name: "Producto"}, {Name: "Nombre"}, {Name: "Días de atraso"}, {Name: "Préstamos", Column: "creditos", Kind: layout.Count},
		{Name: "Saldo de capital", Kind: layout.Money}, {Name: "Capital exigible vencido", Kind: layout.Money}, {Name: "Intereses devengados", Kind: layout.Money},
		{Name: "Intereses suspendidos", Kind: layout.Money}, {Name: "IVA por cobrar", Kind: layout.Money}, {Name: "Estimación preventiva", Kind: layout.Money},
		{Name: "Estimación por intereses", Kind: layout.Money}, {Name: "Cartera vencida", Kind: layout.Money}, {Name: "Castigos de 12 meses", Kind: layout.Money},
		{Name: "IMOR", Kind: layout.Percent}, {Name: "IMORA", Kind: layout.Percent}, {Name: "ICOR", Kind: layout.Percent},
		{Name: "PAR 1", Kind: layout.Percent}, {Name: "PAR 30", Kind: layout.Percent}, {Name: "PAR 90", Kind: layout.Percent},
	}, layout.RowsOf(append(all, portfolioRows(p.Total)...)...))
}

// portfolioRows returns the rows of a product: its buckets, and the totals with the indicators.
func portfolioRows(p view.PortfolioPart) (all []layout.Row) {
	line := func(bucket string, s view.PortfolioSums) []any {
		return cells(p.Product, p.Name, bucket, s.Loans, s.Balance, s.OverduePrincipal, s.Interest, s.Suspended, s.IVA, s.Provision, s.Reserve)
	}
	for _, b := range p.Buckets {
		all = append(all, layout.Row{Cells: append(line(bucketInSpanish(b.Bucket), b.PortfolioSums), make([]any, 8)...)})
	}
	sums := append(line("Total", p.Sums), p.Overdue, p.WrittenOff, p.IMOR, p.IMORA, p.ICOR, p.PAR1, p.PAR30, p.PAR90)
	return append(all, layout.Row{Cells: sums, Total: true})
}
