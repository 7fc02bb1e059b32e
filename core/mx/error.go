package mx

// Code is the check that refused an identifier. Codes are stable; programs may depend on
// them.
type Code string

// The codes of an Error.
const (
	InvalidLength            Code = "INVALID_LENGTH"             // wrong number of characters
	InvalidFormat            Code = "INVALID_FORMAT"             // a character is not allowed at its position
	InvalidDate              Code = "INVALID_DATE"               // the embedded date is not in the calendar
	InvalidVerificationDigit Code = "INVALID_VERIFICATION_DIGIT" // the check digit does not match the other characters
	ForbiddenWord            Code = "FORBIDDEN_WORD"             // the initial letters are a word that is never assigned
	InvalidState             Code = "INVALID_STATE"              // CURP only: no such state of birth
	UnknownBank              Code = "UNKNOWN_BANK"               // CLABE warning: bank not in the catalogue
	UnknownPlaza             Code = "UNKNOWN_PLAZA"              // CLABE warning: plaza not in the catalogue
)

// Error is a refusal, or a warning of Catalogue.Warnings. Message is in English and says
// what is accepted. It never repeats the refused text, which is personal data.
type Error struct {
	Code    Code
	Message string
}

// Error returns the message.
func (e Error) Error() string { return e.Message }
