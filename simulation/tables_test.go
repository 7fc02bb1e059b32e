package simulation

import (
	"fmt"
	"testing"
	"time"

	"sofipo/core/id"
	"sofipo/infra/db"
)

// audited is an audit line.
type audited struct {
	command, subject id.ID
	at               time.Time
	actor, action    string
}

// String is the line as text.
func (a audited) String() string {
	return fmt.Sprintln(a.command, a.at.UnixMicro(), a.actor, a.action, a.subject)
}

// run runs statements as no program does.
func run(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	session := d.Session()
	defer session.Close()
	batch := &db.Batch{}
	for _, s := range statements {
		batch.Exec(s)
	}
	err := session.Begin(t.Context(), batch)
	if err == nil {
		_, err = session.Commit(t.Context(), &db.Batch{})
	}
	if err != nil {
		t.Fatalf("%q: %v", statements, err)
	}
}

// unguard lets the test change what is append-only, on SQLite.
func unguard(t *testing.T, d *db.DB) {
	t.Helper()
	for _, trigger := range []string{"entries_update", "entries_delete", "entries_balanced", "postings_update", "postings_delete", "postings_first"} {
		run(t, d, "DROP TRIGGER "+trigger)
	}
}
