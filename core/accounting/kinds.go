package accounting

import (
	"maps"

	"sofipo/core/lang"
)

// EntryKind is the kind of a journal entry, for its text: text.Of(text.ES, EntryKind(e.Kind)).
type EntryKind string

// EntryKinds has the texts of the kinds of journal entry and of their mirror entries.
var EntryKinds = func() lang.Texts {
	kinds := lang.Texts{
		EntryKind("loan_disbursed"):        {EN: "disbursement", ES: "entrega del préstamo"},
		EntryKind("interest_accrued"):      {EN: "interest accrued", ES: "intereses devengados"},
		EntryKind("payment_received"):      {EN: "payment received", ES: "pago recibido"},
		EntryKind("refund_moved"):          {EN: "refund by another method", ES: "devolución por otro medio"},
		EntryKind("loan_written_off"):      {EN: "write-off", ES: "castigo"},
		EntryKind("recovery_received"):     {EN: "recovery", ES: "recuperación"},
		EntryKind("loan_restructured"):     {EN: "restructure", ES: "reestructura"},
		EntryKind("loan_cancelled"):        {EN: "cancellation", ES: "cancelación"},
		EntryKind("advance_applied"):       {EN: "unapplied funds applied", ES: "aplicación de saldo a favor"},
		EntryKind("interest_capitalised"):  {EN: "interest capitalised", ES: "capitalización de intereses"},
		EntryKind("fallen_due"):            {EN: "instalments due", ES: "vencimiento"},
		EntryKind("loan_reclassified"):     {EN: "reclassification", ES: "traspaso de cartera"},
		EntryKind("write_off_restated"):    {EN: "write-off adjusted", ES: "ajuste del castigo"},
		EntryKind("provision_changed"):     {EN: "loan loss provision", ES: "estimación preventiva"},
		EntryKind("unapplied_refunded"):    {EN: "unapplied funds refunded", ES: "devolución de saldo a favor"},
		EntryKind("deposit_suspended"):     {EN: "unidentified deposit", ES: "depósito por identificar"},
		EntryKind("deposit_returned"):      {EN: "deposit returned", ES: "devolución de depósito"},
		EntryKind("deposit_to_income"):     {EN: "unclaimed deposit taken to income", ES: "depósito no reclamado a ingresos"},
		EntryKind("opening_fee_amortised"): {EN: "origination fee earned", ES: "comisión por apertura devengada"},
		EntryKind("till_cash_moved"):       {EN: "cash moved at a till", ES: "movimiento de efectivo en caja"},
		EntryKind("funds_moved"):           {EN: "money moved between accounts", ES: "traspaso de fondos"},
		EntryKind("loan_imported"):         {EN: "loan imported", ES: "préstamo importado"},
		EntryKind("opening_balances"):      {EN: "opening balances", ES: "saldos iniciales"},
		EntryKind("manual"):                {EN: "manual entry", ES: "póliza manual"},
	}
	for kind, text := range maps.Clone(kinds) {
		kinds[kind.(EntryKind)+"_reversed"] = lang.Text{EN: "reversal: " + text.EN, ES: "reverso: " + text.ES}
	}
	return kinds
}()
