package amqp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"

	"sofipo/core/event"
	"sofipo/core/id"
)

const (
	prefetch  = 500                   // messages that the broker may send ahead
	batchSize = 200                   // maximum number of messages for one call of the sink
	linger    = 20 * time.Millisecond // how long a batch waits for more messages
	grace     = 10 * time.Second      // time to finish the current batch after the context ends
)

// Sink stores events. It returns the ids of events that can never be stored, with the
// reasons. After an error, the same events are delivered again, because it is unknown which
// were stored. A Sink must accept the same event more than once. Without events it checks
// that events can be stored.
type Sink func(ctx context.Context, events []event.Encoded) (rejected map[id.ID]string, err error)

// Refusal is an error of the sink or the broker that waiting does not heal soon, such as a
// wrong password.
type Refusal interface {
	error
	Final() bool            // waiting does not help
	RetryIn() time.Duration // time until the next try
}

// Consume delivers the events of the queue to the sink until ctx ends. It then finishes the
// current batch, which takes 10 s at most, and returns nil. It acknowledges a message when
// the sink has stored it or when the message is in the dead-letter queue.
//
// If the broker or the sink fails, it retries indefinitely: first after 0.2 s, later every
// 5 s, after a Refusal when that allows it. Until both have answered once, a refusal that
// waiting does not heal, such as a wrong password, ends it with that error. Later the
// password may have been changed in the service first, so it retries.
func Consume(ctx context.Context, url string, log *slog.Logger, sink Sink) error {
	if err := CheckURL(url); err != nil {
		return err
	}
	// The current batch may continue for a while after ctx has ended.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	c := &consumer{url: url, log: log, sink: sink, work: work}
	for wait := firstWait; ctx.Err() == nil; wait = min(2*wait, longestWait) {
		err := c.run(ctx)
		if ctx.Err() != nil {
			break
		}
		if refusal := Refusal(nil); !c.begun && errors.As(err, &refusal) && refusal.Final() {
			return err
		}
		if c.progress {
			wait, c.progress = firstWait, false
		}
		c.pause(ctx, "the consumer is not connected", err, wait)
	}
	return nil
}

// pause logs an error and waits. After a refusal it waits longer.
func (c *consumer) pause(ctx context.Context, what string, err error, wait time.Duration) {
	if refusal := Refusal(nil); errors.As(err, &refusal) {
		wait = max(wait, refusal.RetryIn())
	}
	c.log.Warn(what, "error", err, "retry_in", wait)
	sleep(ctx, wait)
}

// Consumers returns the number of consumers of the queue.
func Consumers(ctx context.Context, url string) (count int, err error) {
	err = withSession(ctx, url, func(s *session) error {
		queue, err := s.ch.QueueDeclarePassive(Queue, true, false, false, false, nil)
		count = queue.Consumers
		return err
	})
	return count, err
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

type consumer struct {
	url      string
	log      *slog.Logger
	sink     Sink
	work     context.Context // ends later than the context of Consume, by grace
	progress bool            // a batch was acknowledged since the last failure
	begun    bool            // broker and sink have answered
}

// run consumes over one connection until it fails or ctx ends.
func (c *consumer) run(ctx context.Context) error {
	if _, err := c.sink(c.work, nil); err != nil {
		return err
	}
	s, err := open(ctx, c.url)
	if err != nil {
		return err
	}
	deliveries, err := c.subscribe(ctx, s)
	if err != nil {
		s.drop()
		return fmt.Errorf("RabbitMQ: %w", err)
	}
	c.begun = true
	c.log.Info("the consumer connected to RabbitMQ", "queue", Queue)
	for ctx.Err() == nil {
		batch := nextBatch(ctx, deliveries)
		if len(batch) == 0 {
			if ctx.Err() == nil {
				err = fmt.Errorf("RabbitMQ: consuming: %w", s.refusal())
			}
			break
		}
		if err = c.handle(ctx, s, batch); err != nil {
			break
		}
		c.progress = true
	}
	if err != nil {
		s.drop()
		return err
	}
	s.close() // unacknowledged messages return to the queue
	return nil
}

func (c *consumer) subscribe(ctx context.Context, s *session) (<-chan rabbit.Delivery, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	defer s.bound(ctx)()
	if err := s.ch.Qos(prefetch, 0, false); err != nil {
		return nil, because(ctx, err)
	}
	deliveries, err := s.ch.Consume(Queue, "", false, false, false, false, nil)
	return deliveries, because(ctx, err)
}

// nextBatch waits for a message and collects the messages that follow shortly after. The
// batch is empty if ctx has ended or the channel is closed.
func nextBatch(ctx context.Context, deliveries <-chan rabbit.Delivery) []rabbit.Delivery {
	var batch []rabbit.Delivery
	var enough <-chan time.Time
	for len(batch) < batchSize {
		select {
		case d, open := <-deliveries:
			if !open {
				return batch
			}
			if batch = append(batch, d); enough == nil {
				enough = time.After(linger)
			}
		case <-enough:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// handle stores a batch, moves messages that cannot be stored to the dead-letter queue, and
// acknowledges all.
func (c *consumer) handle(ctx context.Context, s *session, batch []rabbit.Delivery) error {
	events := make([]event.Encoded, 0, len(batch))
	reasons := make([]string, len(batch)) // why a message is a dead letter; "" if it is not
	ids := make([]id.ID, len(batch))
	for i, d := range batch {
		e, err := received(d)
		if err != nil {
			reasons[i] = err.Error()
			continue
		}
		ids[i], events = e.EventID, append(events, e)
	}
	rejected, err := c.store(ctx, s, events)
	if err != nil {
		return err
	}
	var dead []outgoing
	for i, d := range batch {
		if reason, found := rejected[ids[i]]; found && reasons[i] == "" {
			reasons[i] = reason
		}
		if reasons[i] != "" {
			dead = append(dead, deadLetter(d, reasons[i]))
			c.log.Error("an event was moved to the dead letters", "message_id", d.MessageId, "event_id", ids[i], "routing_key", d.RoutingKey, "reason", reasons[i])
		}
	}
	if err := s.send(c.work, dead); err != nil {
		return err
	}
	return s.ch.Ack(batch[len(batch)-1].DeliveryTag, true)
}

// store calls the sink until it succeeds. It gives up if the connection is lost (the broker
// will deliver the messages again) or ctx has ended.
func (c *consumer) store(ctx context.Context, s *session, events []event.Encoded) (map[id.ID]string, error) {
	if len(events) == 0 {
		return nil, nil
	}
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		rejected, err := c.sink(c.work, events)
		if err == nil {
			return rejected, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		c.pause(ctx, fmt.Sprintf("storing %d events failed", len(events)), err, wait)
		if !s.alive() {
			return nil, errors.Join(s.refusal(), err)
		}
	}
}
