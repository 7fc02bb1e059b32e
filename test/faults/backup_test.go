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
	"sofipo/test/stack"
)

// TestBackupEmbedded is a drill: backups while clients pay, one of them killed, and each complete
// one restored. A restored installation has every payment that was acknowledged before the backup
// began, the doctor finds nothing wrong, and it continues.
func TestBackupEmbedded(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	server := w.serve(t)
	payers := startLoad(t, strict, login(t, server))
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
	later := startLoad(t, strict, login(t, again))
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

// TestPointInTime is a drill with pgBackRest: PostgreSQL goes back to a moment between two
// payments. It has every payment that was acknowledged before, and none that began later. The
// event log has more; their events are voided, and the doctor finds nothing wrong.
func TestPointInTime(t *testing.T) {
	t.Parallel()
	s, err := stack.StartOwn(t.Context(), stack.Postgres)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	must(t, s.Archive(t.Context()))
	data := t.TempDir()
	w := &world{books: realBooks(s.Primary.URL, ""), env: slices.Concat(settings, []string{"DATABASE_URL=" + s.Primary.URL, "SOFIPO_DATA=" + data})}
	w.books.log = embeddedBooks(data).log
	server := w.serve(t)
	payers := startLoad(t, brief, login(t, server))
	payers.awaitMore(t, 20)
	began := time.Now()
	must(t, s.BackRest(t.Context(), "backup", "--type=full"))
	t.Logf("backup with pgBackRest in %s", time.Since(began))
	payers.awaitMore(t, 20)

	payers.stop()
	payers.running.Wait()
	before := maps.Clone(payers.told)
	time.Sleep(2 * time.Second) // pgBackRest knows the end of the backup to the second
	moment := w.books.pairs(t, "SELECT CAST(clock_timestamp() AS TEXT), ''")
	lost := startLoad(t, brief, payers.servers[0])
	lost.awaitMore(t, 20)
	lost.finish(t)
	w.awaitLog(t)
	server.Kill()

	began = time.Now()
	must(t, s.Primary.Stop()) // archives the end of the log
	for target := range moment {
		must(t, s.BackRest(t.Context(), "restore", "--delta", "--type=time", "--target="+target, "--target-action=promote"))
	}
	must(t, s.Primary.Start())
	t.Logf("restore of PostgreSQL with pgBackRest in %s", time.Since(began))
	payments := w.books.pairs(t, paymentsQuery)
	for id := range before {
		if payments[id] == "" {
			t.Errorf("got no payment %s, want what was acknowledged before the moment", id)
		}
	}
	for id := range lost.told {
		if payments[id] != "" {
			t.Errorf("got payment %s, want none after the moment", id)
		}
	}
	if ahead := program.Run(t, w.env, "", "doctor"); ahead.Code != 1 || !strings.Contains(ahead.Stdout, "the log has events that the database does not have") {
		t.Errorf("doctor after the restore: got %s, want that the log has more events", ahead)
	}
	server = w.serve(t)
	voided := program.Run(t, w.env, "", "events", "void")
	if want := len(lost.told); voided.Code != 0 || strings.Count(voided.Stdout, "payment_registered") != want {
		t.Errorf("events void: got %s, want %d payments voided", voided, want)
	}
	w.awaitOutbox(t)
	if clean := program.Run(t, w.env, "", "doctor", "--verify"); clean.Code != 0 {
		t.Errorf("doctor --verify: got %s, want exit code 0", clean)
	}
	t.Logf("%d payments restored, %d lost, usable again after %s", len(payments), len(lost.told), time.Since(began))
	payers.servers[0].Point(server.URL)
	again := startLoad(t, brief, payers.servers[0])
	again.awaitMore(t, 10)
	again.finish(t)
	w.awaitOutbox(t)
	if clean := program.Run(t, w.env, "", "doctor", "--verify"); clean.Code != 0 {
		t.Errorf("doctor --verify after more payments: got %s, want exit code 0", clean)
	}
}
