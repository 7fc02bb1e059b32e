package outbox

import (
	"errors"
	"testing"
	"time"

	"sofipo/infra/db"
	"sofipo/test/ground"
)

// publishAll runs the relay until nothing waits, and returns the number of rounds that failed.
func publishAll(t *testing.T, r *Relay) (failed int) {
	t.Helper()
	for range 20 {
		switch n, err := r.round(t.Context()); {
		case errors.Is(err, errBroker):
			failed++
		case err != nil:
			t.Fatal(err)
		case n == 0:
			return failed
		}
	}
	t.Fatal("got events in each of 20 rounds, want an end")
	return failed
}

// TestOldest: an event waits from its time until it is published, also while it is chained.
func TestOldest(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		oldest := func() time.Time {
			at, err := Oldest(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		if at := oldest(); !at.IsZero() {
			t.Errorf("without events: got %s, want none", at)
		}
		began := time.Now().Add(-time.Second)
		s := openShop(t, d, func() {})
		first := oldest()
		if first.Before(began) || first.After(time.Now()) {
			t.Errorf("got %s, want a time after %s", first, began)
		}
		j := newJournal(t)
		r := newRelay(d, j)
		defer r.session.Close()
		j.failures = 1
		if _, err := r.round(t.Context()); !errors.Is(err, errBroker) {
			t.Fatalf("got %v, want %v", err, errBroker)
		}
		s.pay(t, 1)
		if at := oldest(); !at.Equal(first) {
			t.Errorf("after a failure: got %s, want %s", at, first)
		}
		publishAll(t, r)
		if at := oldest(); !at.IsZero() {
			t.Errorf("after publishing: got %s, want none", at)
		}
	})
}
