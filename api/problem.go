package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"golang.org/x/text/language"

	"sofipo/core/fault"
	"sofipo/core/nouns"
	"sofipo/core/wire"
	texts "sofipo/text"
)

// Codes of refusals that only this door knows.
const (
	noSuchPath       fault.Code = "not_found"          // no route has this path
	methodNotAllowed fault.Code = "method_not_allowed" // the path has other methods
	tooSlow          fault.Code = "request_timeout"    // the body did not arrive in time
	internal         fault.Code = "internal"           // our own mistake; the log has the reference
)

// statuses are those of the classes of refusals.
var statuses = [...]int{
	fault.ClassInvalid:         http.StatusUnprocessableEntity,
	fault.ClassNotFound:        http.StatusNotFound,
	fault.ClassRefused:         http.StatusBadRequest,
	fault.ClassConflict:        http.StatusConflict,
	fault.ClassDenied:          http.StatusForbidden,
	fault.ClassUnauthenticated: http.StatusUnauthorized,
	fault.ClassTooLarge:        http.StatusRequestEntityTooLarge,
	fault.ClassUnavailable:     http.StatusServiceUnavailable,
}

// own are the statuses of the refusals that only this door knows.
var own = map[fault.Code]int{
	noSuchPath:       http.StatusNotFound,
	methodNotAllowed: http.StatusMethodNotAllowed,
	tooSlow:          http.StatusRequestTimeout,
	internal:         http.StatusInternalServerError,
}

// statusOf is the HTTP status of a code, 0 of one that nobody declares.
func statusOf(code fault.Code) int {
	if status, found := own[code]; found {
		return status
	}
	if d, declared := nouns.Fault(code); declared {
		return statuses[d.Class]
	}
	return 0
}

const errorType = "urn:sofipo:error:" // followed by the code

// refuse answers with the error: what a caller can mend as it is, anything else
// as a 500 whose reference leads to the line in the log.
func (c *call) refuse(err error) {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || statusOf(refusal.Code) == 0 {
		refusal = fault.New(internal, "Internal Server Error", "Error interno del servidor").With("reference", c.server.newID().String())
		c.server.log.LogAttrs(c.request.Context(), slog.LevelError, "internal error", slog.Any("reference", refusal.Values["reference"]),
			slog.String("correlation_id", c.correlation), slog.String("route", c.route()), slog.Any("error", err))
	}
	status := statusOf(refusal.Code)
	header := c.Header()
	switch status {
	case http.StatusUnauthorized:
		header["Www-Authenticate"] = bearerScheme
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", "2")
		c.server.log.LogAttrs(c.request.Context(), slog.LevelWarn, "unavailable",
			slog.String("correlation_id", c.correlation), slog.String("route", c.route()), slog.Any("error", errors.Join(refusal, refusal.Cause)))
	case http.StatusRequestTimeout:
		header.Set("Connection", "close")
	}
	c.answer(status, problem(refusal, c.title(refusal), fieldsOf(refusal, c.request.Method), status))
}

// title says why something was refused, in the language of the caller.
func (c *call) title(refusal *fault.Error) string {
	switch inSpanish := spanish(c.request.Header.Get("Accept-Language")); {
	case inSpanish && refusal.Spanish != "":
		return refusal.Spanish
	case inSpanish:
		return texts.Title(texts.ES, refusal)
	case refusal.English != "":
		return refusal.English
	}
	return texts.Title(texts.EN, refusal)
}

var bearerScheme = []string{"Bearer"}

var languages = language.NewMatcher([]language.Tag{language.English, language.Spanish})

// spanish tells whether an Accept-Language prefers Spanish to English.
func spanish(accept string) bool {
	if accept == "" {
		return false
	}
	_, index := language.MatchStrings(languages, accept)
	return index == 1
}

// problem is the body of an error: the seed's detail, then the members of RFC
// 9457 and what the refusal adds.
func problem(e *fault.Error, title string, fields []fault.Field, status int) []byte {
	b := append(make([]byte, 0, 512), `{"detail":`...)
	switch {
	case len(fields) > 0:
		b = appendFields(b, fields)
	case e.English != "":
		b = wire.Quote(b, e.English)
	default:
		b = wire.Quote(b, detail(e))
	}
	b = append(append(append(b, `,"type":"`+errorType...), e.Code...), `","title":`...)
	b = strconv.AppendInt(append(wire.Quote(b, title), `,"status":`...), int64(status), 10)
	b = append(append(append(b, `,"code":"`...), e.Code...), '"')
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		b = appendJSON(append(wire.Quote(append(b, ','), name), ':'), e.Values[name])
	}
	return append(b, '}')
}

func appendFields(b []byte, fields []fault.Field) []byte {
	separator := byte('[')
	for _, f := range fields {
		b = appendJSON(append(append(b, separator), `{"loc":`...), f.Loc)
		b = wire.Quote(append(b, `,"msg":`...), f.Message)
		b = wire.Quote(append(b, `,"type":`...), f.Type)
		if len(f.Context) > 0 {
			b = appendContext(append(b, `,"ctx":`...), f.Context)
		}
		b, separator = append(b, '}'), ','
	}
	return append(b, ']')
}

// contextOrder is the order of a context of several members, Python's.
var contextOrder = []string{"msg", "doc", "pos", "lineno", "colno"}

func appendContext(b []byte, context map[string]any) []byte {
	names := slices.SortedFunc(maps.Keys(context), func(x, y string) int {
		return slices.Index(contextOrder, x) - slices.Index(contextOrder, y)
	})
	separator := byte('{')
	for _, name := range names {
		b = appendJSON(append(wire.Quote(append(b, separator), name), ':'), context[name])
		separator = ','
	}
	return append(b, '}')
}

// appendJSON adds a value without escaping what HTML would want escaped.
func appendJSON(b []byte, value any) []byte {
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // values are texts, numbers and amounts
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
