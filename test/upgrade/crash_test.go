package upgrade

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/test/program"
)

// grown makes a database of before whose migration takes a while: it has copies of each
// entry and audit line of the fixture, at most 60, that differ in two digits of their ids
// and in their moments.
func grown(t *testing.T, engine string, copies int) (db.Config, old) {
	t.Helper()
	cfg := before(t, engine)
	d := open(t, cfg)
	var rows []string
	for n := range copies {
		rows = append(rows, fmt.Sprintf("(%d, '%c', '%c')", n+1, "012345689abcdef"[n/4%15], "cdef"[n%4]))
	}
	later := "interval '1 microsecond' * c.column1"
	if d.Embedded() {
		later = "c.column1"
	}
	copied := func(id string) string {
		return fmt.Sprintf("(substr(%[1]s::text, 1, 14) || c.column2 || substr(%[1]s::text, 16, 4) || c.column3 || substr(%[1]s::text, 21))::uuid", id)
	}
	from := func(table string) string {
		return " FROM " + table + " CROSS JOIN (VALUES " + strings.Join(rows, ", ") + ") AS c"
	}
	change(t, d, "INSERT INTO postings (entry_id, line, account, subject, debit, credit) SELECT "+copied("entry_id")+", line, account, subject, debit, credit"+from("postings"),
		"INSERT INTO entries (id, business_date, posted_at, kind, reference, reverses) SELECT "+copied("id")+", business_date, posted_at + "+later+", kind, reference, reverses"+from("entries"),
		"INSERT INTO audit (command, at, actor, action, subject, correlation_id, refusal, times) SELECT "+copied("command")+", at + "+later+", actor, action, subject, correlation_id, refusal, times"+from("audit"))
	o := read(t, d)
	d.Close()
	return cfg, o
}

// environment leads a process to the database.
func environment(cfg db.Config) []string {
	if cfg.PrimaryURL != "" {
		return []string{"DATABASE_URL=" + cfg.PrimaryURL}
	}
	return []string{"SOFIPO_DATA=" + cfg.Folder}
}

// limit is how long a migration of a grown database may take.
const limit = 2 * time.Minute

// begun starts a migration and waits until it works on the tables.
func begun(t *testing.T, cfg db.Config) *program.Process {
	t.Helper()
	p := program.Start(t, environment(cfg), "migrate")
	for deadline := time.Now().Add(limit); !strings.Contains(p.Log(), "migrating the schema"); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) || !p.Running() {
			t.Fatal("got no running migration, want one")
		}
	}
	return p
}

// TestKilledMigrations kills a migration with SIGKILL in several moments: nothing of it is
// left, and the last one, which nobody kills, does all.
func TestKilledMigrations(t *testing.T) {
	const kills = 6
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			cfg, _ := grown(t, engine, 15)
			first := begun(t, cfg)
			began := time.Now()
			if code := first.Wait(t, limit); code != 0 {
				t.Fatalf("without a kill: got exit code %d, want 0", code)
			}
			whole := time.Since(began)

			cfg, o := grown(t, engine, 15)
			killed := 0
			for part := range kills {
				p := begun(t, cfg)
				time.Sleep(whole * time.Duration(part) / kills)
				p.Kill()
				d := open(t, cfg)
				err := d.CheckSchema(t.Context())
				if err == nil {
					d.Close()
					break // it was done already
				}
				killed++
				if !errors.Is(err, db.ErrSchema) {
					t.Errorf("killed after %d/%d: got %v, want %v", part, kills, err, db.ErrSchema)
				}
				if got := office.Count(t, d, "SELECT count(*) FROM entries"); got != int64(len(o.entries)) {
					t.Errorf("killed after %d/%d: got %d entries, want %d", part, kills, got, len(o.entries))
				}
				d.Close()
			}
			if killed < 2 {
				t.Errorf("got %d of %d kills during a migration of %s, want at least 2", killed, kills, whole)
			}
			if code := program.Start(t, environment(cfg), "migrate").Wait(t, limit); code != 0 {
				t.Fatalf("at last: got exit code %d, want 0", code)
			}
			o.taken(t, open(t, cfg))
		})
	}
}

// await waits until a query on the server of PostgreSQL answers something.
func await(t *testing.T, conn *pgx.Conn, query string) (answer int64) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) {
		err := conn.QueryRow(t.Context(), query).Scan(&answer)
		if err == nil {
			return answer
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			t.Fatalf("got %v, want %v", err, pgx.ErrNoRows)
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("got no answer within %s, want one: %s", limit, query)
	return 0
}

func connect(t *testing.T, cfg db.Config) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cfg.PrimaryURL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// begin migrates in the background.
func begin(t *testing.T, d *db.DB) (done chan error) {
	done = make(chan error, 1)
	go func() {
		_, err := d.Migrate(t.Context())
		done <- err
	}()
	return done
}

// TestDroppedConnection ends the connection of a migration at its server.
func TestDroppedConnection(t *testing.T) {
	cfg, o := grown(t, ground.Postgres, 15)
	d, conn := open(t, cfg), connect(t, cfg)
	for _, statement := range []string{"CREATE TEMPORARY TABLE moments", "INSERT INTO journal"} {
		done := begin(t, d)
		pid := await(t, conn, "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%"+statement+"%'")
		var ended bool
		must(t, conn.QueryRow(t.Context(), "SELECT pg_terminate_backend($1)", pid).Scan(&ended))
		if err := <-done; err == nil || !ended {
			t.Fatalf("%s: got %v, ended %t, want an error and the migration ended with its connection", statement, err, ended)
		}
		if err := d.CheckSchema(t.Context()); !errors.Is(err, db.ErrSchema) {
			t.Errorf("%s: got %v, want %v", statement, err, db.ErrSchema)
		}
	}
	migrate(t, d)
	o.taken(t, d)
}

// fixtureMigrations is the number of migrations of PostgreSQL in the program that wrote the
// fixture.
const fixtureMigrations = 8

// goMigrations is the number of migrations that are not in a file of the folder.
const goMigrations = 1

// TestNodesThatMigrateAtOnce: one node of PostgreSQL does it, the others wait.
func TestNodesThatMigrateAtOnce(t *testing.T) {
	cfg, o := grown(t, ground.Postgres, 15)
	steps, failures := make(chan int, 3), make(chan error, 3)
	for range cap(steps) {
		d := open(t, cfg)
		go func() {
			n, err := 0, d.CheckSchema(t.Context())
			if errors.Is(err, db.ErrSchema) {
				n, err = d.Migrate(t.Context())
			}
			steps <- n
			failures <- err
		}()
	}
	all := 0
	for range cap(steps) {
		all += <-steps
		must(t, <-failures)
	}
	files, err := os.ReadDir("../../infra/db/migrations/postgres")
	must(t, err)
	if want := len(files) + goMigrations - fixtureMigrations; all != want {
		t.Errorf("got %d steps by all nodes, want %d", all, want)
	}
	o.taken(t, open(t, cfg))
}

// TestProcessesThatMigrateAtOnce: one process migrates SQLite, another is refused.
func TestProcessesThatMigrateAtOnce(t *testing.T) {
	cfg, o := grown(t, ground.SQLite, 60)
	first := begun(t, cfg)
	for _, command := range []string{"migrate", "doctor"} {
		r := program.Run(t, environment(cfg), "", command)
		if !first.Running() {
			t.Fatal("got a migration that has ended, want it still running: nothing is tested")
		}
		if r.Code == 0 || !strings.Contains(r.Stderr, "a migration is using "+cfg.Folder) {
			t.Errorf("%s during the migration: got %s, want an error that a migration is using the folder", command, r)
		}
	}
	if code := first.Wait(t, limit); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	o.taken(t, open(t, cfg))
}

// TestAnOlderServerStillWrites: what its transaction wrote when the migration begins is
// taken over once it is committed, and what comes later is refused.
func TestAnOlderServerStillWrites(t *testing.T) {
	cfg := before(t, ground.Postgres)
	d, writer, conn := open(t, cfg), connect(t, cfg), connect(t, cfg)
	const entry, command = "'00000000-0000-7000-8000-000000000010'", "'00000000-0000-7000-8000-000000000011'"
	_, err := writer.PgConn().Exec(t.Context(), `BEGIN;
		INSERT INTO postings (entry_id, line, account, subject, debit, credit) VALUES (`+entry+`, 0, '1102', `+entry+`, 5, 0), (`+entry+`, 1, '1301', `+entry+`, 0, 5);
		INSERT INTO entries (id, business_date, posted_at, kind, reference) VALUES (`+entry+`, '2026-01-01', '2026-01-01', 'manual', `+entry+`)`).ReadAll()
	must(t, err)
	done := begin(t, d)
	await(t, conn, "SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND NOT granted")
	_, err = writer.PgConn().Exec(t.Context(), `INSERT INTO audit (command, at, actor, action, subject, correlation_id) VALUES (`+command+`, '2026-01-01', 'late', 'do', `+entry+`, '');
		COMMIT`).ReadAll()
	must(t, err)
	must(t, <-done)
	if n := office.Count(t, d, "SELECT count(*) FROM journal WHERE id = "+entry+" AND command = "+command+" AND actor = 'late'"); n != 1 {
		t.Errorf("got %d rows of the command that was under way, want 1", n)
	}
	if _, err := writer.Exec(t.Context(), "INSERT INTO entries (id, business_date, posted_at, kind, reference) VALUES ("+command+", '2026-01-01', '2026-01-01', 'manual', "+entry+")"); err == nil {
		t.Error("got an entry written into the view, want an error")
	}
}
