package amqp

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// decode reads the event in a message's body, ours or the seed's.
func decode(body []byte) (event.Envelope, error) {
	var e event.Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("not an event: %w", err)
	}
	if e.EventType == "" || e.EntityID.IsZero() || !bytes.HasPrefix(e.Payload, []byte("{")) {
		return e, errors.New("not an event: event_type, entity_id and an object as payload are needed")
	}
	if e.EventID.IsZero() {
		return adopt(e, body)
	}
	return e, nil
}

// adopt completes an event of the seed's publisher, which has four fields only:
// an id made from the body, so that a second delivery is the same event, the
// entity as its subject, and the UTC day of its timestamp as business date. Its
// sequence stays 0: it is in no chain.
func adopt(e event.Envelope, body []byte) (event.Envelope, error) {
	if e.Sequence != 0 || e.Hash != "" || e.Version != 0 {
		return e, errors.New("not an event: event_id is missing")
	}
	at, err := time.Parse(time.RFC3339Nano, e.Timestamp)
	if err != nil {
		return e, errors.New("not an event: timestamp is not of the form " + wire.EventMoment)
	}
	sum := sha256.Sum256(body)
	e.EventID = id.ID(sum[:16])
	e.EventID[6] = 0x80 | e.EventID[6]&0x0f // version 8 (RFC 9562): of the maker's own design
	e.EventID[8] = 0x80 | e.EventID[8]&0x3f
	e.Timestamp = at.UTC().Format(wire.EventMoment)
	e.Subject, e.BusinessDate = e.EntityID, civil.DateOf(at.UTC())
	return e, nil
}
