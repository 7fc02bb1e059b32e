package servicing

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The refusals of operations on a loan.
const (
	NotActive           fault.Code = "loan_not_active" // the loan takes no payments
	OverPayment         fault.Code = "over_payment"    // more than pays the loan off
	WrongState          fault.Code = "loan_state"      // the loan is not in the state that the operation needs
	TransactionNotFound fault.Code = "transaction_not_found"
)

// Rules of NotActive and OverPayment.
const (
	NotDisbursed    fault.Rule = "not_disbursed"     // no money was paid out yet
	NotWrittenOff   fault.Rule = "not_written_off"   // only a loan that was written off takes recoveries
	AboveWrittenOff fault.Rule = "above_written_off" // a recovery of more than is left
)

// Rules of WrongState.
const (
	CannotBecome    fault.Rule = "cannot_become"    // the state that the operation leads to
	IsAlready       fault.Rule = "is_already"       // the loan is in that state
	NoSchedule      fault.Rule = "no_schedule"      // there is none before the disbursement
	NotPaidOff      fault.Rule = "not_paid_off"     // something is owed
	OnOpeningDay    fault.Rule = "on_opening_day"   // a loan is cancelled on the day of its disbursement
	HasOperations   fault.Rule = "has_operations"   // a loan with transactions is not cancelled
	ReversedAlready fault.Rule = "reversed_already" //
	NotReversible   fault.Rule = "not_reversible"   // the kind of transaction
)

// LaterOperation is the rule of a refusal that is that of a later operation, which
// the new one would make impossible. The Cause is that operation's refusal.
const LaterOperation fault.Rule = "later_operation"

// The rules of the fields of an operation.
const (
	NotBeforeDisbursement fault.Rule = "not_before_disbursement"
	NotBeforeAccount      fault.Rule = "not_before_account" // the day that the account was computed to
	NotBeforeWriteOff     fault.Rule = "not_before_write_off"
	NumberUnused          fault.Rule = "number_unused"
	OperationKnown        fault.Rule = "operation_known"
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotActive, Class: fault.ClassRefused, Text: lang.Text{EN: "The loan is already {loan_status}", ES: "El préstamo ya está {loan_status}"}},
	{Code: OverPayment, Class: fault.ClassRefused, Text: lang.Text{
		EN: "The payment exceeds the amount that pays the loan off ({payoff})",
		ES: "El pago excede el importe para liquidar ({payoff})",
	}},
	{Code: WrongState, Class: fault.ClassConflict, Text: lang.Text{EN: "The state of the loan does not allow it", ES: "El estado del préstamo no lo permite"}},
	{Code: TransactionNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Transaction not found", ES: "No se encontró el movimiento"}},
}

// Texts are those of the rules, states and kinds.
var Texts = lang.Texts{
	NotDisbursed:  {EN: "The loan is not disbursed: it is {loan_status}", ES: "El préstamo no se ha entregado: está {loan_status}"},
	NotWrittenOff: {EN: "The loan is not written off: it is {loan_status}", ES: "El préstamo no está castigado: está {loan_status}"},
	AboveWrittenOff: {
		EN: "Recovery cannot be greater than what is left of the debt written off, {payoff}",
		ES: "La recuperación excede lo que queda del adeudo castigado ({payoff})",
	},
	CannotBecome: {
		EN: "A loan that is {loan_status} cannot become {becomes}",
		ES: "Un préstamo {loan_status} no puede quedar {becomes}",
	},
	IsAlready: {EN: "The loan is {loan_status} already", ES: "El préstamo ya está {loan_status}"},
	NoSchedule: {
		EN: "The loan is {loan_status}: it has no schedule before it is disbursed",
		ES: "El préstamo está {loan_status}: no tiene tabla de amortización antes de entregarse",
	},
	NotPaidOff: {
		EN: "The loan is {loan_status}: it can be said that nothing is owed only after it is paid off",
		ES: "El préstamo está {loan_status}: la constancia de no adeudo se da cuando está liquidado",
	},
	OnOpeningDay: {
		EN: "A loan can only be cancelled on the day of its disbursement, {latest}",
		ES: "Un préstamo sólo se puede cancelar el día en que se entrega, {latest}",
	},
	HasOperations: {
		EN: "A loan with transactions cannot be cancelled: {operations} would have to be reversed first",
		ES: "Para cancelar el préstamo revierta antes {operations} {operations|movimiento|movimientos}",
	},
	ReversedAlready: {EN: "The transaction was reversed already", ES: "El movimiento ya se revirtió"},
	NotReversible:   {EN: "A {kind} cannot be reversed", ES: "Un movimiento de este tipo no se puede revertir: {kind}"},
	LaterOperation: {
		EN: "Transaction {operation} of {operation_date} would not fit any more: {cause}",
		ES: "El movimiento {operation} del {operation_date} ya no sería posible: {cause}",
	},
	NotBeforeDisbursement: {
		EN: "must not be before the disbursement on {earliest}",
		ES: "No puede ser anterior a la entrega del préstamo, {earliest}",
	},
	NotBeforeAccount: {
		EN: "must not be before {earliest}, the day that the loan was computed to",
		ES: "No puede ser anterior al {earliest}, el día hasta el que se calculó el préstamo",
	},
	NotBeforeWriteOff: {EN: "must not be before the write-off on {earliest}", ES: "No puede ser anterior al castigo del préstamo, {earliest}"},
	NumberUnused:      {EN: "{number} is in use", ES: "El número {number} ya está en uso"},
	OperationKnown:    {EN: "{number} is none of the loan, or was reversed", ES: "El movimiento {number} no es del préstamo o ya se revirtió"},

	Applied:      {EN: "applied for", ES: "en revisión"},
	Approved:     {EN: "approved", ES: "autorizado"},
	Rejected:     {EN: "rejected", ES: "rechazado"},
	Restructured: {EN: "restructured", ES: "reestructurado"},
	WrittenOff:   {EN: "written off", ES: "castigado"},
	Cancelled:    {EN: "cancelled", ES: "cancelado"},

	Ordinary:       {EN: "payment", ES: "pago"},
	Prepayment:     {EN: "prepayment", ES: "pago anticipado"},
	AdvancePayment: {EN: "payment in advance", ES: "pago adelantado"},
	WriteOffKind:   {EN: "write-off", ES: "castigo"},
	RecoveryKind:   {EN: "recovery", ES: "recuperación"},
	RestructureAs:  {EN: "restructure", ES: "reestructura"},
	Cancellation:   {EN: "cancellation", ES: "cancelación"},
	Rolled:         {EN: "end of day", ES: "cierre del día"},
	AdvanceApplied: {EN: "use of unapplied funds", ES: "aplicación de pago adelantado"},
	Capitalisation: {EN: "capitalisation of interest", ES: "capitalización de intereses"},
	Disbursement:   {EN: "disbursement", ES: "entrega del crédito"},
	Reversal:       {EN: "reversal", ES: "reverso"},

	InForce:  {EN: "in force", ES: "vigente"},
	Reversed: {EN: "reversed", ES: "revertido"},

	Received:         {EN: "received", ES: "recibido"},
	UnappliedUsed:    {EN: "taken from unapplied funds", ES: "tomado del pago adelantado"},
	UnappliedAdded:   {EN: "added to unapplied funds", ES: "guardado como pago adelantado"},
	Collected:        {EN: "collected", ES: "cobrado"},
	Lent:             {EN: "lent", ES: "prestado"},
	Disbursed:        {EN: "disbursed", ES: "entregado"},
	OpeningCollected: {EN: "origination fee", ES: "comisión por apertura"},
	WrittenOffFact:   {EN: "written off", ES: "castigado"},
	RecoveredFact:    {EN: "recovered", ES: "recuperado"},
	CapitalisedFact:  {EN: "capitalised", ES: "capitalizado"},
	CancelledFact:    {EN: "cancelled", ES: "cancelado"},
}
