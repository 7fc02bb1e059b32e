package eventlog

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEmbeddedKeepsItsEventsOverReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	log := embedded(t, path)
	put(t, log, chained(t, 5)...)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	complete(t, embedded(t, path), 5)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got the mode %v, %v, want 0600", info.Mode(), err)
	}
}

func TestEmbeddedIsOpenTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	one, two := embedded(t, path), embedded(t, path)
	events := chained(t, 6)
	put(t, one, events[:4]...)
	put(t, two, events[2:]...)
	complete(t, one, 6)
}

func TestEmbeddedNamesAFileItCannotOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "events.db")
	if _, err := OpenEmbedded(t.Context(), path, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with %q", err, path)
	}
	path = filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenEmbedded(t.Context(), path, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with %q", err, path)
	}
}

// TestEmbeddedScansUseTheirIndex keeps every query off a walk of the table and
// off a sort.
func TestEmbeddedScansUseTheirIndex(t *testing.T) {
	log := embedded(t, filepath.Join(t.TempDir(), "events.db"))
	for _, q := range []Query{
		{}, {Subject: number(1)}, {EventType: "loan_created"}, {From: epoch},
		{Subject: number(1), To: epoch}, {EventType: "loan_created", From: epoch, Newest: true},
	} {
		text, args := q.scan().sql()
		for _, step := range plan(t, log, text, args) {
			if !strings.Contains(step, "USING INDEX by_") {
				t.Errorf("%s: got %s, want USING INDEX by_ in it", text, step)
			}
		}
	}
}

// plan gives the steps of SQLite's plan for a query.
func plan(t *testing.T, log *Embedded, text string, args []any) (steps []string) {
	t.Helper()
	rows, err := log.readers.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil || len(steps) == 0 {
		t.Fatalf("got %d steps, %v, want some steps", len(steps), err)
	}
	return steps
}
