package db

import (
	"context"
	"database/sql"
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
	provider, pool, done, err := d.provider()
	if err != nil {
		return 0, err
	}
	defer done()
	if err := notNewer(ctx, provider); err != nil {
		return 0, err
	}
	if err := d.adopt(ctx, pool); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(results), nil
}

// The errors of a schema that is not this program's.
var (
	ErrSchema = errors.New("the database's schema is older than this program; run: sofipo migrate")
	ErrNewer  = errors.New("the database's schema is newer than this program; run the program that made it, or a later one")
)

// CheckSchema returns ErrSchema unless every migration of this program was run, and
// ErrNewer if others were too.
func (d *DB) CheckSchema(ctx context.Context) error {
	provider, _, done, err := d.provider()
	if err != nil {
		return err
	}
	defer done()
	pending, err := provider.HasPending(ctx)
	if err == nil && pending {
		return ErrSchema
	}
	if err != nil {
		return err
	}
	return notNewer(ctx, provider)
}

func notNewer(ctx context.Context, provider *goose.Provider) error {
	current, latest, err := provider.GetVersions(ctx)
	if err == nil && current > latest {
		return fmt.Errorf("%w (version %d, this program knows %d)", ErrNewer, current, latest)
	}
	return err
}

// versionTable counts the migrations that were run.
const versionTable = "schema_versions"

// adopt takes over the versions that programs before the journal counted in a table
// with another name, which its migration drops.
func (d *DB) adopt(ctx context.Context, pool *sql.DB) (err error) {
	lock, exists := "LOCK TABLE "+versionTable+" IN EXCLUSIVE MODE", "SELECT to_regclass('goose_db_version') IS NOT NULL"
	if d.Embedded() {
		lock, exists = "", "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'goose_db_version')"
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if lock != "" {
		if _, err := tx.ExecContext(ctx, lock); err != nil {
			return err
		}
	}
	var old bool
	if err := tx.QueryRowContext(ctx, exists).Scan(&old); err != nil || !old {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+versionTable+` (version_id, is_applied) SELECT version_id, is_applied FROM goose_db_version o
		WHERE NOT EXISTS (SELECT 1 FROM `+versionTable+" n WHERE n.version_id = o.version_id) ORDER BY id"); err != nil {
		return err
	}
	return tx.Commit()
}

func (d *DB) provider() (provider *goose.Provider, pool *sql.DB, done func(), err error) {
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	pool = d.write
	done = func() {}
	options := []goose.ProviderOption{goose.WithTableName(versionTable)}
	if !d.Embedded() {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		connection := d.primary.Config().ConnConfig
		unlimited(connection)
		pool = stdlib.OpenDB(*connection)
		done = func() { _ = pool.Close() }
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // tries each second for five minutes
		if err != nil {
			return nil, nil, done, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, nil, done, err
	}
	provider, err = goose.NewProvider(dialect, pool, files, options...)
	return provider, pool, done, err
}
