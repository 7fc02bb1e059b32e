package document

import (
	"fmt"

	"sofipo/core/accounting"
	"sofipo/core/money"
	"sofipo/document/layout"
	"sofipo/view"
)

// Ledger returns the postings of an account with the balance after each. The first row has
// the opening balance, the last one the totals and the closing balance. First is any page of
// the ledger. The postings are read page by page.
func (i Issuer) Ledger(first view.LedgerPage, ask func(view.Paging) (view.Page[view.LedgerLine], error)) File {
	line := func(concept string, debits, credits any, balance money.Total) layout.Row {
		return layout.Row{Cells: cells(nil, nil, concept, nil, debits, credits, balance, nil, nil), Total: true}
	}
	postings := rowsOfPages(ask, func(l view.LedgerLine) layout.Row {
		return layout.Row{Cells: cells(l.Date, l.PostedAt.In(i.Location), conceptOf(l.Kind), l.Loan, l.Debit.Total(), l.Credit.Total(), l.Balance, l.Entry, l.Subject)}
	}, func() layout.Row { return line("Totales y saldo final", first.Debits, first.Credits, first.Closing) })
	rows := func(yield func(layout.Row, error) bool) {
		if yield(line("Saldo inicial", nil, nil, first.Opening), nil) {
			postings(yield)
		}
	}
	account := fmt.Sprintf("%s %s", first.Account, first.Spanish)
	return i.report(fmt.Sprintf("auxiliar-%s-%s-%s", first.Account, first.From, first.To), "Auxiliar "+string(first.Account), account+" · "+inDays(first.From, first.To), []layout.Heading{
		{Name: "Fecha", Kind: layout.Day}, {Name: "Fecha de registro", Column: "fecha_registro", Kind: layout.Moment}, {Name: "Concepto"}, {Name: "Préstamo"},
		{Name: "Cargo", Kind: layout.Total}, {Name: "Abono", Kind: layout.Total}, {Name: "Saldo", Kind: layout.Total},
		{Name: "Id de la póliza", Column: "poliza", Kind: layout.ID, Data: true}, {Name: "Id del préstamo o de la póliza manual", Column: "referencia", Kind: layout.ID, Data: true},
	}, rows)
}

// conceptOf returns the name of a kind of entry.
func conceptOf(kind string) string { return layout.Label(accounting.EntryKind(kind)) }
