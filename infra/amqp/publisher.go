package amqp

import (
	"context"
	"log/slog"

	"sofipo/core/event"
)

// Publisher publishes events with publisher confirms. It connects on first use and again
// after a failure. Its methods may be called concurrently; calls are executed one after
// another.
type Publisher struct {
	url     string
	log     *slog.Logger
	lock    chan struct{} // contains one token: the right to use session
	session *session      // nil if not connected
}

// NewPublisher returns a publisher for a URL of the form
// amqp(s)://user:password@host:port/vhost. For a cluster, several host:port are separated by
// commas, and ?queue_type=quorum creates queues with a copy on each node.
func NewPublisher(url string, log *slog.Logger) *Publisher {
	p := &Publisher{url: url, log: log, lock: make(chan struct{}, 1)}
	p.lock <- struct{}{}
	return p
}

// Publish publishes the events in order. If it returns nil, the broker has confirmed every
// event in a durable queue. After an error some may have been published; publish the same
// events again, because the event log stores each event once. If the broker does not answer,
// Publish fails when ctx ends, after 5 s of connecting, or after 10 s of sending (for every
// 500 events).
func (p *Publisher) Publish(ctx context.Context, events []event.Encoded) error {
	if len(events) == 0 {
		return nil
	}
	messages := make([]outgoing, len(events))
	for i := range events {
		messages[i] = outgoing{Exchange, event.RoutingKey(events[i].EventType), message(&events[i])}
	}
	select {
	case <-p.lock:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { p.lock <- struct{}{} }()
	if err := p.connect(ctx); err != nil {
		return err
	}
	if err := p.session.send(ctx, messages); err != nil {
		p.session.drop()
		p.session = nil
		return err
	}
	return nil
}

// connect opens a session unless one is alive.
func (p *Publisher) connect(ctx context.Context) error {
	if p.session != nil && p.session.alive() {
		return nil
	}
	if p.session != nil {
		p.session.drop()
		p.session = nil
	}
	s, err := open(ctx, p.url)
	if err != nil {
		return err
	}
	p.session = s
	p.log.Info("the publisher connected to RabbitMQ", "exchange", Exchange)
	return nil
}

// Close closes the connection, gracefully if the broker answers within a second. The
// publisher may be used again.
func (p *Publisher) Close() error {
	<-p.lock
	defer func() { p.lock <- struct{}{} }()
	if p.session != nil {
		p.session.close()
		p.session = nil
	}
	return nil
}
