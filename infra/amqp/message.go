package amqp

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/wire"
	"sofipo/infra/tracing"
)

// Headers of a message: the CloudEvents 1.0 attributes of the AMQP binding (binary mode), the
// sequence, from the second epoch on the epoch, and, if the event's command was traced, the
// traceparent of the W3C. The consumer reads what it needs from these headers and the message id.
const (
	typeHeader     = "cloudEvents:type"
	subjectHeader  = "cloudEvents:subject"
	timeHeader     = "cloudEvents:time"
	sequenceHeader = "x-sofipo-sequence"
	epochHeader    = "x-sofipo-epoch"
	traceHeader    = "traceparent"
)

// message returns the AMQP message for an event.
func message(e *event.Encoded) rabbit.Publishing {
	at, _ := time.Parse(wire.EventMoment, e.Timestamp) // the zero time leaves the property out
	eventID := e.EventID.String()
	m := rabbit.Publishing{
		ContentType:  "application/json",
		DeliveryMode: rabbit.Persistent,
		MessageId:    eventID,
		Timestamp:    at,
		Body:         e.Body,
		Headers: rabbit.Table{
			"cloudEvents:specversion": "1.0",
			"cloudEvents:id":          eventID,
			"cloudEvents:source":      "/sofipo",
			typeHeader:                e.EventType,
			subjectHeader:             e.Subject.String(),
			timeHeader:                e.Timestamp,
			sequenceHeader:            e.Sequence,
		},
	}
	if e.Epoch != 0 {
		m.Headers[epochHeader] = e.Epoch
	}
	if e.Trace != (event.Trace{}) {
		m.Headers[traceHeader] = tracing.Text(e.Trace)
	}
	return m
}

// received returns the event of a message. It parses the body only if the properties do not
// describe the event: messages of an earlier version, of the seed's publisher, or of another
// program.
func received(d rabbit.Delivery) (event.Encoded, error) {
	e, described := fromProperties(d)
	if !described {
		decoded, err := decode(d.Body)
		if err != nil {
			return event.Encoded{}, err
		}
		e = decoded.Encode()
	}
	if parent := header(d, traceHeader); parent != "" {
		e.Trace = tracing.Parse(parent)
	}
	return e, nil
}

// fromProperties returns the event that the properties describe. It returns false if they are
// incomplete or do not match the body.
func fromProperties(d rabbit.Delivery) (e event.Encoded, described bool) {
	sequence, numbered := d.Headers[sequenceHeader].(int64)
	eventID, wrongID := id.Parse(d.MessageId)
	subject, wrongSubject := id.Parse(header(d, subjectHeader))
	if !numbered || wrongID != nil || wrongSubject != nil {
		return e, false
	}
	e = event.Encoded{EventID: eventID, Subject: subject, EventType: header(d, typeHeader), Timestamp: header(d, timeHeader),
		Sequence: sequence, Body: d.Body, Trusted: true}
	e.Epoch, _ = d.Headers[epochHeader].(int64) // absent in the first epoch
	return e, e.Consistent()
}

// decode parses the event in a message's body, in this program's or the seed's form.
func decode(body []byte) (event.Envelope, error) {
	var e event.Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("not an event: %w", err)
	}
	if e.EventType == "" || e.EntityID.IsZero() || !bytes.HasPrefix(e.Payload, []byte("{")) {
		return e, errors.New("not an event: event_type, entity_id and a payload object are required")
	}
	if e.EventID.IsZero() {
		return adopt(e, body)
	}
	return e, nil
}

// adopt completes an event of the seed's publisher, which has only four fields. The id is
// derived from the body, so that a second delivery is the same event. The subject is the
// entity, and the business date is the UTC date of the timestamp. The sequence is 0, because
// the event is not in the chain.
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
	e.EventID[6] = 0x80 | e.EventID[6]&0x0f // version 8 (RFC 9562): custom format
	e.EventID[8] = 0x80 | e.EventID[8]&0x3f
	e.Timestamp = at.UTC().Format(wire.EventMoment)
	e.Subject, e.BusinessDate = e.EntityID, civil.DateOf(at.UTC())
	return e, nil
}
