package fault

import "sofipo/core/lang"

// The rules of fields that all nouns share. Each is named after what it demands.
const (
	Missing    Rule = "missing"     // the field is not there
	Blank      Rule = "blank"       // the text has nothing in it
	Positive   Rule = "positive"    // above 0
	AtLeast    Rule = "at_least"    // not below {least}
	AtMost     Rule = "at_most"     // not above {most}
	Between    Rule = "between"     // from {least} to {most}
	OneOf      Rule = "one_of"      // one of the values {accepted}
	MinLength  Rule = "min_length"  // at least {least} characters
	MaxLength  Rule = "max_length"  // at most {most} characters
	Length     Rule = "length"      // from {least} to {most} characters
	Printable  Rule = "printable"   // no control characters, valid UTF-8
	ValidText  Rule = "valid_text"  // no NUL, valid UTF-8
	DayNeeded  Rule = "day_needed"  // a day of the calendar must be given
	DayValid   Rule = "day_valid"   // a day of the calendar
	NotFuture  Rule = "not_future"  // not after the business date {latest}
	NotAfter   Rule = "not_after"   // not after the day {latest}
	DayBetween Rule = "day_between" // a day from {earliest} to {latest}
	WithinDays Rule = "within_days" // at most {days} days long, so from {earliest} on
	PageMark   Rule = "page_mark"   // a mark that was given for this query
	PageStart  Rule = "page_start"  // the id that the page before gave
)

// Faults declares the codes that all nouns share.
var Faults = []Declaration{
	{Invalid, ClassInvalid, lang.Text{EN: "The request is not valid", ES: "Hay datos por corregir"}},
	{IdempotencyReused, ClassInvalid, lang.Text{
		EN: "Idempotency-Key was already used for another request",
		ES: "La clave de idempotencia ya se usó para otra solicitud",
	}},
	{TooLarge, ClassTooLarge, lang.Text{EN: "Request Entity Too Large: the body may have at most 1 MiB", ES: "La solicitud excede el tamaño máximo de 1 MiB"}},
	{Unavailable, ClassUnavailable, lang.Text{EN: "Service unavailable", ES: "El servicio no está disponible; intente de nuevo"}},
}

// Why a service is not available.
const (
	DatabaseAway   Rule = "database_away"   // nothing was read or written
	OutcomeUnknown Rule = "outcome_unknown" // the write may have been done
	GivenUp        Rule = "given_up"        // the caller went away before the write
	RowBusy        Rule = "row_busy"        // others change the same row
	Stopping       Rule = "stopping"        // this process ends
	TooMany        Rule = "too_many"        // too many requests wait
	TooManyLogins  Rule = "too_many_logins" // too many logins wait
	NoEventLog     Rule = "no_event_log"    // none is set up
	EventLogAway   Rule = "event_log_away"  //
)

// Texts are those of the rules.
var Texts = lang.Texts{
	Missing:    {EN: "is needed", ES: "Falta este dato"},
	Blank:      {EN: "is needed", ES: "Escriba este dato"},
	Positive:   {EN: "must be above 0", ES: "Debe ser mayor que 0"},
	AtLeast:    {EN: "must be at least {least}", ES: "Debe ser al menos {least}"},
	AtMost:     {EN: "must be at most {most}", ES: "Debe ser a lo más {most}"},
	Between:    {EN: "must be from {least} to {most}", ES: "Debe estar entre {least} y {most}"},
	OneOf:      {EN: "must be one of {accepted}", ES: "Elija una opción: {accepted}"},
	MinLength:  {EN: "must have at least {least} {least|character|characters}", ES: "Escriba al menos {least} {least|carácter|caracteres}"},
	MaxLength:  {EN: "must have at most {most} {most|character|characters}", ES: "Escriba a lo más {most} {most|carácter|caracteres}"},
	Length:     {EN: "must have {least} to {most} characters", ES: "Escriba de {least} a {most} caracteres"},
	Printable:  {EN: "must have no control characters and be valid UTF-8", ES: "Quite los caracteres de control"},
	ValidText:  {EN: "must have no NUL and be valid UTF-8", ES: "Quite los caracteres que no son texto"},
	DayNeeded:  {EN: "is needed: a day of the calendar", ES: "Escriba un día del calendario"},
	DayValid:   {EN: "must be a day of the calendar", ES: "Debe ser un día del calendario"},
	NotFuture:  {EN: "must not be after the business date {latest}", ES: "No puede ser posterior a la fecha operativa, {latest}"},
	NotAfter:   {EN: "must not be after {latest}", ES: "No puede ser posterior al {latest}"},
	DayBetween: {EN: "must be from {earliest} to {latest}", ES: "Debe estar entre el {earliest} y el {latest}"},
	WithinDays: {
		EN: "must be within {days} {days|day|days} of the last day: {earliest} or later",
		ES: "Elija a lo más {days} {days|día|días}: desde el {earliest}",
	},
	PageMark:  {EN: "not a mark that was given for this query", ES: "No es una marca de página de esta consulta"},
	PageStart: {EN: "must be the id that the page before gave", ES: "Debe ser el identificador que dio la página anterior"},

	DatabaseAway:   {EN: "Service unavailable: the database does not answer", ES: "La base de datos no responde; no se guardó nada. Intente de nuevo"},
	OutcomeUnknown: {EN: "Service unavailable: the outcome is not known", ES: "No se sabe si la operación quedó registrada; consulte antes de repetirla"},
	GivenUp:        {EN: "Service unavailable: the request was given up before it was written", ES: "La solicitud se abandonó antes de guardarse; intente de nuevo"},
	RowBusy:        {EN: "Service unavailable: the row is being changed by others; nothing was written", ES: "Alguien más está cambiando este dato; no se guardó nada. Intente de nuevo"},
	Stopping:       {EN: "Service unavailable: the service is stopping", ES: "El servicio se está deteniendo; intente de nuevo"},
	TooMany:        {EN: "Service unavailable: too many requests are waiting", ES: "Hay demasiadas solicitudes en espera; intente de nuevo"},
	TooManyLogins:  {EN: "Service unavailable: too many logins are waiting", ES: "Hay demasiados inicios de sesión en espera; intente de nuevo"},
	NoEventLog:     {EN: "Service unavailable: no event log is set up", ES: "No hay bitácora de eventos configurada"},
	EventLogAway:   {EN: "Service unavailable: the event log does not answer", ES: "La bitácora de eventos no responde; intente de nuevo"},
}
