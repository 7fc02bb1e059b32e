package event

import (
	"bytes"
	"encoding/json"
	"strconv"

	"sofipo/core/id"
)

// AppendJSON adds the envelope as JSON, its fields in the order of the type.
func (e Envelope) AppendJSON(b []byte) []byte {
	b = appendString(append(b, `{"event_type":`...), e.EventType)
	b = e.EntityID.Append(append(b, `,"entity_id":"`...))
	b = append(append(b, `","payload":`...), e.Payload...)
	b = appendString(append(b, `,"timestamp":`...), e.Timestamp)
	b = e.EventID.Append(append(b, `,"event_id":"`...))
	b = strconv.AppendInt(append(b, `","sequence":`...), e.Sequence, 10)
	b = appendEpoch(b, e.Epoch)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(e.Version), 10)
	b = e.Subject.Append(append(b, `,"subject":"`...))
	b = appendString(append(b, `","actor":`...), e.Actor)
	b = appendString(append(b, `,"correlation_id":`...), e.CorrelationID)
	b = e.BusinessDate.Append(append(b, `,"business_date":"`...))
	b = appendString(append(b, `","previous_hash":`...), e.PreviousHash)
	b = appendString(append(b, `,"hash":`...), e.Hash)
	return append(b, '}')
}

// appendEpoch adds the member epoch, or nothing in the first epoch.
func appendEpoch(b []byte, epoch int64) []byte {
	if epoch == 0 {
		return b
	}
	return strconv.AppendInt(append(b, `,"epoch":`...), epoch, 10)
}

// MarshalJSON is AppendJSON for encoding/json, which checks the payload.
func (e Envelope) MarshalJSON() ([]byte, error) {
	if len(e.Payload) == 0 {
		e.Payload = json.RawMessage("null")
	}
	return e.AppendJSON(nil), nil
}

// Parse decodes an envelope like json.Unmarshal. It is faster if AppendJSON wrote the
// text; the payload then shares memory with the text and only Digest validates it.
func Parse(text []byte) (Envelope, error) {
	if e, known := parseOwn(text); known {
		return e, nil
	}
	var e Envelope
	return e, json.Unmarshal(text, &e)
}

// parseOwn decodes text that AppendJSON wrote. known is false for other text and for
// strings with escapes.
func parseOwn(text []byte) (e Envelope, known bool) {
	r := reader{rest: text}
	e.EventType = r.text(`{"event_type":`)
	e.EntityID = r.id(`,"entity_id":`)
	e.Payload = r.object(`,"payload":`)
	e.Timestamp = r.text(`,"timestamp":`)
	e.EventID = r.id(`,"event_id":`)
	e.Sequence = r.number(`,"sequence":`)
	if bytes.HasPrefix(r.rest, []byte(`,"epoch":`)) {
		e.Epoch = r.number(`,"epoch":`)
	}
	e.Version = int(r.number(`,"version":`))
	e.Subject = r.id(`,"subject":`)
	e.Actor = r.text(`,"actor":`)
	e.CorrelationID = r.text(`,"correlation_id":`)
	if e.BusinessDate.UnmarshalText(r.string(`,"business_date":`)) != nil {
		return e, false
	}
	e.PreviousHash = r.text(`,"previous_hash":`)
	e.Hash = r.text(`,"hash":`)
	return e, !r.lost && string(r.rest) == "}"
}

// reader reads text in an expected form. lost is set if the text differs.
type reader struct {
	rest []byte
	lost bool
}

// after skips the text before a value.
func (r *reader) after(lead string) {
	rest, found := bytes.CutPrefix(r.rest, []byte(lead))
	r.rest, r.lost = rest, r.lost || !found
}

func (r *reader) string(lead string) []byte {
	r.after(lead)
	taken, rest := plainString(r.rest)
	if taken == nil {
		r.lost = true
		return nil
	}
	r.rest = rest
	return unquoted(taken)
}

func (r *reader) text(lead string) string { return string(r.string(lead)) }

func (r *reader) id(lead string) id.ID {
	x, err := id.Parse(r.text(lead))
	r.lost = r.lost || err != nil
	return x
}

func (r *reader) number(lead string) int64 {
	r.after(lead)
	taken, rest := plainValue(r.rest)
	n, err := strconv.ParseInt(string(taken), 10, 64)
	r.rest, r.lost = rest, r.lost || err != nil
	return n
}

// object takes the text from a brace to the matching brace.
func (r *reader) object(lead string) []byte {
	r.after(lead)
	depth, quoted := 0, false
	for i := 0; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		if depth == 0 {
			return r.upTo(i + 1)
		}
	}
	r.lost = true
	return nil
}

func (r *reader) upTo(end int) []byte {
	taken := r.rest[:end]
	r.lost = r.lost || taken[0] != '{'
	r.rest = r.rest[end:]
	return taken
}
