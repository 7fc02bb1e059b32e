package incoming

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on incoming payments.
const (
	NotFound     fault.Code = "incoming_payment_not_found"
	FileNotFound fault.Code = "bank_file_not_found"
	NoLayout     fault.Code = "bank_layout_not_found"   // the account has no layout
	Taken        fault.Code = "incoming_payment_taken"  // the row was taken before
	NotSuspended fault.Code = "incoming_payment_state"  // it is resolved already
	TooEarly     fault.Code = "incoming_payment_recent" // it may not become income yet
)

// Base64 is the rule for the content of a file in a request.
const Base64 fault.Rule = "bank_file_base64"

// NotIncomeBySelf is the rule that another person than the one who imported a payment writes
// it to income.
const NotIncomeBySelf fault.Rule = "income_other_person"

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Incoming payment not found", ES: "No se encontró el depósito"}},
	{Code: FileNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Bank file not found", ES: "No se encontró el archivo del banco"}},
	{Code: NoLayout, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The bank account has no file layout; set it first",
		ES: "La cuenta bancaria no tiene un formato de archivo; regístrelo primero",
	}},
	{Code: Taken, Class: fault.ClassConflict, Text: lang.Text{EN: "The payment was taken before", ES: "El depósito ya se registró"}},
	{Code: NotSuspended, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Only a payment in suspense can be resolved; this one is {payment_status}",
		ES: "Sólo se resuelven depósitos por identificar; este ya está {payment_status}",
	}},
	{Code: TooEarly, Class: fault.ClassRefused, Text: lang.Text{
		EN: "The payment may be written to income from {earliest} on",
		ES: "El depósito puede llevarse a ingresos a partir del {earliest}",
	}},
}

// Texts has the texts of the states, reasons and rules.
var Texts = lang.Texts{
	NotIncomeBySelf: {
		EN: "The person who imported a payment may not write it to income: {taken_by}",
		ES: "Quien importó el depósito no puede llevarlo a ingresos: {taken_by}",
	},
	Base64: {EN: "must be the bytes of the file in base64", ES: "Envíe los bytes del archivo en base64"},

	Applied:   {EN: "applied", ES: "aplicado"},
	Suspended: {EN: "in suspense", ES: "por identificar"},
	Assigned:  {EN: "assigned to a loan", ES: "asignado a un préstamo"},
	Returned:  {EN: "returned to the sender", ES: "devuelto al remitente"},
	ToIncome:  {EN: "written to income", ES: "llevado a ingresos"},

	NoReference:    {EN: "there is no reference, or more than one", ES: "no tiene referencia o tiene más de una"},
	WrongReference: {EN: "the check digits of the reference do not match", ES: "los dígitos verificadores de la referencia no coinciden"},
	UnknownLoan:    {EN: "no loan has the number of the reference", ES: "ningún préstamo tiene el número de la referencia"},
	LoanEnded:      {EN: "the loan takes no payments", ES: "el préstamo no recibe pagos"},
	AbovePayoff:    {EN: "it is above the payoff amount of the loan", ES: "excede el importe para liquidar el préstamo"},
	DateClosed:     {EN: "the month of its date is closed", ES: "el mes de su fecha está cerrado"},
	DateRefused:    {EN: "the loan takes no payment of that date", ES: "el préstamo no admite un pago con esa fecha"},

	Open: {EN: "not complete", ES: "incompleto"},
	Done: {EN: "complete", ES: "completo"},
}
