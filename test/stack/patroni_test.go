package stack

import (
	"errors"
	"testing"
	"time"
)

// TestPatroniReplacesItsLeader kills the leader: the synchronous standby takes over with
// what was committed, and the dead node comes back as a standby. HAProxy leads to the new leader.
func TestPatroniReplacesItsLeader(t *testing.T) {
	s, err := StartOwn(t.Context(), Redis)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	began := time.Now()
	p, err := s.StartPatroni(t.Context())
	must(t, err)
	t.Logf("the cluster took %s to start", time.Since(began).Round(time.Second))
	toLeader, toStandby, err := s.StartHAProxy(t.Context(), p)
	must(t, err)
	must(t, query(limited(t), p.URL, "CREATE TABLE kept (n BIGINT)", "INSERT INTO kept VALUES (7)"))
	leader, err := p.Leader(t.Context(), nil)
	must(t, err)
	must(t, leader.Kill())
	next, err := p.Leader(t.Context(), leader)
	must(t, err)
	if got := read[int64](t, next.URL, "SELECT n FROM kept"); got != 7 {
		t.Errorf("got %d on the new leader, want 7", got)
	}
	if err := eventually(t, func() error { return query(limited(t), toLeader, "INSERT INTO kept VALUES (8)") }); err != nil {
		t.Errorf("a write through HAProxy: got %v, want no error within a minute", err)
	}
	must(t, leader.Start())
	// Patroni may restart the node's server to rewind it, which ends connections.
	var standby bool
	for ctx := limited(t); ; time.Sleep(100 * time.Millisecond) {
		if err = queryRow(ctx, leader.URL, "SELECT pg_is_in_recovery()", &standby); err == nil || ctx.Err() != nil {
			break
		}
	}
	must(t, err)
	if !standby {
		t.Error("the node that died: got a second leader, want a standby")
	}
	if err := eventually(t, func() error {
		var recovering bool
		if err := queryRow(limited(t), toStandby, "SELECT pg_is_in_recovery()", &recovering); err != nil || recovering {
			return err
		}
		return errors.New("the port of the standbys leads to the leader")
	}); err != nil {
		t.Errorf("a read through HAProxy: got %v, want a standby within a minute", err)
	}
}

// eventually tries until there is no error, at most a minute.
func eventually(t *testing.T, try func() error) (err error) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err = try(); err == nil {
			return nil
		}
	}
	return err
}
