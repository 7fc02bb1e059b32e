package client

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The refusals of a client's operations.
const (
	NotFound   fault.Code = "client_not_found"
	RFCTaken   fault.Code = "rfc_taken"        // another client has this RFC
	EmailTaken fault.Code = "email_taken"      // another client has this e-mail
	HasLoans   fault.Code = "client_has_loans" // a client with loans cannot be deleted
)

// The rules of a client's fields.
const (
	EmailForm fault.Rule = "email_form"
	RFCLength fault.Rule = "rfc_length"
	RFCForm   fault.Rule = "rfc_form"
	RFCDate   fault.Rule = "rfc_date"  // the date inside
	RFCWord   fault.Rule = "rfc_word"  // the letters at its beginning
	RFCDigit  fault.Rule = "rfc_digit" // the check digit
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Client not found", ES: "No se encontró el cliente"}},
	{Code: RFCTaken, Class: fault.ClassRefused, Text: lang.Text{EN: "RFC already registered", ES: "El RFC ya está registrado"}},
	{Code: EmailTaken, Class: fault.ClassRefused, Text: lang.Text{EN: "Email already registered", ES: "El correo electrónico ya está registrado"}},
	{Code: HasLoans, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Client has loans and cannot be deleted",
		ES: "El cliente tiene {loans} {loans|préstamo|préstamos} y no se puede eliminar",
	}},
}

// Texts are those of the rules.
var Texts = lang.Texts{
	EmailForm: {EN: "must be an e-mail address", ES: "Escriba un correo como nombre@ejemplo.mx"},
	RFCLength: {
		EN: "RFC must have 13 characters (person) or 12 (company), not counting spaces, hyphens and slashes",
		ES: "El RFC tiene 13 caracteres (persona) o 12 (empresa), sin contar espacios, guiones ni diagonales",
	},
	RFCForm: {
		EN: "RFC must be 4 letters (person) or 3 (company) out of A-Z, Ñ and &, a date as YYMMDD, and 3 letters or digits",
		ES: "El RFC lleva 4 letras (persona) o 3 (empresa), la fecha como AAMMDD y 3 letras o cifras",
	},
	RFCDate: {
		EN: "RFC must hold a date of the calendar, as YYMMDD, after its letters",
		ES: "Después de las letras, el RFC lleva una fecha del calendario como AAMMDD",
	},
	RFCWord: {
		EN: "RFC must not begin with a word that the SAT does not assign; the fourth letter is then an X",
		ES: "El SAT no asigna un RFC que comience con esa palabra; la cuarta letra es entonces una X",
	},
	RFCDigit: {
		EN: "RFC must end in the check digit that follows from its other characters",
		ES: "El último carácter del RFC no corresponde a los demás. Compare con el documento",
	},
}
