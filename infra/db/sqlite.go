package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"

	"modernc.org/sqlite" // the driver named "sqlite" too

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/infra/envelope"
)

// databaseFile is the file name of the database in its folder.
const databaseFile = "sofipo.db"

// DatabasePath returns the path of the SQLite database in a folder.
func DatabasePath(folder string) string { return filepath.Join(folder, databaseFile) }

// HasDatabase reports whether a folder has a SQLite database.
func HasDatabase(folder string) bool {
	_, err := os.Stat(DatabasePath(folder))
	return err == nil
}

// openSQLite opens the file for one writer and a pool of readers.
func openSQLite(folder string) (write *sql.DB, read *readers, err error) {
	pragmas := []string{
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(10000)",
		"cache_size(-1024)", "wal_autocheckpoint(20000)", "temp_store(MEMORY)",
		"recursive_triggers(ON)", // so that REPLACE runs the triggers that refuse deletion
	}
	query := url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}
	path := fileURL(DatabasePath(folder))
	if write, err = sql.Open("sqlite", path+"?"+query.Encode()); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(2) // one for the sessions, one for checkpoints or migrations
	query.Set("_txlock", "deferred")
	query.Add("_pragma", "query_only(ON)")
	connector, err := sqlite.NewConnector(path + "?" + query.Encode())
	if err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	return write, newReaders(connector, max(4, 2*runtime.NumCPU())), nil
}

// checkpoint moves SQLite's write-ahead log into the database file in the background, so that
// no commit has to.
func checkpoint(ctx context.Context, d *sql.DB) {
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// If the file is busy, the next tick does it.
			_, _ = d.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		}
	}
}

// statements has the prepared statements of a connection. Statements that save rows bypass
// database/sql, which would copy and check each value.
type statements struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	saves    map[string]driver.Stmt
	args     []driver.NamedValue // of the last save
}

func newStatements(conn *sql.Conn) *statements {
	return &statements{conn: conn, prepared: map[string]*sql.Stmt{}, saves: map[string]driver.Stmt{}}
}

// close returns the connection to the pool, which may reuse it.
func (s *statements) close() {
	s.forget()
	_ = s.conn.Close()
}

// discard closes the connection and so ends its transaction.
func (s *statements) discard() {
	s.forget()
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // makes the pool close the connection
}

// forget closes the prepared statements.
func (s *statements) forget() {
	for _, stmt := range s.prepared {
		_ = stmt.Close()
	}
	_ = s.conn.Raw(func(any) error {
		for _, stmt := range s.saves {
			_ = stmt.Close()
		}
		return nil
	})
}

func (s *statements) get(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, found := s.prepared[text]; found {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(ctx, text)
	if err == nil {
		s.prepared[text] = stmt
	}
	return stmt, err
}

// run runs the batch, one statement after another, in the connection's current transaction.
func (s *statements) run(ctx context.Context, b *Batch) error {
	for _, st := range b.steps {
		if err := s.step(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

func (s *statements) step(ctx context.Context, st step) error {
	if st.rows != nil {
		return s.save(ctx, st.rows)
	}
	if st.postgresOnly {
		return nil
	}
	stmt, err := s.get(ctx, toSQLite(st.sql)) //nolint:sqlclosecheck // kept as long as the connection
	if err != nil {
		return fmt.Errorf("%w in %q", err, st.sql)
	}
	args := sqliteArgs(st.args)
	if st.each == nil {
		_, err = stmt.ExecContext(ctx, args...)
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := st.each(sqliteScanner{rows, st.keys}); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *statements) save(ctx context.Context, rows *Rows) error {
	next := 0
	for _, w := range rows.write.sqlite {
		for ; rows.count-next >= w.rows; next += w.rows {
			s.args = s.args[:0]
			for i := next; i < next+w.rows; i++ {
				for k, c := range rows.columns {
					if rows.write.columns[k].only != postgreSQL {
						s.args = append(s.args, driver.NamedValue{Ordinal: len(s.args) + 1, Value: c.at(i)})
					}
				}
			}
			if err := s.conn.Raw(func(conn any) error { return s.exec(ctx, conn, w.text) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// exec runs a statement that saves rows, with s.args.
func (s *statements) exec(ctx context.Context, conn any, text string) error {
	stmt := s.saves[text]
	if stmt == nil {
		var err error
		if stmt, err = conn.(driver.ConnPrepareContext).PrepareContext(ctx, text); err != nil {
			return err
		}
		s.saves[text] = stmt
	}
	_, err := stmt.(driver.StmtExecContext).ExecContext(ctx, s.args)
	return err
}

var (
	anyList     = regexp.MustCompile(`= ANY\((\$\d+)(::\w+\[\])?\)`)
	lockClause  = regexp.MustCompile(`FOR ((NO KEY )?UPDATE|SHARE)( OF \w+)?( SKIP LOCKED)?`)
	castSuffix  = regexp.MustCompile(`::\w+(\[\])?`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
	rewritten   sync.Map // PostgreSQL's text to SQLite's
)

// toSQLite rewrites a statement as described in the package comment.
func toSQLite(text string) string {
	if known, found := rewritten.Load(text); found {
		return known.(string)
	}
	out := anyList.ReplaceAllString(text, "IN (SELECT value FROM json_each($1))")
	out = lockClause.ReplaceAllString(out, "")
	out = castSuffix.ReplaceAllString(out, "")
	out = placeholder.ReplaceAllString(out, "?$1")
	rewritten.Store(text, out)
	return out
}

func sqliteArgs(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = sqliteValue(a)
	}
	return out
}

func sqliteValue(value any) any {
	switch v := value.(type) {
	case id.ID:
		if v.IsZero() {
			return nil
		}
		return v.String()
	case time.Time:
		return v.UnixMicro()
	case civil.Date:
		if v.IsZero() {
			return nil
		}
		return v.String()
	case []id.ID, []string, []int64:
		list, _ := json.Marshal(v) // cannot fail for ids, strings and integers
		return string(list)
	}
	return value
}

type sqliteScanner struct {
	rows *sql.Rows
	keys *envelope.Ring
}

func (s sqliteScanner) Scan(dest ...any) error {
	for i, d := range dest {
		dest[i] = sqliteDest(d)
	}
	return s.rows.Scan(dest...)
}

func sqliteDest(dest any) any {
	switch d := dest.(type) {
	case *id.ID:
		return textScanner{d}
	case *civil.Date:
		return textScanner{d}
	case *time.Time:
		return microScanner{d}
	}
	return dest
}

type textScanner struct {
	to interface{ UnmarshalText([]byte) error }
}

// Scan implements sql.Scanner. NULL leaves the zero value.
func (s textScanner) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		return s.to.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("expected text, found %T", src)
}

type microScanner struct{ to *time.Time }

// Scan implements sql.Scanner.
func (s microScanner) Scan(src any) error {
	v, whole := src.(int64)
	if !whole {
		return fmt.Errorf("expected microseconds, found %T", src)
	}
	*s.to = time.UnixMicro(v).UTC()
	return nil
}
