package document

import (
	"fmt"
	"strings"

	"sofipo/core/civil"
	"sofipo/document/layout"
	"sofipo/text"
	"sofipo/view"
)

// TrialBalance returns a trial balance. The sums of the columns by normal side are the
// totals.
func (i Issuer) TrialBalance(b view.TrialBalance) File {
	var rows []layout.Row
	for _, l := range b.Lines {
		codes := []string{string(l.Account)}
		if len(l.Accounts) > 0 {
			codes = nil
			for _, a := range l.Accounts {
				codes = append(codes, string(a))
			}
		}
		rows = append(rows, layout.Row{Cells: cells(strings.Join(codes, " "), l.CNBV, l.Spanish, text.Of(text.ES, l.Nature), l.Opening, l.Debits, l.Credits, l.Closing)})
	}
	return i.report(fmt.Sprintf("balanza-%s-%s", b.From, b.To), "Balanza de comprobación", inDays(b.From, b.To), []layout.Heading{
		{Name: "Cuenta"}, {Name: "Código CNBV"}, {Name: "Nombre"}, {Name: "Naturaleza"}, {Name: "Saldo inicial", Kind: layout.Total},
		{Name: "Cargos", Kind: layout.Total}, {Name: "Abonos", Kind: layout.Total}, {Name: "Saldo final", Kind: layout.Total},
	}, layout.RowsOf(rows...))
}

// inDays returns a period in Spanish.
func inDays(from, to civil.Date) string {
	return fmt.Sprintf("del %s al %s", text.Of(text.ES, from), text.Of(text.ES, to))
}
