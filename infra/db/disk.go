package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// leastSpace is the free space of SQLite's disk in bytes below which the database is not
// writable: a commit needs space for its rows and for the write-ahead log.
const leastSpace = 8 << 20

// Writable returns an error if the disk is full or refuses writes. It writes only if the last
// write failed for such a reason.
func (d *DB) Writable(ctx context.Context) error {
	if d.Embedded() {
		if err := enoughSpace(d.folder, leastSpace); err != nil {
			return err
		}
	}
	if !d.unwritable.Load() {
		return nil
	}
	if err := d.probe(ctx); err != nil {
		return fmt.Errorf("the disk of the database refuses writes: %w", err)
	}
	return nil
}

func enoughSpace(folder string, least uint64) error {
	free, _, err := FreeSpace(folder)
	if err != nil {
		return err
	}
	if free < least {
		return fmt.Errorf("the disk of %s has %d bytes free; at least %d are needed", folder, free, least)
	}
	return nil
}

// probe commits a write that changes nothing: on SQLite a page of the file, on PostgreSQL the
// pages of a temporary table. The session notes the result.
func (d *DB) probe(ctx context.Context) error {
	s := d.Session()
	defer s.Close()
	if err := s.Begin(ctx, &Batch{}); err != nil {
		return err
	}
	write := &Batch{}
	if d.Embedded() {
		var version int64
		read := &Batch{}
		read.Query("PRAGMA user_version", func(s Scanner) error { return s.Scan(&version) })
		if err := s.Load(ctx, read); err != nil {
			return err
		}
		write.Exec(fmt.Sprintf("PRAGMA user_version = %d", version))
	} else {
		write.Exec("CREATE TEMPORARY TABLE sofipo_probe ON COMMIT DROP AS SELECT n, repeat(md5(n::text), 200) AS filler FROM generate_series(1, 20) n")
	}
	_, err := s.Commit(ctx, write)
	return err
}

// noteWrite remembers whether the disk refused the last write.
func (d *DB) noteWrite(err error) {
	switch {
	case err == nil:
		d.unwritable.Store(false)
	case diskRefused(err):
		d.unwritable.Store(true)
	}
}

// SQLite's codes for writes that the disk refused.
const (
	sqliteReadOnly = 8
	sqliteIOError  = 10
	sqliteFull     = 13
)

// diskRefused reports whether a write failed because of the disk: it is full, over a quota,
// read-only, or broken.
func diskRefused(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "53100" || pg.Code == "58030" // disk_full, io_error
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return false
	}
	code := lite.Code() & 0xff
	return code == sqliteReadOnly || code == sqliteIOError || code == sqliteFull
}
