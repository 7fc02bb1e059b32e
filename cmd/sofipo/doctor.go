package main

import (
	"context"
	"fmt"
	"math"

	"sofipo/checks"
)

type doctorCommand struct {
	settings `embed:""`
	Verify   bool `help:"Recalculate all loans, not only the newest 1,000, compare the whole event log with the chain in the database, and check the contents of all documents in the event log and in the files of clients."`
}

// Run prints one line per check and fails if any check fails. A warning is no failure.
func (c *doctorCommand) Run(ctx context.Context) error {
	c.patient = true
	return withData(ctx, &c.settings, func(n *node) error {
		failed := 0
		report := func(name, found string, err error) {
			if err != nil {
				failed++
				fmt.Printf("FAIL  %-48s %v\n", name, oneLine(err.Error()))
				return
			}
			fmt.Printf("ok    %-48s %s\n", name, found)
		}
		loans := checks.Sample
		if c.Verify {
			loans = math.MaxInt
		}
		found := checks.Run(ctx, n.db, loans)
		found = append(found, checks.Files(ctx, n.db, n.events)...)
		found = append(found, checks.ClientDocuments(ctx, n.db, n.files, c.Verify))
		found = append(found, checks.Strangers(ctx, n.events, c.Verify))
		for _, check := range found {
			report(check.Name, check.Found, check.Err)
		}
		if overdrawn := checks.Overdrawn(ctx, n.db); overdrawn.Err != nil {
			fmt.Printf("WARN  %-48s %v\n", overdrawn.Name, overdrawn.Err)
		} else {
			report(overdrawn.Name, overdrawn.Found, nil)
		}
		n.checkEvents(ctx, c.amqpURL(), c.Verify, report)
		if failed > 0 {
			return fmt.Errorf("failed checks: %d", failed)
		}
		return nil
	})
}
