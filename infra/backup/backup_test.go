package backup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/test/ground"
)

// options returns the options to back up a data folder with a database without events, a log with
// an event after it, a document, a part of another and a key.
func options(t *testing.T) Options {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	ground.Open(t, db.Config{Folder: data})
	log, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(data, logFile), slog.New(slog.DiscardHandler))
	must(t, err)
	fact := event.Envelope{EventID: id.ID{1}, EventType: "test", Subject: id.ID{9}, Payload: []byte("{}"), Timestamp: "2026-11-30T12:00:00.000000Z", BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 30}}
	_, err = fact.Chain(event.Link{})
	must(t, err)
	if rejected, err := log.Put(t.Context(), []event.Encoded{fact.Encode()}); err != nil || len(rejected) > 0 {
		t.Fatalf("got %v, %v, want the event in the log", rejected, err)
	}
	must(t, log.Close())
	must(t, os.MkdirAll(filepath.Join(data, "files", "ab"), 0o700))
	for name, content := range map[string]string{"files/ab/abcd": "document", "files/ab/1.part": "half", "secret.key": "key", LockFile: "another server"} {
		must(t, os.WriteFile(filepath.Join(data, name), []byte(content), 0o600))
	}
	return Options{
		Data: data, Backup: filepath.Join(t.TempDir(), "backup"), Embedded: true, Program: "1",
		Log: slog.New(slog.DiscardHandler), Progress: func(string, int64, int64) {},
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// names returns the files of a folder.
func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	must(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, path)
		}
		return err
	}))
	return all
}

// refused checks that an error has the words.
func refused(t *testing.T, what string, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: got %v, want an error with %q", what, err, words)
	}
}

func TestBackupAndRestore(t *testing.T) {
	o := options(t)
	m, err := Write(t.Context(), o)
	must(t, err)
	if m.Events != 0 || m.Rows["chain"] != 1 || m.Schema < 31 || !m.Complete || m.Program != "1" {
		t.Errorf("got %+v, want no event, one row of chain, the schema and a complete backup", m)
	}
	want := []string{"backup.json", "events.db", "files/ab/abcd", "secret.key", "sofipo.db"}
	if got := names(t, o.Backup); !slices.Equal(got, want) {
		t.Errorf("backup: got the files %v, want %v", got, want)
	}
	_, err = Write(t.Context(), o)
	refused(t, "the same folder", err, "exists: name a folder that does not exist")
	to := o
	to.Data = t.TempDir()
	must(t, os.WriteFile(filepath.Join(to.Data, LockFile), nil, 0o600))
	_, err = Restore(t.Context(), to)
	must(t, err)
	if got := names(t, to.Data); !slices.Equal(got, []string{"events.db", "files/ab/abcd", "secret.key", LockFile, "sofipo.db"}) {
		t.Errorf("restored: got the files %v, want those of the backup and the lock", got)
	}
	if key, err := os.ReadFile(filepath.Join(to.Data, "secret.key")); string(key) != "key" || err != nil {
		t.Errorf("key: got %q, %v, want key", key, err)
	}
	_, err = Restore(t.Context(), to)
	refused(t, "a folder with data", err, "is not empty (events.db)")
}

func TestWriteRefuses(t *testing.T) {
	o := options(t)
	inside := o
	inside.Backup = filepath.Join(o.Data, "files", "backup")
	_, err := Write(t.Context(), inside)
	refused(t, "inside the data folder", err, "is in the data folder")
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(o.Data, link))
	inside.Backup = filepath.Join(link, "new", "backup")
	_, err = Write(t.Context(), inside)
	refused(t, "inside the data folder by a link", err, "is in the data folder")

	must(t, os.Mkdir(o.Backup+partial, 0o700))
	must(t, os.WriteFile(filepath.Join(o.Backup+partial, "letter"), nil, 0o600))
	_, err = Write(t.Context(), o)
	refused(t, "a folder of somebody else", err, "is not a backup")
	must(t, os.RemoveAll(o.Backup+partial))

	must(t, os.Mkdir(o.Backup+partial, 0o700))
	folder, err := os.Open(o.Backup + partial)
	must(t, err)
	must(t, syscall.Flock(int(folder.Fd()), syscall.LOCK_EX))
	_, err = Write(t.Context(), o)
	refused(t, "while another backup runs", err, "another backup writes")
	must(t, folder.Close())

	changing := o
	changing.Progress = func(what string, _, _ int64) {
		if what == "files" {
			must(t, os.WriteFile(filepath.Join(o.Data, "data.key"), []byte("new"), 0o600))
		}
	}
	_, err = Write(t.Context(), changing)
	refused(t, "a key that changes", err, "data.key changed during the backup")

	must(t, os.Symlink("/etc/passwd", filepath.Join(o.Data, "files", "link")))
	_, err = Write(t.Context(), o)
	refused(t, "a link", err, "is not a file or a folder")
	if _, err := os.Stat(o.Backup + partial); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the refusals: got %v, want nothing left", err)
	}
}

// TestAnInterruptedBackupIsNotUsed: what is left of it is refused by a restore and removed by the
// next backup.
func TestAnInterruptedBackupIsNotUsed(t *testing.T) {
	o := options(t)
	w := &writer{Options: o, folder: o.Backup + partial, made: Manifest{Format: format}}
	release, err := w.begin()
	must(t, err)
	must(t, w.copyStores(t.Context()))
	release() // as the end of the process does
	left := o
	left.Backup, left.Data = o.Backup+partial, t.TempDir()
	_, err = Restore(t.Context(), left)
	refused(t, "a restore", err, "was interrupted and is incomplete")
	_, err = Write(t.Context(), o)
	must(t, err)
	if _, err := Read(o.Backup); err != nil {
		t.Errorf("the next backup: got %v, want a complete one", err)
	}
}

// TestDamagedBackups: each damage is named, and the data folder stays empty.
func TestDamagedBackups(t *testing.T) {
	o := options(t)
	_, err := Write(t.Context(), o)
	must(t, err)
	files := os.DirFS(o.Backup)
	manifest, err := fs.ReadFile(files, manifestFile)
	must(t, err)
	for name, c := range map[string]struct{ path, content, want string }{
		"changed":           {"files/ab/abcd", "Document", "files/ab/abcd of the backup is damaged"},
		"shortened":         {"files/ab/abcd", "doc", "has 3 bytes instead of 8"},
		"added":             {"files/new", "x", "is not in the manifest"},
		"a torn manifest":   {manifestFile, string(manifest[:100]), "backup.json of the backup is damaged"},
		"a later format":    {manifestFile, strings.Replace(string(manifest), `"format": 1`, `"format": 2`, 1), "has format 2"},
		"a path outside":    {manifestFile, strings.Replace(string(manifest), "secret.key", "../secret.key", 1), "outside the backup"},
		"a missing file":    {manifestFile, strings.Replace(string(manifest), `"files": [`, `"files": [ {"path": "other", "size": 1, "sha256": ""},`, 1), "the backup lacks other"},
		"of no SQLite file": {"sofipo.db", "", "has 0 bytes instead of"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := o
			bad.Backup, bad.Data = t.TempDir(), t.TempDir()
			must(t, os.CopyFS(bad.Backup, files))
			must(t, os.WriteFile(filepath.Join(bad.Backup, c.path), []byte(c.content), 0o600))
			_, err := Restore(t.Context(), bad)
			refused(t, "restore", err, c.want)
			if left := names(t, bad.Data); len(left) > 0 {
				t.Errorf("got the files %v, want none", left)
			}
		})
	}
}

// TestAnInterruptedRestoreBeginsAgain: its files are not used.
func TestAnInterruptedRestoreBeginsAgain(t *testing.T) {
	o := options(t)
	_, err := Write(t.Context(), o)
	must(t, err)
	o.Data = t.TempDir()
	must(t, prepare(o.Data))
	must(t, os.WriteFile(filepath.Join(o.Data, "sofipo.db"), []byte("half"), 0o600))
	if !Unfinished(o.Data) {
		t.Error("got a finished restore, want an unfinished one")
	}
	half := o
	half.Backup += ".of-half"
	_, err = Write(t.Context(), half)
	refused(t, "a backup of half a folder", err, "has an unfinished restore")
	_, err = Restore(t.Context(), o)
	must(t, err)
	if Unfinished(o.Data) || !db.HasDatabase(o.Data) {
		t.Error("got an unfinished restore, want a finished one with a database")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.Data = t.TempDir()
	if _, err = Restore(ctx, o); !errors.Is(err, context.Canceled) || len(names(t, o.Data)) > 0 {
		t.Errorf("stopped: got %v and the files %v, want no file", err, names(t, o.Data))
	}
}

// TestWithoutTheDatabase: with PostgreSQL a backup has the other files, and cannot be restored as
// an embedded installation.
func TestWithoutTheDatabase(t *testing.T) {
	o := options(t)
	o.Embedded = false
	m, err := Write(t.Context(), o)
	must(t, err)
	paths := slices.Collect(maps.Keys(m.Rows))
	for _, f := range m.Files {
		paths = append(paths, f.Path)
	}
	if !slices.Equal(paths, []string{"events.db", "files/ab/abcd", "secret.key"}) {
		t.Errorf("got %v, want no database", paths)
	}
	o.Data, o.Embedded = t.TempDir(), true
	_, err = Restore(t.Context(), o)
	refused(t, "restore without PostgreSQL", err, "the backup has no database")
	o.Embedded = false
	if _, err = Restore(t.Context(), o); err != nil {
		t.Errorf("restore with PostgreSQL: got %v, want no error", err)
	}
}
