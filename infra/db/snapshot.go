package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite"
)

// snapshotter is a connection of the driver.
type snapshotter interface {
	NewBackup(to string) (*sqlite.Backup, error)
}

// snapshotPages is the number of pages that a snapshot copies at a time.
const snapshotPages = 2000

// Snapshot copies a SQLite database to a new file, as it is at one moment. Other processes may
// write to it meanwhile. If progress is not nil, it is called with the pages copied and all pages.
func Snapshot(ctx context.Context, from, to string, progress func(done, all int)) (err error) {
	source, err := sql.Open("sqlite", fileURL(from)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	conn, err := source.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	defer func() { _ = conn.Close() }()
	// A transaction that reads keeps the moment. Without it, a write of another process would
	// start the copy over.
	for _, statement := range []string{"BEGIN", "SELECT count(*) FROM sqlite_master"} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
	}
	if err := conn.Raw(func(driverConn any) error { return copyPages(ctx, driverConn, to, progress) }); err != nil {
		return fmt.Errorf("copying %s: %w", from, err)
	}
	_, err = conn.ExecContext(ctx, "ROLLBACK")
	return err
}

func fileURL(path string) string { return "file:" + (&url.URL{Path: path}).EscapedPath() }

// copyPages copies what the connection sees.
func copyPages(ctx context.Context, conn any, to string, progress func(done, all int)) (err error) {
	copying, err := conn.(snapshotter).NewBackup(fileURL(to))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copying.Finish()) }()
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if more, err = copying.Step(snapshotPages); err != nil {
			return err
		}
		if all := copying.PageCount(); progress != nil {
			progress(all-copying.Remaining(), all)
		}
	}
	return nil
}

// RowCounts returns the number of rows of each table of a SQLite database.
func (d *DB) RowCounts(ctx context.Context) (map[string]int64, error) {
	var names []string
	list := &Batch{}
	list.Query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'", func(s Scanner) error {
		var name string
		err := s.Scan(&name)
		names = append(names, name)
		return err
	})
	if err := d.ReadPrimary(ctx, list); err != nil {
		return nil, err
	}
	counts, count := map[string]int64{}, &Batch{}
	for _, name := range names {
		count.Query(`SELECT count(*) FROM "`+name+`"`, func(s Scanner) error {
			var rows int64
			err := s.Scan(&rows)
			counts[name] = rows
			return err
		})
	}
	return counts, d.ReadPrimary(ctx, count)
}
