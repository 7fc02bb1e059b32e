package eventlog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"sofipo/core/event"
	"sofipo/infra/db"
)

// Embedded is a Log in a SQLite file. When Put returns, the events are on disk. It does not
// emulate CouchDB: no revisions, replication, views or HTTP.
type Embedded struct {
	path     string
	writer   *sql.DB // one connection
	readers  *sql.DB
	opened   os.FileInfo
	reporter reporter
}

const embeddedSchema = `CREATE TABLE IF NOT EXISTS events (
	event_id   TEXT PRIMARY KEY, -- the event's key: its id, followed by its epoch except in the first one
	subject    TEXT NOT NULL,
	event_type TEXT NOT NULL,
	timestamp  TEXT NOT NULL,
	sequence   INTEGER NOT NULL,
	body       TEXT NOT NULL
) STRICT`

// OpenEmbedded opens the log in a file. If it does not exist, it is created and readable by
// its owner only. The folder must exist. What an operator must know is logged to log.
func OpenEmbedded(ctx context.Context, path string, log *slog.Logger) (*Embedded, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	e := &Embedded{path: path, reporter: reporter{log: log}}
	e.opened, err = file.Stat()
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-1024)"
	if e.writer, err = sql.Open("sqlite", dsn+"&_txlock=immediate"); err == nil {
		e.writer.SetMaxOpenConns(1)
		e.readers, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)")
	}
	if err == nil {
		e.readers.SetMaxOpenConns(4)
		err = e.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the event log %s: %w", path, err), e.Close())
	}
	return e, nil
}

// prepare creates the table and its indexes.
func (l *Embedded) prepare(ctx context.Context) error {
	if _, err := l.writer.ExecContext(ctx, embeddedSchema); err != nil {
		return err
	}
	for _, s := range scans() {
		_, err := l.writer.ExecContext(ctx, fmt.Sprintf("CREATE INDEX IF NOT EXISTS by_%s ON events (%s)",
			strings.Join(s.index, "_"), strings.Join(s.index, ", ")))
		if err != nil {
			return err
		}
	}
	var empty bool
	err := l.writer.QueryRowContext(ctx, "SELECT NOT EXISTS (SELECT 1 FROM events)").Scan(&empty)
	l.reporter.empty.Store(empty)
	return err
}

// present returns an error if the file was deleted or replaced while it is open. SQLite would
// continue to write to the deleted file.
func (l *Embedded) present() error {
	now, err := os.Stat(l.path)
	if err != nil || !os.SameFile(now, l.opened) {
		return fmt.Errorf("event log: the file %s was deleted or replaced while it was open; stop the program, restore the file and start it again", l.path)
	}
	return nil
}

// Put implements Log in one transaction.
func (l *Embedded) Put(ctx context.Context, events []event.Encoded) ([]Rejected, error) {
	ready, rejected := documents(events)
	if err := l.present(); err != nil {
		return nil, err
	}
	if len(ready) == 0 {
		return rejected, nil
	}
	first := ready
	tx, err := l.writer.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	for _, rows := range []int{rowsAtOnce, 1} {
		whole := len(ready) - len(ready)%rows
		if err := l.insert(ctx, tx, ready[:whole], rows); err != nil {
			return nil, fmt.Errorf("event log: %w", err)
		}
		ready = ready[whole:]
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	l.reporter.storedFirst(first)
	return rejected, nil
}

// rowsAtOnce is the number of events in one insert statement, while there are enough.
const rowsAtOnce = 100

// insert inserts the events, with a number of rows in each statement.
func (l *Embedded) insert(ctx context.Context, tx *sql.Tx, events []event.Encoded, rows int) error {
	if len(events) == 0 {
		return nil
	}
	values := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?), ", rows), ", ")
	insert, err := tx.PrepareContext(ctx, "INSERT INTO events (event_id, subject, event_type, timestamp, sequence, body) VALUES "+values+" ON CONFLICT (event_id) DO NOTHING")
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	args := make([]any, 0, 6*rows)
	for some := range slices.Chunk(events, rows) {
		args = args[:0]
		for i := range some {
			e := &some[i]
			args = append(args, e.Key(), e.Subject.String(), e.EventType, e.Timestamp, e.Sequence, string(e.Body))
		}
		if _, err := insert.ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("inserting %d events from %s on: %w", rows, some[0].EventID, err)
		}
	}
	return nil
}

// Find implements Log.
func (l *Embedded) Find(ctx context.Context, q Query) ([]event.Envelope, string, error) {
	return l.reporter.find(ctx, q, l.read)
}

func (l *Embedded) read(ctx context.Context, s scan) ([]stored, error) {
	text, args := s.sql()
	return l.query(ctx, text, args...)
}

// list returns the documents after the given name in the order of their names.
func (l *Embedded) list(ctx context.Context, after string, _ bool) ([]stored, error) {
	return l.query(ctx, "SELECT event_id, body FROM events WHERE event_id > ? ORDER BY event_id LIMIT ?", after, MaxLimit)
}

func (l *Embedded) query(ctx context.Context, text string, args ...any) ([]stored, error) {
	rows, err := l.readers.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var found []stored
	for rows.Next() {
		var d stored
		if err := rows.Scan(&d.name, &d.body); err != nil {
			return nil, fmt.Errorf("event log: %w", err)
		}
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("event log: %w", err)
	}
	return found, nil
}

// sql returns the scan as a statement with its arguments.
func (s scan) sql() (string, []any) {
	direction := ""
	if s.newest {
		direction = " DESC"
	}
	where, args := []string{"TRUE"}, []any{}
	for _, c := range s.where {
		if c.field == "event_id" && c.op == "<=" {
			c.value = fmt.Sprint(c.value, "~") // also the keys that begin with the id
		}
		where, args = append(where, c.field+" "+c.op+" ?"), append(args, c.value)
	}
	return "SELECT event_id, body FROM events WHERE " + strings.Join(where, " AND ") +
		" ORDER BY " + strings.Join(s.index[s.sorted:], direction+", ") + direction + " LIMIT ?", append(args, s.limit)
}

// Close implements Log.
func (l *Embedded) Close() error {
	var errs []error
	for _, db := range []*sql.DB{l.readers, l.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// CheckFile looks for damage in the file and returns what was examined.
func (l *Embedded) CheckFile(ctx context.Context) (found string, err error) {
	return db.CheckSQLite(ctx, l.readers)
}
