package months

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sofipo/core/civil"
	"sofipo/infra/db"
)

// The tables of a month.
const (
	journalTable   = "journal"
	positionsTable = "daily_positions"
)

// header is the first line of a file, in JSON. The rows follow in the text format of COPY, so that any
// PostgreSQL can load them.
type header struct {
	Format  int      `json:"format"`
	Table   string   `json:"table"`
	Month   string   `json:"month"` // YYYY-MM
	Columns []string `json:"columns"`
}

// format is the only format of a header.
const format = 1

// FileOf returns the path of the file of a month's journal.
func FileOf(folder string, month civil.Date) string { return pathOf(folder, journalTable, month) }

func pathOf(folder, table string, month civil.Date) string {
	return filepath.Join(folder, fmt.Sprintf("%s-%s.copy.gz", table, month.MonthOf()))
}

// rowsOf returns a query for the rows of a month, in the order of their keys.
func rowsOf(table string, columns []string, month civil.Date) string {
	from, to := bounds(month)
	list := strings.Join(columns, ", ")
	if table == journalTable {
		return fmt.Sprintf("SELECT %s FROM journal WHERE id >= '%s' AND id < '%s' ORDER BY id", list, boundary(from), boundary(to))
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE day >= '%s' AND day < '%s' ORDER BY day, loan_id", list, table, civil.DateOf(from), civil.DateOf(to))
}

// write writes the rows of a month to a new file. The file has its name only once it is complete and on
// the disk.
func write(ctx context.Context, session *db.Session, table string, month civil.Date, path string) (made File, err error) {
	h := header{Format: format, Table: table, Month: month.MonthOf().String()}
	load := &db.Batch{}
	load.Query("SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum", func(s db.Scanner) error {
		var name string
		err := s.Scan(&name)
		h.Columns = append(h.Columns, name)
		return err
	}, table)
	if err := session.Begin(ctx, load); err != nil {
		return made, err
	}
	defer session.Rollback()
	if _, err := os.Lstat(path); err == nil {
		return made, fmt.Errorf("%s exists already", path)
	}
	file, err := os.OpenFile(path+".partial", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return made, err
	}
	sum := sha256.New()
	packed := gzip.NewWriter(io.MultiWriter(file, sum))
	first, err := json.Marshal(h)
	if err == nil {
		_, err = packed.Write(append(first, '\n'))
	}
	if err == nil {
		made.Rows, err = session.CopyTo(ctx, packed, rowsOf(table, h.Columns, month))
	}
	if err = errors.Join(err, packed.Close(), file.Sync(), file.Close()); err != nil {
		return made, errors.Join(err, os.Remove(file.Name()))
	}
	made.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return made, errors.Join(os.Rename(file.Name(), path), syncFolder(filepath.Dir(path)))
}

// syncFolder makes a new name durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// reader reads a file.
type reader struct {
	header
	month civil.Date
	file  *os.File
	sum   hash.Hash
	rows  *bufio.Reader
}

// open opens a file of a month and reads its header.
func open(path string) (r *reader, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("%s is not a file of a detached month: %w", path, err), file.Close())
		}
	}()
	r = &reader{file: file, sum: sha256.New()}
	packed, err := gzip.NewReader(io.TeeReader(file, r.sum))
	if err != nil {
		return nil, err
	}
	r.rows = bufio.NewReaderSize(packed, 1<<16)
	first, err := r.rows.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, &r.header)
	}
	if err != nil {
		return nil, err
	}
	if r.month, err = civil.Parse(r.Month + "-01"); err != nil {
		return nil, err
	}
	if r.Format != format || r.Table != journalTable && r.Table != positionsTable {
		return nil, fmt.Errorf("format %d of table %q; this program reads format %d of %s and %s", r.Format, r.Table, format, journalTable, positionsTable)
	}
	return r, nil
}

// load copies the rows into a table with the columns of the file, in the session's transaction. The file
// is then closed.
func (r *reader) load(ctx context.Context, session *db.Session, table string) (read File, err error) {
	quoted := make([]string, len(r.Columns))
	for i, name := range r.Columns {
		quoted[i] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	read.Rows, err = session.CopyFrom(ctx, r.rows, table+" ("+strings.Join(quoted, ", ")+")")
	if err == nil {
		_, err = io.Copy(r.sum, r.file) // what follows the end of the data
	}
	read.SHA256 = hex.EncodeToString(r.sum.Sum(nil))
	return read, errors.Join(err, r.file.Close())
}
