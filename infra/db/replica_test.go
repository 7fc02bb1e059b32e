package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"sofipo/infra/db"
	"sofipo/test/stack"
)

// shop is a database with a replica that the test may disturb, and a table of
// rows 1, 2, 3 …
type shop struct {
	*db.DB
	stack            *stack.Stack
	primary, replica string
	rows             int64
	token            uint64 // of the last row's commit
}

func openShop(t *testing.T) *shop {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	services, err := stack.StartOwn(t.Context(), stack.Replica)
	must(t, err)
	t.Cleanup(func() {
		if err := services.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &shop{stack: services}
	s.primary, s.replica, err = services.Database(t.Context(), t.Name())
	must(t, err)
	s.DB = s.open(t)
	s.token, err = run(t.Context(), s.DB, "CREATE TABLE t (n BIGINT)")
	must(t, err)
	return s
}

// open is another node on the same database.
func (s *shop) open(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(db.Config{PrimaryURL: s.primary, ReplicaURL: s.replica})
	must(t, err)
	t.Cleanup(d.Close)
	return d
}

func (s *shop) write(t *testing.T) {
	t.Helper()
	s.rows++
	token, err := commit(t.Context(), s.DB, insert("INSERT INTO t VALUES ($1)", s.rows))
	must(t, err)
	if token <= s.token {
		t.Errorf("got token %d, want more than %d", token, s.token)
	}
	s.token = token
}

// observation is the result of a read, with the server and the time that it took.
type observation struct {
	rows    int64
	replica bool
	token   uint64
	took    time.Duration
}

func look(ctx context.Context, d *db.DB, need uint64) (seen observation, err error) {
	begun := time.Now()
	batch := &db.Batch{}
	batch.Query("SELECT count(*), pg_is_in_recovery() FROM t", func(s db.Scanner) error { return s.Scan(&seen.rows, &seen.replica) })
	seen.token, err = d.Read(ctx, need, batch)
	seen.took = time.Since(begun)
	return seen, err
}

// look reads and checks the rules of every read, on the primary or the replica.
func (s *shop) look(t *testing.T, d *db.DB, need uint64) observation {
	t.Helper()
	seen, err := look(t.Context(), d, need)
	must(t, err)
	if need >= s.token && seen.rows != s.rows {
		t.Errorf("got %d of %d rows in a read that needs them all (replica: %t), want all rows", seen.rows, s.rows, seen.replica)
	}
	if seen.token >= s.token && seen.rows != s.rows {
		t.Errorf("got %d of %d rows at token %d, which has them all (replica: %t), want all rows", seen.rows, s.rows, seen.token, seen.replica)
	}
	if seen.took > patience {
		t.Errorf("a read took %s (replica: %t), want at most %v", seen.took, seen.replica, patience)
	}
	return seen
}

// patience is what a read may take that is given up on the replica after two
// seconds, on a machine that is busy with something else; a server that is frozen
// stays so.
const patience = 15 * time.Second

// untilReplica looks until the replica answers a read of this need.
func (s *shop) untilReplica(t *testing.T, d *db.DB, need uint64) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !s.look(t, d, need).replica; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("got no answer of the replica within a minute, want one")
		}
	}
}

func TestReadsWithAReplica(t *testing.T) {
	s := openShop(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *shop)
	}{
		{"in step", inStep}, {"paused", paused}, {"opened while paused", openedWhilePaused}, {"frozen", frozen},
		{"stopped", stopped}, {"fails in the middle", failsInTheMiddle}, {"primary frozen", primaryFrozen},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.test(t, s) }) {
			return // the servers may not be as the next one expects them
		}
	}
}

func inStep(t *testing.T, s *shop) {
	for range 5 {
		s.write(t)
		s.look(t, s.DB, s.token)
		s.untilReplica(t, s.DB, s.token)
	}
	// A token from the future is no reason to fail: nothing is newer than the primary.
	if seen := s.look(t, s.DB, s.token+1<<40); seen.replica {
		t.Error("got the replica's answer for a token that it cannot have, want the primary's")
	}
}

func paused(t *testing.T, s *shop) {
	s.untilReplica(t, s.DB, 0)
	must(t, s.stack.PauseReplay(t.Context()))
	s.write(t)
	written := time.Now()
	stale := 0
	for time.Since(written) < 5*time.Second {
		if seen := s.look(t, s.DB, s.token); seen.replica {
			t.Fatal("got a paused replica's answer without the last write, want the primary's")
		}
		age := time.Since(written)
		seen := s.look(t, s.DB, 0)
		if seen.rows < s.rows {
			stale++
		}
		if age > 3500*time.Millisecond && (seen.replica || seen.rows < s.rows) {
			t.Fatalf("%s after the write: got an answer of the replica or without the write, want a full one of the primary", age)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if stale == 0 {
		t.Error("got no answer of the replica with fewer rows, want some: nothing was tested")
	}
	if lag, known := s.Lag(); !known || lag.Bytes == 0 || lag.Time < 3*time.Second || lag.Time > 15*time.Second {
		t.Errorf("5 s after the write: got the lag %+v, %t, want some bytes and about 5 s", lag, known)
	}
	must(t, s.stack.ResumeReplay(t.Context()))
	s.untilReplica(t, s.DB, s.token)
	lag, known := s.Lag()
	for deadline := time.Now().Add(20 * time.Second); lag != (db.Lag{}) && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		lag, known = s.Lag()
	}
	if lag != (db.Lag{}) || !known {
		t.Errorf("in step again: got the lag %+v, %t, want none", lag, known)
	}
}

// A node that starts does not use a replica before it has compared it with the primary.
func openedWhilePaused(t *testing.T, s *shop) {
	must(t, s.stack.PauseReplay(t.Context()))
	s.write(t)
	time.Sleep(2500 * time.Millisecond)
	fresh := s.open(t)
	for begun := time.Now(); time.Since(begun) < 2500*time.Millisecond; time.Sleep(5 * time.Millisecond) {
		if seen := s.look(t, fresh, 0); seen.rows < s.rows {
			t.Fatalf("%s after its start: got %d rows from a node, want at least the %d from before it", time.Since(begun), seen.rows, s.rows)
		}
	}
	must(t, s.stack.ResumeReplay(t.Context()))
	s.untilReplica(t, fresh, s.token)
}

func frozen(t *testing.T, s *shop) {
	s.untilReplica(t, s.DB, 0)
	must(t, s.stack.Replica.Freeze())
	var wg sync.WaitGroup
	for range 30 { // more than the pool has connections
		wg.Go(func() {
			for range 3 {
				seen, err := look(t.Context(), s.DB, 0)
				if err != nil || seen.rows != s.rows || seen.took > patience {
					t.Errorf("with a frozen replica: got %+v, %v, want rows %v, took at most %v", seen, err, s.rows, patience)
				}
			}
		})
	}
	wg.Wait()
	s.write(t)
	begun := time.Now()
	for range 50 {
		if seen := s.look(t, s.DB, 0); seen.replica {
			t.Errorf("once the replica is known to be away: got %+v, want the primary's answer", seen)
		}
	}
	if took := time.Since(begun); took > patience { // 300 ms each
		t.Errorf("once the replica is known to be away 50 reads took %s, want at most %v", took, patience)
	}
	must(t, s.stack.Replica.Thaw())
	s.untilReplica(t, s.DB, s.token)
}

func stopped(t *testing.T, s *shop) {
	s.untilReplica(t, s.DB, 0)
	must(t, s.stack.Replica.Kill())
	for range 50 {
		if seen := s.look(t, s.DB, 0); seen.replica {
			t.Error("got a killed replica's answer, want the primary's")
		}
	}
	s.write(t)
	s.look(t, s.DB, s.token)
	must(t, s.stack.Replica.Start())
	s.untilReplica(t, s.DB, s.token)
}

// A read that fails on the replica is repeated on the primary.
func failsInTheMiddle(t *testing.T, s *shop) {
	s.untilReplica(t, s.DB, 0)
	var list []int64
	begun, tries := 0, 0
	batch := &db.Batch{}
	batch.Before(func() { list, begun = nil, begun+1 })
	batch.Query("SELECT n FROM t", func(s db.Scanner) error {
		var n int64
		err := s.Scan(&n)
		list = append(list, n)
		return err
	})
	batch.Query("SELECT 1 / (CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END)", func(s db.Scanner) error { return s.Scan(new(int64)) })
	for ; begun < 2 && tries < 100; tries++ { // until it was begun on the replica
		begun = 0
		_, err := s.Read(t.Context(), 0, batch)
		must(t, err)
	}
	if begun != 2 || int64(len(list)) != s.rows {
		t.Errorf("got %d rounds with %d rows, want 2 with %d", begun, len(list), s.rows)
	}
	s.untilReplica(t, s.DB, s.token) // one failure does not end its use
}

func primaryFrozen(t *testing.T, s *shop) {
	s.untilReplica(t, s.DB, s.token)
	session := s.Session()
	defer session.Close()
	must(t, session.Begin(t.Context(), &db.Batch{}))
	must(t, s.stack.Primary.Freeze())
	for begun := time.Now(); time.Since(begun) < 3*time.Second; time.Sleep(20 * time.Millisecond) {
		if seen := s.look(t, s.DB, 0); !seen.replica {
			t.Error("got a frozen primary's answer, want the replica's")
		}
	}
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	begun := time.Now()
	if _, err := session.Commit(short, insert("INSERT INTO t VALUES ($1)", s.rows+1)); !errors.Is(err, db.ErrUnknownOutcome) {
		t.Errorf("a commit on a frozen primary: got %v, want %v", err, db.ErrUnknownOutcome)
	}
	short, cancel = context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := look(short, s.DB, s.token+1<<40); err == nil {
		t.Error("a read that no server can answer: got no error, want one")
	}
	if took := time.Since(begun); took > patience {
		t.Errorf("giving up took %s, want at most %v", took, patience)
	}
	must(t, s.stack.Primary.Thaw())
	s.rows = number(t, s.DB, "SELECT count(*) FROM t") // the commit may have been carried out
	s.write(t)
	s.untilReplica(t, s.DB, s.token)
}
