// Package eventlog stores every business event as a JSON document, once for each event key,
// and finds events by subject, type and time. There are two implementations: Couch uses a
// CouchDB server, Embedded a SQLite file. The same tests run on both.
package eventlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// Log is an append-only store of events.
type Log interface {
	// Put stores the events. An event with a key that exists is skipped, so a batch may be
	// put again. Put returns the events that can never be stored; it stores the others. After
	// an error the result is unknown: put the batch again later.
	Put(ctx context.Context, events []event.Encoded) (rejected []Rejected, err error)
	// Find returns a page of matching events and the mark of the next page, which is empty
	// after the last page. A *fault.Error names the invalid field of the query.
	Find(ctx context.Context, q Query) (page []event.Envelope, next string, err error)
	// Close releases files and connections.
	Close() error
}

// Rejected is an event that can never be stored, with the reason.
type Rejected struct {
	EventID id.ID
	Reason  string
}

// maxDocument is CouchDB's default maximum size of a document, in bytes.
const maxDocument = 8_000_000

// documents returns the events that can be stored. If a key occurs twice, only the first
// event is used.
func documents(events []event.Encoded) (ready []event.Encoded, rejected []Rejected) {
	seen := make(map[string]bool, len(events))
	ready = make([]event.Encoded, 0, len(events))
	for _, e := range events {
		if seen[e.Key()] {
			continue
		}
		seen[e.Key()] = true
		body, err := document(&e)
		if err != nil {
			rejected = append(rejected, Rejected{e.EventID, err.Error()})
			continue
		}
		e.Body = body
		ready = append(ready, e)
	}
	return ready, rejected
}

// document returns the JSON of an event, or an error if one of the implementations could not
// store and return it. If this program encoded the event, it is the published JSON, and
// otherwise a decoded and re-encoded copy.
func document(e *event.Encoded) (body []byte, err error) {
	if e.EventID.IsZero() {
		return nil, fmt.Errorf("event_id: missing")
	}
	if e.EventType == "" {
		return nil, fmt.Errorf("event_type: missing")
	}
	if e.Sequence < 0 {
		return nil, fmt.Errorf("sequence: %d is negative", e.Sequence)
	}
	if e.Epoch < 0 {
		return nil, fmt.Errorf("epoch: %d is negative", e.Epoch)
	}
	if _, err := time.Parse(wire.EventMoment, e.Timestamp); err != nil {
		return nil, fmt.Errorf("timestamp: the form must be %s", wire.EventMoment)
	}
	if body = e.Body; !e.Trusted {
		if body, err = rewrite(body); err != nil {
			return nil, err
		}
	}
	if len(body) >= maxDocument {
		return nil, fmt.Errorf("too large: %d bytes; the maximum is below %d", len(body), maxDocument)
	}
	return body, nil
}

// rewrite decodes an event and encodes it again.
func rewrite(body []byte) ([]byte, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("payload: not a JSON object in UTF-8")
	}
	if !json.Valid(body) {
		return nil, errors.New("payload: not valid JSON")
	}
	e, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	if !bytes.HasPrefix(e.Payload, []byte("{")) {
		return nil, errors.New("payload: not a JSON object in UTF-8")
	}
	return json.Marshal(e)
}

// decode parses an event's JSON.
func decode(body []byte) (event.Envelope, error) {
	var e event.Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		var named struct {
			EventID any `json:"event_id"`
		}
		_ = json.Unmarshal(body, &named)
		return e, fmt.Errorf("document with event_id %v is not an event: %w", named.EventID, err)
	}
	return e, nil
}
