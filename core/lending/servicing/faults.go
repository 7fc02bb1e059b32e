package servicing

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on a loan.
const (
	NotActive           fault.Code = "loan_not_active" // a loan in this state takes no payments
	OverPayment         fault.Code = "over_payment"    // the payment exceeds the payoff amount
	WrongState          fault.Code = "loan_state"      // the operation needs a loan in another state
	TransactionNotFound fault.Code = "transaction_not_found"
	AboveUnapplied      fault.Code = "above_unapplied" // the refund exceeds the unapplied funds
)

// The rules of NotActive and OverPayment.
const (
	NotDisbursed    fault.Rule = "not_disbursed"     // the loan has not been disbursed
	NotWrittenOff   fault.Rule = "not_written_off"   // only a written-off loan takes recoveries
	AboveWrittenOff fault.Rule = "above_written_off" // the recovery exceeds the remaining debt
)

// The rules of WrongState.
const (
	CannotBecome    fault.Rule = "cannot_become"    // the loan cannot go to the state that the operation leads to
	IsAlready       fault.Rule = "is_already"       // the loan is already in that state
	NotEditable     fault.Rule = "not_editable"     // only an application that is not disbursed can be edited
	NoSchedule      fault.Rule = "no_schedule"      // a loan has no schedule before its disbursement
	NotPaidOff      fault.Rule = "not_paid_off"     // a no-debt certificate needs a paid-off loan
	OnOpeningDay    fault.Rule = "on_opening_day"   // a disbursed loan is cancelled only on the day of its disbursement
	HasOperations   fault.Rule = "has_operations"   // a loan with transactions cannot be cancelled
	ReversedAlready fault.Rule = "reversed_already" // the transaction is already reversed
	NotReversible   fault.Rule = "not_reversible"   // transactions of this kind cannot be reversed
	NotMovable      fault.Rule = "not_movable"      // only a payment can be moved to another loan
	NoReceipt       fault.Rule = "no_receipt"       // transactions of this kind have no receipt
)

// LaterOperation is the rule of an operation that would make a later operation of
// the loan impossible: of its value date, or of its reversal. Its text has the refusal of the
// later operation as {cause}.
const LaterOperation fault.Rule = "later_operation"

// The field rules of an operation.
const (
	NotBeforeDisbursement fault.Rule = "not_before_disbursement"
	NotBeforeAccount      fault.Rule = "not_before_account" // the account is already computed up to a later day
	NotBeforeWriteOff     fault.Rule = "not_before_write_off"
	NumberUnused          fault.Rule = "number_unused"
	OperationKnown        fault.Rule = "operation_known"
	OtherLoan             fault.Rule = "other_loan"
	TakesPayment          fault.Rule = "takes_payment" // the loan cannot take a moved payment on its value date, because of {cause}
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotActive, Class: fault.ClassRefused, Text: lang.Text{EN: "The loan is already {loan_status}", ES: "El préstamo ya está {loan_status}"}},
	{Code: OverPayment, Class: fault.ClassRefused, Text: lang.Text{
		EN: "The payment exceeds the payoff amount ({payoff})",
		ES: "El pago excede el importe para liquidar ({payoff})",
	}},
	{Code: WrongState, Class: fault.ClassConflict, Text: lang.Text{EN: "The status of the loan does not allow this operation", ES: "El estado del préstamo no permite esta operación"}},
	{Code: AboveUnapplied, Class: fault.ClassRefused, Text: lang.Text{
		EN: "The refund exceeds the unapplied funds of the loan ({unapplied_funds})",
		ES: "La devolución excede el saldo a favor del préstamo ({unapplied_funds})",
	}},
	{Code: TransactionNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Transaction not found", ES: "No se encontró el movimiento"}},
}

// Texts has the texts of the rules, states and kinds.
var Texts = lang.Texts{
	Scheduled:    {EN: "by the schedule", ES: "según la tabla"},
	CarriedOver:  {EN: "from before the restructuring", ES: "de antes de la reestructura"},
	Deferred:     {EN: "deferred from earlier payments", ES: "diferido de pagos anteriores"},
	Accrued:      {EN: "calculated up to the day", ES: "calculado a la fecha"},
	InSchedule:   {EN: "already in the schedule", ES: "ya está en la tabla"},
	AlreadyPaid:  {EN: "paid before", ES: "ya pagado"},
	AllPrincipal: {EN: "all the principal", ES: "todo el capital"},
	DuePrincipal: {EN: "already due", ES: "ya exigible"},
	FromFunds:    {EN: "unapplied funds", ES: "saldo a favor"},

	NotDisbursed:  {EN: "The loan has not been disbursed: it is {loan_status}", ES: "El préstamo no se ha entregado: está {loan_status}"},
	NotWrittenOff: {EN: "Only a written-off loan takes recoveries; this loan is {loan_status}", ES: "Sólo se reciben recuperaciones de préstamos castigados; este préstamo está {loan_status}"},
	AboveWrittenOff: {
		EN: "The recovery exceeds the remaining written-off debt ({payoff})",
		ES: "La recuperación excede el adeudo castigado pendiente ({payoff})",
	},
	CannotBecome: {
		EN: "A loan that is {loan_status} cannot become {becomes}; it must be {accepted}",
		ES: "Un préstamo {loan_status} no puede quedar {becomes}; debe estar {accepted}",
	},
	NotEditable: {
		EN: "Only an application in state {accepted} can be edited; this loan is {loan_status}",
		ES: "Solo se puede modificar una solicitud en estado {accepted}; este préstamo está {loan_status}",
	},
	IsAlready: {EN: "The loan is already {loan_status}", ES: "El préstamo ya está {loan_status}"},
	NoSchedule: {
		EN: "A loan has a schedule only after its disbursement; this loan is {loan_status}",
		ES: "La tabla de amortización se genera al entregar el préstamo; este préstamo está {loan_status}",
	},
	NotPaidOff: {
		EN: "A no-debt certificate is available only for a PAID_OFF loan; this loan is {loan_status}",
		ES: "La constancia de no adeudo se emite sólo para préstamos liquidados; este préstamo está {loan_status}",
	},
	OnOpeningDay: {
		EN: "A disbursed loan can be cancelled only on the day of its disbursement ({latest})",
		ES: "Un préstamo entregado sólo puede cancelarse el día de su entrega ({latest})",
	},
	HasOperations: {
		EN: "A loan with transactions cannot be cancelled; reverse {operations} {operations|transaction|transactions} first",
		ES: "Un préstamo con movimientos no puede cancelarse; revierta primero {operations} {operations|movimiento|movimientos}",
	},
	ReversedAlready: {EN: "The transaction is already reversed", ES: "El movimiento ya fue revertido"},
	NotReversible:   {EN: "Transactions of this kind cannot be reversed: {kind}", ES: "Los movimientos de este tipo no pueden revertirse: {kind}"},
	NotMovable:      {EN: "Only payments can be moved to another loan, not transactions of this kind: {kind}", ES: "Sólo los pagos pueden pasarse a otro préstamo; este movimiento es de otro tipo: {kind}"},
	NoReceipt:       {EN: "Transactions of this kind have no receipt: {kind}", ES: "Los movimientos de este tipo no tienen recibo: {kind}"},
	LaterOperation: {
		EN: "Transaction {operation} of {operation_date} would no longer be possible: {cause}",
		ES: "El movimiento {operation} del {operation_date} ya no sería posible: {cause}",
	},
	NotBeforeDisbursement: {
		EN: "must not be before the disbursement date ({earliest})",
		ES: "No puede ser anterior a la entrega del préstamo ({earliest})",
	},
	NotBeforeAccount: {
		EN: "must be {earliest} or later: the loan is already computed up to that date",
		ES: "Debe ser el {earliest} o después: el préstamo ya está calculado hasta esa fecha",
	},
	NotBeforeWriteOff: {EN: "must not be before the write-off date ({earliest})", ES: "No puede ser anterior al castigo del préstamo ({earliest})"},
	NumberUnused:      {EN: "must be unused: {number} is already in use", ES: "El número {number} ya está en uso"},
	OperationKnown:    {EN: "must be an unreversed transaction of this loan; {number} is not", ES: "El movimiento {number} no es de este préstamo o ya fue revertido"},

	OtherLoan:    {EN: "must be another loan", ES: "Indique otro préstamo"},
	TakesPayment: {EN: "must be a loan that can take the payment: {cause}", ES: "Ese préstamo no admite el pago: {cause}"},

	// The fields that make a later operation impossible.
	fault.Field("value_date"):     {EN: "value date", ES: "fecha valor"},
	fault.Field("amount"):         {EN: "amount", ES: "importe"},
	fault.Field("annual_rate"):    {EN: "annual rate", ES: "tasa anual"},
	fault.Field("periods"):        {EN: "periods", ES: "plazo"},
	fault.Field("first_due_date"): {EN: "first due date", ES: "primer vencimiento"},

	Applied:      {EN: "pending approval", ES: "en revisión"},
	Returned:     {EN: "returned for correction", ES: "por corregir"},
	Approved:     {EN: "approved", ES: "autorizado"},
	Rejected:     {EN: "rejected", ES: "rechazado"},
	Restructured: {EN: "restructured", ES: "reestructurado"},
	WrittenOff:   {EN: "written off", ES: "castigado"},
	Cancelled:    {EN: "cancelled", ES: "cancelado"},

	Ordinary:        {EN: "payment", ES: "pago"},
	Prepayment:      {EN: "prepayment", ES: "pago anticipado"},
	AdvancePayment:  {EN: "advance payment", ES: "pago adelantado"},
	WriteOffKind:    {EN: "write-off", ES: "castigo del préstamo"},
	RecoveryKind:    {EN: "recovery", ES: "recuperación de préstamo castigado"},
	RestructureKind: {EN: "restructuring", ES: "reestructura"},
	RefundKind:      {EN: "refund", ES: "devolución de saldo a favor"},
	Cancellation:    {EN: "cancellation", ES: "cancelación del préstamo"},
	Rolled:          {EN: "end of day", ES: "cierre del día"},
	AdvanceApplied:  {EN: "use of unapplied funds", ES: "aplicación de saldo a favor"},
	Capitalisation:  {EN: "capitalisation of interest", ES: "capitalización de intereses"},
	Disbursement:    {EN: "disbursement", ES: "entrega del préstamo"},
	ImportKind:      {EN: "import from another system", ES: "importación de otro sistema"},
	Reversal:        {EN: "reversal", ES: "reverso"},
	PastPayment:     {EN: "payment in the previous system", ES: "pago en el sistema anterior"},

	InForce:  {EN: "applied", ES: "aplicado"},
	Reversed: {EN: "reversed", ES: "revertido"},

	Received:         {EN: "received", ES: "recibido"},
	UnappliedUsed:    {EN: "taken from unapplied funds", ES: "tomado del saldo a favor"},
	UnappliedAdded:   {EN: "added to unapplied funds", ES: "guardado como saldo a favor"},
	Collected:        {EN: "collected", ES: "cobrado"},
	Lent:             {EN: "lent", ES: "prestado"},
	Disbursed:        {EN: "disbursed", ES: "entregado"},
	OpeningCollected: {EN: "origination fee", ES: "comisión por apertura"},
	WrittenOffFact:   {EN: "written off", ES: "castigado"},
	RecoveredFact:    {EN: "recovered", ES: "recuperado"},
	CapitalisedFact:  {EN: "capitalised", ES: "capitalizado"},
	CancelledFact:    {EN: "cancelled", ES: "cancelado"},
	RefundedFact:     {EN: "refunded", ES: "devuelto"},
}
