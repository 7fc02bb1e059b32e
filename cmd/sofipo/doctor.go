package main

import (
	"context"
	"fmt"
	"math"

	"sofipo/checks"
	"sofipo/console"
)

type doctorCommand struct {
	settings `embed:""`
	Verify   bool `help:"Recalculate all loans, not only the newest 1,000, compare the whole journal with its seals, compare the whole event log with the chain in the database, and check the contents of all documents in the event log and in the files of clients."`
}

// Run prints one line per check and fails if any check fails. A warning is no failure.
func (c *doctorCommand) Run(ctx context.Context) error {
	return doctor(ctx, &c.settings, c.Verify)
}

func doctor(ctx context.Context, s *settings, verify bool) error {
	s.patient = true
	return withData(ctx, s, func(n *node) error {
		failed := 0
		for _, f := range n.examine(ctx, s, verify) {
			switch {
			case f.Err == nil:
				fmt.Printf("ok    %-48s %s\n", f.Name, f.Found)
			case f.Warning:
				fmt.Printf("WARN  %-48s %v\n", f.Name, f.Err)
			default:
				failed++
				fmt.Printf("FAIL  %-48s %v\n", f.Name, oneLine(f.Err.Error()))
			}
		}
		if failed > 0 {
			return fmt.Errorf("failed checks: %d", failed)
		}
		return nil
	})
}

// examine runs all checks: of the newest loans or, with verify, of everything.
func (n *node) examine(ctx context.Context, s *settings, verify bool) (all []console.Finding) {
	loans, seals := checks.Sample, int64(checks.LastSeals)
	if verify {
		loans, seals = math.MaxInt, checks.AllSeals
	}
	found := append(checks.Run(ctx, n.db, loans), checks.Seals(ctx, n.db, seals))
	found = append(found, checks.Files(ctx, n.db, n.events)...)
	found = append(found, checks.ClientDocuments(ctx, n.db, n.files, verify))
	found = append(found, checks.Strangers(ctx, n.events, verify))
	for _, c := range found {
		all = append(all, console.Finding{Check: c})
	}
	all = append(all, console.Finding{Check: checks.Overdrawn(ctx, n.db), Warning: true})
	n.checkEvents(ctx, s.amqpURL(), verify, func(name, found string, err error) {
		all = append(all, console.Finding{Check: checks.Check{Name: name, Found: found, Err: err}})
	})
	return all
}
