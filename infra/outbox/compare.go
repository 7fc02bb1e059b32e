package outbox

import (
	"context"

	"sofipo/core/event"
	"sofipo/infra/eventlog"
)

// Comparison is the end of the event log, compared with the chain in the database.
type Comparison struct {
	Course  event.Course
	End     event.Link // the last event of the chain in the log; zero if there is none
	Ahead   bool       // the log has an event after the end of the chain
	Differs bool       // the event at End has another hash in the database
	Seen    int64      // the highest epoch at the end of the log
}

// Behind returns the number of events of the chain after the log's end.
func (c Comparison) Behind() int64 { return c.Course.End.Sequence - c.End.Sequence }

// Compare reads the end of the log and compares it with the chain. It passes over the events
// that an earlier epoch lost.
func Compare(ctx context.Context, kept *Kept, log eventlog.Log) (c Comparison, err error) {
	q := eventlog.Query{Newest: true, Limit: 100}
	for {
		page, next, err := log.Find(ctx, q)
		if err != nil {
			return c, err
		}
		if q.Page == "" { // the database has each event before the log does
			if c.Course, err = kept.Course(ctx); err != nil {
				return c, err
			}
		}
		for _, e := range page {
			if found, err := c.add(ctx, kept, e.Link()); err != nil || found {
				return c, err
			}
		}
		if next == "" {
			return c, nil
		}
		q.Page = next
		if c.Ahead && page[len(page)-1].Sequence > c.Course.End.Sequence {
			q.Page = eventlog.NewestFrom(c.Course.End.Sequence)
		}
	}
}

// add takes the next event, from the newest on. It reports whether the end was found: an event
// of the chain with the right hash, or the first one if none of that sequence has it.
func (c *Comparison) add(ctx context.Context, kept *Kept, l event.Link) (found bool, err error) {
	c.Seen = max(c.Seen, l.Epoch)
	switch {
	case l.Sequence == 0 || c.End.Sequence != 0 && l.Sequence != c.End.Sequence:
		return true, nil
	case c.Course.Lost(l):
		return false, nil
	case !c.Course.Contains(l):
		c.Ahead = true
		return false, nil
	}
	hash, known, err := kept.Hash(ctx, l.Sequence)
	if l.Sequence == c.Course.End.Sequence {
		hash, known = c.Course.End.Hash, true
	}
	c.End, c.Differs = l, known && hash != l.Hash
	return !c.Differs, err
}
