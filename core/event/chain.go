package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"sofipo/core/id"
)

// Link is the end of the chain of events, to which the next event is added.
type Link struct {
	Sequence int64
	Hash     string
	Epoch    int64 // Epoch.Number of the next event
}

// Encoded is a published event: its JSON, and the members that brokers and stores need
// without parsing it.
type Encoded struct {
	EventID   id.ID
	Subject   id.ID
	EventType string
	Timestamp string // wire.EventMoment
	Sequence  int64
	Epoch     int64
	Body      []byte
	Trusted   bool // this program encoded Body, so a store need not check it
	Trace     Trace
}

// Key returns the key of the event in the event log. Two epochs may contain the same event, so
// it is the event id, followed by the number of the epoch except in the first one.
func (e *Encoded) Key() string { return key(e.EventID, e.Epoch) }

func key(eventID id.ID, epoch int64) string {
	if epoch == 0 {
		return eventID.String()
	}
	return eventID.String() + "-" + strconv.FormatInt(epoch, 10)
}

// Chain adds events to the chain: each event gets the next sequence number and the hash
// of the event before it.
type Chain struct {
	Last Link
	form []byte // canonical JSON of the current event
}

// Append adds an event to the chain and its published JSON to b. The Body of the result
// shares memory with b.
func (c *Chain) Append(b []byte, s Sealed) ([]byte, Encoded, error) {
	var p parts
	trace := s.untrace()
	if !s.cut(&p) {
		b, e, err := c.appendParsed(b, s)
		e.Trace = trace
		return b, e, err
	}
	e := Encoded{Trace: trace, EventType: strings.Trim(p.eventType, `"`), Timestamp: p.timestamp, Sequence: c.Last.Sequence + 1, Epoch: c.Last.Epoch, Trusted: true}
	var err error
	if e.EventID, err = id.Parse(p.eventID); err == nil {
		e.Subject, err = id.Parse(p.subject)
	}
	if err != nil {
		return b, e, fmt.Errorf("event %s: %w", p.eventID, err)
	}
	c.form = p.canonical(c.form[:0], c.Last)
	sum := sha256.Sum256(c.form)
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	hash := string(digits[:])
	start := len(b)
	b = append(b, p.head...)
	b = strconv.AppendInt(append(b, `,"sequence":`...), e.Sequence, 10)
	b = append(appendEpoch(b, e.Epoch), p.tail...)
	b = appendString(append(b, `,"previous_hash":`...), c.Last.Hash)
	b = append(append(b, `,"hash":"`...), hash...)
	b = append(b, `"}`...)
	e.Body = b[start:len(b):len(b)]
	c.Last = Link{Sequence: e.Sequence, Hash: hash, Epoch: e.Epoch}
	return b, e, nil
}

// appendParsed is Append for an event without a layout: an earlier version sealed it, or
// it has characters with another form in RFC 8785.
func (c *Chain) appendParsed(b []byte, s Sealed) ([]byte, Encoded, error) {
	e, err := Parse([]byte(s.Body))
	if err != nil {
		return b, Encoded{}, err
	}
	last, err := e.Chain(c.Last)
	if err != nil {
		return b, Encoded{}, err
	}
	c.Last = last
	start := len(b)
	b = e.AppendJSON(b)
	return b, e.encoded(b[start:len(b):len(b)]), nil
}

// Encode returns the published form of the envelope.
func (e Envelope) Encode() Encoded { return e.encoded(e.AppendJSON(make([]byte, 0, 1024))) }

func (e Envelope) encoded(body []byte) Encoded {
	return Encoded{EventID: e.EventID, Subject: e.Subject, EventType: e.EventType, Timestamp: e.Timestamp, Sequence: e.Sequence, Epoch: e.Epoch, Body: body}
}

// Read decodes an event that this program published and keeps its JSON unchanged.
func Read(body []byte) (Encoded, error) {
	e, err := Parse(body)
	out := e.encoded(body)
	out.Trusted = err == nil
	return out, err
}

// Consistent reports whether Body is an envelope in the form of Chain.Append with the
// same event id, subject, type, timestamp, sequence and epoch. It does not check the payload.
func (e *Encoded) Consistent() bool {
	if e.EventID.IsZero() || e.EventType == "" || e.Sequence < 1 || e.Epoch < 0 {
		return false
	}
	var room [256]byte
	head := append(appendString(append(room[:0], `{"event_type":`...), e.EventType), `,"entity_id":"`...)
	if !bytes.HasPrefix(e.Body, head) || !bytes.HasSuffix(e.Body, []byte(`"}`)) {
		return false
	}
	at := appendString(append(room[:0], `},"timestamp":`...), e.Timestamp)
	at = e.EventID.Append(append(at, `,"event_id":"`...))
	at = strconv.AppendInt(append(at, `","sequence":`...), e.Sequence, 10)
	at = append(appendEpoch(at, e.Epoch), `,"version":`...)
	place := bytes.Index(e.Body, at)
	if place < 0 {
		return false
	}
	rest := bytes.TrimLeft(e.Body[place+len(at):], "0123456789")
	subject := append(e.Subject.Append(append(room[:0], `,"subject":"`...)), `","actor":"`...)
	return bytes.HasPrefix(rest, subject)
}
