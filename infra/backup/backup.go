// Package backup copies a data folder into a backup while a server may use it, and a backup into
// an empty data folder.
//
// A backup is a folder with the files of the data folder and a manifest. The database and the
// event log are snapshots, made in this order; then the log is cut at the end of the chain in the
// database, so that both are of one moment. All other files are copied after them: documents never
// change, and the database refers only to documents that exist. A file in the data folder itself,
// such as a key, must not change meanwhile.
//
// The folder has the suffix .partial, and its manifest says that it is incomplete, until
// everything is on disk. A backup that was interrupted therefore never looks complete.
package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
)

const (
	manifestFile = "backup.json"
	format       = 1
	partial      = ".partial"
	logFile      = "events.db"
)

// own are the files of a data folder that are not copied as files.
var own = []string{filepath.Base(db.DatabasePath("")), logFile, LockFile, markFile}

// LockFile is the file of a data folder that a server locks.
const LockFile = "server.lock"

// Manifest describes a backup.
type Manifest struct {
	Format   int              `json:"format"`
	Complete bool             `json:"complete"`
	Program  string           `json:"program"` // version of the program that made it
	Moment   time.Time        `json:"moment"`  // of the database
	Finished time.Time        `json:"finished"`
	Schema   int64            `json:"schema,omitempty"`   // last migration of the database
	Sequence int64            `json:"sequence,omitempty"` // last event of the chain in the database
	Rows     map[string]int64 `json:"rows,omitempty"`     // of the tables of the database
	Events   int64            `json:"events,omitempty"`   // in the event log
	Files    []File           `json:"files"`              // in order
}

// File is a file of a backup.
type File struct {
	Path   string `json:"path"` // in the folder, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Size returns the size of all files.
func (m Manifest) Size() (size int64) {
	for _, f := range m.Files {
		size += f.Size
	}
	return size
}

// Options say what to copy.
type Options struct {
	Data     string // the data folder
	Backup   string // the folder of the backup
	Embedded bool   // the data folder has the database
	Program  string // version of this program
	Log      *slog.Logger
	Progress func(what string, done, all int64) // called often
}

// Write makes a backup. The folder of the backup must not exist.
func Write(ctx context.Context, o Options) (m Manifest, err error) {
	if err := o.checkPlaces(); err != nil {
		return m, err
	}
	w := &writer{Options: o, folder: o.Backup + partial, made: Manifest{Format: format, Program: o.Program}}
	release, err := w.begin()
	if err != nil {
		return m, err
	}
	defer release()
	if err := w.copyAll(ctx); err != nil {
		return m, errors.Join(err, os.RemoveAll(w.folder))
	}
	if err := os.Rename(w.folder, o.Backup); err != nil {
		return m, fmt.Errorf("the backup is complete, but cannot get its name: %w", err)
	}
	return w.made, syncFolder(filepath.Dir(o.Backup))
}

func (o *Options) checkPlaces() (err error) {
	if o.Backup, err = filepath.Abs(o.Backup); err != nil {
		return err
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return err
	}
	if Unfinished(data) {
		return fmt.Errorf("%s has an unfinished restore: run sofipo restore again", data)
	}
	from, err := resolved(data)
	if err != nil {
		return err
	}
	to, err := resolved(o.Backup)
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(from, to); err == nil && filepath.IsLocal(inside) {
		return fmt.Errorf("%s is in the data folder: name a folder outside it, best on another disk", o.Backup)
	}
	if _, err := os.Lstat(o.Backup); err == nil {
		return fmt.Errorf("%s exists: name a folder that does not exist", o.Backup)
	}
	return nil
}

// resolved returns a path without symbolic links. The end of the path need not exist.
func resolved(path string) (string, error) {
	found, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(path) == path {
		return found, err
	}
	parent, err := resolved(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}

// writer writes one backup.
type writer struct {
	Options
	folder string // until the backup is complete
	made   Manifest
}

// begin creates and locks the folder. It removes what an interrupted backup left there.
func (w *writer) begin() (release func(), err error) {
	if err := os.MkdirAll(w.folder, 0o700); err != nil {
		return nil, err
	}
	folder, err := os.Open(w.folder)
	if err != nil {
		return nil, err
	}
	release = func() { _ = folder.Close() }
	if syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		release()
		return nil, fmt.Errorf("another backup writes to %s", w.folder)
	}
	names, err := folder.Readdirnames(-1)
	if err == nil && len(names) > 0 && !slices.Contains(names, manifestFile) {
		err = fmt.Errorf("%s exists and is not a backup: remove or rename it", w.folder)
	}
	if err == nil {
		err = removeAll(w.folder, names, manifestFile)
	}
	if err == nil {
		err = w.saveManifest()
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// removeAll removes the entries of a folder except one, which is removed last.
func removeAll(folder string, names []string, last string) error {
	for _, name := range names {
		if name != last {
			if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(filepath.Join(folder, last))
}

func (w *writer) saveManifest() error {
	text, err := json.MarshalIndent(w.made, "", "\t")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(w.folder, manifestFile), append(text, '\n'))
}

func (w *writer) copyAll(ctx context.Context) error {
	before, err := keysIn(w.Data)
	if err != nil {
		return err
	}
	if err := w.copyStores(ctx); err != nil {
		return err
	}
	if err := w.copyFiles(ctx); err != nil {
		return err
	}
	after, err := keysIn(w.Data)
	if err != nil {
		return err
	}
	if name, found := changed(before, after); found {
		return fmt.Errorf("%s changed during the backup: run it again; a file that changes all the time does not belong in the data folder", filepath.Join(w.Data, name))
	}
	slices.SortFunc(w.made.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	if err := w.made.checkNames(w.folder); err != nil { // as a restore will
		return err
	}
	if err := syncFolders(w.folder); err != nil {
		return err
	}
	w.made.Complete, w.made.Finished = true, time.Now().UTC().Truncate(time.Second)
	if err := w.saveManifest(); err != nil {
		return err
	}
	return syncFolder(w.folder)
}

// keysIn returns the checksums of the files of a data folder itself, such as its keys.
func keysIn(folder string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, e := range entries {
		if !e.Type().IsRegular() || isOwn(e.Name()) {
			continue
		}
		if found[e.Name()], err = checksum(filepath.Join(folder, e.Name())); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func checksum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// changed returns a file whose checksum is not the same.
func changed(before, after map[string]string) (name string, found bool) {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))) {
		was, existed := before[name]
		is, exists := after[name]
		if existed != exists || was != is {
			return name, true
		}
	}
	return "", false
}

// isOwn reports whether a path in the data folder is not copied as a file: the databases with
// the files that SQLite keeps beside them, locks, and files that are not complete.
func isOwn(path string) bool {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if name, found := strings.CutSuffix(path, suffix); found && slices.Contains(own, name) {
			return true
		}
	}
	return strings.HasSuffix(path, ".part")
}

// copyStores copies the database and the event log.
func (w *writer) copyStores(ctx context.Context) error {
	w.made.Moment = time.Now().UTC().Truncate(time.Second)
	if w.Embedded {
		if err := w.checkSchema(ctx); err != nil {
			return err
		}
		if err := w.snapshot(ctx, own[0]); err != nil {
			return err
		}
	}
	_, err := os.Stat(filepath.Join(w.Data, logFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	hasLog := err == nil
	if hasLog {
		if err := w.snapshot(ctx, logFile); err != nil {
			return err
		}
	}
	if w.Embedded {
		if err := w.match(ctx, hasLog); err != nil {
			return err
		}
		if err := w.add(own[0]); err != nil {
			return err
		}
	}
	if !hasLog {
		return nil
	}
	return w.add(logFile)
}

// checkSchema refuses a database of another version, whose chain this program may not know.
func (w *writer) checkSchema(ctx context.Context) error {
	d, err := db.Open(db.Config{Folder: w.Data})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.CheckSchema(ctx); errors.Is(err, db.ErrSchema) {
		return errors.New("the database schema is older than this program: back it up with the version of sofipo that wrote it")
	} else if err != nil {
		return err
	}
	return nil
}

func (w *writer) snapshot(ctx context.Context, name string) error {
	to := filepath.Join(w.folder, name)
	if err := writeFile(to, nil); err != nil { // readable for its owner only
		return err
	}
	return db.Snapshot(ctx, filepath.Join(w.Data, name), to, func(done, all int) {
		w.Progress(name+", pages", int64(done), int64(all))
	})
}

// match cuts the copy of the event log at the end of the chain in the copy of the database, and
// counts what the copies have.
func (w *writer) match(ctx context.Context, hasLog bool) error {
	d, err := db.Open(db.Config{Folder: w.folder, Patient: true})
	if err != nil {
		return err
	}
	defer d.Close()
	course, err := outbox.NewKept(d).Course(ctx)
	if err != nil {
		return err
	}
	w.made.Sequence = course.End.Sequence
	if w.made.Schema, err = d.SchemaVersion(ctx); err != nil {
		return err
	}
	if w.made.Rows, err = d.RowCounts(ctx); err != nil || !hasLog {
		return err
	}
	log, err := eventlog.OpenEmbedded(ctx, filepath.Join(w.folder, logFile), w.Log)
	if err != nil {
		return err
	}
	w.made.Events, err = log.Cut(ctx, course.End)
	return errors.Join(err, log.Close())
}

// add adds a file of the backup to the manifest.
func (w *writer) add(name string) error {
	file, err := os.Open(filepath.Join(w.folder, name))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	if err = errors.Join(err, file.Sync()); err != nil {
		return err
	}
	w.made.Files = append(w.made.Files, File{Path: name, Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// copyFiles copies all other files.
func (w *writer) copyFiles(ctx context.Context) error {
	count := int64(0)
	return fs.WalkDir(os.DirFS(w.Data), ".", func(path string, entry fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		to := filepath.Join(w.folder, filepath.FromSlash(path))
		switch {
		case entry.IsDir():
			return os.MkdirAll(to, 0o700)
		case isOwn(path):
			return nil
		case path == manifestFile:
			return fmt.Errorf("%s has the name of a manifest: remove or rename it", filepath.Join(w.Data, path))
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s is not a file or a folder: a backup cannot have it", filepath.Join(w.Data, path))
		}
		f, err := copyFile(filepath.Join(w.Data, filepath.FromSlash(path)), to)
		f.Path = path
		w.made.Files = append(w.made.Files, f)
		count++
		w.Progress("files", count, 0)
		return err
	})
}

// copyFile copies a file to a new one, makes it durable, and returns its size and checksum.
func copyFile(from, to string) (f File, err error) {
	source, err := os.Open(from)
	if err != nil {
		return f, err
	}
	defer func() { _ = source.Close() }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return f, err
	}
	sum := sha256.New()
	if f.Size, err = io.Copy(io.MultiWriter(target, sum), source); err == nil {
		err = target.Sync()
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, errors.Join(err, target.Close())
}

// writeFile writes a small file durably.
func writeFile(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncFolders makes the names in a folder and its subfolders durable.
func syncFolders(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = syncFolder(path)
		}
		return err
	})
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
