package db

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema up to this program's version and tells how many
// steps it took. On PostgreSQL a second node waits for the first, and a step takes
// the time that a large database needs.
func (d *DB) Migrate(ctx context.Context) (steps int, err error) {
	provider, done, err := d.provider()
	if err != nil {
		return 0, err
	}
	defer done()
	results, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(results), nil
}

// ErrSchema says that the schema is older than the program.
var ErrSchema = errors.New("the database's schema is not this program's; run: sofipo migrate")

// CheckSchema returns ErrSchema unless every migration of this program was run.
func (d *DB) CheckSchema(ctx context.Context) error {
	provider, done, err := d.provider()
	if err != nil {
		return err
	}
	defer done()
	pending, err := provider.HasPending(ctx)
	if err == nil && pending {
		return ErrSchema
	}
	return err
}

func (d *DB) provider() (provider *goose.Provider, done func(), err error) {
	dialect, folder, pool := goose.DialectSQLite3, "migrations/sqlite", d.write
	done = func() {}
	options := []goose.ProviderOption{}
	if !d.Embedded() {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		connection := d.primary.Config().ConnConfig
		unlimited(connection)
		pool = stdlib.OpenDB(*connection)
		done = func() { _ = pool.Close() }
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // tries each second for five minutes
		if err != nil {
			return nil, done, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, done, err
	}
	provider, err = goose.NewProvider(dialect, pool, files, options...)
	return provider, done, err
}
