package staff

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on users.
const (
	NotFound  fault.Code = "user_not_found"
	NameTaken fault.Code = "user_taken" // another user has this name

	OutOfScope fault.Code = "out_of_scope" // the client or loan is not one of those that the role covers
)

// The rules of a user's fields.
const (
	NameReserved fault.Rule = "name_reserved" // the name is reserved for the command line
	NameForm     fault.Rule = "name_form"     // 2 to 64 characters, as CheckName says

	OtherBranch  fault.Rule = "other_branch"  // it belongs to another branch than the user
	OtherOfficer fault.Rule = "other_officer" // another user is its officer
	NoOfficer    fault.Rule = "no_officer"    // it has no officer
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "User not found", ES: "No se encontró el usuario"}},
	{Code: NameTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "User name already registered", ES: "El nombre de usuario ya está registrado"}},
	{Code: OutOfScope, Class: fault.ClassDenied, Text: lang.Text{EN: "Outside the clients that your role covers", ES: "Está fuera de los clientes que cubre su perfil"}},
}

// Texts has the texts of the rules.
var Texts = lang.Texts{
	NameReserved: {
		EN: "must be another name: this one is reserved for the command line",
		ES: "Ese nombre está reservado para la línea de comandos; elija otro",
	},
	OtherBranch: {
		EN: "Your role covers the clients of your own branch; this one belongs to the branch {branch}",
		ES: "Su perfil cubre a los clientes de su sucursal; este pertenece a la sucursal {branch}",
	},
	OtherOfficer: {
		EN: "Your role covers the clients of your own portfolio; the officer of this one is {officer}",
		ES: "Su perfil cubre a los clientes de su cartera; este lo atiende {officer}",
	},
	NoOfficer: {
		EN: "Your role covers the clients of your own portfolio; this one has no officer",
		ES: "Su perfil cubre a los clientes de su cartera; este no tiene ejecutivo asignado",
	},
	NameForm: {
		EN: "must have 2 to 64 lower-case letters, digits and . _ @ -, and begin with a letter or digit",
		ES: "Use de 2 a 64 letras minúsculas, cifras o signos . _ @ -; comience con letra o cifra",
	},
}
