package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sofipo/bank"
	"sofipo/bank/events"
	"sofipo/core/event"
	"sofipo/infra/amqp"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
)

type eventsCommand struct {
	Republish republishCommand `cmd:"" help:"Publish events again that the database keeps (SOFIPO_KEEP_DAYS). The event log stores each event once."`
	Void      voidCommand      `cmd:"" help:"Void the events in the event log whose operations the database does not have. They stay in the log; an event event_voided is added for each."`
}

type republishCommand struct {
	settings `embed:""`
	From     int64 `default:"1" help:"First sequence."`
	To       int64 `help:"Last sequence. 0: the last one."`
}

// Run marks the events; the relay of the server publishes them.
func (c *republishCommand) Run(ctx context.Context) error {
	if c.From < 1 {
		return usageError{fmt.Errorf("--from is %d: use a sequence from 1 on", c.From)}
	}
	if c.To != 0 && c.To < c.From {
		return usageError{fmt.Errorf("--to is %d: use 0, or a sequence from %d on", c.To, c.From)}
	}
	c.patient = true
	return withData(ctx, &c.settings, func(n *node) error {
		kept := outbox.NewKept(n.db)
		bounds, err := kept.Bounds(ctx)
		if err != nil {
			return err
		}
		if c.To == 0 {
			c.To = max(c.From, bounds.To)
		}
		found, count, err := outbox.Republish(ctx, n.db, outbox.Range{From: c.From, To: c.To})
		if err != nil {
			return err
		}
		if count == 0 {
			return c.nothing(bounds)
		}
		fmt.Printf("the server publishes %d events again: sequences %d to %d\n", count, found.From, found.To)
		if c.From < found.From {
			fmt.Printf("not kept any more: sequences %d to %d\n", c.From, found.From-1)
		}
		return nil
	})
}

// nothing returns the error for a range without kept events.
func (c *republishCommand) nothing(kept outbox.Range) error {
	if kept.To == 0 {
		return errors.New("the database keeps no events")
	}
	return fmt.Errorf("the database keeps the events with the sequences %d to %d, but none from %d to %d", kept.From, kept.To, c.From, c.To)
}

type voidCommand struct {
	settings `embed:""`
}

// Run compares the event log with the chain and voids the events outside it.
func (c *voidCommand) Run(ctx context.Context) error {
	c.patient = true
	return withData(ctx, &c.settings, func(n *node) error {
		if err := n.checkGap(ctx, &c.settings); err != nil {
			return err
		}
		r, err := eventlog.Verify(ctx, n.events, outbox.NewKept(n.db), 1)
		if err != nil {
			return err
		}
		if r.Break != nil {
			return fmt.Errorf("the event log does not match the database; nothing was voided: %w", r.Break)
		}
		for some := range slices.Chunk(r.Outside, events.MaxVoid) {
			list := make([]events.Void, len(some))
			for i, o := range some {
				list[i] = events.Void{Voided: event.Voided{EventID: o.EventID, EventType: o.EventType, Hash: o.Digest}, Subject: o.Subject}
			}
			if _, err := bank.Do(ctx, n.bank, commandLine, events.VoidEvents{Events: list}); err != nil {
				return err
			}
			for _, o := range some {
				fmt.Printf("voided: sequence %d  %s  %s  %s\n", o.Sequence, o.EventID, o.Timestamp, o.EventType)
			}
		}
		fmt.Println("voided events:", len(r.Outside))
		return nil
	})
}

// transit is the number of events on their way from the database to the event log.
type transit struct{ outbox, unsent, queued, dead int64 }

// inTransit counts the events on their way. Without RabbitMQ there are no queue and no dead
// letters.
func (n *node) inTransit(ctx context.Context, amqpURL string) (t transit, err error) {
	if t.unsent, err = outbox.NewKept(n.db).Unsent(ctx); err != nil {
		return t, err
	}
	if t.outbox, err = outbox.Backlog(ctx, n.db); err != nil {
		return t, err
	}
	t.outbox -= min(t.unsent, t.outbox)
	if amqpURL != "" {
		t.queued, t.dead, err = amqp.Waiting(ctx, amqpURL)
	}
	return t, err
}

// explained reports whether so many events of the chain may be missing in the log.
func (t transit) explained(missing int64) bool { return missing <= t.unsent+t.queued+t.dead }

// patience is how often a check looks again for events that a consumer has received but not
// stored yet.
const patience = 5

// checkLogEnd compares the end of the log with the chain.
func (n *node) checkLogEnd(ctx context.Context, amqpURL string) (found string, err error) {
	for try := 0; ; try++ {
		t, err := n.inTransit(ctx, amqpURL)
		if err != nil {
			return "", err
		}
		c, err := outbox.Compare(ctx, outbox.NewKept(n.db), n.events)
		switch behind := c.Behind(); {
		case err != nil:
			return "", err
		case c.Ahead:
			return "", errors.New("the log has events that the database does not have: " + outsideHelp)
		case c.Differs:
			return "", fmt.Errorf("the event with sequence %d has another hash in the database", c.End.Sequence)
		case t.explained(behind):
			return fmt.Sprintf("sequence %d, %d on the way", c.End.Sequence, behind), nil
		case try == patience:
			return "", fmt.Errorf("the log ends at sequence %d, the chain at %d, and only %d events are on the way: %s",
				c.End.Sequence, c.Course.End.Sequence, t.unsent+t.queued+t.dead, missingHelp)
		}
		sleep(ctx, time.Second)
	}
}

// What to do about a log that does not match the database.
const (
	outsideHelp = "the database was restored, a failover lost commits, or they are forged; after the next start of the server, sofipo events void voids them"
	brokenHelp  = "if the document was changed, keep a copy and delete it from the log; then sofipo events republish"
	missingHelp = "sofipo events republish publishes them again"
)

// chainFound describes what was verified.
func chainFound(r eventlog.Report) string {
	text := fmt.Sprintf("intact up to sequence %d", r.End.Sequence)
	for _, each := range []struct {
		count int64
		name  string
	}{{r.Missing, "on the way"}, {r.Voided, "voided"}, {r.Repeated, "repeated in a later epoch"}, {r.Foreign, "of another publisher"}} {
		if each.count > 0 {
			text += fmt.Sprintf(", %d %s", each.count, each.name)
		}
	}
	return text
}

// chainError returns what is wrong with the log, and what to do about each. Missing events that
// are on the way are not wrong.
func chainError(r eventlog.Report, t transit) error {
	var wrong []string
	if r.Break != nil {
		wrong = append(wrong, fmt.Sprintf("%v: %s", r.Break, brokenHelp))
	}
	if r.Missing > 0 && !t.explained(r.Missing) {
		wrong = append(wrong, fmt.Sprintf("%v (%d on the way); %s, for example with --from %d --to %d",
			r.MissingErr(), t.unsent+t.queued+t.dead, missingHelp, r.Gaps[0].From, r.Gaps[0].To))
	}
	if err := r.OutsideErr(); err != nil {
		wrong = append(wrong, fmt.Sprintf("%v: %s", err, outsideHelp))
	}
	if len(wrong) == 0 {
		return nil
	}
	return errors.New(strings.Join(wrong, "; "))
}
