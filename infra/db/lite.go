package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sync"
	"time"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/rate"
	"sofipo/infra/envelope"
)

// lite is a read connection to SQLite with its prepared statements. It uses the driver
// without database/sql, which takes longer to pass on a short query than SQLite takes to
// answer it.
type lite struct {
	conn     driver.Conn
	prepared map[string]liteStatement // by the text in PostgreSQL's dialect
}

// liteStatement is a prepared statement of the driver.
type liteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepare prepares a statement once for each connection.
func (l *lite) prepare(ctx context.Context, text string) (liteStatement, error) {
	if known, found := l.prepared[text]; found {
		return known, nil
	}
	made, err := l.conn.(driver.ConnPrepareContext).PrepareContext(ctx, toSQLite(text))
	if err != nil {
		return nil, fmt.Errorf("%w in %q", err, text)
	}
	l.prepared[text] = made.(liteStatement)
	return l.prepared[text], nil
}

// snapshot runs the queries of the batch in one snapshot.
func (l *lite) snapshot(ctx context.Context, b *Batch) (err error) {
	if len(b.steps) == 1 {
		return l.query(ctx, b.steps[0])
	}
	if err := l.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	for _, s := range b.steps {
		if err == nil {
			err = l.query(ctx, s)
		}
	}
	return errors.Join(err, l.exec(context.WithoutCancel(ctx), "COMMIT"))
}

func (l *lite) exec(ctx context.Context, text string) error {
	stmt, err := l.prepare(ctx, text)
	if err == nil {
		_, err = stmt.ExecContext(ctx, nil)
	}
	return err
}

func (l *lite) query(ctx context.Context, s step) (err error) {
	stmt, err := l.prepare(ctx, s.sql)
	if err != nil {
		return err
	}
	args, err := liteArgs(s.args)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := &liteRow{values: make([]driver.Value, len(rows.Columns())), keys: s.keys}
	for {
		if err := rows.Next(row.values); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := s.each(row); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (l *lite) close() {
	for _, stmt := range l.prepared {
		_ = stmt.Close()
	}
	_ = l.conn.Close()
}

// liteArgs converts arguments to the driver's form.
func liteArgs(args []any) (out []driver.NamedValue, err error) {
	out = make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i].Ordinal = i + 1
		if out[i].Value, err = driver.DefaultParameterConverter.ConvertValue(sqliteValue(a)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// liteRow is a row of SQLite: int64, string, []byte, float64 and nil.
type liteRow struct {
	values []driver.Value
	keys   *envelope.Ring
}

// Scan implements Scanner.
func (r *liteRow) Scan(dest ...any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("%d destinations for %d columns", len(dest), len(r.values))
	}
	for i, d := range dest {
		if err := liteScan(d, r.values[i]); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// liteScan stores a value in a destination. NULL leaves an id and a date unchanged.
func liteScan(dest any, value driver.Value) error {
	switch v := value.(type) {
	case string:
		return scanText(dest, v)
	case int64:
		return scanNumber(dest, v)
	case []byte:
		if d, fits := dest.(*[]byte); fits {
			*d = v
			return nil
		}
	case nil:
		switch d := dest.(type) {
		case *id.ID, *civil.Date:
			return nil
		case *[]byte:
			*d = nil
			return nil
		}
	}
	return misfit(dest, value)
}

func misfit(dest, value any) error { return fmt.Errorf("expected %T, found %T", dest, value) }

func scanText(dest any, v string) (err error) {
	switch d := dest.(type) {
	case *string:
		*d = v
	case *id.ID:
		*d, err = id.Parse(v)
	case *civil.Date:
		*d, err = civil.Parse(v)
	default:
		to := reflect.ValueOf(dest)
		if to.Kind() != reflect.Pointer || to.Elem().Kind() != reflect.String {
			return misfit(dest, v)
		}
		to.Elem().SetString(v)
	}
	return err
}

func scanNumber(dest any, v int64) error {
	switch d := dest.(type) {
	case *int64:
		*d = v
	case *money.Amount:
		*d = money.Amount(v)
	case *rate.Annual:
		*d = rate.Annual(v)
	case *bool:
		*d = v != 0
	case *time.Time:
		*d = time.UnixMicro(v).UTC()
	default:
		return scanNamedNumber(dest, v)
	}
	return nil
}

func scanNamedNumber(dest any, v int64) error {
	to := reflect.ValueOf(dest)
	if to.Kind() != reflect.Pointer {
		return misfit(dest, v)
	}
	switch to = to.Elem(); {
	case to.CanInt() && !to.OverflowInt(v):
		to.SetInt(v)
	case to.CanUint() && v >= 0 && !to.OverflowUint(uint64(v)):
		to.SetUint(uint64(v))
	default:
		return misfit(dest, v)
	}
	return nil
}

// readers are the read connections to SQLite.
type readers struct {
	connector driver.Connector
	places    chan struct{} // limits the number of connections in use

	mu     sync.Mutex
	free   []*lite
	closed bool
}

func newReaders(c driver.Connector, most int) *readers {
	return &readers{connector: c, places: make(chan struct{}, most)}
}

var errClosed = errors.New("the database is closed")

// use calls work with a connection. After an error the connection is closed.
func (r *readers) use(ctx context.Context, work func(*lite) error) error {
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return ctx.Err()
	}
	l, err := r.take(ctx)
	if err != nil {
		return err
	}
	sound := false
	defer func() { r.give(l, sound) }()
	err = work(l)
	sound = err == nil
	return err
}

func (r *readers) take(ctx context.Context) (*lite, error) {
	l, err := r.unused()
	if l != nil || err != nil {
		return l, err
	}
	conn, err := r.connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &lite{conn: conn, prepared: map[string]liteStatement{}}, nil
}

// unused takes a connection that nobody uses, or nil if there is none.
func (r *readers) unused() (*lite, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	n := len(r.free)
	if n == 0 {
		return nil, nil
	}
	l := r.free[n-1]
	r.free = r.free[:n-1]
	return l, nil
}

func (r *readers) give(l *lite, sound bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !sound {
		l.close()
		return
	}
	r.free = append(r.free, l)
}

// close waits for the connections in use and closes all.
func (r *readers) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	for range cap(r.places) {
		r.places <- struct{}{}
		defer func() { <-r.places }() // later reads get errClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.free {
		l.close()
	}
	r.free = nil
}
