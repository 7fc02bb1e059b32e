package main

import (
	"context"
	"errors"
	"fmt"

	"sofipo/infra/amqp"
)

type deadLettersCommand struct {
	settings `embed:""`
	Replay   bool `help:"Send them to the queue again."`
}

// Run counts the dead letters, or replays them.
func (c *deadLettersCommand) Run(ctx context.Context) error {
	if c.amqpURL() == "" {
		return usageError{errors.New("dead-letters needs AMQP_URL or RABBITMQ_HOST")}
	}
	if c.Replay {
		count, err := amqp.ReplayDeadLetters(ctx, c.amqpURL())
		fmt.Println(count, "replayed")
		return err
	}
	count, err := amqp.DeadLetters(ctx, c.amqpURL())
	if err == nil {
		fmt.Println(count, "dead letters")
	}
	return err
}
