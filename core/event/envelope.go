package event

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"sofipo/core/civil"
	"sofipo/core/id"
)

// Envelope is a published event. The first four members are those of the seed. Sequence,
// Epoch, PreviousHash and Hash are set when the event is relayed: they form one chain of all
// events, so a change or a gap is detected.
type Envelope struct {
	EventType     string          `json:"event_type"`
	EntityID      id.ID           `json:"entity_id"`
	Payload       json.RawMessage `json:"payload"`
	Timestamp     string          `json:"timestamp"` // wire.EventMoment
	EventID       id.ID           `json:"event_id"`
	Sequence      int64           `json:"sequence"`        // from 1, without gaps
	Epoch         int64           `json:"epoch,omitempty"` // Epoch.Number; absent in the first epoch
	Version       int             `json:"version"`
	Subject       id.ID           `json:"subject"`
	Actor         string          `json:"actor"`
	CorrelationID string          `json:"correlation_id"`
	BusinessDate  civil.Date      `json:"business_date"`
	PreviousHash  string          `json:"previous_hash"`
	Hash          string          `json:"hash"`
}

// Chain adds the envelope to the chain after the given link and returns the new link.
func (e *Envelope) Chain(last Link) (Link, error) {
	e.Sequence, e.Epoch, e.PreviousHash = last.Sequence+1, last.Epoch, last.Hash
	digest, err := e.Digest()
	e.Hash = digest
	return e.Link(), err
}

// Link returns the link of the chain that the envelope is.
func (e Envelope) Link() Link { return Link{Sequence: e.Sequence, Hash: e.Hash, Epoch: e.Epoch} }

// Key returns the key of the event in the event log.
func (e Envelope) Key() string { return key(e.EventID, e.Epoch) }

// Digest returns the SHA-256, in hexadecimal, of the canonical JSON (RFC 8785) of the
// envelope without its hash. It does not depend on the order of keys, spaces or
// escapes, so a store may format the document in its own way.
func (e Envelope) Digest() (string, error) {
	var err error
	b := make([]byte, 0, 1024)
	b = appendString(append(b, `{"actor":`...), e.Actor)
	b = e.BusinessDate.Append(append(b, `,"business_date":"`...))
	b = appendString(append(b, `","correlation_id":`...), e.CorrelationID)
	b = e.EntityID.Append(append(b, `,"entity_id":"`...))
	b = append(b, '"')
	b = appendEpoch(b, e.Epoch)
	b = e.EventID.Append(append(b, `,"event_id":"`...))
	b = appendString(append(b, `","event_type":`...), e.EventType)
	if b, err = canonical(append(b, `,"payload":`...), e.Payload); err != nil {
		return "", fmt.Errorf("payload of event %s: %w", e.EventID, err)
	}
	b = appendString(append(b, `,"previous_hash":`...), e.PreviousHash)
	b = strconv.AppendInt(append(b, `,"sequence":`...), e.Sequence, 10)
	b = e.Subject.Append(append(b, `,"subject":"`...))
	b = appendString(append(b, `","timestamp":`...), e.Timestamp)
	b = strconv.AppendInt(append(b, `,"version":`...), int64(e.Version), 10)
	sum := sha256.Sum256(append(b, '}'))
	return hex.EncodeToString(sum[:]), nil
}

// Verify checks that the envelope follows the link and was not changed. It returns the
// next link, or an error that describes the difference.
func (e Envelope) Verify(last Link) (Link, error) {
	switch missing := e.Sequence - last.Sequence - 1; {
	case missing > 0:
		return last, fmt.Errorf("sequence %d follows %d: %d missing", e.Sequence, last.Sequence, missing)
	case missing == -1:
		return last, fmt.Errorf("sequence %d follows %d: duplicate", e.Sequence, last.Sequence)
	case missing < 0:
		return last, fmt.Errorf("sequence %d follows %d: out of order", e.Sequence, last.Sequence)
	}
	if e.PreviousHash != last.Hash {
		return last, fmt.Errorf("event %s (sequence %d) does not have the hash of the previous event", e.EventID, e.Sequence)
	}
	digest, err := e.Digest()
	if err != nil {
		return last, err
	}
	if digest != e.Hash {
		return last, fmt.Errorf("event %s (sequence %d) was changed after it was chained", e.EventID, e.Sequence)
	}
	return e.Link(), nil
}
