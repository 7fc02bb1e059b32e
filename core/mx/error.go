package mx

// Code says which check refused an identifier. It is stable: clients may switch on it.
type Code string

// The codes that an Error carries.
const (
	InvalidLength            Code = "INVALID_LENGTH"             // wrong number of characters
	InvalidFormat            Code = "INVALID_FORMAT"             // a character that its position does not allow
	InvalidDate              Code = "INVALID_DATE"               // the embedded date is not in the calendar
	InvalidVerificationDigit Code = "INVALID_VERIFICATION_DIGIT" // the last character does not follow from the others
	ForbiddenWord            Code = "FORBIDDEN_WORD"             // the leading letters are a word that is never assigned
	InvalidState             Code = "INVALID_STATE"              // CURP only: no such state of birth
	UnknownBank              Code = "UNKNOWN_BANK"               // CLABE warning: bank not in the catalogue
	UnknownPlaza             Code = "UNKNOWN_PLAZA"              // CLABE warning: plaza not in the catalogue
)

// Error is a refusal, or a warning of Catalogue.Warnings. Message is in English,
// names the identifier and what is accepted, and never repeats the refused text,
// which is personal data.
type Error struct {
	Code    Code
	Message string
}

// Error returns the message.
func (e Error) Error() string { return e.Message }
