package main

import (
	"context"
	"fmt"
	"math"

	"sofipo/checks"
	"sofipo/infra/amqp"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
)

type doctorCommand struct {
	settings `embed:""`
	Verify   bool `help:"Recalculate all loans, not only the newest 1,000, verify the event chain from its start, and check the contents of all documents in the event log."`
}

// Run prints one line per check and fails if any check fails. A warning is no failure.
func (c *doctorCommand) Run(ctx context.Context) error {
	c.patient = true
	return withNode(ctx, &c.settings, func(n *node) error {
		failed := 0
		report := func(name, found string, err error) {
			if err != nil {
				failed++
				fmt.Printf("FAIL  %-48s %v\n", name, err)
				return
			}
			fmt.Printf("ok    %-48s %s\n", name, found)
		}
		found := checks.Run(ctx, n.db)
		if c.Verify {
			found = append(found, checks.Loans(ctx, n.db, math.MaxInt))
		}
		found = append(found, checks.Files(ctx, n.db, n.events)...)
		found = append(found, checks.Strangers(ctx, n.events, c.Verify))
		for _, check := range found {
			report(check.Name, check.Found, check.Err)
		}
		if overdrawn := checks.Overdrawn(ctx, n.db); overdrawn.Err != nil {
			fmt.Printf("WARN  %-48s %v\n", overdrawn.Name, overdrawn.Err)
		} else {
			report(overdrawn.Name, overdrawn.Found, nil)
		}
		backlog, err := outbox.Backlog(ctx, n.db)
		report("events waiting in the outbox", fmt.Sprint(backlog), err)
		if c.amqpURL() != "" {
			dead, err := amqp.DeadLetters(ctx, c.amqpURL())
			report("dead letters", fmt.Sprint(dead), err)
		}
		if c.Verify {
			last, err := eventlog.Verify(ctx, n.events)
			report("event chain", fmt.Sprintf("intact up to sequence %d", last.Sequence), err)
		}
		if failed > 0 {
			return fmt.Errorf("failed checks: %d", failed)
		}
		return nil
	})
}
