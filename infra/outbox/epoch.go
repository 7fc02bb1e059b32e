package outbox

import (
	"context"
	"fmt"
	"time"

	"sofipo/core/event"
	"sofipo/infra/db"
)

// logWait is how long the relay waits for the event log before it begins a new epoch without
// having read the log, if it does not write the log itself.
const logWait = 2 * time.Minute

// begin prepares the chain after the relay has connected: it begins a new epoch if events may
// have been published that the database does not have. Then no event gets the sequence and
// the epoch of another one.
func (r *Relay) begin(ctx context.Context) error {
	server, err := r.session.Server(ctx)
	if err != nil {
		return err
	}
	kept := &Kept{read: r.read}
	c, reason, err := r.compare(ctx, kept)
	if err != nil {
		return err
	}
	var stored string
	load := &db.Batch{}
	load.Query("SELECT server FROM chain WHERE id = 1 FOR UPDATE", func(s db.Scanner) error { return s.Scan(&stored) })
	if err := r.session.Begin(ctx, load); err != nil {
		return err
	}
	if reason == "" && stored != "" && stored != server {
		reason = "the database has another server or timeline"
	}
	if reason == "" && stored == server {
		r.session.Rollback()
	} else {
		save := &db.Batch{}
		if reason != "" {
			r.newEpoch(save, c, reason)
		}
		save.Exec("UPDATE chain SET server = $1 WHERE id = 1", server)
		if _, err := r.session.Commit(ctx, save); err != nil {
			return err
		}
	}
	// What was published before may be unknown to this server.
	r.sent, r.connection, r.begun = 0, r.session.Connections(), true
	return nil
}

// compare compares the log with the chain. The reason is why a new epoch must begin; "" if it
// need not.
func (r *Relay) compare(ctx context.Context, kept *Kept) (c Comparison, reason string, err error) {
	if r.Log == nil {
		c.Course, err = kept.Course(ctx)
		return c, "", err
	}
	c, err = Compare(ctx, kept, r.Log)
	if err == nil {
		r.blocked = time.Time{}
		switch {
		case c.Ahead:
			reason = "the event log has events that the database does not have"
		case c.Differs:
			reason = "the last event of the event log has another hash in the database"
		}
		return c, reason, nil
	}
	if r.blocked.IsZero() {
		r.blocked = time.Now()
	}
	if r.Queued == nil || time.Since(r.blocked) < logWait {
		return c, "", fmt.Errorf("comparing the event log with the chain: %w", err)
	}
	c.Course, err = kept.Course(ctx)
	return c, "the event log does not answer", err
}

// newEpoch begins an epoch at the end of the chain. It replaces an epoch without events.
func (r *Relay) newEpoch(save *db.Batch, c Comparison, reason string) {
	e := event.Epoch{Number: c.Course.Next(time.Now().Unix(), c.Seen), After: c.Course.End.Sequence, Hash: c.Course.End.Hash}
	save.Exec("DELETE FROM epochs WHERE after_sequence = $1", e.After)
	save.Exec("INSERT INTO epochs (number, after_sequence, hash) VALUES ($1, $2, $3)", e.Number, e.After, e.Hash)
	r.log.Error("a new epoch of the event chain begins; run sofipo doctor --verify, then sofipo events void if it finds events outside the chain",
		"reason", reason, "epoch", e.Number, "after_sequence", e.After)
}

// read runs a batch in the relay's own session.
func (r *Relay) read(ctx context.Context, batch *db.Batch) error {
	err := r.session.Begin(ctx, batch)
	if err == nil {
		r.session.Rollback()
	}
	return err
}

// reached is how far the log was at a moment, and how far events had been published.
type reached struct{ log, published int64 }

// catchUp publishes the kept events after the log's end again if the log lost them. If the
// relay writes the log itself, it knows. Otherwise the queue must be empty, and the log must
// have stood still since the last call, a minute ago, although events were published.
func (r *Relay) catchUp(ctx context.Context) {
	if r.Log == nil {
		return
	}
	c, from, err := r.lacking(ctx)
	if err == nil && from.From <= from.To {
		save := &db.Batch{}
		again(save, from)
		if err = r.session.Begin(ctx, &db.Batch{}); err == nil {
			_, err = r.session.Commit(ctx, save)
		}
		r.log.Error("the event log lost events; those that the database keeps are published again",
			"log_ends_at", c.End.Sequence, "published_up_to", from.To)
	}
	if err != nil && ctx.Err() == nil {
		r.log.Warn("comparing the event log with the chain failed", "error", err)
	}
}

// lacking returns the range of published events that the log lost; From is above To if there
// are none.
func (r *Relay) lacking(ctx context.Context) (Comparison, Range, error) {
	kept := &Kept{read: r.read}
	var published int64
	batch := &db.Batch{}
	batch.Query("SELECT coalesce((SELECT min(last_sequence - count) FROM relayed WHERE sent_at IS NULL), sequence) FROM chain WHERE id = 1",
		func(s db.Scanner) error { return s.Scan(&published) })
	none := Range{From: 1}
	if err := r.read(ctx, batch); err != nil {
		return Comparison{}, none, err
	}
	c, err := Compare(ctx, kept, r.Log)
	if err != nil {
		return c, none, err
	}
	last := r.last
	r.last = reached{log: c.End.Sequence, published: published}
	if r.Queued != nil {
		queued, err := r.Queued(ctx)
		if err != nil || queued > 0 || last.log != c.End.Sequence {
			return c, none, err
		}
		published = min(published, last.published)
	}
	return c, Range{From: c.End.Sequence + 1, To: published}, nil
}
