package folio

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The rules that a text breaks if it is not a number.
const (
	Malformed  fault.Rule = "folio_form"  // digits, with at most one prefix
	WrongDigit fault.Rule = "folio_digit" // the check digit does not match
	OtherKind  fault.Rule = "folio_kind"  // the prefix is that of another kind
)

// Texts has the texts of the rules and the names of the kinds.
var Texts = lang.Texts{
	Malformed: {
		EN: "must be a number such as C-104-273, with or without its letter, hyphens and spaces",
		ES: "Escriba un número como C-104-273, con o sin la letra, los guiones y los espacios",
	},
	WrongDigit: {
		EN: "has a check digit that does not match the other digits; compare it with the document",
		ES: "El último dígito no corresponde a los demás. Compare con el documento",
	},
	OtherKind: {
		EN: "must be a number of another kind: C for a client, P for a loan, R for a receipt",
		ES: "Ese número es de otro tipo: C es un cliente, P un préstamo y R un recibo",
	},

	Client:  {EN: "client", ES: "cliente"},
	Loan:    {EN: "loan", ES: "préstamo"},
	Receipt: {EN: "receipt", ES: "recibo"},
}
