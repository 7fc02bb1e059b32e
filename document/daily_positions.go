package document

import (
	"sofipo/core/folio"
	"sofipo/document/layout"
	"sofipo/view"
)

// Positions returns the state of a loan at the end of each closed day.
func (i Issuer) Positions(number folio.Number, days []view.DailyPosition) File {
	var all []layout.Row
	for _, p := range days {
		all = append(all, layout.Row{Cells: cells(p.Date, layout.Label(p.Status), int64(p.Stage), p.DaysPastDue, p.Instalment, p.Balance, p.OverduePrincipal, p.Interest,
			p.Suspended, p.IVA, p.PenaltyInterest, p.Unapplied, p.Provision, p.Reserve)})
	}
	loan := folio.Loan.Print(number)
	return i.report("posiciones-"+loan, "Posiciones del préstamo", "préstamo "+loan, []layout.Heading{
		{Name: "Fecha", Kind: layout.Day}, {Name: "Estado"}, {Name: "Etapa", Kind: layout.Count}, {Name: "Días de atraso", Kind: layout.Count},
		{Name: "Amortización", Kind: layout.Count}, {Name: "Saldo de capital", Kind: layout.Money}, {Name: "Capital exigible vencido", Kind: layout.Money},
		{Name: "Intereses devengados", Kind: layout.Money}, {Name: "Intereses suspendidos", Kind: layout.Money}, {Name: "IVA por cobrar", Kind: layout.Money},
		{Name: "Moratorios con IVA", Kind: layout.Money}, {Name: "Saldo a favor", Column: "saldo_a_favor", Kind: layout.Money}, {Name: "Estimación preventiva", Kind: layout.Money},
		{Name: "Estimación por intereses", Kind: layout.Money},
	}, layout.RowsOf(all...))
}
