package faults

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
)

// TestBackupEmbedded is a drill: backups while clients pay, one of them killed, and each complete
// one restored. A restored installation has every payment that was acknowledged before the backup
// began, the doctor finds nothing wrong, and it continues.
func TestBackupEmbedded(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	server := w.serve(t)
	payers := startLoad(t, login(t, server), strict)
	shelf := t.TempDir()
	killed := program.Start(t, w.env, "backup", filepath.Join(shelf, "killed"))
	await(t, 10*time.Second, "the start of the backup", func() (bool, string) {
		_, err := os.Stat(filepath.Join(shelf, "killed.partial"))
		return err == nil || !killed.Running(), "no folder"
	})
	killed.Kill()
	before := map[string]map[string]string{} // folder of the backup -> payments
	for _, name := range []string{"first", "second", "killed"} {
		payers.awaitMore(t, 30)
		folder := filepath.Join(shelf, name)
		if _, err := os.Stat(folder); err == nil {
			t.Log("the killed backup was complete")
			continue
		}
		payers.mu.Lock()
		before[folder] = maps.Clone(payers.told)
		payers.mu.Unlock()
		if made := program.Run(t, w.env, "", "backup", folder); made.Code != 0 {
			t.Fatalf("backup: got %s, want exit code 0", made)
		}
	}
	payers.finish(t)
	server.Kill()
	for folder, told := range before {
		began := time.Now()
		restored := restore(t, w, folder)
		took := time.Since(began)
		payments := restored.books.pairs(t, paymentsQuery)
		for id := range told {
			if payments[id] == "" {
				t.Errorf("%s: got no payment %s, want what was acknowledged before the backup", folder, id)
			}
		}
		t.Logf("restored %d payments, with the doctor, in %s", len(payments), took)
	}
	restored := restore(t, w, slices.Sorted(maps.Keys(before))[0])
	again := restored.serve(t)
	later := startLoad(t, login(t, again), strict)
	later.awaitMore(t, 10)
	later.finish(t)
	restored.settle(t, later)
	refused := program.Run(t, restored.env, "", "restore", filepath.Join(shelf, "first"))
	if refused.Code != 1 || !strings.Contains(refused.Stderr, "another server is using") {
		t.Errorf("restore into the folder of a server: got %s, want a refusal", refused)
	}
}

// restore restores a backup into a new folder and returns the installation there.
func restore(t *testing.T, w *world, backup string) *world {
	t.Helper()
	folder := t.TempDir()
	env := append(slices.Clone(w.env), "SOFIPO_DATA="+folder)
	if restored := program.Run(t, env, "", "restore", "--verify", backup); restored.Code != 0 {
		t.Errorf("restore %s: got %s, want exit code 0", backup, restored)
	}
	return &world{books: embeddedBooks(folder), env: env}
}
