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

// Link is the last link of the chain: what the next event is tied to.
type Link struct {
	Sequence int64
	Hash     string
}

// Encoded is an event as it is published: its JSON, and what pipes and stores need
// to know of it so that they need not parse it.
type Encoded struct {
	EventID   id.ID
	Subject   id.ID
	EventType string
	Timestamp string // wire.EventMoment
	Sequence  int64
	Body      []byte
	Trusted   bool // this program encoded Body: a store need not check it
}

// Chain ties events to each other: each gets the next sequence, and the hash of
// the one before it.
type Chain struct {
	Last Link
	form []byte // canonical JSON of the event that is being tied
}

// Append ties an event to the chain and adds its published JSON to b, of which the
// Body that it gives is a part.
func (c *Chain) Append(b []byte, s Sealed) ([]byte, Encoded, error) {
	var p parts
	if !s.cut(&p) {
		return c.appendParsed(b, s)
	}
	e := Encoded{EventType: strings.Trim(p.eventType, `"`), Timestamp: p.timestamp, Sequence: c.Last.Sequence + 1, Trusted: true}
	var err error
	if e.EventID, err = id.Parse(p.eventID); err == nil {
		e.Subject, err = id.Parse(p.subject)
	}
	if err != nil {
		return b, e, fmt.Errorf("event %s: %w", p.eventID, err)
	}
	c.form = p.canonical(c.form[:0], e.Sequence, c.Last.Hash)
	sum := sha256.Sum256(c.form)
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	hash := string(digits[:])
	start := len(b)
	b = append(b, p.head...)
	b = strconv.AppendInt(append(b, `,"sequence":`...), e.Sequence, 10)
	b = append(b, p.tail...)
	b = appendString(append(b, `,"previous_hash":`...), c.Last.Hash)
	b = append(append(b, `,"hash":"`...), hash...)
	b = append(b, `"}`...)
	e.Body = b[start:len(b):len(b)]
	c.Last = Link{e.Sequence, hash}
	return b, e, nil
}

// appendParsed is Append of an event without a layout: one that an earlier version
// sealed, or that holds characters which RFC 8785 writes in another way.
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

// Encode is the envelope as it is published.
func (e Envelope) Encode() Encoded { return e.encoded(e.AppendJSON(make([]byte, 0, 1024))) }

func (e Envelope) encoded(body []byte) Encoded {
	return Encoded{EventID: e.EventID, Subject: e.Subject, EventType: e.EventType, Timestamp: e.Timestamp, Sequence: e.Sequence, Body: body}
}

// Read gives an event that this program published, with its JSON as it is.
func Read(body []byte) (Encoded, error) {
	e, err := Parse(body)
	out := e.encoded(body)
	out.Trusted = err == nil
	return out, err
}

// Consistent reports whether Body is an envelope in the form that Chain.Append gives
// it, with the same event id, subject, type, timestamp and sequence. It does not
// look into the payload.
func (e *Encoded) Consistent() bool {
	if e.EventID.IsZero() || e.EventType == "" || e.Sequence < 1 {
		return false
	}
	var room [256]byte
	head := append(appendString(append(room[:0], `{"event_type":`...), e.EventType), `,"entity_id":"`...)
	if !bytes.HasPrefix(e.Body, head) || !bytes.HasSuffix(e.Body, []byte(`"}`)) {
		return false
	}
	at := appendString(append(room[:0], `},"timestamp":`...), e.Timestamp)
	at = e.EventID.Append(append(at, `,"event_id":"`...))
	at = append(strconv.AppendInt(append(at, `","sequence":`...), e.Sequence, 10), `,"version":`...)
	place := bytes.Index(e.Body, at)
	if place < 0 {
		return false
	}
	rest := bytes.TrimLeft(e.Body[place+len(at):], "0123456789")
	subject := append(e.Subject.Append(append(room[:0], `,"subject":"`...)), `","actor":"`...)
	return bytes.HasPrefix(rest, subject)
}
