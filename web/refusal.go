package web

import (
	"errors"
	"net/http"

	"sofipo/core/fault"
	"sofipo/core/lang"
	"sofipo/core/nouns"
	"sofipo/text"
)

// Refusals of HTTP interfaces.
const (
	NoSuchPath       fault.Code = "not_found"          // no route has this path
	MethodNotAllowed fault.Code = "method_not_allowed" // the path has other methods
	TooSlow          fault.Code = "request_timeout"    // the body did not arrive in time
	Internal         fault.Code = "internal"           // internal error; the log has the reference
)

// The rules of HTTP interfaces.
const (
	FitsSheet  fault.Rule = "fits_sheet"  // a report in xlsx must fit one sheet
	NotAmount  fault.Rule = "not_amount"  // what a person typed is not an amount
	NotDate    fault.Rule = "not_date"    // what a person typed is not a date
	NotWhole   fault.Rule = "not_whole"   // what a person typed is not a whole number
	NotPercent fault.Rule = "not_percent" // what a person typed is not a percentage from 0 to 100
	NotPlace   fault.Rule = "not_place"   // an address has no valid position in a list
	NotTime    fault.Rule = "not_time"    // what a person typed is not a time of the day
	NotRate    fault.Rule = "not_rate"    // what a person typed is not a rate in per cent
	NotColumn  fault.Rule = "not_column"  // what a person typed is not a column of a file
	CommaPlace fault.Rule = "comma_place" // what a person typed has a comma that does not separate thousands
)

// Texts has the messages of the rules.
var Texts = lang.Texts{
	FitsSheet:  {EN: "the report has more rows than an xlsx sheet can have; use csv", ES: "El reporte tiene más renglones de los que admite una hoja de xlsx; use csv"},
	NotAmount:  {EN: "must be an amount with at most two decimals, such as 1,250.00", ES: "Escriba un importe con dos decimales como máximo, por ejemplo 1,250.00"},
	NotDate:    {EN: "must be a date, such as 30/11/2026", ES: "Escriba una fecha, por ejemplo 30/11/2026"},
	NotWhole:   {EN: "must be a whole number, such as 30 or 1,250", ES: "Escriba un número entero, por ejemplo 30 o 1,250"},
	NotPercent: {EN: "must be a percentage from 0 to 100, such as 50", ES: "Escriba un porcentaje de 0 a 100, por ejemplo 50"},
	NotPlace:   {EN: "must be a position in the list; use the links below the list", ES: "Use los botones que están debajo de la lista"},
	NotTime:    {EN: "must be a time, such as 18:20", ES: "Escriba una hora, por ejemplo 18:20"},
	NotRate:    {EN: "must be a percentage with at most four decimals, such as 36 or 36.5", ES: "Escriba un porcentaje con cuatro decimales como máximo, por ejemplo 36 o 36.5"},
	NotColumn:  {EN: "must be the number of a column, such as 3, or its first and last character, such as 1-10", ES: "Escriba el número de la columna, por ejemplo 3, o su primer y último carácter, por ejemplo 1-10"},
	CommaPlace: {EN: "must have a point before the decimals, and commas only between thousands, such as 1,250.50", ES: "Use punto para los decimales y coma solo entre millares, por ejemplo 1,250.50"},
}

// own has the statuses and titles of the refusals of HTTP interfaces.
var own = map[fault.Code]struct {
	status int
	title  lang.Text
}{
	NoSuchPath:       {http.StatusNotFound, lang.Text{EN: "Not Found", ES: "No existe esa ruta"}},
	MethodNotAllowed: {http.StatusMethodNotAllowed, lang.Text{EN: "Method Not Allowed", ES: "Método no permitido"}},
	TooSlow:          {http.StatusRequestTimeout, lang.Text{EN: "Request Timeout: the body did not arrive in time", ES: "El cuerpo de la solicitud no llegó a tiempo"}},
	Internal:         {http.StatusInternalServerError, lang.Text{EN: "Internal Server Error", ES: "Error interno; vuelva a intentarlo"}},
}

// statuses are the HTTP statuses of the classes of refusals.
var statuses = [...]int{
	fault.ClassInvalid:         http.StatusUnprocessableEntity,
	fault.ClassNotFound:        http.StatusNotFound,
	fault.ClassRefused:         http.StatusBadRequest,
	fault.ClassConflict:        http.StatusConflict,
	fault.ClassDenied:          http.StatusForbidden,
	fault.ClassUnauthenticated: http.StatusUnauthorized,
	fault.ClassLimited:         http.StatusTooManyRequests,
	fault.ClassTooLarge:        http.StatusRequestEntityTooLarge,
	fault.ClassUnavailable:     http.StatusServiceUnavailable,
}

// Status returns the HTTP status of a code, or 0 for an unknown code.
func Status(code fault.Code) int {
	if o, found := own[code]; found {
		return o.status
	}
	d, found := nouns.Fault(code)
	if !found {
		return 0
	}
	return statuses[d.Class]
}

// Title returns the message of a refusal in a language.
func Title(l text.Lang, e *fault.Error) string {
	if o, found := own[e.Code]; found {
		return text.Render(l, o.title, e.Values)
	}
	return text.Title(l, e)
}

// Detail returns the message of a refusal for programs, in English.
func Detail(e *fault.Error) string {
	if o, found := own[e.Code]; found {
		return o.title.EN
	}
	return text.Detail(e)
}

// Message returns the message of an invalid field in a language.
func Message(l text.Lang, f fault.Flaw) string {
	if t, found := Texts[f.Rule]; found {
		return text.Render(l, t, f.Values)
	}
	return text.Message(l, f)
}

// DetailOf returns the message of an invalid field for programs, in English.
func DetailOf(f fault.Flaw) string {
	if t, found := Texts[f.Rule]; found {
		return t.EN
	}
	return text.DetailOf(f)
}

// EventLogAway returns the refusal of a question that the event log could not answer because of an
// error. A refusal stays as it is.
func EventLogAway(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	away := fault.Refuse(fault.Unavailable).Because(fault.EventLogAway)
	away.Cause = err
	return away
}
