package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"sofipo/infra/amqp"
)

type deadLettersCommand struct {
	settings `embed:""`
	Replay   bool `help:"Send all dead letters to the queue again."`
	Show     int  `default:"20" help:"List up to this many of the oldest dead letters, with their reasons. 0: only count them."`
}

// Run counts the dead letters, lists some of them, or replays them.
func (c *deadLettersCommand) Run(ctx context.Context) error {
	if c.amqpURL() == "" {
		return usageError{errors.New("dead-letters requires AMQP_URL or RABBITMQ_HOST")}
	}
	if c.Replay {
		count, err := amqp.ReplayDeadLetters(ctx, c.amqpURL())
		fmt.Println("replayed:", count)
		return err
	}
	count, err := amqp.DeadLetters(ctx, c.amqpURL())
	if err != nil {
		return err
	}
	fmt.Println("dead letters:", count)
	if c.Show <= 0 || count == 0 {
		return nil
	}
	letters, err := amqp.PeekDeadLetters(ctx, c.amqpURL(), c.Show)
	for _, l := range letters {
		fmt.Printf("%s  %s  %s  %s\n", l.DeadAt.Format(time.RFC3339), cmp.Or(l.RoutingKey, "-"), cmp.Or(l.MessageID, "-"), cmp.Or(l.Reason, "no reason is known"))
	}
	return err
}
