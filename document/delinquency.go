package document

import (
	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// Delinquency returns the loans that were past due at the end of a closed day. It reads
// them page by page.
func (i Issuer) Delinquency(day civil.Date, ask func(view.Paging) (view.Page[view.DelinquentLoan], error)) File {
	var n int64
	var overdue, interest, suspended, penalty, balance money.Amount
	rows := rowsOfPages(ask, func(l view.DelinquentLoan) layout.Row {
		n++
		overdue, interest, suspended, penalty, balance = overdue+l.OverduePrincipal, interest+l.Interest, suspended+l.Suspended, penalty+l.PenaltyInterest, balance+l.Balance
		return layout.Row{Cells: cells(l.Number, l.Name, l.RFC, l.Product, l.DaysPastDue, bucketInSpanish(l.Bucket), int64(l.Stage), l.OverduePrincipal, l.Interest, l.Suspended, l.PenaltyInterest, l.Balance, l.Loan)}
	}, func() layout.Row {
		return layout.Row{Cells: cells("Total", loans(n), nil, nil, nil, nil, nil, overdue, interest, suspended, penalty, balance, nil), Total: true}
	})
	return i.report("mora-"+day.String(), "Préstamos con atraso", "préstamos con atraso al "+text.Of(text.ES, day), []layout.Heading{
		{Name: "Préstamo"}, {Name: "Cliente"}, {Name: "RFC"}, {Name: "Producto"}, {Name: "Días de atraso", Kind: layout.Count}, {Name: "Rango"}, {Name: "Etapa", Kind: layout.Count},
		{Name: "Capital exigible vencido", Kind: layout.Money}, {Name: "Intereses devengados", Kind: layout.Money}, {Name: "Intereses suspendidos", Kind: layout.Money},
		{Name: "Moratorios con IVA", Kind: layout.Money}, {Name: "Saldo de capital", Kind: layout.Money},
		{Name: "Id del préstamo", Column: "credito", Kind: layout.ID, Data: true},
	}, rows)
}
