package access

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of authentication and authorization.
const (
	NotAuthenticated   fault.Code = "not_authenticated"   // the request has no token
	InvalidCredentials fault.Code = "invalid_credentials" // the token is not valid or has expired
	BadLogin           fault.Code = "bad_login"           // wrong user name or password
	NeedsCode          fault.Code = "code_required"       // the password is right; a code of the second factor is missing
	BadCode            fault.Code = "bad_code"            // wrong or used code of the second factor
	NeedsFactor        fault.Code = "factor_required"     // the role requires a second factor, which the user does not have yet
	TooManyAttempts    fault.Code = "too_many_attempts"   // failed or waiting logins require a pause
	TooManyRequests    fault.Code = "too_many_requests"   // a user or an address sends too many
	Forbidden          fault.Code = "forbidden"           // the role lacks the permission
	FourEyes           fault.Code = "four_eyes"           // a second person must do it
)

// The rules of passwords.
const (
	PasswordHasName fault.Rule = "password_has_name" // it contains the user name
	PasswordBytes   fault.Rule = "password_bytes"    // it is too long to be hashed

	PasswordHasInstitution fault.Rule = "password_has_institution" // it contains the name of the institution
	PasswordRepeats        fault.Rule = "password_repeats"         // three equal characters in a row
	PasswordRuns           fault.Rule = "password_runs"            // three consecutive letters or digits in a row
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotAuthenticated, Class: fault.ClassUnauthenticated, Text: lang.Text{EN: "Not authenticated", ES: "Inicie sesión para continuar"}},
	{Code: InvalidCredentials, Class: fault.ClassUnauthenticated, Text: lang.Text{
		EN: "Could not validate credentials",
		ES: "La sesión no es válida o ya venció; inicie sesión de nuevo",
	}},
	{Code: BadLogin, Class: fault.ClassUnauthenticated, Text: lang.Text{EN: "Incorrect username or password", ES: "Usuario o contraseña incorrectos"}},
	{Code: NeedsCode, Class: fault.ClassUnauthenticated, Text: lang.Text{EN: "Enter the code of your authenticator app, or a recovery code", ES: "Escriba el código de su aplicación de autenticación o uno de recuperación"}},
	{Code: BadCode, Class: fault.ClassUnauthenticated, Text: lang.Text{EN: "The code is wrong or was used before", ES: "El código es incorrecto o ya se usó"}},
	{Code: NeedsFactor, Class: fault.ClassDenied, Text: lang.Text{EN: "Your role requires a second factor; enrol one first", ES: "Su perfil requiere un segundo factor; regístrelo primero"}},
	{Code: TooManyAttempts, Class: fault.ClassLimited, Text: lang.Text{
		EN: "Too many login attempts; try again in {retry_after} {retry_after|second|seconds}",
		ES: "Demasiados intentos de inicio de sesión. Intente de nuevo en {retry_after} {retry_after|segundo|segundos}",
	}},
	{Code: TooManyRequests, Class: fault.ClassLimited, Text: lang.Text{
		EN: "Too many requests; try again in {retry_after} {retry_after|second|seconds}",
		ES: "Demasiadas solicitudes. Intente de nuevo en {retry_after} {retry_after|segundo|segundos}",
	}},
	{Code: Forbidden, Class: fault.ClassDenied, Text: lang.Text{EN: "Not enough permissions", ES: "Su perfil no le permite {permission}"}},
	{Code: FourEyes, Class: fault.ClassDenied, Text: lang.Text{EN: "This operation needs a second person", ES: "Esta operación requiere una segunda persona"}},
}

// Texts has the texts of the roles and rules.
var Texts = lang.Texts{
	Own:             {EN: "use one's own account", ES: "usar la cuenta propia"},
	Admin:           {EN: "administrator", ES: "administrador"},
	Officer:         {EN: "loan officer", ES: "ejecutivo de crédito"},
	Teller:          {EN: "teller", ES: "cajero"},
	Accountant:      {EN: "accountant", ES: "contador"},
	Auditor:         {EN: "auditor", ES: "auditor"},
	BranchManager:   {EN: "branch manager", ES: "gerente de sucursal"},
	Director:        {EN: "director", ES: "director"},
	Collector:       {EN: "collector", ES: "gestor de cobranza"},
	Compliance:      {EN: "compliance officer", ES: "oficial de cumplimiento"},
	Operator:        {EN: "system operator", ES: "operador de sistemas"},
	PasswordBytes:   {EN: "must have at most {most} bytes", ES: "Escriba una contraseña más corta, de {most} bytes como máximo"},
	PasswordHasName: {EN: "must not contain the user name", ES: "La contraseña no puede contener el nombre de usuario"},
	PasswordHasInstitution: {
		EN: "must not contain the name of the institution", ES: "La contraseña no puede contener el nombre de la institución",
	},
	PasswordRepeats: {
		EN: "must not have the same character three times in a row, such as 111",
		ES: "La contraseña no puede tener tres caracteres iguales seguidos, como 111",
	},
	PasswordRuns: {
		EN: "must not have three consecutive letters or digits in a row, such as abc or 321",
		ES: "La contraseña no puede tener tres letras o cifras consecutivas, como abc o 321",
	},
}
