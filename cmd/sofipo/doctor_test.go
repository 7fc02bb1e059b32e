package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sofipo/checks"
	"sofipo/test/stack"
	"sofipo/web"
)

// TestDoctorAsJSON: the document has every check of the lines, and says what to do about a failure.
func TestDoctorAsJSON(t *testing.T) {
	withoutServices(t)
	folder := t.TempDir()
	if status, _, told := sofipo(t, "migrate --data "+folder); status != 0 {
		t.Fatalf("got exit code %d, %q, want 0", status, told)
	}
	status, lines, told := sofipo(t, "doctor --data "+folder)
	if status != 0 {
		t.Fatalf("got exit code %d, %q, want 0", status, told)
	}
	status, printed, told := sofipo(t, "doctor --json --data "+folder)
	var got diagnosis
	if err := json.Unmarshal([]byte(printed), &got); err != nil || status != 0 || got.Version != web.Version || got.Severity == checks.Failure {
		t.Fatalf("got exit code %d, %q, %v and %+v, want 0 and a document of version %s without a failure", status, told, err, got, web.Version)
	}
	for _, c := range got.Checks {
		if !strings.Contains(lines, " "+c.Name+" ") {
			t.Errorf("got the check %q in the document and not in the lines, want it in both", c.Name)
		}
	}
	for _, name := range []string{"versions", "the clock is right", "disk", "epochs of the chain", "trial balance", "event log reaches the end of the chain"} {
		if !strings.Contains(lines, " "+name+" ") {
			t.Errorf("got no check %q, want one", name)
		}
	}
}

// TestDoctorSeverities: a failure outweighs warnings, and both say what to do.
func TestDoctorSeverities(t *testing.T) {
	all := []checks.Check{
		{Name: "disk", Err: errors.New("almost\nfull"), Warning: true}, {Name: "trial balance", Found: "0.00"}, {Name: "event chain", Err: errors.New("broken")},
		{Name: "versions", Err: errors.New("old"), Warning: true},
	}
	for n, want := range []checks.Severity{checks.OK, checks.Warning, checks.Warning, checks.Failure, checks.Failure} {
		var out bytes.Buffer
		var got diagnosis
		if err := errors.Join(writeJSON(&out, all[:n]), json.Unmarshal(out.Bytes(), &got)); err != nil || got.Severity != want || len(got.Checks) != n {
			t.Errorf("the first %d: got %v, %v and %d checks, want %v", n, got.Severity, err, len(got.Checks), want)
		}
		for _, c := range got.Checks {
			if (c.Remedy == "") != (c.Severity == checks.OK) {
				t.Errorf("%s: got the remedy %q with the severity %s, want one unless the check is ok", c.Name, c.Remedy, c.Severity)
			}
		}
	}
	var out bytes.Buffer
	if err := writeLines(&out, all); err != nil || !strings.HasPrefix(out.String(), "WARN  disk                                             almost full\n      Free space, or") {
		t.Errorf("got %q, %v, want the warning and what to do", out.String(), err)
	}
}

// TestDoctorRefusesASequence: the log begins with sequence 1.
func TestDoctorRefusesASequence(t *testing.T) {
	withoutServices(t)
	if status, _, told := sofipo(t, "doctor --from=-1 --data "+filepath.Join(t.TempDir(), "none")); status != 2 || !strings.Contains(told, "--from is -1: use a sequence from 1 on") {
		t.Errorf("got exit code %d, %q, want 2 and the accepted sequences", status, told)
	}
}

// TestDoctorOfAFrozenDatabase: a database that stops to answer, but keeps its connections, ends the
// doctor with a failed check.
func TestDoctorOfAFrozenDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("needs services")
	}
	withoutServices(t)
	services, err := stack.StartOwn(t.Context(), stack.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = services.Close() })
	c := newcomer(t.TempDir()).settings
	c.DatabaseURL = services.Primary.URL
	if err := withNode(t.Context(), &c, func(*node) error { return nil }); err != nil {
		t.Fatal(err)
	}
	const limit, most = 500 * time.Millisecond, 30 * time.Second
	began := time.Now()
	var printed strings.Builder
	lines := func(_ io.Writer, all []checks.Check) error { return writeLines(&printed, all) }
	ended := make(chan error, 1)
	go func() {
		ended <- diagnose(t.Context(), &c, lines, func(n *node) []checks.Check {
			if err := services.Primary.Freeze(); err != nil {
				t.Error(err)
			}
			return n.examine(t.Context(), &c, false, limit)
		})
	}()
	select {
	case err = <-ended:
	case <-time.After(most):
		t.Fatalf("the doctor still runs after %s, want its end", most)
	}
	t.Logf("ended after %s", time.Since(began))
	if err == nil || !strings.Contains(err.Error(), "failed checks: ") {
		t.Errorf("got %v, want failed checks", err)
	}
	const want = "there was no answer within 500ms, so the checks after it were not run"
	if got := printed.String(); strings.Count(got, want) != 1 || strings.Contains(got, "trial balance") {
		t.Errorf("got\n%swant one line with %q, and no check after it", got, want)
	}

	c.StartWait, began = time.Second, time.Now()
	err = diagnose(t.Context(), &c, lines, func(*node) []checks.Check { return nil })
	if took := time.Since(began); err == nil || took > most {
		t.Errorf("a database that is frozen before the doctor starts: got %v after %s, want an error within %s", err, took, most)
	}
}
