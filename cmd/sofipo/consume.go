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

// Run stores events until SIGINT or SIGTERM. It completes the current batch.
func (c *consumeCommand) Run(ctx context.Context) error {
	if c.amqpURL() == "" {
		return usageError{errors.New("consume requires AMQP_URL or RABBITMQ_HOST; without a broker, serve writes the event log")}
	}
	store, err := openEvents(ctx, &c.settings)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	log := c.logger()
	ping := func(ctx context.Context) error {
		_, err := store.Put(ctx, nil) // unlike Find, it needs no index
		return err
	}
	if err := waitFor(ctx, "event log", c.StartWait, log, ping); err != nil {
		return err
	}
	return amqp.Consume(ctx, c.amqpURL(), log, func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		rejected, err := store.Put(ctx, events)
		reasons := make(map[id.ID]string, len(rejected))
		for _, r := range rejected {
			reasons[r.EventID] = r.Reason
		}
		return reasons, err
	})
}
