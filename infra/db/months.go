package db

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5/pgconn"

	"sofipo/core/civil"
)

// ErrNotPartitioned means that the database is SQLite, whose tables have no partitions.
var ErrNotPartitioned = errors.New("only PostgreSQL has a table for each month; on SQLite all months stay in the file")

// PartitionOf returns the name of the partition of a month.
func PartitionOf(table string, month civil.Date) string {
	return fmt.Sprintf("%s_%04d_%02d", table, month.Year, month.Month)
}

// CopyTo writes the rows of a query in the text format of COPY, and returns their number. It is for
// PostgreSQL, within the session's transaction.
func (s *Session) CopyTo(ctx context.Context, w io.Writer, query string) (rows int64, err error) {
	tag, err := s.pg.PgConn().CopyTo(ctx, w, "COPY ("+query+") TO STDOUT")
	return s.copied(tag, err)
}

// CopyFrom reads rows in the text format of COPY into a table, given with its columns, and returns their
// number. It is for PostgreSQL, within the session's transaction.
func (s *Session) CopyFrom(ctx context.Context, r io.Reader, into string) (rows int64, err error) {
	tag, err := s.pg.PgConn().CopyFrom(ctx, r, "COPY "+into+" FROM STDIN")
	return s.copied(tag, err)
}

func (s *Session) copied(tag pgconn.CommandTag, err error) (int64, error) {
	if err != nil {
		s.Rollback()
	}
	return tag.RowsAffected(), err
}

// PartitionState is the state of a table of a month.
type PartitionState string

// The states.
const (
	Attached PartitionState = "CONCURRENTLY" // with the words for the next step of its detachment
	Pending  PartitionState = "FINALIZE"     // its detachment was interrupted
	Alone    PartitionState = "alone"        // detached
	Missing  PartitionState = "missing"
)

// Partition returns the state of the table of a month.
func (s *Session) Partition(ctx context.Context, table string, month civil.Date) (state PartitionState, err error) {
	if err := s.connect(ctx); err != nil {
		return "", err
	}
	if s.pg == nil {
		return "", ErrNotPartitioned
	}
	err = s.pg.QueryRow(ctx, `SELECT CASE WHEN p.oid IS NULL THEN $2 WHEN i.inhrelid IS NULL THEN $3 WHEN i.inhdetachpending THEN $4 ELSE $5 END
		FROM (SELECT to_regclass($1) AS oid) p LEFT JOIN pg_inherits i ON i.inhrelid = p.oid`, PartitionOf(table, month), Missing, Alone, Pending, Attached).Scan(&state)
	return state, err
}

// DropDetached detaches the partition of a month and drops it. Neither readers nor writers of other
// months wait: it waits itself until no transaction uses the partition. It drops the table only if it has
// the given number of rows. If it is interrupted, it can be called again. It does nothing if there is no
// such table.
func (s *Session) DropDetached(ctx context.Context, table string, month civil.Date, rows int64) error {
	name := PartitionOf(table, month)
	state, err := s.Partition(ctx, table, month)
	if err != nil || state == Missing {
		return err
	}
	if state != Alone {
		if _, err := s.pg.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DETACH PARTITION %s %s", table, name, state)); err != nil {
			return err
		}
	}
	var found int64
	if err := s.pg.QueryRow(ctx, "SELECT count(*) FROM "+name).Scan(&found); err != nil {
		return err
	}
	if found != rows {
		return fmt.Errorf("the table %s has %d rows, but its file has %d: the table was kept", name, found, rows)
	}
	_, err = s.pg.Exec(ctx, "DROP TABLE "+name)
	return err
}
