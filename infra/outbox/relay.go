// Package outbox relays events from the outbox table to the broker: at least once, in order
// for each subject, and without blocking writes. If the broker is down or hangs, a backlog
// builds up and is sent later.
package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/wire"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/tracing"
)

// Publisher accepts events durably: all of them, or it returns an error. *amqp.Publisher
// implements it; the embedded event log is wrapped in another implementation.
type Publisher interface {
	Publish(ctx context.Context, events []event.Encoded) error
}

const (
	batchSize   = 1000
	poll        = time.Second
	linger      = 30 * time.Millisecond  // wait from the first event to taking a batch
	busyLinger  = 200 * time.Millisecond // the same while many writes are waiting
	publishTime = 15 * time.Second
	leaderLock  = 0x736f_6669 // lock of the leader: only one node relays
)

// Relay reads unsent events, adds each to the chain, publishes them and marks them as sent.
// If there are several nodes, one relays and the others stand by.
type Relay struct {
	db      *db.DB
	to      Publisher
	log     *slog.Logger
	keep    time.Duration
	session *db.Session
	wake    chan struct{}
	sent    int64 // last sequence of the batch that was published but not marked yet; 0 for none

	begun      bool      // the chain was prepared over the connection with the number below
	connection int       // number of the session's connection
	blocked    time.Time // since when the event log has not answered before the beginning
	suspected  Range     // published events that the log did not have at the last comparison

	// Stale, if set before Run, is called with the cache keys that events make stale, before
	// they are published. The process that wrote the events has already done this, unless it
	// was killed after its commit. So Stale is called only for events of processes other than
	// Node, and for batches left by an earlier relay.
	Stale func(token uint64, keys []string)
	Node  string

	// Clock, if set before Run, returns the time of the clock that the idempotency records
	// have. If it returns an error, because the clock is wrong, nothing is deleted.
	Clock func(context.Context) (time.Time, error)

	// Log, if set before Run, is the event log. At its beginning and after each promotion the
	// relay compares the log's end with the chain; see begin. If the log lost its last events,
	// the relay publishes them again; see catchUp.
	Log eventlog.Log
	// Queued, if set before Run, returns the number of messages between the publisher and the
	// log. It is nil if the publisher writes the log itself.
	Queued func(context.Context) (int64, error)

	// Busy, if set before Run, reports that many writes are waiting. The relay then waits
	// longer before it takes a batch. A batch costs the same with few or many events, so
	// larger ones save work.
	Busy func() bool

	// Tracer, if set before Run, traces the events whose commands were traced.
	Tracer trace.Tracer
	traces map[id.ID]event.Trace // of events that are chained and not published

	Published atomic.Uint64 // events confirmed since the start
	Failures  atomic.Uint64 // rounds that failed
}

// NewRelay returns a relay. Sent events are deleted after the duration keep.
func NewRelay(database *db.DB, to Publisher, keep time.Duration, log *slog.Logger) *Relay {
	return &Relay{db: database, to: to, log: log, keep: keep, session: database.Session(), wake: make(chan struct{}, 1), Clock: realClock}
}

func realClock(context.Context) (time.Time, error) { return time.Now(), nil }

// Wake signals new events. It never blocks.
func (r *Relay) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run relays events until the context ends. It then publishes the rest within the grace
// period and returns.
func (r *Relay) Run(ctx context.Context, grace time.Duration) {
	defer r.session.Close()
	// A running round is not interrupted: that would close the connection and lose the
	// leadership just before the rest is published.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	pause := time.Duration(0)
	cleaned := time.Time{}
	for ctx.Err() == nil {
		count, err := r.round(work)
		pause = r.after(ctx, err, pause)
		if err != nil || count == batchSize {
			continue
		}
		if r.begun && time.Since(cleaned) > time.Minute {
			r.clean(work)
			if err := r.catchUp(work); err != nil && ctx.Err() == nil {
				r.log.Warn("comparing the event log with the chain failed", "error", err)
			}
			cleaned = time.Now()
		}
		if count == 0 {
			r.wait(ctx)
		}
		sleep(ctx, r.linger())
	}
	for {
		if count, err := r.round(work); err != nil || count == 0 {
			return
		}
	}
}

// after counts and logs a failure, and waits longer after each one, up to five seconds.
func (r *Relay) after(ctx context.Context, err error, pause time.Duration) time.Duration {
	if err == nil || ctx.Err() != nil {
		return 0
	}
	r.Failures.Add(1)
	pause = min(max(2*pause, 100*time.Millisecond), 5*time.Second)
	r.log.Warn("relaying events failed; they wait in the outbox", "error", err, "retry_in", pause)
	sleep(ctx, pause)
	return pause
}

// wait returns when there are new events or when it is time to look for those of other
// processes.
func (r *Relay) wait(ctx context.Context) {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.wake:
	}
}

// linger returns how long to wait for more events before the next batch.
func (r *Relay) linger() time.Duration {
	if r.Busy != nil && r.Busy() {
		return busyLinger
	}
	return linger
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// round marks the last published batch, takes the next one, adds it to the chain, and
// publishes it outside any transaction.
func (r *Relay) round(ctx context.Context) (int, error) {
	leads, err := r.session.Lead(ctx, leaderLock)
	if err != nil || !leads {
		return 0, err
	}
	if !r.begun || r.connection != r.session.Connections() {
		if err := r.begin(ctx); err != nil {
			return 0, err
		}
	}
	next, err := r.take(ctx)
	if err != nil || next == nil {
		return 0, err
	}
	if err := r.publish(ctx, next); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	r.Published.Add(uint64(len(next.events)))
	r.sent = next.last
	return len(next.events), nil
}

// maxTraces limits the traces of events that are chained and not published.
const maxTraces = 100_000

// leave ends the time in the outbox of the traced events of a new batch, and keeps their spans,
// since the batch may be read again before it is published. Those of a batch that another process
// left are lost.
func (r *Relay) leave(fresh *batch) {
	if r.Tracer == nil || fresh == nil {
		return
	}
	now := time.Now()
	for i := range fresh.events {
		e := &fresh.events[i]
		if e.Trace == (event.Trace{}) || len(r.traces) >= maxTraces {
			continue
		}
		e.Trace = tracing.Waited(r.Tracer, e, now)
		if r.traces == nil {
			r.traces = map[id.ID]event.Trace{}
		}
		r.traces[e.EventID] = e.Trace
	}
}

// publish publishes a batch.
func (r *Relay) publish(ctx context.Context, b *batch) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	if r.Tracer == nil {
		return r.to.Publish(ctx, b.events)
	}
	for i := range b.events {
		b.events[i].Trace = r.traces[b.events[i].EventID]
	}
	events, end := tracing.Events(r.Tracer, b.events, "publish", trace.WithSpanKind(trace.SpanKindProducer))
	err := r.to.Publish(ctx, events)
	end(err)
	if err == nil {
		for i := range b.events {
			delete(r.traces, b.events[i].EventID)
		}
	}
	return err
}

// batch is a batch of chained events to publish.
type batch struct {
	events []event.Encoded
	stale  string // cache keys, one on each line
	last   int64  // sequence of the last event
}

// row is a row of the outbox.
type row struct {
	position int64
	sealed   event.Sealed
	stale    string
	node     string
}

// take moves events from the outbox to the chain and returns the batch to publish: the oldest
// chained batch that may not have been published, or else the new one. It returns nil if
// there is none.
func (r *Relay) take(ctx context.Context) (*batch, error) {
	var old *batch
	var rows []row
	var link event.Link
	load := &db.Batch{}
	load.Before(func() { old, rows = nil, nil })
	load.Query(courseQuery+" FOR UPDATE", func(s db.Scanner) error { return scanLink(s, &link) })
	if r.sent > 0 {
		load.Exec("UPDATE relayed SET sent_at = $1 WHERE last_sequence = $2", time.Now(), r.sent)
	}
	load.Query("SELECT last_sequence, events, stale FROM relayed WHERE sent_at IS NULL ORDER BY last_sequence LIMIT 1", func(s db.Scanner) (err error) {
		old, err = scanBatch(s)
		return err
	})
	// A range of positions needs one scan of the index, a list of them one search for each.
	// The range may contain fewer rows than are waiting; the next round takes the rest.
	load.Query("DELETE FROM outbox WHERE position < (SELECT min(position) FROM outbox) + $1 RETURNING position, body, layout, stale, node", func(s db.Scanner) error {
		taken, err := scanRow(s)
		rows = append(rows, taken)
		return err
	}, int64(batchSize))
	if err := r.session.Begin(ctx, load); err != nil {
		return nil, err
	}
	if len(rows) == 0 && old == nil && r.sent == 0 {
		r.session.Rollback()
		return nil, nil
	}
	save := &db.Batch{}
	fresh, err := chain(save, rows, link)
	if err != nil {
		r.session.Rollback()
		return nil, err
	}
	token, err := r.session.Commit(ctx, save)
	if err != nil {
		return nil, err
	}
	r.sent = 0
	r.leave(fresh)
	if old != nil {
		r.forget(token, old.stale)
		return old, nil
	}
	r.forget(token, r.foreign(rows))
	return fresh, nil
}

func scanBatch(s db.Scanner) (*batch, error) {
	b := &batch{}
	var text string
	if err := s.Scan(&b.last, &text, &b.stale); err != nil {
		return nil, err
	}
	var bodies []json.RawMessage
	if err := json.Unmarshal([]byte(text), &bodies); err != nil {
		return nil, err
	}
	b.events = make([]event.Encoded, len(bodies))
	for i, body := range bodies {
		var err error
		if b.events[i], err = event.Read(body); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func scanRow(s db.Scanner) (out row, err error) {
	err = s.Scan(&out.position, &out.sealed.Body, &out.sealed.Layout, &out.stale, &out.node)
	return out, err
}

// added is the maximum number of bytes that the chain adds to an event: a sequence and two
// hashes.
const added = 220

var relayedInsert = db.Insert("relayed", db.Int("last_sequence"), db.Int("count"), db.Text("events"), db.Text("stale"))

// chain adds the rows to the chain in the order of their positions and queues the new batch.
// It returns nil if there are no rows.
func chain(save *db.Batch, rows []row, link event.Link) (*batch, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.position, b.position) })
	made := &batch{events: make([]event.Encoded, len(rows))}
	room := 1
	for _, each := range rows {
		room += len(each.sealed.Body) + added
	}
	text := make([]byte, 0, room)
	stale := make([]string, len(rows))
	events := event.Chain{Last: link}
	for i, each := range rows {
		var err error
		if text, made.events[i], err = events.Append(append(text, ','), each.sealed); err != nil {
			return nil, fmt.Errorf("outbox row %d: %w", each.position, err)
		}
		stale[i] = each.stale
	}
	text[0] = '['
	link = events.Last
	made.last, made.stale = link.Sequence, strings.Join(stale, "\n")
	relayed := relayedInsert.Rows()
	relayed.Add(made.last, int64(len(rows)), string(append(text, ']')), made.stale)
	save.Save(relayed)
	save.Exec("UPDATE chain SET sequence = $1, hash = $2 WHERE id = 1", link.Sequence, link.Hash)
	return made, nil
}

// foreign returns the keys of the rows that other processes wrote.
func (r *Relay) foreign(rows []row) string {
	var keys []string
	for _, each := range rows {
		if r.Node == "" || each.node != r.Node {
			keys = append(keys, each.stale)
		}
	}
	return strings.Join(keys, "\n")
}

// forget reports stale keys, one on each line.
func (r *Relay) forget(token uint64, keys string) {
	if r.Stale != nil && keys != "" {
		r.Stale(token, strings.FieldsFunc(keys, func(c rune) bool { return c == '\n' }))
	}
}

// clean runs every minute. It deletes some of the sent batches older than the retention time,
// and idempotency records of the same age.
func (r *Relay) clean(ctx context.Context) {
	now, err := r.Clock(ctx)
	if err != nil {
		return // with a wrong clock, new records could look old
	}
	err = r.session.Begin(ctx, &db.Batch{})
	if err == nil {
		save := &db.Batch{}
		save.Exec("DELETE FROM relayed WHERE last_sequence IN (SELECT last_sequence FROM relayed WHERE sent_at < $1 ORDER BY last_sequence LIMIT 200)", time.Now().Add(-r.keep))
		save.Exec(`DELETE FROM idempotency WHERE (key, username, operation) IN
			(SELECT key, username, operation FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT 20000)`, now.Add(-r.keep))
		_, err = r.session.Commit(ctx, save)
	}
	if err != nil && ctx.Err() == nil {
		r.log.Warn("deleting old events and idempotency records failed", "error", err)
	}
}

// Backlog returns the number of events that wait to be published.
func Backlog(ctx context.Context, database *db.DB) (count int64, err error) {
	batch := &db.Batch{}
	batch.Query("SELECT (SELECT count(*) FROM outbox) + (SELECT coalesce(sum(count), 0) FROM relayed WHERE sent_at IS NULL)", func(s db.Scanner) error { return s.Scan(&count) })
	return count, database.ReadPrimary(ctx, batch)
}

// Oldest returns the time of the oldest event that waits to be published, or the zero time.
func Oldest(ctx context.Context, database *db.DB) (at time.Time, err error) {
	var body string
	batch := &db.Batch{}
	batch.Before(func() { body = "" })
	scan := func(s db.Scanner) error { return s.Scan(&body) }
	batch.Query("SELECT body FROM outbox ORDER BY position LIMIT 1", scan)
	batch.Query("SELECT events FROM relayed WHERE sent_at IS NULL ORDER BY last_sequence LIMIT 1", scan) // older
	if err := database.ReadPrimary(ctx, batch); err != nil || body == "" {
		return at, err
	}
	decoder := json.NewDecoder(strings.NewReader(body))
	if body[0] == '[' {
		_, _ = decoder.Token() // the body is not empty
	}
	var oldest event.Envelope
	if err := decoder.Decode(&oldest); err != nil {
		return at, err
	}
	return time.Parse(wire.EventMoment, oldest.Timestamp)
}
