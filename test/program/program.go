// Package program builds the sofipo binary, runs it as processes, and has a small client for
// its API, for end-to-end tests.
package program

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Time limits.
const (
	buildLimit = 5 * time.Minute
	readyLimit = 60 * time.Second
	exitLimit  = 60 * time.Second
)

// Root is the module's folder.
var Root = sync.OnceValue(func() string {
	folder, err := os.Getwd()
	for err == nil && folder != "/" {
		if _, missing := os.Stat(filepath.Join(folder, "go.mod")); missing == nil {
			return folder
		}
		folder = filepath.Dir(folder)
	}
	panic(fmt.Sprint("no go.mod in a folder above the test: ", err))
})

// binary is built once for each process and kept open without a name, so that nothing remains
// on disk and no other test can replace it.
var binary = sync.OnceValues(func() (*os.File, error) {
	if err := lookAtSources(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "sofipo-program-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, cancel := context.WithTimeout(context.Background(), buildLimit)
	defer cancel()
	path := filepath.Join(folder, "sofipo")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "./cmd/sofipo")
	build.Dir = Root()
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build ./cmd/sofipo: %w\n%s", err, output)
	}
	return os.Open(path)
})

// lookAtSources reads the names of all source files. This tells "go test" that the result
// depends on them; otherwise it would return a cached result after a change, because it does
// not see what the compiler reads.
func lookAtSources() error {
	return filepath.WalkDir(Root(), func(path string, entry fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err == nil && entry.IsDir() && (name == "node_modules" || name == "data" || path != Root() && name[0] == '.') {
			return fs.SkipDir
		}
		return err
	})
}

// Process is a running sofipo. It is killed when the test ends, and the end of its log is
// shown if the test failed.
type Process struct {
	URL string // http://127.0.0.1:port of a server, once it listens

	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// command prepares a sofipo command with only PATH of the caller's environment.
func command(env, args []string) (*exec.Cmd, error) {
	file, err := binary()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), file.Fd()), args...)
	cmd.Args[0] = "sofipo"
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "SOFIPO_ADDR=127.0.0.1:0"}, env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd, nil
}

// Start starts sofipo with the arguments and environment (NAME=value) in an empty folder,
// without waiting.
func Start(t testing.TB, env []string, args ...string) *Process {
	t.Helper()
	folder := t.TempDir()
	p := &Process{log: filepath.Join(folder, "log"), exited: make(chan struct{})}
	cmd, err := command(env, args)
	if err != nil {
		t.Fatal(err)
	}
	output, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.cmd = cmd
	go func() {
		_ = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("end of the log of sofipo %s (process %d):\n%s", strings.Join(args, " "), cmd.Process.Pid, p.tail())
		}
	})
	return p
}

// Serve starts "sofipo serve" on a free port and waits until it is ready.
func Serve(t testing.TB, env ...string) *Process {
	t.Helper()
	p := Start(t, env, "serve")
	p.AwaitReady(t)
	return p
}

// AwaitReady waits until /readyz reports that the server is ready.
func (p *Process) AwaitReady(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(readyLimit)
	for time.Now().Before(deadline) {
		if p.listens() {
			answer, err := NewClient(p.URL).Send(t.Context(), "GET", "/readyz", nil)
			if err == nil && answer.Status == 200 {
				return
			}
		}
		select {
		case <-p.exited:
			t.Fatalf("sofipo ended with exit code %d instead of being ready", p.cmd.ProcessState.ExitCode())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatalf("sofipo is not ready after %s", readyLimit)
}

// AwaitListening waits until the server has an address, which is before it is ready.
func (p *Process) AwaitListening(t testing.TB) {
	t.Helper()
	for deadline := time.Now().Add(readyLimit); !p.listens(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("sofipo does not listen after %s", readyLimit)
		}
	}
}

// listens sets URL once the server listens.
func (p *Process) listens() bool {
	if address := p.address(); address != "" {
		p.URL = "http://" + address
	}
	return p.URL != ""
}

// address returns the server's address from its log, or "" if it does not listen yet.
func (p *Process) address() string {
	for line := range strings.Lines(p.Log()) {
		var said struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Msg == "listening" {
			return said.Address
		}
	}
	return ""
}

// PID returns the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Kill sends SIGKILL and waits for the process to end.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.exited
}

// Freeze stops the process with SIGSTOP: its connections stay open, but nothing answers. Kill
// ends a frozen process too.
func (p *Process) Freeze() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw continues a frozen process.
func (p *Process) Thaw() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// Interrupt sends SIGTERM without waiting.
func (p *Process) Interrupt() { _ = p.cmd.Process.Signal(syscall.SIGTERM) }

// Terminate sends SIGTERM, waits for the process to end, and returns the exit code.
func (p *Process) Terminate(t testing.TB) int {
	t.Helper()
	p.Interrupt()
	return p.Wait(t, exitLimit)
}

// Wait waits for the process to end and returns the exit code.
func (p *Process) Wait(t testing.TB, limit time.Duration) int {
	t.Helper()
	select {
	case <-p.exited:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(limit):
		t.Fatalf("sofipo %v did not end within %s", p.cmd.Args[1:], limit)
		return -1
	}
}

// Running reports whether the process is still running.
func (p *Process) Running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Log returns the standard output and standard error so far.
func (p *Process) Log() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// tail returns the end of the log without successful requests.
func (p *Process) tail() string {
	const most = 6000
	var output strings.Builder
	for line := range strings.Lines(p.Log()) {
		var said struct {
			Msg    string
			Status int
		}
		if json.Unmarshal([]byte(line), &said) != nil || said.Msg != "request" || said.Status >= 500 {
			output.WriteString(line)
		}
	}
	return output.String()[max(0, output.Len()-most):]
}

// Result is the outcome of a completed subcommand.
type Result struct {
	Code           int
	Stdout, Stderr string
}

// String returns the complete outcome for a test's message.
func (r Result) String() string {
	return fmt.Sprintf("exit code %d\nstandard output:\n%s\nstandard error:\n%s", r.Code, r.Stdout, r.Stderr)
}

// Run runs a subcommand to its end, with the text as standard input.
func Run(t testing.TB, env []string, input string, args ...string) Result {
	t.Helper()
	cmd, err := command(env, args)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = t.TempDir(), strings.NewReader(input), &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limit := time.AfterFunc(exitLimit, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r := Result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	if !limit.Stop() {
		t.Fatalf("sofipo %v did not end within %s: %s", args, exitLimit, r)
	}
	return r
}
