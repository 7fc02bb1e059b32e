// Package wire writes values in the text forms of the seed, which existing programs
// read: timestamps, and JSON strings in UTF-8 without unnecessary escapes.
package wire

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Moment is the time layout of the REST API: microseconds, offset +00:00.
const Moment = "2006-01-02T15:04:05.000000-07:00"

// PayloadMoment is the time layout in event payloads: Moment with a space for the T.
const PayloadMoment = "2006-01-02 15:04:05.000000-07:00"

// EventMoment is the time layout in event envelopes: Z for UTC.
const EventMoment = "2006-01-02T15:04:05.000000Z"

// Time adds the moment in UTC, in quotes.
func Time(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(append(b, '"'), Moment)
	return append(b, '"')
}

// Quote adds s as a JSON string. Invalid UTF-8 becomes U+FFFD.
func Quote(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case r < 0x20:
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// JSON adds v as json.Marshal writes it, but without HTML escapes. It panics if v cannot
// be encoded, which is a bug in its type.
func JSON(b []byte, v any) []byte {
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n"))
}
