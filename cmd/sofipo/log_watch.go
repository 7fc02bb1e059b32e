package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sofipo/infra/amqp"
	"sofipo/infra/outbox"
)

// Times of the watch of the event log.
const (
	watchInterval = 15 * time.Second
	stalledAfter  = time.Minute // events that do not arrive for so long are a warning
)

// logWatch observes whether events arrive in the event log.
type logWatch struct {
	node    *node
	amqpURL string
	now     func() time.Time

	mu       sync.Mutex
	lag      float64   // events of the chain and the outbox that the log lacks; -1 if unknown
	dead     float64   // dead letters; -1 if unknown
	chained  float64   // last sequence of the chain; -1 if unknown
	logged   float64   // last sequence of the log; -1 if unknown
	end      int64     // the log's end at the last look
	progress time.Time // when the log was last complete, or its end moved
	problem  error     // the reason why lag or dead is unknown
}

func (n *node) newLogWatch(s *settings) *logWatch {
	return &logWatch{node: n, amqpURL: s.amqpURL(), now: time.Now, lag: -1, dead: -1, chained: -1, logged: -1, progress: time.Now()}
}

// register adds the metrics.
func (w *logWatch) register(registry *prometheus.Registry) {
	for _, g := range []struct {
		name, help string
		value      *float64
	}{
		{"sofipo_event_log_lag", "Events that are not in the event log yet; -1 if unknown.", &w.lag},
		{"sofipo_dead_letters", "Events that could not be stored in the event log; -1 if unknown.", &w.dead},
		{"sofipo_chain_sequence", "Number of the last event of the chain; -1 if unknown. Its rate is that of the relay, of all nodes.", &w.chained},
		{"sofipo_event_log_sequence", "Number of the last event of the chain that the event log has; -1 if unknown. Its rate is that of the consumers.", &w.logged},
	} {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: g.name, Help: g.help}, func() float64 {
			w.mu.Lock()
			defer w.mu.Unlock()
			return *g.value
		}))
	}
}

// run looks at intervals until the context ends.
func (w *logWatch) run(ctx context.Context) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look measures once.
func (w *logWatch) look(ctx context.Context) {
	before := w.warning()
	ctx, cancel := context.WithTimeout(ctx, watchInterval)
	defer cancel()
	var dead int64
	var problem error
	if w.amqpURL != "" {
		_, dead, problem = amqp.Waiting(ctx, w.amqpURL)
	}
	deadKnown := problem == nil
	c, err := outbox.Compare(ctx, outbox.NewKept(w.node.db), w.node.events)
	var t transit
	if err == nil {
		t, err = w.node.inTransit(ctx, "")
	}
	w.mu.Lock()
	w.lag, w.dead, w.chained, w.logged, w.problem = -1, -1, -1, -1, errors.Join(err, problem)
	if deadKnown {
		w.dead = float64(dead)
	}
	if err == nil {
		lag := c.Behind() + t.outbox
		w.lag, w.chained, w.logged = float64(lag), float64(c.Course.End.Sequence), float64(c.End.Sequence)
		if lag == 0 || c.End.Sequence != w.end {
			w.progress = w.now()
		}
		w.end = c.End.Sequence
	}
	w.mu.Unlock()
	if after := w.warning(); after != nil && before == nil {
		w.node.log.LogAttrs(ctx, slog.LevelError, "events do not arrive in the event log", slog.Any("error", after))
	}
}

// warning returns why events do not arrive, or nil.
func (w *logWatch) warning() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch stalled := w.now().Sub(w.progress); {
	case w.dead > 0:
		return fmt.Errorf("dead letters: %.0f", w.dead)
	case stalled < stalledAfter:
		return nil
	case w.problem != nil:
		return w.problem
	default:
		return fmt.Errorf("the event log lacks %.0f events and has not grown for %s", w.lag, stalled.Round(time.Second))
	}
}

// warnings returns the check of /readyz that does not change its status.
func (w *logWatch) warnings() map[string]error { return map[string]error{"event_log": w.warning()} }
