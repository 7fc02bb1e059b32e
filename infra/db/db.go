package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/infra/envelope"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"modernc.org/sqlite"
)

// Config describes the database. Without a PrimaryURL it is a SQLite file in Folder.
type Config struct {
	PrimaryURL string // postgres://…
	ReplicaURL string // optional
	Folder     string
	PoolSize   int32       // read connections to each server; 0 means 16
	Patient    bool        // no statement timeout, for commands that read the whole database
	Key        []byte      // key-encryption key of envelope.Size bytes; nil: personal data are stored in clear
	OldKey     []byte      // the key before a change of Key; optional
	Simulation *Simulation `json:"-"` // of faults of a SQLite database; nil in every server
}

// DB is a database: PostgreSQL, or embedded SQLite. It is safe for concurrent use.
type DB struct {
	primary    *pgxpool.Pool // PostgreSQL
	primaries  primaryWatch  // PostgreSQL
	replica    *replica      // PostgreSQL with a replica
	write      *sql.DB       // SQLite
	read       *readers      // SQLite
	writerLock chan struct{} // SQLite: held by the session that writes; others wait in order
	lite       *statements   // SQLite: connection of the session that holds the writer lock; nil before it is opened
	commits    atomic.Uint64 // SQLite: token of this process's last commit
	folder     string        // SQLite
	unwritable atomic.Bool   // the disk refused the last write
	kek        []byte        // see Config.Key
	oldKEK     []byte
	keys       atomic.Pointer[envelope.Ring] // nil without a key, and until the keys are open
	simulation *Simulation                   // nil in every server
	stop       context.CancelFunc
	ended      <-chan struct{} // closed by stop
	background sync.WaitGroup  // what runs until stop
}

// Open prepares the database without connecting, because PostgreSQL may still be starting;
// use Ping to check. It creates the folder for SQLite.
func Open(cfg Config) (*DB, error) {
	ctx, stop := context.WithCancel(context.Background())
	d := &DB{stop: stop, writerLock: make(chan struct{}, 1), kek: cfg.Key, oldKEK: cfg.OldKey, ended: ctx.Done(), simulation: cfg.Simulation}
	if cfg.PrimaryURL == "" {
		return d, d.openEmbedded(ctx, cfg.Folder)
	}
	size := cfg.PoolSize
	if size == 0 {
		size = 16
	}
	pool, err := openPool(ctx, cfg.PrimaryURL, size, cfg.Patient, func(c *pgxpool.Config) { d.refuseDeposed(c.ConnConfig) })
	if err != nil {
		stop()
		return nil, err
	}
	d.primary = pool
	if cfg.ReplicaURL != "" {
		if pool, err = openPool(ctx, cfg.ReplicaURL, size, cfg.Patient, func(c *pgxpool.Config) { c.AfterConnect = d.label }); err != nil {
			d.Close()
			return nil, err
		}
		d.replica = &replica{pool: pool, label: d.label}
		d.background.Go(func() { d.replica.watch(ctx, d.primary) })
	}
	d.background.Go(func() { d.watchPrimary(ctx) })
	return d, nil
}

func openPool(ctx context.Context, url string, size int32, patient bool, configure func(*pgxpool.Config)) (*pgxpool.Pool, error) {
	cfg, err := poolConfig(url, size)
	if err != nil {
		return nil, err
	}
	cfg.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		maps.Copy(c.RuntimeParams, readSettings)
		if patient {
			delete(c.RuntimeParams, parallel)
		}
		return nil
	}
	configure(cfg)
	if patient {
		unlimited(cfg.ConnConfig)
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

func (d *DB) openEmbedded(ctx context.Context, folder string) (err error) {
	if err = os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("opening the data folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(folder, databaseFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the data folder: %w", err)
	}
	if err = file.Close(); err != nil {
		return fmt.Errorf("opening the data folder: %w", err)
	}
	if d.write, d.read, err = openSQLite(folder); err != nil {
		return fmt.Errorf("opening the data folder %s: %w", folder, err)
	}
	d.folder = folder
	// Tokens must be higher than those of an earlier process.
	d.commits.Store(uint64(time.Now().UnixMicro()))
	if d.simulation == nil {
		d.background.Go(func() { checkpoint(ctx, d.write) })
	}
	return nil
}

// Embedded reports whether the database is SQLite.
func (d *DB) Embedded() bool { return d.primary == nil }

// Ping checks that the primary answers.
func (d *DB) Ping(ctx context.Context) error {
	if d.Embedded() {
		return d.read.use(ctx, func(l *lite) error { return l.exec(ctx, "SELECT 1") })
	}
	return d.primary.Ping(ctx)
}

// Close waits for reads under way and closes all connections. SQLite's folder then has the
// database file alone. Sessions must be closed first, by their owners.
func (d *DB) Close() {
	d.stop()
	d.background.Wait()
	d.CatchUp()
	if d.primary != nil {
		d.primary.Close()
	}
	if d.replica != nil {
		d.replica.pool.Close()
	}
	if d.write != nil {
		if d.lite != nil {
			d.lite.close()
		}
		d.read.close()
		_ = d.write.Close()
	}
}

// Conflict returns the unique key that the error violates, such as "users.username", and whether
// there is one.
func Conflict(err error) (key string, is bool) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.ConstraintName, pg.Code == "23505"
	}
	const mark = "UNIQUE constraint failed: "
	if err == nil {
		return "", false
	}
	_, rest, found := strings.Cut(err.Error(), mark)
	if !found {
		return "", false
	}
	if strings.HasPrefix(rest, "idempotency.") {
		return "idempotency.key", true
	}
	key, _, _ = strings.Cut(rest, " ")
	key = strings.TrimSuffix(key, ",") // of several columns
	return key, true
}

// Aborted reports whether the database aborted the transaction because of another one (a
// deadlock or a serialization failure). A retry may succeed immediately.
func Aborted(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, "40")
}

// Invalid reports whether the error is a mistake in a statement or a value that it cannot
// compute, such as a sum that overflows. A retry would fail again, and the server is not to
// blame.
func Invalid(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "42")
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqliteError
}

// sqliteError is SQLITE_ERROR, SQLite's code for an error in a statement.
const sqliteError = 1

// Refused reports whether the error is due to the statement or its data, and not to an
// unavailable server. A retry would fail again.
func Refused(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		class := pg.Code[:2]
		return class != "08" && class != "57" && class != "53" && class != "58"
	}
	return err != nil && strings.Contains(err.Error(), "constraint failed")
}
