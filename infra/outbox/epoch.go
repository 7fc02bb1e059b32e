package outbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sofipo/core/event"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
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
	r.sent, r.suspected = 0, Range{}
	if r.blocked.IsZero() { // the log answers
		if err := r.catchUp(ctx); err != nil {
			return err
		}
	}
	r.connection, r.begun = r.session.Connections(), true
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

// catchUp publishes the kept events again that the log lost at its end. If the relay writes the
// log itself, it knows which. Otherwise they may be in the queue: then they are suspected, and
// published again at the next call, a minute later, if the queue is empty and the log still
// does not have the first of them. The range of suspected events stays if new events arrive.
func (r *Relay) catchUp(ctx context.Context) error {
	if r.Log == nil {
		return nil
	}
	kept := &Kept{read: r.read}
	lost, err := r.lost(ctx, kept)
	if err != nil || lost.From > lost.To {
		return err
	}
	save := &db.Batch{}
	again(save, lost)
	if err := r.session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	if _, err := r.session.Commit(ctx, save); err != nil {
		return err
	}
	bounds, err := kept.Bounds(ctx)
	r.log.Error("the event log lost events; those that the database keeps are published again",
		"from", lost.From, "to", lost.To, "kept_from", bounds.From)
	return err
}

// lost returns the range of published events that the log lost; From is above To if there are
// none.
func (r *Relay) lost(ctx context.Context, kept *Kept) (Range, error) {
	none := Range{From: 1}
	var published int64
	batch := &db.Batch{}
	batch.Query("SELECT coalesce((SELECT min(last_sequence - count) FROM relayed WHERE sent_at IS NULL), sequence) FROM chain WHERE id = 1",
		func(s db.Scanner) error { return s.Scan(&published) })
	if err := r.read(ctx, batch); err != nil {
		return none, err
	}
	c, err := Compare(ctx, kept, r.Log)
	missing := Range{From: c.End.Sequence + 1, To: published}
	if err != nil || r.Queued == nil {
		return missing, err
	}
	lost := r.suspected
	if lost.From == 0 || lost.From > lost.To {
		r.suspected = missing
		return none, nil
	}
	queued, err := r.Queued(ctx)
	if err != nil || queued > 0 {
		return none, err
	}
	r.suspected = Range{}
	arrived, err := has(ctx, r.Log, c.Course, lost.From)
	if err != nil || arrived {
		return none, err
	}
	return lost, nil
}

// has reports whether the log has the event of the chain with the sequence.
func has(ctx context.Context, log eventlog.Log, course event.Course, sequence int64) (bool, error) {
	page, _, err := log.Find(ctx, eventlog.Query{Newest: true, Limit: 100, Page: eventlog.NewestFrom(sequence)})
	return slices.ContainsFunc(page, func(e event.Envelope) bool { return e.Sequence == sequence && course.Contains(e.Link()) }), err
}
