// Package eventlog keeps every business event as a JSON document, once per
// event id, and finds it again by subject, type and time. Two drivers stand
// behind one small interface: Couch writes to a CouchDB server, Embedded to a
// SQLite file of its own. One contract test runs on both.
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

// Log is a store of events that only grows.
type Log interface {
	// Put stores the events. An event whose id is already there is left as it
	// is, so a batch may be put again. Rejected names the events that this
	// store can never take; the others are stored. An error means that
	// nothing is known of the batch: put it again later.
	Put(ctx context.Context, events []event.Encoded) (rejected []Rejected, err error)
	// Find gives a page of the events asked for and the mark of the page
	// after it, empty behind the last. An error that is a *fault.Error names
	// the field of the query at fault.
	Find(ctx context.Context, q Query) (page []event.Envelope, next string, err error)
	// Close lets go of files and connections.
	Close() error
}

// Rejected is an event that can never be stored, and why.
type Rejected struct {
	EventID id.ID
	Reason  string
}

// maxDocument is CouchDB's default limit of a document, in bytes.
const maxDocument = 8_000_000

// documents gives the events that can be stored: each id once, the first one counts.
func documents(events []event.Encoded) (ready []event.Encoded, rejected []Rejected) {
	seen := make(map[id.ID]bool, len(events))
	ready = make([]event.Encoded, 0, len(events))
	for _, e := range events {
		if seen[e.EventID] {
			continue
		}
		seen[e.EventID] = true
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

// document gives the JSON of an event, or what keeps it from being stored and read
// back by either driver. It is the published JSON as it is if this program encoded
// it, else a copy that was read and written.
func document(e *event.Encoded) (body []byte, err error) {
	if e.EventID.IsZero() {
		return nil, fmt.Errorf("event_id: missing")
	}
	if e.EventType == "" {
		return nil, fmt.Errorf("event_type: missing")
	}
	if e.Sequence < 0 {
		return nil, fmt.Errorf("sequence: %d is below 0", e.Sequence)
	}
	if _, err := time.Parse(wire.EventMoment, e.Timestamp); err != nil {
		return nil, fmt.Errorf("timestamp: not of the form %s", wire.EventMoment)
	}
	if body = e.Body; !e.Trusted {
		if body, err = rewrite(body); err != nil {
			return nil, err
		}
	}
	if len(body) >= maxDocument {
		return nil, fmt.Errorf("too large: %d bytes, fewer than %d are accepted", len(body), maxDocument)
	}
	return body, nil
}

// rewrite reads an event and writes it again, or tells why it is none.
func rewrite(body []byte) ([]byte, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("payload: not a JSON object in UTF-8")
	}
	if !json.Valid(body) {
		return nil, errors.New("payload: not JSON")
	}
	e, err := decode(body)
	if err != nil {
		return nil, fmt.Errorf("cannot be read back: %w", err)
	}
	if !bytes.HasPrefix(e.Payload, []byte("{")) {
		return nil, errors.New("payload: not a JSON object in UTF-8")
	}
	return json.Marshal(e)
}

// decode reads an event from its JSON.
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

// Verify walks the chain of events from sequence 1 to its end and gives its
// last link. The error names the first break: a gap, a changed event, one not
// tied to the event before it. Events with sequence 0 (from the seed's own
// publisher) are in no chain and are passed over.
func Verify(ctx context.Context, log Log) (event.Link, error) {
	var last event.Link
	q := Query{Limit: MaxLimit}
	for {
		page, next, err := log.Find(ctx, q)
		if err != nil {
			return last, err
		}
		for _, e := range page {
			if e.Sequence == 0 {
				continue
			}
			if last, err = e.Verify(last); err != nil {
				return last, err
			}
		}
		if next == "" {
			return last, nil
		}
		q.Page = next
	}
}
