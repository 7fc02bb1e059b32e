package amqp

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"
)

// Headers that a dead letter has in addition to those of the message.
const (
	ReasonHeader     = "x-sofipo-reason"
	RoutingKeyHeader = "x-sofipo-routing-key"
	DeadAtHeader     = "x-sofipo-dead-at" // RFC 3339, UTC
)

// DeadLetter is a message that could not be stored.
type DeadLetter struct {
	MessageID  string // event id, if the publisher set one
	RoutingKey string // the original routing key
	Reason     string
	DeadAt     time.Time // zero if unknown
	Body       []byte
}

// deadLetter returns a message for the dead-letter queue.
func deadLetter(d rabbit.Delivery, reason string) outgoing {
	const longest = 1000
	m := copyOf(d)
	m.Headers[ReasonHeader] = strings.ToValidUTF8(reason[:min(len(reason), longest)], "")
	m.Headers[RoutingKeyHeader] = d.RoutingKey
	m.Headers[DeadAtHeader] = time.Now().UTC().Format(time.RFC3339)
	return outgoing{"", DeadLetterQueue, m}
}

// revived returns the message to publish a dead letter again as it was first published.
func revived(d rabbit.Delivery) outgoing {
	m := copyOf(d)
	for _, header := range []string{ReasonHeader, RoutingKeyHeader, DeadAtHeader} {
		delete(m.Headers, header)
	}
	key := header(d, RoutingKeyHeader)
	if key == "" {
		key = "sofipo.replayed" // somebody published it here by hand
	}
	return outgoing{Exchange, key, m}
}

// copyOf returns a message with the contents and properties of the received one.
func copyOf(d rabbit.Delivery) rabbit.Publishing {
	headers := rabbit.Table{}
	for name, value := range d.Headers {
		headers[name] = value
	}
	return rabbit.Publishing{
		Headers: headers, ContentType: d.ContentType, ContentEncoding: d.ContentEncoding, DeliveryMode: rabbit.Persistent,
		CorrelationId: d.CorrelationId, MessageId: d.MessageId, Timestamp: d.Timestamp, Type: d.Type, AppId: d.AppId, Body: d.Body,
	}
}

func header(d rabbit.Delivery, name string) string {
	text, _ := d.Headers[name].(string)
	return text
}

// DeadLetters returns the number of dead letters.
func DeadLetters(ctx context.Context, url string) (count int, err error) {
	err = withSession(ctx, url, func(s *session) error {
		count, err = s.deadLetters()
		return err
	})
	return count, err
}

// reasonOf returns why a message is a dead letter: the consumer's reason or, if the broker
// moved it here by a policy, the broker's. It is empty if a person published the message here.
func reasonOf(d rabbit.Delivery) string {
	if reason := header(d, ReasonHeader); reason != "" {
		return reason
	}
	deaths, _ := d.Headers["x-death"].([]any)
	if len(deaths) == 0 {
		return ""
	}
	death, _ := deaths[0].(rabbit.Table) // the latest
	return fmt.Sprintf("moved by the broker from queue %v: %v", death["queue"], death["reason"])
}

func (s *session) deadLetters() (int, error) {
	queue, err := s.ch.QueueDeclarePassive(DeadLetterQueue, true, false, false, false, nil)
	return queue.Messages, err
}

// PeekDeadLetters returns the oldest dead letters, at most limit, and leaves them in the
// queue.
func PeekDeadLetters(ctx context.Context, url string, limit int) (letters []DeadLetter, err error) {
	err = withSession(ctx, url, func(s *session) error {
		got, err := s.get(limit)
		for _, d := range got {
			at, _ := time.Parse(time.RFC3339, header(d, DeadAtHeader)) // zero if somebody published it here by hand
			letters = append(letters, DeadLetter{d.MessageId, cmp.Or(header(d, RoutingKeyHeader), d.RoutingKey), reasonOf(d), at, d.Body})
		}
		if err != nil || len(got) == 0 {
			return err
		}
		return s.ch.Nack(got[len(got)-1].DeliveryTag, true, true)
	})
	return letters, err
}

// ReplayDeadLetters publishes the current dead letters again as they were first published. It
// removes each one when the broker has confirmed it, and returns their number. A message that
// still cannot be stored becomes a dead letter again. After an error, some may be both
// published and still here; replay again, because the event log stores each event once.
func ReplayDeadLetters(ctx context.Context, url string) (n int, err error) {
	err = withSession(ctx, url, func(s *session) error {
		there, err := s.deadLetters()
		for err == nil && n < there {
			var got []rabbit.Delivery
			if got, err = s.get(min(batchSize, there-n)); err != nil || len(got) == 0 {
				return err
			}
			messages := make([]outgoing, len(got))
			for i, d := range got {
				messages[i] = revived(d)
			}
			if err = s.send(ctx, messages); err == nil {
				if err = s.ch.Ack(got[len(got)-1].DeliveryTag, true); err == nil {
					n += len(got)
				}
			}
		}
		return err
	})
	return n, err
}

// get takes up to limit dead letters without acknowledging them.
func (s *session) get(limit int) (got []rabbit.Delivery, err error) {
	for len(got) < limit {
		d, found, err := s.ch.Get(DeadLetterQueue, false)
		if err != nil || !found {
			return got, err
		}
		got = append(got, d)
	}
	return got, nil
}

// withSession runs a task over its own connection. If the broker stops answering, the task
// ends with ctx or when the heartbeats fail.
func withSession(ctx context.Context, url string, task func(*session) error) error {
	s, err := open(ctx, url)
	if err != nil {
		return err
	}
	release := s.bound(ctx)
	if err = task(s); err != nil {
		s.drop()
		release()
		return fmt.Errorf("RabbitMQ: %w", because(ctx, err))
	}
	release()
	s.close()
	return nil
}
