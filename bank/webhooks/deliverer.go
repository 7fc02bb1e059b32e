package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/core/id"
	"sofipo/core/webhook"
	"sofipo/infra/db"
	sending "sofipo/infra/webhook"
)

// Times of the deliverer.
const (
	defaultPoll = 500 * time.Millisecond // between two looks for events and changes
	cleanEvery  = time.Minute
	graceTime   = 3 * time.Second // for attempts that run when the deliverer ends
)

// lock makes one node deliver.
const lock = 0x736f_6677

// keptDeliveries is how many deliveries of a webhook are in its log.
const keptDeliveries = 1000

// errLeadLost is the error of a worker that saves after another node may have begun to deliver.
var errLeadLost = errors.New("another node may deliver now")

// Options configure a deliverer.
type Options struct {
	Bank   *bank.Bank
	DB     *db.DB
	Sender *sending.Sender
	By     bank.By          // who pauses a webhook whose receiver wants no more events
	Clock  func() time.Time // the bank's
	Log    *slog.Logger

	Poll  time.Duration                                                           // 0: half a second
	Pause func(attempts int64, chance float64, asked time.Duration) time.Duration // nil: webhook.Pause
}

// Deliverer delivers the published events to the webhooks: at least once, identified by the event
// id, and to each webhook in the order of the chain, except for dead letters that are replayed. One
// node delivers. Each active webhook has a goroutine, so that a slow receiver delays no other. What
// was delivered is stored after the receiver accepted it.
type Deliverer struct {
	Options
	Delivered, Failed, Dead, Missed atomic.Uint64 // deliveries; attempts; dead letters; events

	mu      sync.Mutex // of the session
	session *db.Session

	connection int // of the session while this node delivers
	workers    map[id.ID]*worker
	cleaned    time.Time
}

// NewDeliverer returns a deliverer.
func NewDeliverer(o Options) *Deliverer {
	if o.Poll == 0 {
		o.Poll = defaultPoll
	}
	if o.Pause == nil {
		o.Pause = webhook.Pause
	}
	return &Deliverer{Options: o, session: o.DB.Session(), workers: map[id.ID]*worker{}}
}

// Run delivers until the context ends. Attempts that run then have a few seconds to complete.
func (d *Deliverer) Run(ctx context.Context) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, cancel) })()
	defer d.session.Close()
	defer d.stop()
	for ctx.Err() == nil {
		if err := d.round(ctx, work); err != nil && ctx.Err() == nil {
			d.Log.Warn("delivering to webhooks failed; events wait", "error", err)
			d.stop()
		}
		sleep(ctx, d.Poll)
	}
}

// sleep waits until the time has passed or the context ends.
func sleep(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// due is a webhook with the number of dead letters to replay.
type due struct {
	webhook.Webhook
	replays int64
}

// round starts, informs and stops the workers, if this node delivers.
func (d *Deliverer) round(ctx, work context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bank.TripTime)
	defer cancel()
	d.mu.Lock()
	leads, err := d.session.Lead(ctx, lock)
	connection := d.session.Connections()
	d.mu.Unlock()
	if err != nil || !leads {
		d.stop()
		return err
	}
	if connection != d.connection { // another node may have delivered meanwhile
		d.stop()
		d.connection = connection
	}
	hooks, end, err := d.read(ctx)
	if err != nil {
		return err
	}
	d.adjust(work, hooks, end)
	if time.Since(d.cleaned) > cleanEvery {
		d.cleaned = time.Now()
		return d.clean(ctx, hooks)
	}
	return nil
}

// adjust starts and stops workers, so that the active webhooks have one, and informs them. It does
// not wait for a worker that makes an attempt: the webhook gets no other one before it ends.
func (d *Deliverer) adjust(work context.Context, hooks map[id.ID]due, end int64) {
	for webhookID, w := range d.workers {
		if hooks[webhookID].State != webhook.Active {
			w.stopping = true
			w.stop()
		}
		select {
		case <-w.done:
			delete(d.workers, webhookID)
		default:
		}
	}
	for webhookID, hook := range hooks {
		if hook.State != webhook.Active {
			continue
		}
		w, runs := d.workers[webhookID]
		if !runs {
			w = d.start(work, hook.Webhook)
			d.workers[webhookID] = w
		}
		if !w.stopping {
			w.inform(hook, end)
		}
	}
}

// stop stops all workers and waits for them.
func (d *Deliverer) stop() {
	for _, w := range d.workers {
		w.stop()
	}
	for webhookID, w := range d.workers {
		<-w.done
		delete(d.workers, webhookID)
	}
}

// read returns the webhooks, and the sequence of the last published event.
func (d *Deliverer) read(ctx context.Context) (hooks map[id.ID]due, end int64, err error) {
	batch := &db.Batch{}
	batch.Before(func() { hooks, end = map[id.ID]due{}, 0 })
	batch.Query("SELECT "+Webhooks.Columns.List("w")+", (SELECT count(*) FROM webhook_deliveries d WHERE "+toReplay+") FROM webhooks w", func(s db.Scanner) error {
		var w Stored
		var replays int64
		if err := Webhooks.Columns.Scan(s, &w, &replays); err != nil {
			return err
		}
		err := w.Read()
		hooks[w.ID] = due{w.Webhook, replays}
		return err
	})
	batch.Query("SELECT coalesce(max(last_sequence), 0) FROM relayed WHERE sent_at IS NOT NULL", func(s db.Scanner) error { return s.Scan(&end) })
	err = d.DB.ReadPrimary(ctx, batch)
	return hooks, end, err
}

// toReplay is the condition for deliveries d of a webhook w that are about to be delivered again.
const toReplay = "d.webhook_id = w.id AND d.state <> 'delivered' AND (d.state = 'replay' OR d.at <= w.replay_until)"

// save saves what the workers of a connection did, unless another node may deliver by now.
func (d *Deliverer) save(ctx context.Context, connection int, save *db.Batch) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.session.Connections() != connection {
		return errLeadLost
	}
	if err := d.session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	_, err := d.session.Commit(ctx, save)
	return err
}

// clean deletes the log of removed webhooks, deliveries of events that are no longer kept, and the
// oldest deliveries of long logs.
func (d *Deliverer) clean(ctx context.Context, hooks map[id.ID]due) error {
	save := &db.Batch{}
	save.Exec("DELETE FROM webhook_deliveries WHERE webhook_id NOT IN (SELECT id FROM webhooks)")
	save.Exec("DELETE FROM webhook_deliveries WHERE sequence < (SELECT last_sequence - count + 1 FROM relayed ORDER BY last_sequence LIMIT 1)")
	for webhookID := range hooks {
		save.Exec(`DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'delivered' AND sequence <=
			(SELECT sequence FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'delivered' ORDER BY sequence DESC LIMIT 1 OFFSET $2)`, webhookID, int64(keptDeliveries))
	}
	return d.save(ctx, d.connection, save)
}

// Figures are what the metrics show of the active webhooks.
type Figures struct {
	Backlog int64     // events of the chain that the slowest webhook has not passed
	Oldest  time.Time // when the oldest of them was published; zero without a backlog
	Dead    int64     // dead letters of all webhooks
}

// Measure reads the figures.
func Measure(ctx context.Context, d *db.DB) (f Figures, err error) {
	const slowest = "(SELECT min(p.sequence) FROM webhook_progress p JOIN webhooks w ON w.id = p.webhook_id WHERE w.state = 'active')"
	batch := &db.Batch{}
	batch.Before(func() { f = Figures{} })
	batch.Query("SELECT coalesce(sequence - "+slowest+", 0), (SELECT count(*) FROM webhook_deliveries WHERE state <> 'delivered') FROM chain WHERE id = 1",
		func(s db.Scanner) error { return s.Scan(&f.Backlog, &f.Dead) })
	batch.Query("SELECT sent_at FROM relayed WHERE last_sequence > "+slowest+" AND sent_at IS NOT NULL ORDER BY last_sequence LIMIT 1",
		func(s db.Scanner) error { return s.Scan(&f.Oldest) })
	err = d.ReadPrimary(ctx, batch)
	return f, err
}
