package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// program builds the command once.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stack")
	if output, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return path
}

func TestRunGivesTheEnvironmentAndTheExitCode(t *testing.T) {
	path := program(t)
	output, err := exec.Command(path, "run", "--", "sh", "-c",
		`echo "$DATABASE_URL $DATABASE_REPLICA_URL $REDIS_URL $AMQP_URL $COUCHDB_URL"; test -s "$SOFIPO_TEST_STACK" && exit 7`).Output()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("got %v\n%s\nwant exit code 7", err, output)
	}
	if urls := strings.Fields(string(output)); len(urls) != 5 {
		t.Errorf("environment: got %q, want 5 addresses", urls)
	}
}

func TestUpRunsUntilTheSignalAndRemovesItsFile(t *testing.T) {
	path, file := program(t), filepath.Join(t.TempDir(), "stack.json")
	cmd := exec.Command(path, "up", "--file", file)
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var exports int
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "export ") {
			exports++
		}
		if strings.Contains(lines.Text(), "until Ctrl-C") {
			break
		}
	}
	if _, err := os.Stat(file); err != nil || exports != 7 {
		t.Errorf("got %d exports, %v, want 7", exports, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file afterwards: got %v, want it removed", err)
	}
}
