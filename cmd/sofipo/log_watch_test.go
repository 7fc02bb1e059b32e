package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// TestLogWatch: events that wait are counted at once and become a warning after a minute
// without progress; a log that does not answer does too.
func TestLogWatch(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		log, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = log.Close() })
		quiet := slog.New(slog.DiscardHandler)
		n := &node{db: d, events: log, log: quiet}
		now := time.Now()
		w := n.newLogWatch(&settings{})
		w.now = func() time.Time { return now }
		w.progress = now
		look := func(lag float64, warning string) {
			t.Helper()
			w.look(t.Context())
			got := w.warning()
			if w.lag != lag || (got == nil) != (warning == "") || got != nil && !strings.Contains(got.Error(), warning) {
				t.Errorf("got lag %v, warning %v, want %v, %q", w.lag, got, lag, warning)
			}
		}
		look(0, "")
		b := office.OpenBank(t, d)
		office.Grant(t, b, office.Register(t, b, 1).ID, 100_000)
		look(2, "")
		now = now.Add(stalledAfter)
		look(2, "the event log lacks 2 events and has not grown for 1m0s")
		relay := outbox.NewRelay(d, directPublisher{log: log}, time.Hour, quiet)
		ctx, stop := context.WithCancel(t.Context())
		stop() // it relays what is there and ends
		relay.Run(ctx, 10*time.Second)
		look(0, "")
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		look(-1, "")
		now = now.Add(stalledAfter)
		look(-1, "event log: ")
		w.dead = 3
		if got := w.warning(); got == nil || got.Error() != "dead letters: 3" {
			t.Errorf("got %v, want dead letters: 3", got)
		}
	})
}
