package seedform

import (
	"sofipo/core/fault"
	"sofipo/core/lang"
)

// Rules of the binder, in addition to those that all nouns share. Each is named after what
// it requires.
const (
	NotNull        fault.Rule = "not_null"        // a value in place of null
	Object         fault.Rule = "object"          // a JSON object
	List           fault.Rule = "list"            // a JSON list
	Text           fault.Rule = "text"            // a text
	Integer        fault.Rule = "integer"         // an integer
	Whole          fault.Rule = "whole"           // a whole number of at most {most}
	Boolean        fault.Rule = "boolean"         // true or false
	Choice         fault.Rule = "choice"          // one of {accepted}
	Decimal        fault.Rule = "decimal"         // a decimal number
	Finite         fault.Rule = "finite"          // neither infinite nor not a number
	DecimalPlaces  fault.Rule = "decimal_places"  // at most {most} decimals
	Digits         fault.Rule = "digits"          // at most {most} digits
	UUID           fault.Rule = "uuid"            // a UUID
	Moment         fault.Rule = "moment"          // a time or a date
	Date           fault.Rule = "date"            // a date
	MonthOfYear    fault.Rule = "month"           // a month of a year
	MinItems       fault.Rule = "min_items"       // at least {least} elements
	MaxItems       fault.Rule = "max_items"       // at most {most} elements
	KnownField     fault.Rule = "known_field"     // one of the fields {known}
	KnownParameter fault.Rule = "known_parameter" // one of the parameters {known}
	FieldElsewhere fault.Rule = "field_elsewhere" // a field of another operation: {operation}
	NoField        fault.Rule = "no_field"        // no field, since the body has none
	NoParameter    fault.Rule = "no_parameter"    // no parameter, since the operation has none
	NotTogether    fault.Rule = "not_together"    // a parameter without {other}
	NotBelow       fault.Rule = "not_below"       // not before or below the parameter {other}
	Once           fault.Rule = "once"            // a parameter given at most once
	JSON           fault.Rule = "json"            // valid JSON; {msg} is the syntax error
	UTF8           fault.Rule = "utf8"            // valid UTF-8
	WholeBody      fault.Rule = "whole_body"      // a body as long as its Content-Length says
	ReadableBody   fault.Rule = "readable_body"   // a body that arrives
	KeyForm        fault.Rule = "key_form"        // an Idempotency-Key
	TokenForm      fault.Rule = "token_form"      // an X-Sofipo-Position
	GrantType      fault.Rule = "grant_type"      // the password flow of OAuth 2
	FileMedia      fault.Rule = "file_media"      // a file with a content type of {accepted}
)

// Texts has the messages of the rules.
var Texts = lang.Texts{
	NotNull:        {EN: "must not be null", ES: "Escriba un valor; no puede ser nulo"},
	Object:         {EN: "must be an object", ES: "Debe ser un objeto"},
	List:           {EN: "must be a list", ES: "Debe ser una lista"},
	Text:           {EN: "must be a string", ES: "Debe ser un texto"},
	Integer:        {EN: "must be a whole number", ES: "Escriba un número entero"},
	Whole:          {EN: "must be a whole number of at most {most}", ES: "Escriba un número entero de {most} como máximo"},
	Boolean:        {EN: "must be true or false", ES: "Debe ser true o false"},
	Choice:         {EN: "must be one of {accepted}", ES: "Elija una opción: {accepted}"},
	Decimal:        {EN: "must be a number", ES: "Escriba un número"},
	Finite:         {EN: "must be a finite number", ES: "Escriba un número finito"},
	DecimalPlaces:  {EN: "must have at most {most} {most|decimal|decimals}", ES: "Escriba como máximo {most} {most|decimal|decimales}"},
	Digits:         {EN: "must have at most {most} {most|digit|digits}", ES: "Escriba como máximo {most} {most|dígito|dígitos}"},
	NotTogether:    {EN: "must not be given together with {other}", ES: "No puede enviarse junto con {other}"},
	NotBelow:       {EN: "must not be lower than {other}", ES: "No puede ser menor que {other}"},
	UUID:           {EN: "must be a UUID", ES: "Debe ser un UUID"},
	Moment:         {EN: "must be a time, such as 2026-11-23T09:00:00Z, or a date, such as 2026-11-23", ES: "Escriba una fecha con hora, como 2026-11-23T09:00:00Z, o una fecha, como 2026-11-23"},
	Date:           {EN: "must be a date, such as 2026-11-23", ES: "Escriba una fecha, como 2026-11-23"},
	MonthOfYear:    {EN: "must be a month, such as 2026-11", ES: "Escriba un mes, como 2026-11"},
	MinItems:       {EN: "must have at least {least} {least|element|elements}", ES: "Debe tener al menos {least} {least|elemento|elementos}"},
	MaxItems:       {EN: "must have at most {most} {most|element|elements}", ES: "Debe tener como máximo {most} {most|elemento|elementos}"},
	KnownField:     {EN: "is not a known field; use one of {known}", ES: "Este campo no existe; use {known}"},
	KnownParameter: {EN: "is not a known parameter; use one of {known}", ES: "Este parámetro no existe; use {known}"},
	FieldElsewhere: {EN: "is not a field of this operation, which would drop it; use {operation}", ES: "Este campo no es de esta operación, que lo perdería; use {operation}"},
	NoField:        {EN: "is not a known field; the body of this operation has no fields", ES: "Este campo no existe; la operación no tiene campos"},
	NoParameter:    {EN: "is not a known parameter; this operation has no query parameters", ES: "Este parámetro no existe; la operación no tiene parámetros"},
	Once:           {EN: "must not be repeated", ES: "Escriba este parámetro una sola vez"},
	JSON:           {EN: "is not valid JSON: {msg}, line {lineno}, column {colno}", ES: "No es JSON válido; revise la línea {lineno}, columna {colno}"},
	UTF8:           {EN: "must be valid UTF-8", ES: "Debe ser UTF-8 válido"},
	WholeBody:      {EN: "is shorter than its Content-Length", ES: "El cuerpo termina antes de lo que indica Content-Length"},
	ReadableBody:   {EN: "cannot be read", ES: "No se puede leer el cuerpo"},
	KeyForm:        {EN: "must be 1 to 255 visible ASCII characters", ES: "Use de 1 a 255 caracteres ASCII visibles"},
	TokenForm:      {EN: "must be the commit token of an earlier response", ES: "Use el valor de X-Sofipo-Position de una respuesta anterior"},
	GrantType:      {EN: "must be password", ES: "Debe ser password"},
	FileMedia:      {EN: "must be a file with the Content-Type {accepted}", ES: "Envíe un archivo con el Content-Type {accepted}"},
}

// broken returns the flaw of a violated rule, without its path. Values are alternating
// names and values.
func broken(rule fault.Rule, values ...any) *fault.Flaw {
	f := fault.At("", rule, values...)
	return &f
}
