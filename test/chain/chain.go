// Package chain has the books of a test that chains events without a database.
package chain

import (
	"context"

	"sofipo/core/event"
)

// Books are the events of a chain, in order, and its later epochs. They are compared with an
// event log.
type Books struct {
	Events []event.Envelope
	Epochs []event.Epoch
	Old    int // number of the first events that are not kept
}

// Of returns the books of published events.
func Of(events []event.Encoded) (b Books) {
	for _, e := range events {
		read, err := event.Parse(e.Body)
		if err != nil {
			panic(err) // the test has just encoded it
		}
		b.Events = append(b.Events, read)
	}
	return b
}

// Course returns the epochs and the end of the chain.
func (b Books) Course(context.Context) (event.Course, error) {
	c := event.Course{Epochs: b.Epochs}
	if n := len(b.Events); n > 0 {
		c.End = b.Events[n-1].Link()
	}
	return c, nil
}

// Hash returns the hash of a kept event.
func (b Books) Hash(_ context.Context, sequence int64) (string, bool, error) {
	switch at := int(sequence) - 1; {
	case at < 0:
		return "", true, nil
	case at < b.Old || at >= len(b.Events):
		return "", false, nil
	default:
		return b.Events[at].Hash, true, nil
	}
}

// Each visits the kept events after a sequence.
func (b Books) Each(_ context.Context, after int64, visit func(event.Envelope) bool) error {
	for _, e := range b.Events[min(max(int(after), b.Old), len(b.Events)):] {
		if !visit(e) {
			break
		}
	}
	return nil
}
