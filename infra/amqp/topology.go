// Package amqp delivers events over RabbitMQ at least once. A Publisher succeeds only after
// the broker has confirmed every message. Consume acknowledges a message only after it is
// stored.
// Messages that can never be stored go to a dead-letter queue, where they can be inspected
// and replayed.
package amqp

import (
	"fmt"

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

// declare creates what does not exist yet. The queue is bound before the first message is
// published, so no message is lost if no consumer has run yet.
func declare(ch *rabbit.Channel) error {
	if err := ch.ExchangeDeclare(Exchange, rabbit.ExchangeTopic, true, false, false, false, nil); err != nil {
		return fmt.Errorf("exchange %s: %w", Exchange, err)
	}
	for _, queue := range []string{Queue, DeadLetterQueue} {
		if _, err := ch.QueueDeclare(queue, true, false, false, false, nil); err != nil {
			return fmt.Errorf("queue %s: %w", queue, err)
		}
	}
	if err := ch.QueueBind(Queue, BindingKey, Exchange, false, nil); err != nil {
		return fmt.Errorf("binding of %s: %w", Queue, err)
	}
	return nil
}
