package staff

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on users.
const (
	NotFound  fault.Code = "user_not_found"
	NameTaken fault.Code = "user_taken" // another user has this name
)

// The rules of a user's fields.
const (
	NameReserved fault.Rule = "name_reserved" // the name is reserved for the command line
	NameForm     fault.Rule = "name_form"     // 2 to 64 characters, as CheckName says
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "User not found", ES: "No se encontró el usuario"}},
	{Code: NameTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "User name already registered", ES: "El nombre de usuario ya está registrado"}},
}

// Texts has the texts of the rules.
var Texts = lang.Texts{
	NameReserved: {
		EN: "must be another name: this one is reserved for the command line",
		ES: "Ese nombre está reservado para la línea de comandos; elija otro",
	},
	NameForm: {
		EN: "must have 2 to 64 lower-case letters, digits and . _ @ -, and begin with a letter or digit",
		ES: "Use de 2 a 64 letras minúsculas, cifras o signos . _ @ -; comience con letra o cifra",
	},
}
