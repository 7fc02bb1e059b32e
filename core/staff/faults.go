package staff

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// The codes of operations on users.
const (
	NotFound  fault.Code = "user_not_found"
	NameTaken fault.Code = "user_taken" // another user has this name

	LastAdmin       fault.Code = "last_admin" // the last user with the role admin who can log in
	RoleNotFound    fault.Code = "role_not_found"
	BranchNotFound  fault.Code = "branch_not_found"
	BranchCodeTaken fault.Code = "branch_code_taken"
	BranchClosed    fault.Code = "branch_closed"
	BranchInUse     fault.Code = "branch_in_use" // it has users who can log in, clients, loans, open tills or cash

	SessionNotFound fault.Code = "session_not_found"
	KeyNotFound     fault.Code = "api_key_not_found"
	KeyEnded        fault.Code = "api_key_ended"         // revoked or expired
	NotForService   fault.Code = "not_for_service"       // the operation is for people, and the user is a service account
	OnlyForService  fault.Code = "only_for_service"      // the operation is for service accounts, and the user is a person
	FactorNotFound  fault.Code = "factor_not_found"      // none, or not confirmed yet
	FactorConfirmed fault.Code = "factor_confirmed"      // the user has a second factor already
	FactorLocked    fault.Code = "factor_locked"         // no key in force decrypts it
	InvalidRefresh  fault.Code = "invalid_refresh_token" // unknown, expired, or of a session that has ended
	RefreshReused   fault.Code = "refresh_token_reused"  // a newer one was issued; the session ends
	DraftNotFound   fault.Code = "draft_not_found"

	OutOfScope fault.Code = "out_of_scope" // the client, loan or till is not one of those that the role covers
)

// The rules of a user's fields.
const (
	NameReserved fault.Rule = "name_reserved" // the name is reserved for the command line
	NameForm     fault.Rule = "name_form"     // 2 to 64 characters, as CheckName says

	WrongPassword    fault.Rule = "wrong_password"     // not the user's present password
	OwnRole          fault.Rule = "own_role"           // nobody changes the own role
	OtherActivator   fault.Rule = "other_activator"    // the person who created an API key may not activate it
	KeyDays          fault.Rule = "api_key_days"       // 1 to MaxKeyDays
	OtherEnabler     fault.Rule = "other_enabler"      // who set the password of a user or removed the second factor may not enable the user
	RoleForm         fault.Rule = "role_form"          // 2 to 32 characters
	AdminFixed       fault.Rule = "admin_fixed"        // the role admin may do everything
	UnknownRole      fault.Rule = "unknown_role"       // a field names a role that does not exist
	UnknownBranch    fault.Rule = "unknown_branch"     // a field names a branch that does not exist or is closed
	ClientsOrOfficer fault.Rule = "clients_or_officer" // one of the two
	OfficerOrBranch  fault.Rule = "officer_or_branch"  // one of the two
	UnknownOfficer   fault.Rule = "unknown_officer"    // a field names a user who does not exist or is disabled
	CodeForm         fault.Rule = "branch_code_form"   // 1 to 10 characters
	HeadOfficeOpen   fault.Rule = "head_office_open"   // the head office cannot be closed
	UsersBranch      fault.Rule = "users_branch"       // the branch of the user who would be enabled is closed
	OwnBranch        fault.Rule = "own_branch"         // the branch of the acting user is closed

	OtherBranch  fault.Rule = "other_branch"  // it belongs to another branch than the user
	OtherOfficer fault.Rule = "other_officer" // another user is its officer
	NoOfficer    fault.Rule = "no_officer"    // it has no officer
)

// Faults declares the codes.
var Faults = []fault.Declaration{
	{Code: NotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "User not found", ES: "No se encontró el usuario"}},
	{Code: NameTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "User name already registered", ES: "El nombre de usuario ya está registrado"}},
	{Code: LastAdmin, Class: fault.ClassConflict, Text: lang.Text{
		EN: "This is the last enabled user with the role admin; give the role to another user first",
		ES: "Es el último usuario habilitado con el perfil admin; asigne antes ese perfil a otro usuario",
	}},
	{Code: DraftNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Draft not found: it was removed, or its form was carried out", ES: "No se encontró el borrador: se descartó o ya se presentó"}},
	{Code: FactorNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "There is no such second factor; begin the enrolment", ES: "El usuario no tiene ese segundo factor; comience el registro"}},
	{Code: FactorConfirmed, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The user already has a second factor; an administrator can reset it",
		ES: "El usuario ya tiene un segundo factor; un administrador puede restablecerlo",
	}},
	{Code: FactorLocked, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The second factor was encrypted with a key that is no longer in force; use a recovery code, or ask an administrator to reset it",
		ES: "El segundo factor se cifró con una clave que ya no está vigente; use un código de recuperación o pida a un administrador que lo restablezca",
	}},
	{Code: InvalidRefresh, Class: fault.ClassUnauthenticated, Text: lang.Text{
		EN: "The refresh token is not valid, or its session has ended; sign in again",
		ES: "El token de renovación no es válido o su sesión terminó; inicie sesión de nuevo",
	}},
	{Code: RefreshReused, Class: fault.ClassUnauthenticated, Text: lang.Text{
		EN: "The refresh token was used before, so its session has ended; sign in again",
		ES: "El token de renovación ya se había usado, por lo que su sesión terminó; inicie sesión de nuevo",
	}},
	{Code: SessionNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Session not found", ES: "No se encontró la sesión"}},
	{Code: KeyNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "API key not found", ES: "No se encontró la clave de API"}},
	{Code: KeyEnded, Class: fault.ClassConflict, Text: lang.Text{EN: "The API key was revoked or has expired; create another one", ES: "La clave de API se revocó o ya venció; cree otra"}},
	{Code: NotForService, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The user is a service account, which has API keys instead of a password and sessions",
		ES: "El usuario es una cuenta de servicio, que tiene claves de API en lugar de contraseña y sesiones",
	}},
	{Code: OnlyForService, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The user is a person; only service accounts have API keys",
		ES: "El usuario es una persona; solo las cuentas de servicio tienen claves de API",
	}},
	{Code: RoleNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Role not found", ES: "No se encontró el perfil"}},
	{Code: BranchNotFound, Class: fault.ClassNotFound, Text: lang.Text{EN: "Branch not found", ES: "No se encontró la sucursal"}},
	{Code: BranchCodeTaken, Class: fault.ClassConflict, Text: lang.Text{EN: "Branch code already in use", ES: "La clave de sucursal ya está en uso"}},
	{Code: BranchClosed, Class: fault.ClassConflict, Text: lang.Text{EN: "The branch is closed", ES: "La sucursal está cerrada"}},
	{Code: BranchInUse, Class: fault.ClassConflict, Text: lang.Text{
		EN: "The branch still has {users} enabled {users|user|users}, {clients} {clients|client|clients}, {loans} {loans|loan|loans}, {open_tills} open {open_tills|till|tills} and {cash} in cash; " +
			"assign them to another branch, close the tills and move the cash first",
		ES: "La sucursal todavía tiene {users} {users|usuario habilitado|usuarios habilitados}, {clients} {clients|cliente|clientes}, {loans} {loans|préstamo|préstamos}, " +
			"{open_tills} {open_tills|caja abierta|cajas abiertas} y {cash} en efectivo; asígnelos a otra sucursal, cierre las cajas y traslade el efectivo antes",
	}},
	{Code: OutOfScope, Class: fault.ClassDenied, Text: lang.Text{EN: "Outside what your role covers", ES: "Está fuera de lo que cubre su perfil"}},
}

// Texts has the texts of the rules.
var Texts = lang.Texts{
	Person:         {EN: "person", ES: "persona"},
	Service:        {EN: "service account", ES: "cuenta de servicio"},
	ConsoleSession: {EN: "at the console", ES: "en la consola"},
	APISession:     {EN: "by a program", ES: "desde un programa"},
	Own:            {EN: "own clients", ES: "clientes propios"},
	OfBranch:       {EN: "clients of the branch", ES: "clientes de la sucursal"},
	All:            {EN: "all clients", ES: "todos los clientes"},
	Light:          {EN: "light", ES: "claro"},
	Dark:           {EN: "dark", ES: "oscuro"},
	NameReserved: {
		EN: "must be another name: this one is reserved for the command line",
		ES: "Ese nombre está reservado para la línea de comandos; elija otro",
	},
	WrongPassword:  {EN: "must be your present password", ES: "Escriba su contraseña actual"},
	OwnRole:        {EN: "Nobody may change or approve the own role", ES: "Nadie puede cambiar ni autorizar su propio perfil"},
	OtherActivator: {EN: "{created_by} created this API key; another person must activate it", ES: "{created_by} creó esta clave de API; otra persona debe activarla"},
	KeyDays:        {EN: "must be 1 to {most} days", ES: "Escriba de 1 a {most} días"},
	KeyWaiting:     {EN: "waits for a second person", ES: "espera a una segunda persona"},
	KeyActive:      {EN: "active", ES: "activa"},
	KeyExpired:     {EN: "expired", ES: "vencida"},
	KeyRevoked:     {EN: "revoked", ES: "revocada"},
	OtherEnabler:   {EN: "{password_by} set the password or removed the second factor of this user; another person must enable the user", ES: "{password_by} cambió la contraseña o quitó el segundo factor de este usuario; otra persona debe habilitarlo"},
	RoleForm: {
		EN: "must have 2 to 32 lower-case letters, digits and underscores, and begin with a letter",
		ES: "Use de 2 a 32 letras minúsculas, cifras o guiones bajos; comience con letra",
	},
	AdminFixed:       {EN: "must stay complete: the role admin may do everything, everywhere", ES: "No se puede reducir: el perfil admin puede hacer todo, en todas las sucursales"},
	UnknownRole:      {EN: "must be an existing role; GET /api/v1/roles and sofipo role list show them", ES: "Elija un perfil que exista; GET /api/v1/roles y sofipo role list los muestran"},
	UnknownBranch:    {EN: "must be the code of an open branch; GET /api/v1/branches and sofipo branch list show them", ES: "Escriba la clave de una sucursal abierta; GET /api/v1/branches y sofipo branch list las muestran"},
	ClientsOrOfficer: {EN: "must have 1 to {most} ids, or be absent if from_officer is given", ES: "Indique de 1 a {most} clientes, o un ejecutivo de origen, no ambos"},
	OfficerOrBranch:  {EN: "must be given, or else branch, but not both", ES: "Indique un ejecutivo o una sucursal, no ambos"},
	UnknownOfficer:   {EN: "must be the name of an enabled user", ES: "Escriba el nombre de un usuario habilitado"},
	CodeForm:         {EN: "must have 1 to 10 upper-case letters, digits and hyphens", ES: "Use de 1 a 10 letras mayúsculas, cifras o guiones"},
	HeadOfficeOpen:   {EN: "The head office cannot be closed", ES: "La matriz no se puede cerrar"},
	UsersBranch: {
		EN: "The user's branch is closed; assign the user to an open branch first",
		ES: "La sucursal del usuario está cerrada; asígnelo primero a una sucursal abierta",
	},
	OwnBranch: {
		EN: "Your branch is closed; ask an administrator to assign you to an open branch",
		ES: "Su sucursal está cerrada; pida a un administrador que lo asigne a una sucursal abierta",
	},
	OtherBranch: {
		EN: "Your role covers your own branch; this belongs to the branch {branch}",
		ES: "Su perfil cubre su sucursal; esto pertenece a la sucursal {branch}",
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
