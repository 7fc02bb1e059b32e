package main

import (
	"context"
	"errors"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/infra/amqp"
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
	return amqp.Consume(ctx, c.amqpURL(), log, func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		rejected, err := store.Put(ctx, events)
		reasons := make(map[id.ID]string, len(rejected))
		for _, r := range rejected {
			reasons[r.EventID] = r.Reason
		}
		return reasons, err
	})
}
