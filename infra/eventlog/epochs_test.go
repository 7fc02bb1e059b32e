package eventlog

import (
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sofipo/core/event"
	"sofipo/test/chain"
)

// TestEpochsInTheLog: the database lost the last five of ten events, and chained three of them
// again in a new epoch, with the same ids and sequences.
func TestEpochsInTheLog(t *testing.T) {
	const number = 1_796_000_000
	onBoth(t, func(t *testing.T, log Log) {
		all10 := chained(t, 10)
		put(t, log, all10...)
		books := chain.Of(published(t, 5))
		books.Epochs = []event.Epoch{{Number: number, After: 5, Hash: all10[4].Hash}}
		last := all10[4].Link()
		last.Epoch = number
		for _, e := range all10[5:8] {
			next, err := e.Chain(last)
			if err != nil {
				t.Fatal(err)
			}
			last, books.Events = next, append(books.Events, e)
		}
		put(t, log, books.Events[5:]...)
		put(t, log, books.Events[5:]...) // stores nothing twice
		r, err := Verify(t.Context(), log, books, 1)
		if err != nil || r.Break != nil || r.Missing != 0 || r.Events != 8 || r.Repeated != 3 || len(r.Outside) != 2 || r.Outside[0].Sequence != 9 {
			t.Errorf("got %+v, %v, want 8 events, 3 repeated, 2 outside from sequence 9", r, err)
		}
		for name, old := range map[string]int{"nothing is kept": 8, "the end is kept": 7} {
			books.Old = old
			if r, err := Verify(t.Context(), log, books, 1); err != nil || r.Repeated != 3 || len(r.Outside) != 2 {
				t.Errorf("%s: got %+v, %v, want 3 repeated, 2 outside", name, r, err)
			}
		}
		for _, q := range []Query{{}, {Newest: true}, {From: epoch}, {From: epoch, Newest: true}, {Subject: all10[6].Subject}, {EventType: all10[6].EventType, Newest: true}} {
			q.Limit = MaxLimit
			want := keys(all(t, log, q))
			for limit := 1; limit <= 4; limit++ {
				q.Limit = limit
				if got := keys(all(t, log, q)); !slices.Equal(got, want) {
					t.Errorf("%+v: got %v, want %v", q, got, want)
				}
			}
		}
		if got := len(all(t, log, Query{Limit: 3, To: epoch.Add(time.Hour)})); got != 13 {
			t.Errorf("got %d events, want 13", got)
		}
		page, _, err := log.Find(t.Context(), Query{Newest: true, Limit: 2, Page: NewestFrom(7)})
		if err != nil || len(page) != 2 || page[0].Sequence != 7 || page[1].Sequence != 7 {
			t.Errorf("the newest from 7: got %v, %v, want both events with sequence 7", sequences(page), err)
		}
	})
}

// TestAForkOfSeveralEvents: a database without epochs lost the last five of ten events, and
// chained three others in their places.
func TestAForkOfSeveralEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		all10 := chained(t, 10)
		put(t, log, all10...)
		books := chain.Of(published(t, 5))
		last := all10[4].Link()
		for i, e := range all10[5:8] {
			e.EventID = number(2000 + i)
			next, err := e.Chain(last)
			if err != nil {
				t.Fatal(err)
			}
			last, books.Events = next, append(books.Events, e)
		}
		put(t, log, books.Events[5:]...)
		check := func(name string) {
			r, err := Verify(t.Context(), log, books, 1)
			outside := make([]event.Envelope, len(r.Outside))
			for i, o := range r.Outside {
				outside[i] = o.Envelope
			}
			if got, want := keys(outside), keys(all10[5:]); err != nil || r.Break != nil || r.Missing != 0 || !slices.Equal(got, want) {
				t.Errorf("%s: got %v outside, break %v, %d missing, %v, want %v outside, which the database lost", name, got, r.Break, r.Missing, err, want)
			}
		}
		check("the fork is at the end")
		books.Epochs = []event.Epoch{{Number: 1, After: 8, Hash: last.Hash}}
		last.Epoch = 1
		e := all10[8]
		e.EventID = number(3000)
		if _, err := e.Chain(last); err != nil {
			t.Fatal(err)
		}
		books.Events = append(books.Events, e)
		put(t, log, e)
		check("an epoch follows")
	})
}

func keys(events []event.Envelope) []string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.Key()
	}
	return list
}

// TestCut: a copy of the log keeps the events of the chain up to its end, and those that an earlier
// epoch lost.
func TestCut(t *testing.T) {
	const number = 1_796_000_000
	log, err := OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	lost := chained(t, 10)
	put(t, log, lost...)
	last := lost[4].Link()
	last.Epoch = number
	var later []event.Envelope
	for _, e := range lost[5:8] {
		if last, err = e.Chain(last); err != nil {
			t.Fatal(err)
		}
		later = append(later, e)
	}
	put(t, log, later...)
	for _, c := range []struct{ sequence, epoch, want int64 }{{8, number, 13}, {7, number, 12}, {6, number, 11}, {5, number, 10}, {4, 0, 4}} {
		if got, err := log.Cut(t.Context(), event.Link{Sequence: c.sequence, Epoch: c.epoch}); err != nil || got != c.want {
			t.Errorf("cut after %d of epoch %d: got %d events, %v, want %d", c.sequence, c.epoch, got, err, c.want)
		}
	}
}
