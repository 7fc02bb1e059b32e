// Package amqp delivers events over RabbitMQ at least once. A Publisher succeeds only after
// the broker has confirmed every message. Consume acknowledges a message only after it is
// stored.
// Messages that can never be stored go to a dead-letter queue, where they can be inspected
// and replayed.
package amqp

import (
	"errors"
	"fmt"
	"math"

	rabbit "github.com/rabbitmq/amqp091-go"
)

// The topology. Exchange and queue are exactly those of the seed: RabbitMQ refuses to declare
// an existing queue with other arguments. For this reason the consumer publishes dead letters
// itself, instead of the broker.
const (
	Exchange        = "sofipo_events_exchange"
	Queue           = "couchdb_event_log_queue"
	BindingKey      = "sofipo.#"
	DeadLetterQueue = "couchdb_event_log_dead_letters"
)

// deliveryLimit is how often a quorum queue delivers a message before it drops it. RabbitMQ 4 drops
// it after 20 times by default. A negative number has no limit there, but means 0 in RabbitMQ 3.
const deliveryLimit = int32(math.MaxInt32)

// declare creates what does not exist yet. The queue is bound before the first message is
// published, so no message is lost if no consumer has run yet. With quorum, queues that exist are
// used as they are.
func declare(conn *rabbit.Connection, quorum bool) error {
	for _, queue := range []string{Queue, DeadLetterQueue} {
		if err := declareQueue(conn, queue, quorum); err != nil {
			return fmt.Errorf("queue %s: %w", queue, err)
		}
	}
	return onChannel(conn, func(ch *rabbit.Channel) error {
		if err := ch.ExchangeDeclare(Exchange, rabbit.ExchangeTopic, true, false, false, false, nil); err != nil {
			return fmt.Errorf("exchange %s: %w", Exchange, err)
		}
		if err := ch.QueueBind(Queue, BindingKey, Exchange, false, nil); err != nil {
			return fmt.Errorf("binding of %s: %w", Queue, err)
		}
		return nil
	})
}

// declareQueue creates the queue unless it exists. A quorum queue has a copy on each node of the
// cluster, and needs most of them.
func declareQueue(conn *rabbit.Connection, queue string, quorum bool) error {
	if !quorum { // as the seed does
		return onChannel(conn, func(ch *rabbit.Channel) error {
			_, err := ch.QueueDeclare(queue, true, false, false, false, nil)
			return err
		})
	}
	err := onChannel(conn, func(ch *rabbit.Channel) error {
		_, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
		return err
	})
	if missing := (*rabbit.Error)(nil); !errors.As(err, &missing) || missing.Code != rabbit.NotFound {
		return err
	}
	return onChannel(conn, func(ch *rabbit.Channel) error {
		_, err := ch.QueueDeclare(queue, true, false, false, false, rabbit.Table{rabbit.QueueTypeArg: rabbit.QueueTypeQuorum, "x-delivery-limit": deliveryLimit})
		return err
	})
}

// onChannel uses a channel of its own: the broker closes the channel of a refused declaration.
func onChannel(conn *rabbit.Connection, use func(*rabbit.Channel) error) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	if err := use(ch); err != nil {
		return err
	}
	return ch.Close()
}
