// Package ground gives tests the two databases that the system stands on: every
// test of what reads or writes runs on SQLite and on PostgreSQL by the same code.
package ground

import (
	"context"
	"sync"
	"testing"

	"sofipo/infra/db"
	"sofipo/test/stack"
)

// Names of the databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Each runs the test once on each database, migrated and empty.
func Each(t *testing.T, run func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, name := range []string{SQLite, Postgres} {
		t.Run(name, func(t *testing.T) { run(t, Open(t, Config(t, name))) })
	}
}

// Config makes an empty database and says where it is; on PostgreSQL with its replica.
func Config(t testing.TB, name string) db.Config {
	t.Helper()
	if name == SQLite {
		return db.Config{Folder: t.TempDir()}
	}
	primary, replica, err := Services(t).Database(t.Context(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return db.Config{PrimaryURL: primary, ReplicaURL: replica}
}

// Open opens and migrates a database until the test ends.
func Open(t testing.TB, cfg db.Config) *db.DB {
	t.Helper()
	d, err := db.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

var shared = sync.OnceValues(func() (*stack.Stack, error) { return stack.Start(context.Background(), stack.Replica) })

// Services are a PostgreSQL primary and its replica, started once for the package's tests; they
// end with the process. Tests that stop or freeze a service start their own.
func Services(t testing.TB) *stack.Stack {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
