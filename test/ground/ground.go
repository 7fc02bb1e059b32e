// Package ground runs tests on both databases, SQLite and PostgreSQL. Every test that reads
// or writes data uses it.
package ground

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"sofipo/infra/db"
	"sofipo/test/stack"
)

// Names of the databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Key is the key-encryption key of the databases.
var Key = []byte("a key of the tests and of nothing")[:32]

// Each runs the test on each database, which is migrated and empty.
func Each(t *testing.T, run func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, name := range []string{SQLite, Postgres} {
		t.Run(name, func(t *testing.T) { run(t, Open(t, Config(t, name))) })
	}
}

// Config creates an empty database and returns its configuration; on PostgreSQL with a
// replica.
func Config(t testing.TB, name string) db.Config {
	t.Helper()
	if name == SQLite {
		return db.Config{Folder: t.TempDir(), Key: Key}
	}
	if testing.Short() {
		t.Skip("needs PostgreSQL")
	}
	primary, replica, err := Services(t).Database(t.Context(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return db.Config{PrimaryURL: primary, ReplicaURL: replica, Key: Key}
}

// Open opens and migrates a database and closes it when the test ends. A new SQLite database
// starts as a copy of one that this process migrated, because the migrations take longer than
// most tests.
func Open(t testing.TB, cfg db.Config) *db.DB {
	t.Helper()
	if cfg.PrimaryURL == "" && !db.HasDatabase(cfg.Folder) {
		files, err := migrated()
		if err == nil {
			err = os.CopyFS(cfg.Folder, files)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	d, err := db.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.OpenKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// migrated returns the files of an empty SQLite database with all migrations.
var migrated = sync.OnceValues(func() (files fstest.MapFS, err error) {
	folder, err := os.MkdirTemp("", "ground")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	d, err := db.Open(db.Config{Folder: folder})
	if err != nil {
		return nil, err
	}
	_, err = d.Migrate(context.Background())
	d.Close() // leaves the database file alone
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder)
	files = fstest.MapFS{}
	for _, e := range entries {
		data, wrong := os.ReadFile(filepath.Join(folder, e.Name()))
		files[e.Name()], err = &fstest.MapFile{Data: data}, errors.Join(err, wrong)
	}
	return files, err
})

var shared = sync.OnceValues(func() (*stack.Stack, error) { return stack.Start(context.Background(), stack.Replica) })

// Services returns a PostgreSQL primary and its replica, started once for the package's
// tests. They end with the process. A test that stops or freezes a service must start its
// own.
func Services(t testing.TB) *stack.Stack {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
