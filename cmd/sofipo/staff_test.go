package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs a command line and returns its exit status and output.
func command(t *testing.T, line ...string) (status int, printed string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	given := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(given, []byte("una frase larga\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	password, err := os.Open(given)
	if err != nil {
		t.Fatal(err)
	}
	in, out, problems := os.Stdin, os.Stdout, os.Stderr
	os.Stdin, os.Stdout, os.Stderr = password, w, w
	all := make(chan string)
	go func() {
		var text bytes.Buffer
		_, _ = io.Copy(&text, r)
		all <- text.String()
	}()
	status = run(line)
	os.Stdin, os.Stdout, os.Stderr = in, out, problems
	_ = password.Close()
	_ = w.Close()
	return status, <-all
}

// TestStaffAtTheCommandLine: roles are listed, branches opened and closed, and users moved and
// enabled. Refusals say what is accepted.
func TestStaffAtTheCommandLine(t *testing.T) {
	t.Setenv("SOFIPO_DATA", t.TempDir())
	t.Setenv("SOFIPO_LOG_LEVEL", "error")
	for _, c := range []struct {
		line   string
		status int
		says   string
	}{
		{"migrate", 0, ""},
		{"branch add 002 Centro --address Puebla", 0, ""},
		{"branch add 002 Otra", 1, "Branch code already in use"},
		{"branch add x Otra", 1, "code: must have 1 to 10 upper-case letters"},
		{"branch list", 0, "002\topen\tCentro\tPuebla"},
		{"role list", 0, "teller\tall\t"},
		{"user service portal --role teller", 0, ""},
		{"user key add portal --name Pagos --days 400", 1, "days: must be 1 to 366 days"},
		{"user key add portal --name Pagos --days 90 --permissions users.manage", 1, "permissions: must be one of"},
		{"user key add portal --name Pagos --days 90 --permissions loans.read", 0, "sofipo_"},
		{"user key list portal", 0, "\tactive\t"},
		{"user passwd portal", 1, "which has API keys instead of a password"},
		{"role show collector", 0, `"scope": "own"`},
		{"role show nobody", 1, "sofipo role list"},
		{"user add ana --role teller --branch 009", 1, "sofipo branch list"},
		{"user add ana --role teller", 0, ""},
		{"user role ana nobody", 1, "sofipo role list"},
		{"user branch ana 009", 1, "sofipo branch list"},
		{"user branch ana 002", 0, ""},
		{"user list", 0, "ana\tteller\tenabled\t002"},
		{"branch close 002", 1, "The branch still has 1 enabled user, 0 clients, 0 loans, 0 open tills and 0.00 in cash"},
		{"user branch ana 001", 0, ""},
		{"branch close 002", 0, ""},
		{"branch list", 0, "002\tclosed"},
		{"user enable nobody", 1, "User not found"},
		{"user disable ana", 0, ""},
		{"user list", 0, "ana\tteller\tdisabled\t001"},
		{"user enable ana", 0, ""},
		{"user list", 0, "ana\tteller\tenabled\t001"},
	} {
		if status, printed := command(t, strings.Fields(c.line)...); status != c.status || !strings.Contains(printed, c.says) {
			t.Errorf("sofipo %s: got status %d and %q, want %d and %q", c.line, status, printed, c.status, c.says)
		}
	}
}
