// Package amqp carries events over RabbitMQ, at least once: a Publisher whose
// success means that the broker has every message, and Consume, which acknowledges
// a message only when it is stored. Messages that can never be stored go to a
// queue of dead letters, to be looked at and replayed.
package amqp

import (
	"fmt"

	rabbit "github.com/rabbitmq/amqp091-go"
)

// The topology. Exchange and queue are the seed's, to the letter: a queue
// declared with any other argument would be refused where the seed's exists.
// So dead letters are published by the consumer, not by the broker.
const (
	Exchange        = "sofipo_events_exchange"
	Queue           = "couchdb_event_log_queue"
	BindingKey      = "sofipo.#"
	DeadLetterQueue = "couchdb_event_log_dead_letters"
)

// declare makes what is not there yet. The queue is bound before the first
// message is published, so nothing is lost while no consumer has ever run.
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
