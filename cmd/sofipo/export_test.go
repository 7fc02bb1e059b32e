package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestExport: sofipo export writes an archive and records it, checks it, and replaces no file.
func TestExport(t *testing.T) {
	withoutServices(t)
	folder := t.TempDir()
	t.Setenv("SOFIPO_DATA", folder)
	database := ground.Open(t, db.Config{Folder: folder})
	b := office.OpenBank(t, database)
	office.Grant(t, b, office.Register(t, b, 1).ID, 10_000_00)
	b.Close()
	database.Close()
	file := filepath.Join(t.TempDir(), "all.tar.gz")
	for _, c := range []struct {
		line   string
		status int
		says   string
	}{
		{"export " + filepath.Join(folder, "nowhere", "a.tar.gz"), 1, "no such file or directory"},
		{"export --check " + file, 1, "no such file or directory"},
		{"export --personal-data --events " + file, 0, "wrote " + file},
		{"export " + file, 1, file + " exists: name a new file"},
		{"export --check " + file, 0, file + " is complete"},
		{"export --check --events " + file, 2, "--check reads an archive"},
	} {
		if status, out, told := sofipo(t, c.line); status != c.status || !strings.Contains(out+told, c.says) {
			t.Errorf("%s: got exit code %d, %q %q, want %d with %q", c.line, status, out, told, c.status, c.says)
		}
	}
	if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, told := sofipo(t, "export --check "+file); status != 1 || !strings.Contains(told, "the archive is wrong") {
		t.Errorf("a damaged archive: got exit code %d, %q, want 1", status, told)
	}
	database, err := db.Open(db.Config{Folder: folder}) // exports are not encrypted
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	var exports []string
	batch := &db.Batch{}
	batch.Query("SELECT j.actor, e.file, e.request, e.row_count FROM exports e JOIN journal j ON j.subject = e.id", func(s db.Scanner) error {
		var actor, name, request string
		var rows int64
		err := s.Scan(&actor, &name, &request, &rows)
		exports = append(exports, fmt.Sprint(actor, " ", name, " ", request, " ", rows > 5))
		return err
	})
	if err := database.ReadPrimary(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(exports, "; "), "command-line all.tar.gz sofipo export --personal-data --events true"; got != want {
		t.Errorf("got the exports %q, want %q", got, want)
	}
}
