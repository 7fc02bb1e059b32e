package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server under test.
type process struct {
	cmd  *exec.Cmd
	port int    // on 127.0.0.1
	log  string // path of its log; empty if there is none
	done chan error
}

// build compiles the programs that run as separate processes.
func build(ctx context.Context, folder string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", folder, "sofipo/cmd/sofipo", "sofipo/bench")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, output)
	}
	return nil
}

// environment returns the environment for sofipo: only PATH of the caller's, so that settings
// in the shell do not affect the measurements.
func environment(settings []string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "SOFIPO_PROFILE=demo", "SOFIPO_ADDR=127.0.0.1:0", "SOFIPO_TIME_ZONE=UTC",
		"API_SECRET_KEY=a key of the benchmark and of nothing else"}, settings...)
}

// startLimit is the time limit until a server listens.
const startLimit = time.Minute

// startSofipo starts the server and waits until it listens. Its log, at the default level,
// goes to a file in the folder.
func startSofipo(ctx context.Context, folder string, settings []string) (*process, error) {
	log, err := os.CreateTemp(folder, "sofipo-*.log")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(filepath.Join(folder, "sofipo"), "serve")
	cmd.Env, cmd.Dir, cmd.Stderr = environment(settings), folder, log
	p, err := start(cmd)
	if err != nil {
		return nil, err
	}
	p.log = log.Name()
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		text, err := os.ReadFile(p.log)
		if err != nil {
			return nil, errors.Join(err, p.stop())
		}
		if p.port = listening(text); p.port != 0 {
			return p, nil
		}
		select {
		case err := <-p.done:
			return nil, fmt.Errorf("sofipo serve ended: %w\n%s", err, p.logTail())
		case <-ctx.Done():
			return nil, fmt.Errorf("sofipo serve did not start listening: %w", errors.Join(ctx.Err(), p.stop()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// listening returns the port from the server's log, or 0 if it is not there yet.
func listening(log []byte) int {
	for line := range bytes.Lines(log) {
		var said struct{ Msg, Address string }
		if json.Unmarshal(line, &said) == nil && said.Msg == "listening" {
			return portOf(said.Address)
		}
	}
	return 0
}

func portOf(address string) int {
	_, text, _ := net.SplitHostPort(address)
	port, _ := strconv.Atoi(text) // 0 means none
	return port
}

// startBare starts this program's bare handler for an answer.
func startBare(folder string, give answer) (*process, error) {
	text, err := json.Marshal(give)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(folder, "bench"), bareCommand)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	if p.port = portOf(strings.TrimSpace(line)); p.port == 0 {
		return nil, errors.Join(fmt.Errorf("the bare handler printed no address: %q", line), err, p.stop())
	}
	return p, nil
}

func start(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan error, 1)}
	go func() { p.done <- cmd.Wait() }()
	return p, nil
}

// stop asks the process to end and waits for it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.done:
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && !exit.Exited() {
			return nil // ended by the signal
		} else if err != nil {
			err = fmt.Errorf("a server under test ended: %w\n%s", err, p.logTail())
		}
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("a server under test did not stop"), p.cmd.Process.Kill())
	}
}

// logTail returns the end of the process's log.
func (p *process) logTail() []byte {
	text, _ := os.ReadFile(p.log) // empty without a log
	return text[max(0, len(text)-2000):]
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// doctor runs "sofipo doctor" and returns its output.
func doctor(ctx context.Context, folder string, settings []string) (string, error) {
	var report strings.Builder
	cmd := exec.CommandContext(ctx, filepath.Join(folder, "sofipo"), "doctor")
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = environment(settings), folder, &report, io.Discard
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("sofipo doctor: %w\n%s", err, report.String())
	}
	return report.String(), nil
}
