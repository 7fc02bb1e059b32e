package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sofipo/core/event"
	"sofipo/infra/eventlog"
)

// TestCommandsWithoutDatabase: a wrong data folder is an error, not an empty database without
// a fault.
func TestCommandsWithoutDatabase(t *testing.T) {
	withoutServices(t)
	folder := filepath.Join(t.TempDir(), "wrong")
	for _, command := range []string{"doctor", "events republish", "events void", "close"} {
		status, printed, told := sofipo(t, command+" --data "+folder)
		if status != 1 || printed != "" || !strings.Contains(told, "SOFIPO_DATA: no database in "+folder) {
			t.Errorf("%s: got exit code %d, %q, %q, want 1 and an error that names the folder", command, status, printed, told)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s: got the folder created, want no folder", command)
		}
	}
}

// TestNothingToRepublish: the error says what is kept, if anything is.
func TestNothingToRepublish(t *testing.T) {
	withoutServices(t)
	folder := t.TempDir()
	if status, _, told := sofipo(t, "migrate --data "+folder); status != 0 {
		t.Fatalf("got exit code %d, %q, want 0", status, told)
	}
	if status, _, told := sofipo(t, "events republish --from 5000 --data "+folder); status != 1 || !strings.Contains(told, "the database keeps no events") {
		t.Errorf("got exit code %d, %q, want 1 and an error that says that no events are kept", status, told)
	}
}

// TestChainErrorHelps: each kind of fault has its own help, and they are kept apart.
func TestChainErrorHelps(t *testing.T) {
	all := eventlog.Report{
		Break: errors.New("event a was changed"), Missing: 2, Gaps: []eventlog.Gap{{From: 4, To: 5}}, End: event.Link{Sequence: 9},
		Outside: []eventlog.Outside{{}},
	}
	err := chainError(all, transit{unsent: 1})
	for _, want := range []string{
		"event a was changed: " + brokenHelp + "; 2 of 9 events are missing, the first with sequence 4 (1 on the way); " + missingHelp + ", for example with --from 4 --to 5; 1 events are outside",
		": " + outsideHelp,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to contain %q", err, want)
		}
	}
	if err := chainError(eventlog.Report{Missing: 2, Gaps: all.Gaps}, transit{unsent: 2}); err != nil {
		t.Errorf("got %v for events on the way, want no error", err)
	}
}
