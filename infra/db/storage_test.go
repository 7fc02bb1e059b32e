package db_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sofipo/infra/db"
	"sofipo/test/ground"
)

// TestFilesAreChecked: on a sound database the check says what it examined.
func TestFilesAreChecked(t *testing.T) {
	for name, want := range map[string]string{ground.SQLite: " pages", ground.Postgres: "amcheck is not installed"} {
		t.Run(name, func(t *testing.T) {
			d := ground.Open(t, ground.Config(t, name))
			if found, err := d.CheckFiles(t.Context()); err != nil || !strings.Contains(found, want) {
				t.Errorf("got %q, %v, want %q", found, err, want)
			}
		})
	}
}

// TestADamagedIndexIsNamed uses amcheck. The index lacks rows of its table because the
// function that it uses gives other values now.
func TestADamagedIndexIsNamed(t *testing.T) {
	cfg := ground.Config(t, ground.Postgres)
	d := ground.Open(t, cfg)
	admin := superuser(t, cfg.PrimaryURL)
	defer func() { _ = admin.Close(context.Background()) }()
	do := func(statement string) {
		t.Helper()
		_, err := admin.Exec(t.Context(), statement)
		must(t, err)
	}
	do("CREATE EXTENSION amcheck")
	if found, err := d.CheckFiles(t.Context()); err != nil || !strings.Contains(found, "may not execute") {
		t.Errorf("without the right to use amcheck: got %q, %v, want a note", found, err)
	}
	do("GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean) TO PUBLIC")
	if found, err := d.CheckFiles(t.Context()); err != nil || !strings.HasSuffix(found, " indexes") || strings.HasSuffix(found, " 0 indexes") {
		t.Errorf("sound indexes: got %q, %v, want their number", found, err)
	}
	_, err := run(t.Context(), d, "CREATE FUNCTION turned(n integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN n; END'",
		"CREATE TABLE damaged AS SELECT n FROM generate_series(1, 500) n", "CREATE INDEX by_turned ON damaged (turned(n))",
		"CREATE OR REPLACE FUNCTION turned(n integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN -n; END'")
	must(t, err)
	if _, err := d.CheckFiles(t.Context()); err == nil || !strings.Contains(err.Error(), "index by_turned: ") {
		t.Errorf("got %v, want the index by_turned", err)
	}
}

// superuser connects to the database of a URL as the superuser.
func superuser(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	admin, err := url.Parse(ground.Services(t).AdminURL())
	must(t, err)
	named, err := url.Parse(address)
	must(t, err)
	named.User = admin.User
	conn, err := pgx.Connect(t.Context(), named.String())
	must(t, err)
	return conn
}

// TestAFullDiskIsNoticed: PostgreSQL's own error. The next check writes, and recovers.
func TestAFullDiskIsNoticed(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	must(t, d.Writable(t.Context()))
	full := "DO $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
	if _, err := run(t.Context(), d, full); err == nil || !d.Unwritable() {
		t.Errorf("got %v, not writable %t, want an error and true", err, d.Unwritable())
	}
	if err := d.Writable(t.Context()); err != nil || d.Unwritable() {
		t.Errorf("got %v, not writable %t, want a write that succeeds", err, d.Unwritable())
	}
	if _, err := run(t.Context(), d, "SELECT 1/0"); err == nil || d.Unwritable() {
		t.Errorf("got %v, not writable %t, want an error that is not the disk's", err, d.Unwritable())
	}
}

// TestTooLittleSpace: no disk has the free space that is asked for.
func TestTooLittleSpace(t *testing.T) {
	if err := db.EnoughSpace(t.TempDir(), 1<<62); err == nil || !strings.Contains(err.Error(), "bytes free") {
		t.Errorf("got %v, want an error with the free space", err)
	}
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	must(t, d.Writable(t.Context()))
}
