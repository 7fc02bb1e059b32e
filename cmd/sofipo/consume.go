package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/infra/amqp"
	"sofipo/infra/tracing"
)

type consumeCommand struct {
	settings `embed:""`
}

// Run stores events until SIGINT or SIGTERM. It completes the current batch. It waits for
// services that are down, but ends if one refuses its password at the start.
func (c *consumeCommand) Run(ctx context.Context) error {
	if c.amqpURL() == "" {
		return usageError{errors.New("consume requires AMQP_URL or RABBITMQ_HOST; without a broker, serve writes the event log")}
	}
	log := c.logger()
	store, err := openEvents(ctx, &c.settings, log)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	counts, err := c.showConsumer(log)
	if err != nil {
		return err
	}
	defer counts.close()
	stopTracing, err := c.openTracer(ctx, log)
	if err != nil {
		return err
	}
	defer stopTracing()
	return amqp.Consume(ctx, c.amqpURL(), log, func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		events, end := tracing.Events(c.tracer, events, "consume", trace.WithSpanKind(trace.SpanKindConsumer))
		rejected, err := put(ctx, c.tracer, store, events)
		end(err)
		counts.add(len(events), len(rejected), err)
		reasons := make(map[id.ID]string, len(rejected))
		for _, r := range rejected {
			reasons[r.EventID] = r.Reason
		}
		return reasons, err
	})
}

// consumed has the metrics of a consumer.
type consumed struct {
	stored, rejected, failures prometheus.Counter
	close                      func()
}

// showConsumer serves the metrics and profiles of the consumer at SOFIPO_CONSUME_ADDR, if it is set, until close
// is called.
func (s *settings) showConsumer(log *slog.Logger) (*consumed, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	c := &consumed{
		stored:   counter("sofipo_consumer_stored_total", "Events that are in the event log, each delivery counted."),
		rejected: counter("sofipo_consumer_rejected_total", "Events that can never be stored and became dead letters."),
		failures: counter("sofipo_consumer_failures_total", "Batches that the event log did not store; they are tried again."),
		close:    func() {},
	}
	if s.ConsumeAddr == "" {
		return c, nil
	}
	registry := newRegistry()
	registry.MustRegister(c.stored, c.rejected, c.failures)
	d, err := openInside("SOFIPO_CONSUME_ADDR", s.ConsumeAddr, log)
	if err != nil {
		return nil, err
	}
	inside := http.NewServeMux()
	inside.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	d.show(withProfiles(inside))
	c.close = func() { _ = d.Close() }
	return c, nil
}

// add counts a batch that the event log took or not.
func (c *consumed) add(events, rejected int, err error) {
	if err != nil {
		c.failures.Inc()
		return
	}
	c.stored.Add(float64(events - rejected))
	c.rejected.Add(float64(rejected))
}
