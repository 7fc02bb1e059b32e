package checks_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/checks"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/test/ground"
)

// flips is the number of places at which a byte is changed.
const flips = 200

// TestDamagedFiles changes one byte of the database file at evenly spaced places. The checks
// of the rows find few of them. The check of the file finds more, but not all: SQLite has no
// checksums, so a changed byte inside a value that no check recomputes is valid to it.
func TestDamagedFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("checks 200 databases")
	}
	folder := t.TempDir()
	d := ground.Open(t, db.Config{Folder: folder})
	open(t, d).live()
	if found := checks.Files(t.Context(), d, eventsIn(t, folder)); len(found) != 2 || found[0].Err != nil || found[1].Err != nil {
		t.Fatalf("sound files: got %+v, want two checks that pass", found)
	}
	plain := filepath.Join(t.TempDir(), "sofipo.db")
	file, err := sql.Open("sqlite", filepath.Join(folder, "sofipo.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := file.ExecContext(t.Context(), "VACUUM INTO ?", plain); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	rows, files := 0, 0
	for i := range flips {
		at := len(whole) * (2*i + 1) / (2 * flips)
		byRows, byFile := damaged(t, whole, at)
		t.Logf("byte %d: found by rows %t, by the file's check %t", at, byRows, byFile)
		if byRows {
			rows++
		}
		if byRows || byFile {
			files++
		}
	}
	t.Logf("of %d damages: %d found by the checks of rows, %d with the check of the file", flips, rows, files)
	if files <= rows {
		t.Errorf("got %d damages found with the check of the file, want more than the %d of the checks of rows", files, rows)
	}
}

// damaged reports which checks find a changed byte in a copy of the file.
func damaged(t *testing.T, whole []byte, at int) (byRows, byFile bool) {
	t.Helper()
	folder := t.TempDir()
	copied := append([]byte(nil), whole...)
	copied[at] ^= 0xff
	if err := os.WriteFile(filepath.Join(folder, "sofipo.db"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(db.Config{Folder: folder})
	if err != nil {
		return true, true
	}
	defer d.Close()
	for _, c := range checks.Run(context.Background(), d, checks.Sample) {
		byRows = byRows || c.Err != nil
	}
	_, err = d.CheckFiles(t.Context())
	return byRows, err != nil
}

func eventsIn(t *testing.T, folder string) *eventlog.Embedded {
	t.Helper()
	log, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(folder, "events.db"), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// TestADamagedEventLog: its check names the file's damage.
func TestADamagedEventLog(t *testing.T) {
	folder := t.TempDir()
	d := ground.Open(t, db.Config{Folder: folder})
	if err := eventsIn(t, folder).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "events.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	copy(file[2*page:3*page], make([]byte, page)) // the root of an index
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	found := checks.Files(t.Context(), d, eventsIn(t, folder))
	if found[0].Err != nil || found[1].Err == nil || !strings.Contains(found[1].Err.Error(), "malformed") && !strings.Contains(found[1].Err.Error(), "damaged") {
		t.Errorf("got %+v, want damage in the event log only", found)
	}
}

// TestStrangersAreReported: a document that is not an event fails the check, with its name.
func TestStrangersAreReported(t *testing.T) {
	folder := t.TempDir()
	log := eventsIn(t, folder)
	if c := checks.Strangers(t.Context(), log, true); c.Err != nil || c.Found != "0 documents" {
		t.Errorf("got %+v, want no stranger", c)
	}
	file, err := sql.Open("sqlite", filepath.Join(folder, "events.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for i := range 7 {
		if _, err := file.ExecContext(t.Context(), "INSERT INTO events VALUES (?, '', '', '', 0, '{}')", fmt.Sprint("by hand ", i)); err != nil {
			t.Fatal(err)
		}
	}
	const want = "7 documents are not events of this program, so readers skip them: by hand 0, by hand 1, by hand 2, by hand 3, by hand 4, …"
	if c := checks.Strangers(t.Context(), log, false); c.Err == nil || c.Err.Error() != want {
		t.Errorf("got %+v, want %q", c, want)
	}
}
