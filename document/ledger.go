package document

import (
	"cmp"
	"fmt"
	"strings"

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

// entryKinds are the kinds of journal entry in Spanish.
var entryKinds = map[string]string{
	"loan_disbursed": "Entrega del préstamo", "interest_accrued": "Intereses devengados", "payment_received": "Pago recibido", "refund_moved": "Devolución por otro medio",
	"loan_written_off": "Castigo", "recovery_received": "Recuperación", "loan_restructured": "Reestructura", "loan_cancelled": "Cancelación",
	"advance_applied": "Aplicación de pago adelantado", "interest_capitalised": "Capitalización de intereses", "fallen_due": "Vencimiento",
	"loan_reclassified": "Traspaso de cartera", "write_off_restated": "Ajuste del castigo", "provision_changed": "Estimación preventiva",
	"unapplied_refunded": "Devolución de saldo a favor", "deposit_suspended": "Depósito por identificar",
	"deposit_returned": "Devolución de depósito", "deposit_to_income": "Depósito no reclamado a ingresos",
	"opening_fee_amortised": "Comisión por apertura devengada", "manual": "Póliza manual",
}

// conceptOf returns the name of a kind of entry.
func conceptOf(kind string) string {
	original, reversed := strings.CutSuffix(kind, "_reversed")
	name := cmp.Or(entryKinds[original], original)
	if reversed {
		return "Reverso: " + strings.ToLower(name[:1]) + name[1:]
	}
	return name
}
