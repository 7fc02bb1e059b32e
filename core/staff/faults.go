package staff

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The refusals of operations on users.
const (
	NotFound  fault.Code = "user_not_found"
	NameTaken fault.Code = "user_taken" // the user name is in use
)

// The rules of a user's fields.
const (
	NameReserved fault.Rule = "name_reserved" // the name stands for the operator at the command line
	NameForm     fault.Rule = "name_form"
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "User not found", ES: "No se encontró el usuario"}},
	{Code: NameTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "User name already registered", ES: "El nombre de usuario ya está registrado"}},
}

// Texts are those of the rules.
var Texts = lang.Texts{
	NameReserved: {
		EN: "this name stands for the operator at the command line",
		ES: "Ese nombre está reservado para la línea de comandos; elija otro",
	},
	NameForm: {
		EN: "use 2 to 64 lower-case letters, digits and . _ @ -, beginning with a letter or digit",
		ES: "Use de 2 a 64 letras minúsculas, cifras y . _ @ -; comience con letra o cifra",
	},
}
