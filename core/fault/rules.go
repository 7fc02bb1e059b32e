package fault

import "sofipo/core/lang"

// The field rules that all nouns share. Each is named after its requirement.
const (
	Missing    Rule = "missing"     // the field is absent
	Blank      Rule = "blank"       // the text is empty
	Positive   Rule = "positive"    // above 0
	AtLeast    Rule = "at_least"    // not below {least}
	AtMost     Rule = "at_most"     // not above {most}
	Between    Rule = "between"     // from {least} to {most}
	OneOf      Rule = "one_of"      // one of the values {accepted}
	MinLength  Rule = "min_length"  // at least {least} characters
	MaxLength  Rule = "max_length"  // at most {most} characters
	Length     Rule = "length"      // from {least} to {most} characters
	Printable  Rule = "printable"   // no control characters, valid UTF-8
	Shown      Rule = "shown"       // only characters that documents can show, unlike {character}
	ValidText  Rule = "valid_text"  // no NUL, valid UTF-8
	FileLength Rule = "file_length" // a file of at most {most} KiB
	DayNeeded  Rule = "day_needed"  // the date is absent
	DayValid   Rule = "day_valid"   // a valid date
	NotFuture  Rule = "not_future"  // not after the business date {latest}
	NotAfter   Rule = "not_after"   // not after the date {latest}
	DayBetween Rule = "day_between" // a date from {earliest} to {latest}
	WithinDays Rule = "within_days" // a range of at most {days} days, which starts on {earliest} or later
	PageMark   Rule = "page_mark"   // a page token from an earlier response to the same query
	PageStart  Rule = "page_start"  // the id that the previous page returned
)

// Faults declares the codes that all nouns share.
var Faults = []Declaration{
	{Invalid, ClassInvalid, lang.Text{EN: "The request is not valid", ES: "Hay datos por corregir"}},
	{IdempotencyReused, ClassInvalid, lang.Text{
		EN: "Idempotency-Key was already used for another request; use a new key",
		ES: "La clave de idempotencia ya se usó para otra solicitud; use una nueva",
	}},
	{TooLarge, ClassTooLarge, lang.Text{EN: "Request Entity Too Large: the body may have at most 1 MiB", ES: "La solicitud excede el tamaño máximo de 1 MiB"}},
	{Unavailable, ClassUnavailable, lang.Text{EN: "Service unavailable", ES: "El servicio no está disponible. Intente de nuevo"}},
}

// The reasons why a service is unavailable.
const (
	DatabaseAway   Rule = "database_away"    // nothing was read or written
	ClockWrong     Rule = "clock_wrong"      // the clock of this process is wrong; nothing was written
	OutcomeUnknown Rule = "outcome_unknown"  // it is not known whether the write was committed
	GivenUp        Rule = "given_up"         // the caller disconnected before the write
	RowBusy        Rule = "row_busy"         // concurrent requests keep changing the same row
	Stopping       Rule = "stopping"         // this process is shutting down
	TooMany        Rule = "too_many"         // the request queue is full
	TooManyAnswers Rule = "too_many_answers" // clients read their large answers too slowly
	TooManyLogins  Rule = "too_many_logins"  // the login queue is full
	NoEventLog     Rule = "no_event_log"     // no event log is configured
	EventLogAway   Rule = "event_log_away"   // the event log does not answer
)

// Texts has the texts of the rules in this package.
var Texts = lang.Texts{
	Missing:   {EN: "is required", ES: "Falta este dato"},
	Blank:     {EN: "is required", ES: "Escriba este dato"},
	Positive:  {EN: "must be above 0", ES: "Debe ser mayor que 0"},
	AtLeast:   {EN: "must be at least {least}", ES: "No puede ser menor que {least}"},
	AtMost:    {EN: "must be at most {most}", ES: "No puede ser mayor que {most}"},
	Between:   {EN: "must be from {least} to {most}", ES: "Debe estar entre {least} y {most}"},
	OneOf:     {EN: "must be one of {accepted}", ES: "Elija una opción: {accepted}"},
	MinLength: {EN: "must have at least {least} {least|character|characters}", ES: "Escriba al menos {least} {least|carácter|caracteres}"},
	MaxLength: {EN: "must have at most {most} {most|character|characters}", ES: "Escriba como máximo {most} {most|carácter|caracteres}"},
	Length:    {EN: "must have {least} to {most} characters", ES: "Escriba de {least} a {most} caracteres"},
	Printable: {EN: "must be valid UTF-8 without control characters", ES: "Quite los caracteres de control"},
	Shown: {
		EN: "has the character {character}, which documents cannot show; use Latin, Greek or Cyrillic letters, digits and punctuation",
		ES: "Los documentos no pueden mostrar el carácter {character}; use letras latinas, griegas o cirílicas, números y signos de puntuación",
	},
	ValidText:  {EN: "must be valid UTF-8 without NUL characters", ES: "Quite los caracteres que no son texto"},
	FileLength: {EN: "Request Entity Too Large: the file may have at most {most} KiB", ES: "El archivo excede el tamaño máximo de {most} KiB"},
	DayNeeded:  {EN: "is required: a valid date", ES: "Escriba una fecha válida"},
	DayValid:   {EN: "must be a valid date", ES: "La fecha no existe en el calendario"},
	NotFuture:  {EN: "must not be after the business date {latest}", ES: "No puede ser posterior a la fecha operativa ({latest})"},
	NotAfter:   {EN: "must not be after {latest}", ES: "No puede ser posterior al {latest}"},
	DayBetween: {EN: "must be from {earliest} to {latest}", ES: "Debe estar entre el {earliest} y el {latest}"},
	WithinDays: {
		EN: "must be {earliest} or later: the range may have at most {days} {days|day|days}",
		ES: "Debe ser el {earliest} o después: el periodo abarca como máximo {days} {days|día|días}",
	},
	PageMark:  {EN: "must be a page token from an earlier response to the same query", ES: "La página pedida no corresponde a esta consulta; empiece de nuevo"},
	PageStart: {EN: "must be the id that the previous page returned", ES: "Debe ser el identificador que entregó la página anterior"},

	DatabaseAway:   {EN: "Service unavailable: the database does not answer; nothing was written", ES: "La base de datos no responde; no se guardó nada. Intente de nuevo"},
	ClockWrong:     {EN: "Service unavailable: the clock of the server is wrong; nothing was written", ES: "El reloj del servidor está mal; no se guardó nada. Avise al responsable del sistema"},
	OutcomeUnknown: {EN: "Service unavailable: it is not known whether the operation was recorded; check before repeating it", ES: "No se sabe si la operación quedó registrada; consúltela antes de repetirla"},
	GivenUp:        {EN: "Service unavailable: the request was cancelled before anything was written", ES: "La operación se interrumpió antes de guardarse. Intente de nuevo"},
	RowBusy:        {EN: "Service unavailable: other requests keep changing the same record; nothing was written", ES: "Alguien más está modificando este registro; no se guardó nada. Intente de nuevo"},
	Stopping:       {EN: "Service unavailable: the service is shutting down", ES: "El servicio se está deteniendo. Intente de nuevo"},
	TooMany:        {EN: "Service unavailable: too many requests are waiting; nothing was done", ES: "Hay demasiadas solicitudes en espera; no se hizo nada. Intente de nuevo"},
	TooManyAnswers: {EN: "Service unavailable: too many large answers are being sent", ES: "Se están enviando demasiadas respuestas grandes. Intente de nuevo"},
	TooManyLogins:  {EN: "Service unavailable: too many logins are waiting", ES: "Hay demasiados inicios de sesión en espera. Intente de nuevo"},
	NoEventLog:     {EN: "Service unavailable: no event log is configured", ES: "La bitácora de eventos no está configurada"},
	EventLogAway:   {EN: "Service unavailable: the event log does not answer", ES: "La bitácora de eventos no responde. Intente de nuevo"},
}
