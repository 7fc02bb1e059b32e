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
	prefetch  = 500                   // messages that the broker sends ahead
	batchSize = 200                   // most messages given to the sink at once
	linger    = 20 * time.Millisecond // how long a batch waits for more
	grace     = 10 * time.Second      // for the batch in hand when the consumer is to end
)

// Sink stores events. Rejected names those that it can never store, with the
// reason; an error means that it cannot be told what is stored: the same events
// come again. It must stand being given an event twice.
type Sink func(ctx context.Context, events []event.Encoded) (rejected map[id.ID]string, err error)

// Consume gives the events of the queue to the sink until ctx ends; it then
// finishes the batch in hand (10 s at most) and returns nil. A message is
// acknowledged when the sink has stored it, or when it lies in the queue of
// dead letters. A broker or a sink that fails is tried again without end, at
// first after 0.2 s, then after up to 5 s. The only error is a URL that is none.
func Consume(ctx context.Context, url string, log *slog.Logger, sink Sink) error {
	if err := checkURL(url); err != nil {
		return err
	}
	// What is in hand when ctx ends goes on for a while.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	c := &consumer{url: url, log: log, sink: sink, work: work}
	for wait := firstWait; ctx.Err() == nil; wait = min(2*wait, longestWait) {
		err := c.run(ctx)
		if ctx.Err() != nil {
			break
		}
		if c.progress {
			wait, c.progress = firstWait, false
		}
		log.Warn("consumer lost RabbitMQ", "error", err, "again_in", wait)
		sleep(ctx, wait)
	}
	return nil
}

// Consumers counts the consumers at the queue.
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
	work     context.Context // outlives the context of Consume by grace
	progress bool            // a batch was acknowledged since the last failure
}

// run consumes over one connection until it fails or ctx ends.
func (c *consumer) run(ctx context.Context) error {
	s, err := open(ctx, c.url)
	if err != nil {
		return err
	}
	deliveries, err := c.subscribe(ctx, s)
	if err != nil {
		s.drop()
		return fmt.Errorf("RabbitMQ: %w", err)
	}
	c.log.Info("consumer connected to RabbitMQ", "queue", Queue)
	for ctx.Err() == nil {
		batch := gather(ctx, deliveries)
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
	s.close() // what was sent ahead goes back to the queue
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

// gather waits for a message and takes those that come with it. It is empty
// when ctx has ended or the channel is closed.
func gather(ctx context.Context, deliveries <-chan rabbit.Delivery) []rabbit.Delivery {
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

// handle stores a batch, lays aside what cannot be stored and acknowledges all.
func (c *consumer) handle(ctx context.Context, s *session, batch []rabbit.Delivery) error {
	events := make([]event.Encoded, 0, len(batch))
	reasons := make([]string, len(batch)) // why a message is dead; "" if it is not
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
			c.log.Error("event laid aside as a dead letter", "message_id", d.MessageId, "event_id", ids[i], "routing_key", d.RoutingKey, "reason", reasons[i])
		}
	}
	if err := s.send(c.work, dead); err != nil {
		return err
	}
	return s.ch.Ack(batch[len(batch)-1].DeliveryTag, true)
}

// store gives the events to the sink until it takes them. It gives up when the
// connection is gone (the broker will send the messages again) or ctx has ended.
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
		c.log.Warn("events not stored", "events", len(events), "error", err, "again_in", wait)
		sleep(ctx, wait)
		if !s.alive() {
			return nil, errors.Join(s.refusal(), err)
		}
	}
}
