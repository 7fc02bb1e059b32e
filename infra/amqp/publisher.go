package amqp

import (
	"context"
	"log/slog"

	"sofipo/core/event"
)

// Publisher publishes events with confirms. It connects when it is first used
// and again after any failure. Its methods may be called from any goroutine;
// calls are served one after the other.
type Publisher struct {
	url     string
	log     *slog.Logger
	turn    chan struct{} // holds one token: the right to use session
	session *session      // nil when not connected
}

// NewPublisher makes a publisher for amqp(s)://user:password@host:port/vhost.
func NewPublisher(url string, log *slog.Logger) *Publisher {
	p := &Publisher{url: url, log: log, turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

// Publish sends the events in their order. Nil means that the broker confirmed
// every one into a durable queue. After an error some may have arrived: publish
// the same ones again, the log keeps one of each. A broker that does not answer
// is an error at the end of ctx, or after 5 s of connecting or 10 s of sending
// (for each 500 events).
func (p *Publisher) Publish(ctx context.Context, events []event.Encoded) error {
	if len(events) == 0 {
		return nil
	}
	messages := make([]outgoing, len(events))
	for i := range events {
		messages[i] = outgoing{Exchange, event.RoutingKey(events[i].EventType), message(&events[i])}
	}
	select {
	case <-p.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { p.turn <- struct{}{} }()
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

// connect makes a session if there is none that lives.
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
	p.log.Info("publisher connected to RabbitMQ", "exchange", Exchange)
	return nil
}

// Close ends the connection, in good order if the broker answers within a
// second. The publisher may be used again.
func (p *Publisher) Close() error {
	<-p.turn
	defer func() { p.turn <- struct{}{} }()
	if p.session != nil {
		p.session.close()
		p.session = nil
	}
	return nil
}
