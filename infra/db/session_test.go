package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sofipo/infra/db"
	"sofipo/test/ground"
)

// begin starts a transaction and returns the server process of the session.
func begin(t *testing.T, s *db.Session) (pid int64) {
	t.Helper()
	load := &db.Batch{}
	load.Query("SELECT pg_backend_pid()", func(s db.Scanner) error { return s.Scan(&pid) })
	must(t, s.Begin(t.Context(), load))
	return pid
}

// terminate ends the server process as an administrator would, and waits for its end.
func terminate(t *testing.T, d *db.DB, pid int64) {
	t.Helper()
	if number(t, d, "SELECT pg_terminate_backend($1::int, 60000)::int", pid) != 1 {
		t.Fatalf("got process %d still running, want it ended", pid)
	}
}

func insert(sql string, args ...any) *db.Batch {
	batch := &db.Batch{}
	batch.Exec(sql, args...)
	return batch
}

func TestASessionReconnects(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	_, err := run(t.Context(), d, "CREATE TABLE t (n BIGINT PRIMARY KEY)")
	must(t, err)
	s := d.Session()
	defer s.Close()
	first := begin(t, s)
	_, err = s.Commit(t.Context(), insert("INSERT INTO t VALUES (1)"))
	must(t, err)

	// Between two transactions: the next does not notice.
	terminate(t, d, first)
	second := begin(t, s)
	_, err = s.Commit(t.Context(), insert("INSERT INTO t VALUES (2)"))
	must(t, err)
	if first == second {
		t.Error("got the same process, want another: nothing was tested")
	}

	// Within a transaction: the commit fails, the next works.
	terminate(t, d, begin(t, s))
	if _, err = s.Commit(t.Context(), insert("INSERT INTO t VALUES (3)")); err == nil || db.Refused(err) {
		t.Errorf("a commit on a lost connection: got %v, want an error that is no refusal", err)
	}

	// A refusal leaves the connection in use.
	fourth := begin(t, s)
	if _, err = s.Commit(t.Context(), insert("INSERT INTO t VALUES (2)")); !db.Refused(err) {
		t.Errorf("a key twice: got %v, want a refusal", err)
	}
	if fifth := begin(t, s); fifth != fourth {
		t.Error("got another connection after a refused commit, want the same")
	}
	s.Rollback()
	if n := number(t, d, "SELECT sum(n)::bigint FROM t"); n != 3 {
		t.Errorf("got the sum %d of the rows, want 1 + 2", n)
	}
}

func TestALostCommitIsOfUnknownOutcome(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	_, err := run(t.Context(), d, "CREATE TABLE t (n BIGINT PRIMARY KEY)")
	must(t, err)
	s := d.Session()
	defer s.Close()
	pid := begin(t, s)
	save := insert("INSERT INTO t VALUES (1)")
	save.Exec("SELECT pg_sleep(20)")
	outcome := make(chan error)
	go func() {
		_, err := s.Commit(context.WithoutCancel(t.Context()), save)
		outcome <- err
	}()
	for number(t, d, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", pid) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	terminate(t, d, pid)
	if err := <-outcome; !errors.Is(err, db.ErrUnknownOutcome) || db.Refused(err) {
		t.Errorf("got %v, want %v and no refusal", err, db.ErrUnknownOutcome)
	}
	begin(t, s)
	_, err = s.Commit(t.Context(), insert("INSERT INTO t VALUES (2)"))
	must(t, err)

	// Nor is the outcome known of a commit that was not waited for.
	begin(t, s)
	save = insert("INSERT INTO t VALUES (3)")
	save.Exec("SELECT pg_sleep(20)")
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Commit(short, save); !errors.Is(err, db.ErrUnknownOutcome) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want both %v and %v", err, db.ErrUnknownOutcome, context.DeadlineExceeded)
	}
	begin(t, s)
	s.Rollback()
	if n := number(t, d, "SELECT sum(n)::bigint FROM t"); n != 2 {
		t.Errorf("got the sum %d of the rows, want 2", n)
	}
}

func TestLead(t *testing.T) {
	const purpose = 7
	leads := func(t *testing.T, s *db.Session, want bool) {
		t.Helper()
		if got, err := s.Lead(t.Context(), purpose); err != nil || got != want {
			t.Errorf("leads: got %t, %v, want %v", got, err, want)
		}
	}
	soon := func(t *testing.T, s *db.Session) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			if got, err := s.Lead(t.Context(), purpose); err != nil || got {
				must(t, err)
				return
			}
		}
		t.Error("got no session that took over, want one")
	}
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	first, second, third := d.Session(), d.Session(), d.Session()
	for _, s := range []*db.Session{first, second, third} {
		defer s.Close()
	}
	leads(t, first, true)
	leads(t, second, false)
	leads(t, first, true)
	if got, err := second.Lead(t.Context(), purpose+1); err != nil || !got {
		t.Errorf("another purpose: got %t, %v, want true", got, err)
	}
	third.Close()
	first.Close()
	soon(t, third)
	leads(t, first, false)

	// A leader that loses its connection must become leader again before it continues.
	pid := begin(t, third)
	s := third
	s.Rollback()
	terminate(t, d, pid)
	soon(t, first)
	if err := third.Begin(t.Context(), &db.Batch{}); err == nil {
		t.Error("a session that no longer leads: got no error, want one")
	}
	leads(t, third, false)
	must(t, third.Begin(t.Context(), &db.Batch{}))
	third.Rollback()
}

func TestOnSQLiteTheOneProcessLeads(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	s := d.Session()
	defer s.Close()
	if got, err := s.Lead(t.Context(), 7); err != nil || !got {
		t.Errorf("got %t, %v, want true", got, err)
	}
}
