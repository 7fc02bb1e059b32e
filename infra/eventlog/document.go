package eventlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/wire"
)

// stored is a stored document. Its name is the _id of CouchDB or the primary key of the
// file. The name of an event begins with the event id.
type stored struct {
	name string
	body []byte
}

// event returns the event, or why this program did not store the document.
func (d stored) event() (event.Envelope, error) {
	e, err := decode(d.body)
	if err != nil {
		return e, err
	}
	_, untimed := time.Parse(wire.EventMoment, e.Timestamp)
	switch {
	case !strings.HasPrefix(d.name, e.EventID.String()):
		return e, fmt.Errorf("its name does not begin with its event_id %s", e.EventID)
	case e.EventType == "":
		return e, errors.New("event_type is missing")
	case untimed != nil:
		return e, errors.New("timestamp is not of the form " + wire.EventMoment)
	case !bytes.HasPrefix(e.Payload, []byte("{")):
		return e, errors.New("payload is not an object")
	}
	return e, nil
}

// Others are the documents of a log that are not events of this program.
type Others struct {
	Checked  int // documents that were checked
	Count    int
	Examples []string // names of the first few
}

const maxExamples = 5

// lister returns a page of the stored documents after a name, in the order of their names.
// Without bodies it may leave the bodies out.
type lister interface {
	list(ctx context.Context, after string, bodies bool) ([]stored, error)
}

// FindOthers returns the documents that are neither events of this program nor indexes. It
// checks only their names or, if contents is set, their contents too.
func FindOthers(ctx context.Context, log Log, contents bool) (found Others, err error) {
	for after := ""; ; {
		page, err := log.(lister).list(ctx, after, contents)
		if err != nil || len(page) == 0 {
			return found, err
		}
		found.Checked += len(page)
		for _, d := range page {
			if !known(d, contents) {
				found.Count++
				if len(found.Examples) < maxExamples {
					found.Examples = append(found.Examples, d.name)
				}
			}
		}
		after = page[len(page)-1].name
	}
}

// idLength is the length of an event id in the name of a document.
const idLength = len("00000000-0000-0000-0000-000000000000")

func known(d stored, contents bool) bool {
	if strings.HasPrefix(d.name, "_design/") {
		return true // an index
	}
	_, err := id.Parse(d.name[:min(len(d.name), idLength)])
	if err == nil && contents {
		_, err = d.event()
	}
	return err == nil
}

// reporter logs what an operator must know about a log.
type reporter struct {
	log   *slog.Logger
	empty atomic.Bool // the log had no events when it was opened, and none was stored since

	mu      sync.Mutex
	skipped map[string]bool // names of the documents that were logged
}

// whatToDo follows a message about lost events.
const whatToDo = "Run sofipo events republish, and restore older events from a backup (docs/operations.md, Event log)"

// storedFirst logs an error if the first events of an empty log are not the first of the
// chain: then the log was lost.
func (r *reporter) storedFirst(events []event.Encoded) {
	if len(events) == 0 || !r.empty.Swap(false) {
		return
	}
	first := int64(0)
	for _, e := range events {
		if e.Sequence > 0 && (first == 0 || e.Sequence < first) {
			first = e.Sequence
		}
	}
	if first > 1 {
		r.log.Error("the event log was empty although earlier events exist; they are missing from it. "+whatToDo, "first_sequence", first)
	}
}

// maxSkipped limits the number of documents that are logged.
const maxSkipped = 100

// skip logs, once for each document, that Find skips it.
func (r *reporter) skip(name string, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.skipped[name] || len(r.skipped) >= maxSkipped {
		return
	}
	if r.skipped == nil {
		r.skipped = map[string]bool{}
	}
	r.skipped[name] = true
	r.log.Warn("the event log has a document that is not an event; it is skipped", "document", name, "reason", why)
}
