package archive

import (
	"archive/tar"
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
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"sofipo/core/event"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
)

// Options say what to write.
type Options struct {
	File     string                             // a new file
	Personal bool                               // with the files of clients, notes and senders of payments
	Events   eventlog.Log                       // events to add; nil: none
	Program  string                             // version of this program
	Now      func() time.Time                   // the clock
	Record   func(Manifest) error               // records the archive in the audit before it gets its name
	Progress func(what string, done, all int64) // called often; may be nil
}

// partial is the end of the name of an archive that is not complete.
const partial = ".partial"

// Write writes the archive. Until it is complete and recorded, the file has the suffix .partial;
// after an error it is removed.
func Write(ctx context.Context, d *db.DB, o Options) (m Manifest, err error) {
	if _, err := os.Lstat(o.File); !errors.Is(err, fs.ErrNotExist) {
		return m, errors.Join(fmt.Errorf("%s exists: name a new file", o.File), err)
	}
	temporary := o.File + partial
	out, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return m, fmt.Errorf("%s exists: another export writes it, or was interrupted; remove it if none runs", temporary)
	}
	if err != nil {
		return m, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary))
		}
	}()
	if m, err = write(ctx, d, o, out); err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil && o.Record != nil {
		err = o.Record(m)
	}
	if err != nil {
		return m, err
	}
	if err := os.Link(temporary, o.File); err != nil { // unlike a rename, it never replaces a file
		return m, fmt.Errorf("the archive is complete, but cannot get its name: %w", err)
	}
	if err := os.Remove(temporary); err != nil {
		return m, err
	}
	return m, syncFolder(filepath.Dir(o.File))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// writer writes the files of an archive one after the other.
type writer struct {
	Options
	tar     *tar.Writer
	spool   *os.File // has the lines of the file that is being written
	buffer  *bufio.Writer
	hash    hash.Hash
	line    []byte
	entry   Entry
	sums    sums
	account string // of the posting that is being written
	made    Manifest
	books   sums
}

// write writes the archive to a file.
func write(ctx context.Context, d *db.DB, o Options, out io.Writer) (m Manifest, err error) {
	packed := gzip.NewWriter(out)
	w := &writer{Options: o, tar: tar.NewWriter(packed), hash: sha256.New(), books: sums{}}
	if w.spool, err = os.CreateTemp(filepath.Dir(o.File), ".sofipo-export-*"); err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, w.spool.Close(), os.Remove(w.spool.Name())) }()
	w.buffer = bufio.NewWriterSize(w.spool, 1<<20)
	w.made = Manifest{Format: Format, Program: o.Program, Database: "postgresql", Personal: o.Personal, Began: o.Now().UTC(), Files: []Entry{}}
	if d.Embedded() {
		w.made.Database = "sqlite"
	}
	if err := w.readAll(ctx, d); err != nil {
		return m, err
	}
	if err := w.events(ctx); err != nil {
		return m, err
	}
	w.made.Finished, w.made.Balances = o.Now().UTC(), w.books.texts()
	text, err := json.MarshalIndent(w.made, "", "  ")
	if err != nil {
		return m, err
	}
	return w.made, errors.Join(w.short(ManifestFile, append(text, '\n')), w.tar.Close(), packed.Close())
}

// readAll writes the files of the database.
func (w *writer) readAll(ctx context.Context, d *db.DB) error {
	b := &db.Batch{}
	b.Query("SELECT max(version_id) FROM schema_versions", func(s db.Scanner) error { return s.Scan(&w.made.Schema) })
	b.Query("SELECT name FROM institution", func(s db.Scanner) error { return s.Scan(&w.made.Institution) })
	for _, f := range Files() {
		if f.Personal && !w.Personal {
			continue
		}
		b.Query("SELECT 1", func(db.Scanner) error { return w.begin(f.Name) }) // before its first line
		f.query(b, w)
	}
	token, replica, err := d.ReadAll(ctx, b)
	w.made.Position, w.made.Replica = strconv.FormatUint(token, 10), replica
	return errors.Join(err, w.end())
}

// events writes the event log, which is no part of the snapshot.
func (w *writer) events(ctx context.Context) error {
	if w.Events == nil {
		return nil
	}
	if err := w.begin(EventsFile.Name); err != nil {
		return err
	}
	q := eventlog.Query{Limit: eventsAtOnce}
	for more := true; more; more = q.Page != "" {
		var page []event.Envelope
		var err error
		if page, q.Page, err = w.Events.Find(ctx, q); err != nil {
			return err
		}
		for _, e := range page {
			w.line = wire.JSON(w.line[:0], e)
			w.line = w.line[:len(w.line)-1]
			if err := w.endLine(); err != nil {
				return err
			}
		}
	}
	return w.end()
}

// eventsAtOnce is the number of events that are read at a time.
const eventsAtOnce = 1000

// EventsFile describes the file of events.
var EventsFile = File{Name: "events", About: "The event log as it was published, if the archive was asked for with it. It is read after the snapshot, so it may have later events.", Members: []Member{
	{Name: "…", Type: objectType, About: "The members of an event: see `GET /asyncapi.json`. Amounts are numbers with two decimals, because a hash is over them."},
}}

// begin ends the file before and begins one.
func (w *writer) begin(name string) error {
	if err := w.end(); err != nil {
		return err
	}
	w.entry, w.sums = Entry{Name: name + ".jsonl"}, sums{}
	w.hash.Reset()
	_, err := w.spool.Seek(0, io.SeekStart)
	return errors.Join(err, w.spool.Truncate(0))
}

// add adds a member to the sums.
func (w *writer) add(name string, value any) {
	if account, is := value.(string); is && name == accountMember {
		w.account = account
	}
	amount, is := value.(money.Amount)
	if !is {
		return
	}
	w.sums.add(name, amount)
	if w.entry.Name == postingsName+".jsonl" {
		if name == creditMember {
			amount = -amount
		}
		w.books.add(w.account, amount)
	}
}

// endLine ends a line.
func (w *writer) endLine() error {
	w.line = append(w.line, '}', '\n')
	w.entry.Lines++
	w.entry.Bytes += int64(len(w.line))
	_, _ = w.hash.Write(w.line) // never fails
	_, err := w.buffer.Write(w.line)
	if w.Progress != nil && w.entry.Lines%10_000 == 0 {
		w.Progress(w.entry.Name, w.entry.Lines, 0)
	}
	return err
}

// end moves the file to the archive.
func (w *writer) end() error {
	if w.entry.Name == "" {
		return nil
	}
	w.entry.SHA256, w.entry.Sums = hex.EncodeToString(w.hash.Sum(nil)), w.sums.texts()
	w.made.Files = append(w.made.Files, w.entry)
	name, size := w.entry.Name, w.entry.Bytes
	w.entry = Entry{}
	if err := w.buffer.Flush(); err != nil {
		return err
	}
	if _, err := w.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := w.tar.WriteHeader(w.header(name, size)); err != nil {
		return err
	}
	_, err := io.Copy(w.tar, w.spool)
	return err
}

func (w *writer) header(name string, size int64) *tar.Header {
	return &tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.made.Began.Truncate(time.Second), Format: tar.FormatPAX}
}

// short adds a short file.
func (w *writer) short(name string, content []byte) error {
	if err := w.tar.WriteHeader(w.header(name, int64(len(content)))); err != nil {
		return err
	}
	_, err := w.tar.Write(content)
	return err
}
