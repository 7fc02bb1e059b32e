package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestALostEventLogIsReported: the file is deleted between two runs. The next start says so
// and publishes the events again.
func TestALostEventLogIsReported(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	server := w.serve(t)
	c := login(t, server)
	loan(t, c, "100.00")
	w.settle(t)
	if code := server.Terminate(t); code != 0 {
		t.Fatalf("got exit code %d, want 0", code)
	}
	folder := strings.TrimPrefix(w.env[0], "SOFIPO_DATA=")
	files, err := filepath.Glob(filepath.Join(folder, "events.db*"))
	must(t, err)
	for _, file := range files {
		must(t, os.Remove(file))
	}
	server = w.serve(t)
	loan(t, login(t, server), "100.00")
	await(t, 30*time.Second, "an error about the missing events", func() (bool, string) {
		log := server.Log()
		return strings.Contains(log, `"level":"ERROR","msg":"the event log lost events`), log
	})
	w.settle(t)
}
