package client

import (
	"maps"

	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on clients.
const (
	NotFound     fault.Code = "client_not_found"
	RFCTaken     fault.Code = "rfc_taken"        // another client has this RFC
	RFCNotUnique fault.Code = "rfc_not_unique"   // several clients have this generic RFC
	EmailTaken   fault.Code = "email_taken"      // another client has this e-mail
	HasLoans     fault.Code = "client_has_loans" // a client with loans cannot be deleted
)

// The field rules of clients.
const (
	EmailForm fault.Rule = "email_form" // an e-mail address
	RFCLength fault.Rule = "rfc_length" // 12 or 13 characters
	RFCForm   fault.Rule = "rfc_form"   // letters, a date, letters or digits
	RFCDate   fault.Rule = "rfc_date"   // the date in it exists
	RFCWord   fault.Rule = "rfc_word"   // the initial letters are not a word that the SAT excludes
	RFCDigit  fault.Rule = "rfc_digit"  // the check digit
)

// Faults declares the codes.
var Faults = append([]fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Client not found", ES: "No se encontró el cliente"}},
	{Code: RFCTaken, Class: fault.ClassRefused, Text: lang.Text{EN: "RFC already registered", ES: "El RFC ya está registrado"}},
	{Code: RFCNotUnique, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Several clients have this generic RFC; find the client in the list of clients",
		ES: "Varios clientes tienen este RFC genérico; busque al cliente en la lista de clientes",
	}},
	{Code: EmailTaken, Class: fault.ClassRefused, Text: lang.Text{EN: "Email already registered", ES: "El correo electrónico ya está registrado"}},
	{Code: HasLoans, Class: fault.ClassConflict, Text: lang.Text{
		EN: "Client has loans and cannot be deleted",
		ES: "El cliente tiene {loans} {loans|préstamo|préstamos} y no se puede eliminar",
	}},
}, append(fileFaults, personalFaults...)...)

// Texts has the texts of the rules, the warnings and the choices.
var Texts = merged(fileTexts, viewedTexts, dataTexts, lang.Texts{
	EmailForm: {EN: "must be an e-mail address", ES: "Escriba un correo como nombre@ejemplo.mx"},
	RFCLength: {
		EN: "RFC must have 13 characters (person) or 12 (company), not counting spaces, hyphens and slashes",
		ES: "El RFC tiene 13 caracteres (persona) o 12 (empresa), sin contar espacios, guiones ni diagonales",
	},
	RFCForm: {
		EN: "RFC must have 4 letters (person) or 3 (company) from A-Z, Ñ and &, then a date as YYMMDD, then 3 letters or digits",
		ES: "El RFC lleva 4 letras (persona) o 3 (empresa), la fecha como AAMMDD y 3 letras o cifras",
	},
	RFCDate: {
		EN: "RFC must have a valid date as YYMMDD after its letters",
		ES: "Después de las letras, el RFC lleva una fecha válida como AAMMDD",
	},
	RFCWord: {
		EN: "RFC must not begin with a word that the SAT excludes; the SAT replaces its fourth letter with X",
		ES: "El SAT no asigna RFC que comiencen con esa palabra; en su lugar, la cuarta letra es una X",
	},
	RFCDigit: {
		EN: "RFC has a check digit that does not match its other characters; compare it with the document",
		ES: "El último carácter del RFC no corresponde a los demás. Compare con el documento",
	},
})

// merged returns the texts of all parts.
func merged(parts ...lang.Texts) lang.Texts {
	all := lang.Texts{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}
