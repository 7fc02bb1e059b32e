package api

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"sofipo/api/seedform"
	"sofipo/core/fault"
	"sofipo/core/wire"
	"sofipo/text"
	"sofipo/web"
)

const errorType = "urn:sofipo:error:" // followed by the error code

var bearerScheme = []string{"Bearer"}

// refuse responds with an error. Errors that are not refusals become status 500 with a
// reference to the log.
func (c *call) refuse(err error) {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || web.Status(refusal.Code) == 0 {
		refusal = fault.Refuse(web.Internal, "reference", c.server.newID().String())
		c.server.log.LogAttrs(c.request.Context(), slog.LevelError, "internal error", slog.Any("reference", refusal.Values["reference"]),
			slog.String("correlation_id", c.correlation), slog.String("route", c.route()), slog.Any("error", err))
	}
	status := web.Status(refusal.Code)
	header := c.Header()
	switch status {
	case http.StatusUnauthorized:
		header["Www-Authenticate"] = bearerScheme
	case http.StatusTooManyRequests:
		header.Set("Retry-After", fmt.Sprint(refusal.Values["retry_after"]))
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", "2")
		if refusal.Rule == fault.TooMany || refusal.Rule == fault.TooManyAnswers {
			break // counted; under overload, lines of the log would add to the load
		}
		c.server.log.LogAttrs(c.request.Context(), slog.LevelWarn, "unavailable",
			slog.String("correlation_id", c.correlation), slog.String("route", c.route()), slog.Any("error", errors.Join(refusal, refusal.Cause)))
	case http.StatusRequestTimeout:
		header.Set("Connection", "close")
	}
	c.answer(status, c.problem(refusal, status))
}

// problem returns the body of an error: the seed's detail, the members of RFC 9457, the
// invalid fields and the values of the refusal.
func (c *call) problem(e *fault.Error, status int) []byte {
	l := web.Language(c.request.Header.Get("Accept-Language"))
	b := append(make([]byte, 0, 512), `{"detail":`...)
	if len(e.Flaws) > 0 {
		b = seedform.AppendJSON(b, c.endpoint.binder.Fields(e.Flaws))
	} else {
		b = wire.Quote(b, seedform.Detail(e))
	}
	b = append(append(append(b, `,"type":"`+errorType...), e.Code...), `","title":`...)
	b = strconv.AppendInt(append(wire.Quote(b, web.Title(l, e)), `,"status":`...), int64(status), 10)
	b = append(append(append(b, `,"code":"`...), e.Code...), '"')
	if len(e.Flaws) > 0 {
		b = appendFlaws(append(b, `,"errors":`...), l, e.Flaws)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Values)) {
		b = wire.JSON(append(wire.Quote(append(b, ','), name), ':'), e.Values[name])
	}
	return append(b, '}')
}

// appendFlaws appends the invalid fields: name, message in a language, and violated rule.
func appendFlaws(b []byte, l text.Lang, flaws []fault.Flaw) []byte {
	separator := byte('[')
	for _, f := range flaws {
		b = wire.Quote(append(append(b, separator), `{"field":`...), seedform.Name(f))
		b = wire.Quote(append(b, `,"message":`...), seedform.Message(l, f))
		b = append(wire.Quote(append(b, `,"rule":`...), string(f.Rule)), '}')
		separator = ','
	}
	return append(b, ']')
}
