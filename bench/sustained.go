package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"sofipo/bench/machine"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/wire"
	"sofipo/infra/amqp"
)

const (
	sustainedConns = 128
	promptly       = 2 * time.Second // maximum delay until an event is published
	arrivalLimit   = 2 * time.Minute // time limit for the events that wait when the load ends
)

// arrivals are the events of a sustained load as received by a consumer of RabbitMQ's queue,
// or by a reader of the embedded event log.
type arrivals struct {
	ground       string
	delays       []time.Duration // from the event's timestamp, which is before its commit; sorted
	waited       int             // events that had not arrived when the load ended
	drained      time.Duration   // time until the last of them arrived
	memory, most int64           // of the server in bytes, when the load ended and at most
}

const (
	arrivalsHeading = "| events of the sustained payments | database | p50 ms | p99 ms | within 2 s | waited at the end | the last came after s | server MiB | at most |\n" +
		"|---:|---|---:|---:|---:|---:|---:|---:|---:|\n"
	arrivalsFormat = "| %s | %s | %s | %s | %.2f %% | %s | %.1f | %d | %d |\n"
)

func (a arrivals) print(to io.Writer) {
	s := sample{latencies: a.delays}
	fmt.Fprintf(to, arrivalsFormat, thousands(len(a.delays)), a.ground, milliseconds(s.percentile(0.50)), milliseconds(s.percentile(0.99)),
		100*a.prompt(), thousands(a.waited), a.drained.Seconds(), a.memory>>20, a.most>>20)
}

// prompt returns the share of events that arrived within the maximum delay.
func (a arrivals) prompt() float64 {
	late, _ := slices.BinarySearch(a.delays, promptly+1)
	return float64(late) / float64(max(1, len(a.delays)))
}

// sustained measures a minute of payments of due instalments, the events that they publish,
// and pgbench for the same time.
func (g *ground) sustained(ctx context.Context) error {
	if err := g.fill(ctx, newSustainedBooks(g.daily)); err != nil {
		return err
	}
	if err := g.withServer(ctx, g.settings, g.sustainedPayments); err != nil {
		return err
	}
	if g.pgbench != nil {
		r := row{what: sustainedYardstick, ground: g.name, conns: sustainedConns, writes: true}
		if err := g.measure(r, nil, func(o *observer) (sample, error) {
			o.window = max(g.long, time.Second)
			return g.pgbench.run(ctx, sustainedConns, o)
		}); err != nil {
			return err
		}
	}
	return g.check(ctx)
}

func (g *ground) sustainedPayments(ctx context.Context, p *process) (err error) {
	token, err := signIn(p.port)
	if err != nil {
		return err
	}
	came := &log{}
	stop := g.follow.start(ctx, came)
	defer func() { err = errors.Join(err, stop()) }()
	a := arrivals{ground: g.name}
	var paid sample
	var ended time.Time
	r := row{what: sustainedPayments, ground: g.name, conns: sustainedConns, writes: true}
	err = g.measure(r, p, func(o *observer) (_ sample, err error) {
		o.window = g.long
		paid, err = generateLoad(p.port, sustainedConns, o.start(g.warm, os.Getpid()), "201", g.due.payments(token))
		ended, a.waited = time.Now(), paid.succeeded-came.count()
		return paid, err
	})
	if err != nil {
		return err
	}
	g.accept(paid.succeeded, g.due.amount)
	if a.memory, a.most, err = machine.Memory(p.pid()); err != nil {
		return err
	}
	if err := came.await(ctx, paid.succeeded); err != nil {
		return err
	}
	a.delays, a.drained = came.delays, max(0, came.last.Sub(ended))
	slices.Sort(a.delays)
	g.arrivals = append(g.arrivals, a)
	if g.due.paid == g.due.most {
		g.note("%s: the sustained payments ended early because all loans were paid", g.name)
	}
	return nil
}

// log records events as they arrive.
type log struct {
	mu     sync.Mutex
	delays []time.Duration
	last   time.Time // arrival of the latest event
}

// add records events that have arrived now, by their timestamps.
func (l *log) add(moments ...string) error {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, moment := range moments {
		at, err := time.Parse(wire.EventMoment, moment)
		if err != nil {
			return err
		}
		l.delays, l.last = append(l.delays, now.Sub(at)), now
	}
	return nil
}

func (l *log) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.delays)
}

// await waits until a number of events have arrived.
func (l *log) await(ctx context.Context, events int) error {
	ctx, cancel := context.WithTimeout(ctx, arrivalLimit)
	defer cancel()
	for l.count() < events {
		if err := pause(ctx); err != nil {
			return fmt.Errorf("%d of %d events arrived: %w", l.count(), events, err)
		}
	}
	return nil
}

// pause waits for a short time or until ctx ends.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

// follower records the payments' events in the log as they arrive, until ctx ends.
type follower func(ctx context.Context, to *log) error

// start runs the follower until stop is called; stop waits for its end.
func (f follower) start(ctx context.Context, to *log) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- f(ctx, to) }()
	return func() error {
		cancel()
		return <-ended
	}
}

var payment = servicing.PaymentRegistered{}.Event().Name

// followQueue consumes RabbitMQ's queue like "sofipo consume", without storing the events.
func followQueue(address string) follower {
	return func(ctx context.Context, to *log) error {
		return amqp.Consume(ctx, address, slog.New(slog.DiscardHandler), func(_ context.Context, events []event.Encoded) (map[id.ID]string, error) {
			var moments []string
			for _, e := range events {
				if e.EventType == payment {
					moments = append(moments, e.Timestamp)
				}
			}
			return nil, to.add(moments...)
		})
	}
}

// followFile polls the file of the embedded event log.
func followFile(path string) follower {
	return func(ctx context.Context, to *log) error {
		file, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=busy_timeout(10000)")
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // opened only for reading
		for last := int64(0); ; {
			moments, err := newPayments(ctx, file, &last)
			if err == nil {
				err = to.add(moments...)
			}
			if err == nil {
				err = pause(ctx)
			}
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}

// newPayments returns the timestamps of the payments after the last row that was read.
func newPayments(ctx context.Context, file *sql.DB, last *int64) (moments []string, err error) {
	rows, err := file.QueryContext(ctx, "SELECT rowid, timestamp FROM events WHERE rowid > ? AND +event_type = ? ORDER BY rowid", *last, payment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var moment string
		if err := rows.Scan(last, &moment); err != nil {
			return nil, err
		}
		moments = append(moments, moment)
	}
	return moments, rows.Err()
}
