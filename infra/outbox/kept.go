package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"sofipo/core/event"
	"sofipo/infra/db"
)

// Kept reads the chain in the database: its epochs, its end, and the events that are kept. It
// may be used by one goroutine at a time.
type Kept struct {
	read  func(context.Context, *db.Batch) error
	batch []event.Envelope // the last batch that was read, in order
}

// NewKept returns a reader of the primary.
func NewKept(d *db.DB) *Kept { return &Kept{read: d.ReadPrimary} }

// courseQuery and epochsQuery read an event.Course.
const (
	courseQuery = "SELECT sequence, hash, (SELECT coalesce(max(number), 0) FROM epochs) FROM chain WHERE id = 1"
	epochsQuery = "SELECT number, after_sequence, hash FROM epochs ORDER BY number"
)

// Course returns the epochs and the end of the chain.
func (k *Kept) Course(ctx context.Context) (c event.Course, err error) {
	batch := &db.Batch{}
	batch.Before(func() { c = event.Course{} })
	batch.Query(courseQuery, func(s db.Scanner) error { return scanLink(s, &c.End) })
	batch.Query(epochsQuery, func(s db.Scanner) error {
		var e event.Epoch
		err := s.Scan(&e.Number, &e.After, &e.Hash)
		c.Epochs = append(c.Epochs, e)
		return err
	})
	err = k.read(ctx, batch)
	return c, err
}

func scanLink(s db.Scanner, l *event.Link) error { return s.Scan(&l.Sequence, &l.Hash, &l.Epoch) }

// Hash returns the hash of the event of the chain with the sequence, and whether it is known:
// old events are not kept.
func (k *Kept) Hash(ctx context.Context, sequence int64) (hash string, known bool, err error) {
	if sequence == 0 {
		return "", true, nil
	}
	for range 2 {
		for _, e := range k.batch {
			if e.Sequence == sequence {
				return e.Hash, true, nil
			}
			if e.Sequence == sequence+1 {
				return e.PreviousHash, true, nil
			}
		}
		if err := k.load(ctx, sequence); err != nil {
			return "", false, err
		}
	}
	return "", false, nil
}

// load reads the first batch that ends at the sequence or later.
func (k *Kept) load(ctx context.Context, sequence int64) error {
	k.batch = nil
	batch := &db.Batch{}
	batch.Before(func() { k.batch = nil })
	batch.Query("SELECT events FROM relayed WHERE last_sequence >= $1 ORDER BY last_sequence LIMIT 1", func(s db.Scanner) error {
		var text string
		err := s.Scan(&text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &k.batch)
		}
		return err
	}, sequence)
	return k.read(ctx, batch)
}

// Each visits the events that wait in the outbox, which have no sequence yet, and then the kept
// events of the chain after the sequence. It ends early if visit returns false.
func (k *Kept) Each(ctx context.Context, after int64, visit func(event.Envelope) bool) error {
	if more, err := k.waiting(ctx, visit); err != nil || !more {
		return err
	}
	for {
		if err := k.load(ctx, after+1); err != nil || len(k.batch) == 0 {
			return err
		}
		for _, e := range k.batch {
			if e.Sequence > after && !visit(e) {
				return nil
			}
		}
		after = k.batch[len(k.batch)-1].Sequence
	}
}

// waiting visits the events in the outbox.
func (k *Kept) waiting(ctx context.Context, visit func(event.Envelope) bool) (more bool, err error) {
	for position := int64(0); ; {
		var bodies []string
		batch := &db.Batch{}
		batch.Before(func() { bodies = nil })
		batch.Query("SELECT position, body FROM outbox WHERE position > $1 ORDER BY position LIMIT $2", func(s db.Scanner) error {
			var body string
			err := s.Scan(&position, &body)
			bodies = append(bodies, body)
			return err
		}, position, int64(batchSize))
		if err := k.read(ctx, batch); err != nil {
			return false, err
		}
		for _, body := range bodies {
			e, err := event.Parse([]byte(body))
			if err != nil {
				return false, fmt.Errorf("outbox: %w", err)
			}
			if !visit(e) {
				return false, nil
			}
		}
		if len(bodies) < batchSize {
			return true, nil
		}
	}
}

// Sent returns the published events of the first kept batch that ends after the sequence, as they
// were published: none if there is none, or if it is not published.
func (k *Kept) Sent(ctx context.Context, after int64) (events []event.Encoded, err error) {
	batch := &db.Batch{}
	batch.Before(func() { events = nil })
	batch.Query(`SELECT last_sequence, events, '' FROM (SELECT last_sequence, events, sent_at FROM relayed WHERE last_sequence > $1 ORDER BY last_sequence LIMIT 1) b
		WHERE sent_at IS NOT NULL`, func(s db.Scanner) error {
		b, err := scanBatch(s)
		if err == nil {
			events = b.events
		}
		return err
	}, after)
	err = k.read(ctx, batch)
	return events, err
}

// Unsent returns the number of chained events that were not published yet.
func (k *Kept) Unsent(ctx context.Context) (count int64, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(sum(count), 0) FROM relayed WHERE sent_at IS NULL", func(s db.Scanner) error { return s.Scan(&count) })
	err = k.read(ctx, batch)
	return count, err
}

// Range is a range of sequences, inclusive.
type Range struct{ From, To int64 }

// again marks the kept batches with events of the range as unsent, so that the relay publishes
// them again.
func again(save *db.Batch, r Range) {
	save.Exec("UPDATE relayed SET sent_at = NULL WHERE last_sequence >= $1 AND last_sequence - count < $2 AND sent_at IS NOT NULL", r.From, r.To)
}

// Republish lets the relay publish the kept events of the range again, in whole batches, and
// returns the range and the number of events that it will publish. The event log stores each
// event once. The relay of a running server begins within seconds; without one, the next
// server does it.
func Republish(ctx context.Context, d *db.DB, r Range) (found Range, count int64, err error) {
	session := d.Session()
	defer session.Close()
	load := &db.Batch{}
	load.Before(func() { found, count = Range{}, 0 })
	load.Query(`SELECT coalesce(min(last_sequence - count + 1), 0), coalesce(max(last_sequence), 0), coalesce(sum(count), 0) FROM relayed
		WHERE last_sequence >= $1 AND last_sequence - count < $2`, func(s db.Scanner) error { return s.Scan(&found.From, &found.To, &count) }, r.From, r.To)
	if err := session.Begin(ctx, load); err != nil {
		return found, 0, err
	}
	save := &db.Batch{}
	again(save, r)
	_, err = session.Commit(ctx, save)
	return found, count, err
}

// Bounds returns the sequences of the kept events; 0, 0 if there are none.
func (k *Kept) Bounds(ctx context.Context) (r Range, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT coalesce(min(last_sequence - count + 1), 0), coalesce(max(last_sequence), 0) FROM relayed", func(s db.Scanner) error { return s.Scan(&r.From, &r.To) })
	err = k.read(ctx, batch)
	return r, err
}
