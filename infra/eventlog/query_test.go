package eventlog

import (
	"testing"
	"time"

	"sofipo/core/event"
	"sofipo/core/wire"
)

// TestEachPageHasOneBoundInADirection: with two lower bounds on a field, SQLite may read the index
// from the lower one on, so that each page reads all pages before it again.
func TestEachPageHasOneBoundInADirection(t *testing.T) {
	at := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	last := event.Envelope{Sequence: 500, EventID: number(7), Timestamp: at.Format(wire.EventMoment)}
	for _, newest := range []bool{false, true} {
		for name, q := range map[string]Query{
			"all": {}, "from a sequence": {Sequence: 100}, "of a type": {EventType: "loan_created"}, "of a subject": {Subject: number(1)},
			"of a day": {From: at.Add(-time.Hour), To: at.Add(time.Hour)},
		} {
			q.Newest, q.Limit = newest, 100
			q.Page = q.markOf([]event.Envelope{last})
			from, err := q.start()
			if err != nil {
				t.Fatal(err)
			}
			for _, stretch := range q.stretches(from) {
				bounds := map[[2]string]any{}
				for _, c := range q.scan().and(stretch).where {
					key := [2]string{c.field, c.op}
					if other, twice := bounds[key]; twice {
						t.Errorf("%s, newest %t: got %s %s %v and %v, want one bound", name, newest, c.field, c.op, other, c.value)
					}
					bounds[key] = c.value
				}
			}
		}
	}
}

// TestTheNarrowerBoundStays: a mark below the query's own bound does not widen it.
func TestTheNarrowerBoundStays(t *testing.T) {
	for _, c := range []struct {
		op        string
		has, more any
		want      any
	}{
		{">=", int64(100), int64(50), int64(100)},
		{">=", int64(100), int64(500), int64(500)},
		{"<=", int64(100), int64(500), int64(100)},
		{"<=", int64(100), int64(50), int64(50)},
		{">=", "2026-01-01", "2026-02-01", "2026-02-01"},
		{"<=", "2026-01-01", "2026-02-01", "2026-01-01"},
	} {
		got := scan{where: []condition{{"f", c.op, c.has}}}.and([]condition{{"f", c.op, c.more}}).where
		if len(got) != 1 || got[0].value != c.want {
			t.Errorf("%s %v and %v: got %v, want %v", c.op, c.has, c.more, got, c.want)
		}
	}
}
