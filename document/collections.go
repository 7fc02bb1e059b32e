package document

import (
	"sofipo/core/civil"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// Collections returns the amounts to collect on a day. It reads them page by page.
func (i Issuer) Collections(day civil.Date, ask func(view.Paging) (view.Page[view.Collection], error)) File {
	var n int64
	var sum view.Collection
	rows := rowsOfPages(func(part view.Paging) (view.Page[view.Collection], error) {
		part.Limit /= 4
		return ask(part)
	}, func(l view.Collection) layout.Row {
		n++
		sum.Due, sum.Overdue, sum.Total, sum.IVA = sum.Due+l.Due, sum.Overdue+l.Overdue, sum.Total+l.Total, sum.IVA+l.IVA
		sum.Principal, sum.Interest, sum.PenaltyInterest, sum.Charges = sum.Principal+l.Principal, sum.Interest+l.Interest, sum.PenaltyInterest+l.PenaltyInterest, sum.Charges+l.Charges
		return layout.Row{Cells: append(cells(l.Number, l.Name, l.RFC, l.Product, l.Instalment, l.OldestDue, l.DaysPastDue), append(componentsOf(l), l.Loan)...)}
	}, func() layout.Row {
		return layout.Row{Cells: append(cells("Total", loans(n), nil, nil, nil, nil, nil), append(componentsOf(sum), nil)...), Total: true}
	})
	return i.report("cobranza-"+day.String(), "Cobranza del día", "por cobrar el "+text.Of(text.ES, day), []layout.Heading{
		{Name: "Préstamo"}, {Name: "Cliente"}, {Name: "RFC"}, {Name: "Producto"}, {Name: "Amortización", Kind: layout.Count}, {Name: "Vencimiento", Kind: layout.Day},
		{Name: "Días de atraso", Kind: layout.Count}, {Name: "Vence en el día", Kind: layout.Money}, {Name: "Vencido", Kind: layout.Money}, {Name: "Capital", Kind: layout.Money},
		{Name: "Intereses", Kind: layout.Money}, {Name: "Moratorios", Kind: layout.Money}, {Name: "Comisiones y seguros", Kind: layout.Money}, {Name: "IVA", Kind: layout.Money},
		{Name: "Total por cobrar", Kind: layout.Money}, {Name: "Id del préstamo", Column: "credito", Kind: layout.ID, Data: true},
	}, rows)
}

func componentsOf(l view.Collection) []any {
	return []any{l.Due, l.Overdue, l.Principal, l.Interest, l.PenaltyInterest, l.Charges, l.IVA, l.Total}
}
