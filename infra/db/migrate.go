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

// Migrate brings the schema to this program's version and returns the number of migrations it
// ran. There is no time limit. On PostgreSQL a second node waits until the first one is done.
// Processes that share a SQLite file must not migrate it at the same time.
func (d *DB) Migrate(ctx context.Context) (steps int, err error) {
	m, err := d.migrator(versionTable)
	if err != nil {
		return 0, err
	}
	defer m.close()
	if err := m.wait(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	if err := m.notNewer(ctx); err != nil {
		return 0, err
	}
	if err := m.adopt(ctx); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	results, err := m.provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return len(results), nil
}

// The errors for a schema of another version.
var (
	ErrSchema = errors.New("the database schema is older than this program; run \"sofipo migrate\"")
	ErrNewer  = errors.New("the database schema is newer than this program; run the version that created it, or a later one")
)

// CheckSchema returns ErrSchema if a migration of this program has not been run, and ErrNewer
// if unknown migrations have been run.
func (d *DB) CheckSchema(ctx context.Context) error {
	m, err := d.migrator(versionTable)
	if err != nil {
		return err
	}
	defer m.close()
	pending, err := m.provider.HasPending(ctx)
	if err == nil && pending {
		return ErrSchema
	}
	if err != nil {
		return err
	}
	return m.notNewer(ctx)
}

// SchemaVersion returns the number of the last migration that was run.
func (d *DB) SchemaVersion(ctx context.Context) (int64, error) {
	m, err := d.migrator(versionTable)
	if err != nil {
		return 0, err
	}
	defer m.close()
	return m.provider.GetDBVersion(ctx)
}

// versionTable records the migrations. Older programs recorded them in versionTableBefore;
// the migration that added the journal drops it.
const (
	versionTable       = "schema_versions"
	versionTableBefore = "goose_db_version"
)

// migrator runs migrations.
type migrator struct {
	provider *goose.Provider
	pool     *sql.DB
	lock     *sql.Conn // PostgreSQL: connection with the lock that makes other nodes wait; nil before wait
	embedded bool
}

// migrator returns a migrator that records its migrations in a table.
func (d *DB) migrator(table string) (*migrator, error) {
	m := &migrator{pool: d.write, embedded: d.Embedded()}
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	if !m.embedded {
		dialect, folder = goose.DialectPostgres, "migrations/postgres"
		connection := d.primary.Config().ConnConfig
		unlimited(connection)
		m.pool = stdlib.OpenDB(*connection)
	}
	files, err := fs.Sub(migrations, folder)
	var byName *goose.Migration
	if err == nil {
		byName, err = namesMigration(m.embedded)
	}
	if err == nil {
		m.provider, err = goose.NewProvider(dialect, m.pool, files, goose.WithTableName(table), goose.WithGoMigrations(byName))
	}
	if err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

// wait waits without a time limit until no other node migrates. It uses the same lock as
// goose's own locker, which older programs use.
func (m *migrator) wait(ctx context.Context) (err error) {
	if m.embedded {
		return nil
	}
	if m.lock, err = m.pool.Conn(ctx); err == nil {
		_, err = m.lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(lock.DefaultLockID))
	}
	return err
}

// close closes the connections and releases the lock.
func (m *migrator) close() {
	if m.embedded {
		return
	}
	if m.lock != nil {
		_ = m.lock.Close() // returns the connection to the pool
	}
	_ = m.pool.Close()
}

func (m *migrator) notNewer(ctx context.Context) error {
	current, latest, err := m.provider.GetVersions(ctx)
	if err == nil && current > latest {
		return fmt.Errorf("%w (version %d, this program knows %d)", ErrNewer, current, latest)
	}
	return err
}

// adopt copies the records of older programs to versionTable.
func (m *migrator) adopt(ctx context.Context) (err error) {
	exists := "SELECT to_regclass('" + versionTableBefore + "') IS NOT NULL"
	if m.embedded {
		exists = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '" + versionTableBefore + "')"
	}
	tx, err := m.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	var before bool
	if err := tx.QueryRowContext(ctx, exists).Scan(&before); err != nil || !before {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+versionTable+" (version_id, is_applied) SELECT version_id, is_applied FROM "+versionTableBefore+` o
		WHERE NOT EXISTS (SELECT 1 FROM `+versionTable+" n WHERE n.version_id = o.version_id) ORDER BY id"); err != nil {
		return err
	}
	return tx.Commit()
}
