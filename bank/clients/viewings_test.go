package clients_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sofipo/bank/clients"
	"sofipo/core/client"
	"sofipo/core/id"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
	"sofipo/view"
)

// TestViewings: viewings are written at the latest when the record is closed, into their months,
// and found by client, by user and by time. Nobody can change them.
func TestViewings(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		k := clients.OpenViewings(d, slog.New(slog.DiscardHandler))
		ana, luis := id.ID{1, 15: 1}, id.ID{1, 15: 2}
		day := time.Date(2026, 1, 31, 23, 59, 59, 0, time.UTC)
		for i, who := range []id.ID{ana, luis, ana, {}} {
			k.Add(client.Viewing{ClientID: who, Username: "rosa", What: client.ViewedFile, At: day.Add(time.Duration(i) * time.Second), CorrelationID: "abc"})
		}
		k.Add(client.Viewing{ClientID: ana, Username: "juan", What: client.ViewedDocument, At: day.AddDate(0, 3, 0)})
		k.Close()
		if k.Written() != 4 || k.Dropped() != 0 {
			t.Errorf("got %d written and %d dropped, want 4 and none", k.Written(), k.Dropped())
		}
		written, err := attempt(t, d, "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		views := view.Open(d, nil)
		for name, c := range map[string]struct {
			which view.ViewingQuery
			want  string
		}{
			"client":          {view.ViewingQuery{Client: ana}, "rosa file, rosa file, juan document"},
			"user":            {view.ViewingQuery{Actor: "rosa"}, "rosa file, rosa file, rosa file"},
			"user and client": {view.ViewingQuery{Actor: "rosa", Client: luis}, "rosa file"},
			"time":            {view.ViewingQuery{From: day.Add(time.Second), To: day.Add(2 * time.Second)}, "rosa file"},
		} {
			c.which.Limit = 10
			if c.which.To.IsZero() {
				c.which.To = day.AddDate(1, 0, 0)
			}
			page, err := views.Viewings(t.Context(), view.By{System: true, Need: written}, c.which)
			var got []string
			for _, v := range page.Items {
				got = append(got, v.Username+" "+string(v.What))
			}
			if strings.Join(got, ", ") != c.want || err != nil {
				t.Errorf("by %s: got %q, %v, want %q", name, got, err, c.want)
			}
		}
		changes := []string{"UPDATE client_viewings SET username = 'x'", "DELETE FROM client_viewings"}
		if !d.Embedded() {
			changes = append(changes, "TRUNCATE client_viewings", "TRUNCATE client_viewings_2026_01", "DELETE FROM client_viewings_2026_01")
		}
		for _, sql := range changes {
			if _, err := attempt(t, d, sql); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: got %v, want a refusal", sql, err)
			}
		}
	})
}

// attempt executes a statement in a transaction of its own, and returns its commit token.
func attempt(t *testing.T, d *db.DB, sql string) (token uint64, err error) {
	t.Helper()
	s, batch := d.Session(), &db.Batch{}
	defer s.Close()
	batch.Exec(sql)
	if err = s.Begin(t.Context(), &db.Batch{}); err == nil {
		token, err = s.Commit(t.Context(), batch)
	}
	return token, err
}

// TestViewingsWithoutDatabase: what the database does not take waits, and then is dropped and
// counted; nobody waits for it.
func TestViewingsWithoutDatabase(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	office.Run(t, d, "ALTER TABLE client_viewings RENAME TO away")
	var log bytes.Buffer
	k := clients.OpenViewings(d, slog.New(slog.NewTextHandler(&log, nil)))
	begun := time.Now()
	const added, room = 20_000, 8192 + 2*512 // a batch may be taken while others are added
	for range added {
		k.Add(client.Viewing{ClientID: id.ID{1}, Username: "rosa", What: client.ViewedFile, At: begun})
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("got %s for %d viewings without a database, want no waiting", took, added)
	}
	if k.Dropped() < added-room {
		t.Errorf("got %d dropped, want at least %d", k.Dropped(), added-room)
	}
	office.Run(t, d, "ALTER TABLE away RENAME TO client_viewings")
	k.Close()
	if k.Written() == 0 || k.Written()+k.Dropped() != added || !strings.Contains(log.String(), "were dropped") {
		t.Errorf("got %d written and %d dropped of %d, and the log %q, want the rest written and a warning", k.Written(), k.Dropped(), added, log.String())
	}
	if n := office.Count(t, d, "SELECT count(*) FROM client_viewings"); uint64(n) != k.Written() {
		t.Errorf("got %d rows, want %d", n, k.Written())
	}
	(*clients.Viewings)(nil).Add(client.Viewing{ClientID: id.ID{1}})
}
