package webhooks

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/webhook"
	"sofipo/infra/db"
	"sofipo/infra/outbox"
	sending "sofipo/infra/webhook"
)

// When a worker saves what was delivered, at the latest. After a crash these events are delivered
// again.
const (
	saveAfter = 200 * time.Millisecond
	saveMost  = 100 // deliveries
)

// replayMost is how many dead letters are replayed before the next events are delivered.
const replayMost = 100

// worker delivers to one webhook.
type worker struct {
	d          *Deliverer
	id         id.ID
	connection int
	kept       *outbox.Kept
	hook       atomic.Pointer[webhook.Webhook]
	at         atomic.Int64  // sequence up to which it is
	wake       chan struct{} // there is something to deliver
	changed    chan struct{} // the address or the secret changed: do not wait longer
	stop       context.CancelFunc
	done       chan struct{}
	stopping   bool // of the deliverer's goroutine

	progress webhook.Progress
	loaded   bool
	pending  []webhook.Delivery // delivered or given up, not saved
	dirty    bool               // the progress is not saved
	saved    time.Time
	failures int64 // attempts to replay that found the receiver unavailable, in a row
}

// start starts the worker of a webhook. Work is the context of attempts, which outlives a stop.
func (d *Deliverer) start(work context.Context, hook webhook.Webhook) *worker {
	ctx, stop := context.WithCancel(work)
	w := &worker{d: d, id: hook.ID, connection: d.connection, kept: outbox.NewKept(d.DB), wake: make(chan struct{}, 1), changed: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	w.hook.Store(&hook)
	go func() {
		defer close(w.done)
		defer stop()
		for ctx.Err() == nil {
			pause, err := w.turn(ctx, work)
			if err != nil {
				if work.Err() == nil {
					d.Log.Warn("delivering to a webhook failed; its events wait", "webhook", w.id, "error", err)
				}
				w.loaded, w.pending, w.dirty, pause = false, nil, false, time.Second
			}
			w.wait(ctx, pause)
		}
	}()
	return w
}

// signal sends without blocking.
func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// inform passes the stored webhook and the end of the published events to the worker.
func (w *worker) inform(hook due, end int64) {
	before := w.hook.Swap(&hook.Webhook)
	if before.URL != hook.URL || before.Secret != hook.Secret {
		signal(w.changed)
	}
	if hook.replays > 0 || end > w.at.Load() {
		signal(w.wake)
	}
}

// idle is the pause of a worker that waits for events.
const idle = -1

// wait waits for a time, or for events.
func (w *worker) wait(ctx context.Context, pause time.Duration) {
	if pause == idle {
		select {
		case <-ctx.Done():
		case <-w.wake:
		}
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.changed:
	}
}

// turn replays dead letters, delivers the next events, and returns how long to wait.
func (w *worker) turn(ctx, work context.Context) (pause time.Duration, err error) {
	if !w.loaded {
		if err := w.load(work); err != nil || !w.loaded {
			return idle, err
		}
	}
	busy, err := w.replay(ctx, work)
	if err == nil {
		pause, err = w.deliverNext(ctx, work)
	}
	if err == nil {
		err = w.save(work)
	}
	if busy > 0 && pause == idle {
		pause = busy
	}
	return pause, err
}

// load reads the progress. Without a row the webhook was removed.
func (w *worker) load(ctx context.Context) error {
	batch := &db.Batch{}
	batch.Before(func() { w.loaded = false })
	batch.Query("SELECT "+Progress.Columns.List("")+" FROM webhook_progress WHERE webhook_id = $1", func(s db.Scanner) error {
		w.loaded = true
		return Progress.Columns.Scan(s, &w.progress)
	}, w.id)
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	err := w.d.DB.ReadPrimary(ctx, batch)
	w.at.Store(w.progress.Sequence)
	return err
}

// deliverNext delivers the next published events in order. It returns how long to wait: idle
// without events, 0 if there may be more.
func (w *worker) deliverNext(ctx, work context.Context) (pause time.Duration, err error) {
	events, err := w.sent(work, w.progress.Sequence)
	if err != nil || len(events) == 0 {
		return idle, err
	}
	if missed := events[0].Sequence - w.progress.Sequence - 1; missed > 0 {
		w.d.Log.Error("events for a webhook were deleted before they were delivered; read them from the event log", "webhook", w.id,
			"after_sequence", w.progress.Sequence, "events", missed)
		w.d.Missed.Add(uint64(missed))
		w.progress.Missed += missed
		w.pass(events[0].Sequence - 1)
	}
	for i := range events {
		e := &events[i]
		if ctx.Err() != nil {
			return 0, nil
		}
		if e.Sequence <= w.progress.Sequence {
			continue
		}
		if !w.hook.Load().Wants(e.EventType, e.Subject) {
			w.pass(e.Sequence)
			continue
		}
		if pause, err = w.deliver(work, e); err != nil || pause > 0 {
			return pause, err
		}
		if len(w.pending) >= saveMost || time.Since(w.saved) > saveAfter {
			if err := w.save(work); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
}

// sent returns the published events of a batch that ends after the sequence.
func (w *worker) sent(ctx context.Context, after int64) ([]event.Encoded, error) {
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	return w.kept.Sent(ctx, after)
}

// pass sets the progress to an event that needs no more attempts.
func (w *worker) pass(sequence int64) {
	w.progress = webhook.Progress{WebhookID: w.id, Sequence: sequence, Missed: w.progress.Missed}
	w.dirty = true
	w.at.Store(sequence)
}

// deliver makes the next attempt to deliver an event. It returns how long to wait before the same
// event is tried again; 0 if it was delivered or given up.
func (w *worker) deliver(work context.Context, e *event.Encoded) (pause time.Duration, err error) {
	p := &w.progress
	made, answer := w.attempt(work, e, p.Attempts+1)
	outcome := webhook.OutcomeOf(answer.Status)
	if work.Err() != nil && outcome != webhook.Accepted {
		return 0, work.Err()
	}
	if outcome == webhook.Accepted {
		w.pass(e.Sequence)
		w.note(made, webhook.Delivered)
		return 0, nil
	}
	w.d.Failed.Add(1)
	if p.Attempts == 0 {
		p.FirstFailed = made.At
	}
	p.Attempts, p.Status, p.Problem, w.dirty = made.Attempts, made.Status, made.Problem, true
	if outcome == webhook.Ended {
		return w.end(work)
	}
	if webhook.GivesUp(outcome, p.Attempts, p.FirstFailed, made.At, false) {
		w.d.Log.Warn("an event for a webhook became a dead letter", "webhook", w.id, "event_id", e.EventID, "attempts", p.Attempts, "status", p.Status)
		w.pass(e.Sequence)
		w.note(made, webhook.Dead)
		return 0, nil
	}
	return w.d.Pause(p.Attempts, rand.Float64(), answer.RetryAfter), nil
}

// end pauses the webhook, because the receiver wants no more events.
func (w *worker) end(work context.Context) (time.Duration, error) {
	w.d.Log.Error("the receiver of a webhook answered 410 Gone; the webhook is paused", "webhook", w.id)
	_, err := bank.Do(work, w.d.Bank, w.d.By, PauseWebhook{ID: w.id, Gone: true})
	return time.Minute, err // the deliverer stops the worker before
}

// attempt sends an event, and returns what to store of it.
func (w *worker) attempt(work context.Context, e *event.Encoded, number int64) (webhook.Delivery, sending.Answer) {
	hook := w.hook.Load()
	answer := w.d.Sender.Send(work, sending.Message{
		URL: hook.URL, ID: e.EventID.String(), Secrets: hook.Secrets(w.d.Clock()), Body: e.Body,
		Header: map[string]string{"Sofipo-Event-Type": e.EventType, "Sofipo-Delivery-Attempt": strconv.FormatInt(number, 10)},
	})
	made := webhook.Delivery{EventID: e.EventID, WebhookID: w.id, EventType: e.EventType, Sequence: e.Sequence, Attempts: number,
		Status: int64(answer.Status), DurationMS: answer.Took.Milliseconds(), At: w.d.Clock()}
	if answer.Err != nil {
		made.Problem = answer.Err.Error()
	} else if webhook.OutcomeOf(answer.Status) != webhook.Accepted {
		made.Problem = "status " + strconv.Itoa(answer.Status)
	}
	return made, answer
}

// note keeps a delivery until it is saved.
func (w *worker) note(made webhook.Delivery, state webhook.DeliveryState) {
	made.State = state
	w.pending = append(w.pending, made)
	if state == webhook.Delivered {
		w.d.Delivered.Add(1)
	} else {
		w.d.Dead.Add(1)
	}
}

// replay delivers dead letters that are to be replayed, each once. If the receiver is unavailable,
// they stay, and it returns how long to wait.
func (w *worker) replay(ctx, work context.Context) (busy time.Duration, err error) {
	letters, err := w.letters(work)
	for _, letter := range letters {
		if err != nil || ctx.Err() != nil {
			break
		}
		e, err := w.find(work, letter)
		if err != nil {
			return 0, err
		}
		if e == nil {
			letter.Problem, letter.At = "the database no longer keeps the event", w.again()
			w.note(letter, webhook.Dead)
			continue
		}
		made, answer := w.attempt(work, e, letter.Attempts+1)
		outcome := webhook.OutcomeOf(answer.Status)
		if work.Err() != nil && outcome != webhook.Accepted {
			return 0, work.Err()
		}
		if outcome == webhook.Accepted {
			w.failures = 0
			w.note(made, webhook.Delivered)
			continue
		}
		w.d.Failed.Add(1)
		if outcome == webhook.Unavailable {
			w.failures++
			return w.d.Pause(w.failures, rand.Float64(), answer.RetryAfter), nil
		}
		made.At = w.again()
		w.note(made, webhook.Dead)
		if outcome == webhook.Ended {
			return w.end(work)
		}
	}
	return 0, err
}

// again returns the moment of a dead letter that was replayed in vain. It is after the moment up to
// which dead letters are replayed, even if the clocks of two nodes differ.
func (w *worker) again() time.Time {
	now, until := w.d.Clock(), w.hook.Load().ReplayUntil
	if !now.After(until) {
		now = until.Add(time.Millisecond)
	}
	return now
}

// letters returns the first dead letters to replay, in order.
func (w *worker) letters(ctx context.Context) (all []webhook.Delivery, err error) {
	batch := &db.Batch{}
	batch.Before(func() { all = nil })
	batch.Query("SELECT "+Deliveries.Columns.List("d")+" FROM webhooks w JOIN webhook_deliveries d ON "+toReplay+" WHERE w.id = $1 ORDER BY d.sequence LIMIT $2", func(s db.Scanner) error {
		var letter webhook.Delivery
		err := Deliveries.Columns.Scan(s, &letter)
		all = append(all, letter)
		return err
	}, w.id, int64(replayMost))
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	err = w.d.DB.ReadPrimary(ctx, batch)
	return all, err
}

// find returns the event of a dead letter; nil if it is not kept.
func (w *worker) find(ctx context.Context, letter webhook.Delivery) (*event.Encoded, error) {
	events, err := w.sent(ctx, letter.Sequence-1)
	for i := range events {
		if events[i].EventID == letter.EventID {
			return &events[i], err
		}
	}
	return nil, err
}

// save stores the deliveries and the progress.
func (w *worker) save(work context.Context) error {
	w.saved = time.Now()
	if !w.dirty && len(w.pending) == 0 {
		return nil
	}
	save := &db.Batch{}
	for _, one := range w.pending {
		save.Exec("INSERT INTO webhook_deliveries ("+Deliveries.Columns.List("")+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (webhook_id, event_id) DO UPDATE SET sequence = excluded.sequence, state = excluded.state, attempts = excluded.attempts,
			status = excluded.status, duration_ms = excluded.duration_ms, problem = excluded.problem, at = excluded.at`, Deliveries.Columns.Values(&one)...)
	}
	p := &w.progress
	save.Exec(`UPDATE webhook_progress SET sequence = $2, attempts = $3, first_failed = $4, status = $5, problem = $6, missed = $7
		WHERE webhook_id = $1 AND sequence <= $2`, Progress.Columns.Values(p)...)
	ctx, cancel := context.WithTimeout(work, bank.TripTime)
	defer cancel()
	err := w.d.save(ctx, w.connection, save)
	if err == nil {
		w.pending, w.dirty = nil, false
	}
	return err
}
