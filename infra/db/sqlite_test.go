package db

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestToSQLite(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT 1":                              "SELECT 1",
		"SELECT a FROM t WHERE b = $1 AND c=$2": "SELECT a FROM t WHERE b = ?1 AND c=?2",
		"WHERE x = $11 OR y = $1":               "WHERE x = ?11 OR y = ?1",
		"WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE":                   "WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id ",
		"SELECT sequence FROM chain FOR UPDATE":                                      "SELECT sequence FROM chain ",
		"SELECT a FROM t FOR UPDATE OF t SKIP LOCKED":                                "SELECT a FROM t ",
		"SELECT coalesce(sum(debit), 0)::bigint FROM p":                              "SELECT coalesce(sum(debit), 0) FROM p",
		"VALUES ($1::timestamptz, $2::text[])":                                       "VALUES (?1, ?2)",
		"INSERT INTO t VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = $2 RETURNING c": "INSERT INTO t VALUES (?1) ON CONFLICT (a) DO UPDATE SET b = ?2 RETURNING c",
	} {
		for range 2 { // the second answer comes from memory
			if got := toSQLite(in); got != want {
				t.Errorf("%q\ngot %q\nwant   %q", in, got, want)
			}
		}
	}
}

// A session leaves the connection, with what it prepared, to the next, also one that
// ends in its transaction; none is open of a database that is closed.
func TestSessionsShareAConnection(t *testing.T) {
	d, err := Open(Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	begin := func(s *Session) {
		t.Helper()
		load := &Batch{}
		load.Exec("CREATE TABLE IF NOT EXISTS t (n INTEGER)")
		if err := s.Begin(t.Context(), load); err != nil {
			t.Fatal(err)
		}
	}
	one, two := d.Session(), d.Session()
	begin(one)
	first := one.lite
	one.Rollback()
	begin(two)
	one.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := one.Begin(ctx, &Batch{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v beside a transaction, want the end of the context", err)
	}
	two.Close() // in its transaction
	three := d.Session()
	begin(three)
	if three.lite != first || len(first.prepared) != 1 || one.lite != nil || two.lite != nil {
		t.Errorf("got %d prepared statements, want the connection of the first session with its one statement in the third session alone", len(first.prepared))
	}
	if _, err := three.Commit(t.Context(), &Batch{}); err != nil {
		t.Fatal(err)
	}
	begin(one)
	if _, err := one.Commit(t.Context(), &Batch{}); err != nil {
		t.Fatal(err)
	}
	if n := d.write.Stats().InUse; n != 1 || one.lite != nil || three.lite != nil {
		t.Errorf("got %d connections in use, want 1, of no session", n)
	}
	one.Close()
	three.Close()
	d.Close()
	if n := d.write.Stats().OpenConnections; n != 0 {
		t.Errorf("got %d open connections after the end, want 0", n)
	}
}

// A session whose rollback failed drops its connection: nobody gets what is left
// of the transaction.
func TestAConnectionThatCannotRollBackIsDropped(t *testing.T) {
	d, err := Open(Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := d.Session()
	for range 2 {
		load := &Batch{}
		load.Exec("CREATE TABLE IF NOT EXISTS t (n INTEGER)")
		if err := s.Begin(t.Context(), load); err != nil {
			t.Fatal(err)
		}
		if _, err := s.lite.conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
		s.Rollback() // there is nothing to roll back
		if n := d.write.Stats().OpenConnections; n != 0 || s.lite != nil {
			t.Errorf("got %d open connections, want 0, and none of the session", n)
		}
	}
	s.Close()
}

// TestCloseWaits closes the database while it reads and while it makes checkpoints.
func TestCloseWaits(t *testing.T) {
	for round := range 8 {
		folder := t.TempDir()
		d, err := Open(Config{Folder: folder})
		if err != nil {
			t.Fatal(err)
		}
		s := d.Session()
		write := func(sql string) {
			t.Helper()
			load := &Batch{}
			load.Exec(sql)
			if err := s.Begin(t.Context(), load); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Commit(t.Context(), &Batch{}); err != nil {
				t.Fatal(err)
			}
		}
		write("CREATE TABLE t (b TEXT)")
		write("INSERT INTO t VALUES ('" + strings.Repeat("x", 64<<20) + "')") // a checkpoint of this takes a while
		reading, done := make(chan struct{}), make(chan error, 1)
		go func() {
			done <- d.read.use(t.Context(), func(*lite) error {
				close(reading)
				time.Sleep(20 * time.Millisecond)
				return nil
			})
		}()
		<-reading
		time.Sleep(time.Duration(round) * 35 * time.Millisecond)
		s.Close()
		d.Close()
		names, err := os.ReadDir(folder)
		if err != nil || len(names) != 1 {
			t.Errorf("round %d: got the files %v, %v, want the database alone", round, names, err)
		}
		if err := errors.Join(<-done, d.read.use(t.Context(), nil)); !errors.Is(err, errClosed) {
			t.Errorf("got %v from reads before and after the end, want %v", err, errClosed)
		}
	}
}
