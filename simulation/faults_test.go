package simulation

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sofipo/core/fault"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/random"
)

// TestFaults simulates with every fault from fixed seeds; make soak has another seed and more days.
func TestFaults(t *testing.T) {
	onlySQLite := slices.Concat(notOnTwin, []Fault{Restarts, SlowReads, OldDecisions})
	for on, days := range map[Store]int{OnSQLite: 45, OnTwin: 60} {
		t.Run(string(on), func(t *testing.T) {
			t.Parallel()
			o := Options{Seed: random.Seed(t), Days: random.Times(t, days), Clients: 40}
			r, err := PlayFaults(t.Context(), o, on)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range Faults {
				if possible := on == OnSQLite || !slices.Contains(onlySQLite, f); possible && r.Faults[f] == 0 {
					t.Errorf("got no %s, want some", f)
				}
			}
			t.Logf("\n%s", r)
		})
	}
}

// TestPersist: work without an outcome is done mostTries times, and other work once.
func TestPersist(t *testing.T) {
	s := &institution{faults: newFaults(1, true)}
	for _, c := range []struct {
		outcome error
		tries   int
	}{{nil, 1}, {fault.Refuse(fault.TooLarge), 1}, {errors.New("the connection was lost"), mostTries}} {
		tries := 0
		outcome, failed := s.persist(t.Context(), func() error {
			tries++
			return c.outcome
		})
		if tries != c.tries || !errors.Is(outcome, c.outcome) || failed != nil {
			t.Errorf("%v: got %d tries, %v, %v, want %d tries and that outcome", c.outcome, tries, outcome, failed, c.tries)
		}
	}
}

// TestFaultsRepeat: the seed repeats the faults and the books, and the books are those of a
// simulation without faults.
func TestFaultsRepeat(t *testing.T) {
	t.Parallel()
	o := Options{Seed: 11, Days: 12, Clients: 30}
	one, err1 := PlayFaults(t.Context(), o, OnSQLite)
	two, err2 := PlayFaults(t.Context(), o, OnSQLite)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(one.Faults, two.Faults) || len(one.Faults) < 4 {
		t.Errorf("got the faults %v and %v, want the same twice, of four kinds or more", one.Faults, two.Faults)
	}
	o.DB = ground.Open(t, ground.Config(t, ground.SQLite))
	plain, err := Play(t.Context(), o)
	if err != nil || plain.Digest != one.Digest || one.Digest != two.Digest {
		t.Errorf("got the digests %s and %s with faults, and %s without, %v, want the same", one.Digest, two.Digest, plain.Digest, err)
	}
}

// TestFaultyBreaches breaks what only a simulation with faults looks at. It stops with the seed, the
// day and the command that repeats it.
func TestFaultyBreaches(t *testing.T) {
	const on = 8
	for _, c := range []struct{ invariant, sql string }{
		{traced, "DELETE FROM idempotency WHERE key = (SELECT max(key) FROM idempotency)"},
		{traced, "UPDATE journal SET correlation_id = 'nobody' WHERE id = (SELECT max(id) FROM journal WHERE correlation_id IS NOT NULL)"},
		{invisible, "UPDATE journal SET kind = 'another' WHERE id = (SELECT max(id) FROM journal WHERE kind IS NOT NULL)"},
		{published, "DELETE FROM outbox WHERE position = (SELECT max(position) FROM outbox)"},
		{published, "UPDATE outbox SET body = replace(body, '\"correlation_id\":\"solicitud', '\"correlation_id\":\"otra')"},
		{unsealed, "UPDATE journal SET action = 'nothing' WHERE id = (SELECT max(id) FROM journal WHERE id <= (SELECT max(until) FROM journal_seals))"},
	} {
		t.Run(c.invariant, func(t *testing.T) {
			t.Parallel()
			err := plantedFaulty(t, on, func(s *institution) {
				s.queue.pending = append(s.queue.pending, step(func() {
					office.Unguard(t, s.DB)
					office.Run(t, s.DB, c.sql)
				}))
			})
			var breach *Breach
			if !errors.As(err, &breach) || breach.Invariant != c.invariant || breach.Day != on {
				t.Fatalf("got %v, want the breach of %q on day %d", err, c.invariant, on)
			}
			for _, part := range []string{"seed 27", fmt.Sprintf("day %d", on), "sofipo demo --seed 27 --days 20 --clients 30 --from 2025-01-02 --faults sqlite"} {
				if !strings.Contains(breach.Error(), part) {
					t.Errorf("got %q, want %q in it", breach, part)
				}
			}
		})
	}
}

// plantedFaulty simulates with faults and does something on a day after its commands.
func plantedFaulty(t *testing.T, on int, plant func(*institution)) error {
	t.Helper()
	calm, s := faultyRun(t, true), faultyRun(t, false)
	s.on(on, func() { s.afterPending(func() { plant(s) }) })
	for s.day < s.Days {
		if err := calm.playDay(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.playDay(t.Context()); err != nil {
			return err
		}
		if err := s.compareWith(t.Context(), calm); err != nil {
			return err
		}
	}
	return nil
}

func faultyRun(t *testing.T, calm bool) *institution {
	t.Helper()
	s, err := plan(t.Context(), Options{Seed: 27, Days: 20, Clients: 30})
	if err != nil {
		t.Fatal(err)
	}
	s.faults = newFaults(s.Seed, calm)
	s.faults.store, s.faults.root = OnSQLite, t.TempDir()
	if err := s.begin(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.end)
	return s
}
