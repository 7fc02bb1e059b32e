// Package outbox carries events from the rows that their transactions wrote to
// the broker: at least once, in order for each subject, and never in the way of
// a write. A broker that is down or hangs leaves a backlog that drains later.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"sofipo/core/event"
	"sofipo/infra/db"
)

// Publisher takes events over durably: all of them, or it gives an error.
// *amqp.Publisher is one; the embedded event log is the other.
type Publisher interface {
	Publish(ctx context.Context, events []event.Envelope) error
}

const (
	batchSize   = 500
	poll        = time.Second
	publishTime = 15 * time.Second
	purpose     = 0x736f_6669 // of the leader's lock: one node relays
)

// Relay reads unsent events, ties each to the chain, publishes them and marks
// them sent. One node of many relays; the others stand by.
type Relay struct {
	db      *db.DB
	to      Publisher
	log     *slog.Logger
	keep    time.Duration
	session *db.Session
	wake    chan struct{}
	sent    []int64 // positions published and not yet marked

	// Stale, if set before Run, is told of the cache keys that the events make
	// stale before they are published: the writer has told so already, unless it
	// was killed after its commit.
	Stale func(position uint64, keys []string)

	Published atomic.Uint64 // events confirmed since the start
	Failures  atomic.Uint64 // rounds that failed
}

// NewRelay makes a relay. Sent rows are kept for the duration, then removed.
func NewRelay(database *db.DB, to Publisher, keep time.Duration, log *slog.Logger) *Relay {
	return &Relay{db: database, to: to, log: log, keep: keep, session: database.Session(), wake: make(chan struct{}, 1)}
}

// Wake tells that there are new events. It never waits.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run relays until the context ends; it then publishes what is left, within
// the grace, and returns.
func (r *Relay) Run(ctx context.Context, grace time.Duration) {
	defer r.session.Close()
	// A round in hand is not cut short: that would cost the connection, and with
	// it the lead, just when the rest is to be published.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	pause := time.Duration(0)
	cleaned := time.Time{}
	for ctx.Err() == nil {
		count, err := r.round(work)
		pause = r.after(ctx, err, pause)
		if err == nil && count < batchSize {
			if time.Since(cleaned) > time.Hour {
				r.clean(work)
				cleaned = time.Now()
			}
			r.wait(ctx, poll)
		}
	}
	for {
		if count, err := r.round(work); err != nil || count == 0 {
			return
		}
	}
}

// after counts and logs a failure and waits longer after each, up to five seconds.
func (r *Relay) after(ctx context.Context, err error, pause time.Duration) time.Duration {
	if err == nil || ctx.Err() != nil {
		return 0
	}
	r.Failures.Add(1)
	pause = min(max(2*pause, 100*time.Millisecond), 5*time.Second)
	r.log.Warn("events are not relayed; they wait in the outbox", "error", err, "retry_in", pause)
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
	return pause
}

func (r *Relay) wait(ctx context.Context, most time.Duration) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-timer.C:
	}
}

// round marks what the last round published, takes the next batch, ties it to
// the chain, and publishes it outside of any transaction.
func (r *Relay) round(ctx context.Context) (int, error) {
	leads, err := r.session.Lead(ctx, purpose)
	if err != nil || !leads {
		return 0, err
	}
	events, positions, err := r.take(ctx)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	publish, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	if err := r.to.Publish(publish, events); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	r.Published.Add(uint64(len(events)))
	r.sent = positions
	return len(events), nil
}

// pending is an outbox row.
type pending struct {
	position int64
	envelope event.Envelope
	stale    string // cache keys, a line each
}

// take gives the events to publish: those chained before and perhaps not
// published, or else a batch of new ones, chained now.
func (r *Relay) take(ctx context.Context) ([]event.Envelope, []int64, error) {
	var chained, fresh []pending
	var last event.Link
	load := &db.Batch{}
	load.Before(func() { chained, fresh = nil, nil })
	load.Query("SELECT sequence, hash FROM chain WHERE id = 1 FOR UPDATE", func(s db.Scanner) error {
		return s.Scan(&last.Sequence, &last.Hash)
	})
	if len(r.sent) > 0 {
		load.Exec("UPDATE outbox SET sent_at = $1 WHERE position = ANY($2::bigint[])", time.Now(), r.sent)
	}
	load.Query("SELECT position, body, stale FROM outbox WHERE sequence IS NOT NULL AND sent_at IS NULL ORDER BY sequence LIMIT $1", into(&chained), int64(batchSize))
	load.Query("SELECT position, body, stale FROM outbox WHERE sequence IS NULL ORDER BY position LIMIT $1", into(&fresh), int64(batchSize))
	if err := r.session.Begin(ctx, load); err != nil {
		return nil, nil, err
	}
	save := &db.Batch{}
	if len(chained) == 0 {
		if err := chain(save, fresh, last); err != nil {
			r.session.Rollback()
			return nil, nil, err
		}
		chained = fresh
	}
	if len(chained) == 0 && len(r.sent) == 0 {
		r.session.Rollback()
		return nil, nil, nil
	}
	position, err := r.session.Commit(ctx, save)
	if err != nil {
		return nil, nil, err
	}
	r.sent = nil
	r.forget(position, chained)
	events, positions := make([]event.Envelope, len(chained)), make([]int64, len(chained))
	for i, p := range chained {
		events[i], positions[i] = p.envelope, p.position
	}
	return events, positions, nil
}

// forget tells what the events make stale.
func (r *Relay) forget(position uint64, events []pending) {
	if r.Stale == nil {
		return
	}
	var keys []string
	for _, e := range events {
		if e.stale != "" {
			keys = append(keys, strings.Split(e.stale, "\n")...)
		}
	}
	r.Stale(position, keys)
}

func into(list *[]pending) func(db.Scanner) error {
	return func(s db.Scanner) error {
		var p pending
		var body string
		if err := s.Scan(&p.position, &body, &p.stale); err != nil {
			return err
		}
		var err error
		p.envelope, err = event.Parse([]byte(body))
		*list = append(*list, p)
		return err
	}
}

var chainUpdate = db.Update("outbox", db.Int("position"), db.Text("body"), db.Int("sequence"))

// chain ties the events to the last link and queues what is to be saved.
func chain(save *db.Batch, fresh []pending, last event.Link) error {
	if len(fresh) == 0 {
		return nil
	}
	rows := chainUpdate.Rows()
	for i := range fresh {
		next, err := fresh[i].envelope.Chain(last)
		if err != nil {
			return err
		}
		rows.Add(fresh[i].position, string(fresh[i].envelope.AppendJSON(make([]byte, 0, 1024))), next.Sequence)
		last = next
	}
	save.Save(rows)
	save.Exec("UPDATE chain SET sequence = $1, hash = $2 WHERE id = 1", last.Sequence, last.Hash)
	return nil
}

// clean removes rows sent longer ago than they are kept, and idempotency
// records of the same age.
func (r *Relay) clean(ctx context.Context) {
	before := time.Now().Add(-r.keep)
	err := r.session.Begin(ctx, &db.Batch{})
	if err == nil {
		save := &db.Batch{}
		save.Exec("DELETE FROM outbox WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT 50000) AND sent_at < $1", before)
		save.Exec("DELETE FROM idempotency WHERE created_at < $1", before)
		_, err = r.session.Commit(ctx, save)
	}
	if err != nil && ctx.Err() == nil {
		r.log.Warn("old outbox rows were not removed", "error", err)
	}
}

// Backlog counts the events that wait to be published.
func Backlog(ctx context.Context, database *db.DB) (count int64, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT count(*) FROM outbox WHERE sent_at IS NULL", func(s db.Scanner) error { return s.Scan(&count) })
	return count, database.ReadPrimary(ctx, batch)
}
