package document

import (
	"fmt"

	"sofipo/core/civil"
	"sofipo/core/money"
	"sofipo/document/layout"
	"sofipo/view"
)

// Delinquency is the loans that were late at the end of a closed day, which it asks for
// page by page.
func (i Issuer) Delinquency(day civil.Date, ask func(view.Paging) (view.Page[view.DelinquentLoan], error)) File {
	var n int64
	var overdue, interest, suspended, penalty, balance money.Amount
	rows := rowsOfPages(ask, func(l view.DelinquentLoan) layout.Row {
		n++
		overdue, interest, suspended, penalty, balance = overdue+l.OverduePrincipal, interest+l.Interest, suspended+l.Suspended, penalty+l.PenaltyInterest, balance+l.Balance
		return layout.Row{Cells: cells(l.Loan.String(), l.Name, l.RFC, l.Product, l.DaysPastDue, bucketInSpanish(l.Bucket), int64(l.Stage), l.OverduePrincipal, l.Interest, l.Suspended, l.PenaltyInterest, l.Balance)}
	}, func() layout.Row {
		return layout.Row{Cells: cells("Total", fmt.Sprintf("%d créditos", n), nil, nil, nil, nil, nil, overdue, interest, suspended, penalty, balance), Total: true}
	})
	return i.report("mora-"+day.String(), "Créditos en mora", "créditos en mora al "+day.String(), []layout.Heading{
		{Name: "Crédito"}, {Name: "Cliente"}, {Name: "RFC"}, {Name: "Producto"}, {Name: "Días de atraso", Kind: layout.Count}, {Name: "Rango"}, {Name: "Etapa", Kind: layout.Count},
		{Name: "Capital exigible vencido", Kind: layout.Money}, {Name: "Intereses devengados", Kind: layout.Money}, {Name: "Intereses suspendidos", Kind: layout.Money},
		{Name: "Moratorios con IVA", Kind: layout.Money}, {Name: "Saldo de capital", Kind: layout.Money},
	}, rows)
}
