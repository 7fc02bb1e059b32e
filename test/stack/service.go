package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	startLimit = 90 * time.Second
	stopLimit  = 30 * time.Second
)

// ErrShared is the error of Stop, Kill, Freeze and similar methods for a service that other
// test programs use too (see SOFIPO_TEST_STACK). Use [StartOwn] instead.
var ErrShared = errors.New("stack: the service is shared with other test programs through SOFIPO_TEST_STACK; use stack.StartOwn")

// Service is a running server. Its methods may be called concurrently.
type Service struct {
	Name string // primary, replica, redis, rabbitmq or couchdb
	Addr string // host:port
	Port int
	URL  string // with user and password, in the form of the program's settings

	shared  bool
	command func() (*exec.Cmd, error)   // returns a new command for each start
	ready   func(context.Context) error // returns nil once the server answers its protocol
	apart   func() int                  // returns the id of a process that is no child of the service's; 0 or nil if there is none
	stop    syscall.Signal              // signal for a clean stop
	quick   syscall.Signal              // signal for a quick end without leftovers; 0 means SIGKILL
	log     string                      // file with its output
	guard   *guard

	mu     sync.Mutex
	pid    int // 0 if not running
	exited chan struct{}
	frozen bool
}

// Pid returns the server's process id, or 0 if it is not running or is shared.
func (s *Service) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid != 0 && !s.alive() {
		return 0
	}
	return s.pid
}

// Start restarts a stopped or killed server with the same port and data, and waits until it
// answers (at most 90 s).
func (s *Service) Start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	return s.start(ctx)
}

// Stop asks the server to stop cleanly and waits for it. After 30 s the server is killed, and
// Stop returns an error. It does nothing if the server is not running.
func (s *Service) Stop() error {
	return s.end(func() error {
		if err := s.thawLocked(); err != nil {
			return err
		}
		_ = syscall.Kill(s.pid, s.stop)
		select {
		case <-s.exited:
			return nil
		case <-time.After(stopLimit):
			killTree(s.roots()...)
			return fmt.Errorf("stack: %s did not stop in %s and was killed%s", s.Name, stopLimit, s.logTail())
		}
	})
}

// Kill ends the server and all its processes with SIGKILL, even if they are frozen.
func (s *Service) Kill() error {
	return s.end(func() error {
		killTree(s.roots()...)
		s.frozen = false
		return s.guard.note(s.Name, nil)
	})
}

// discard ends the server quickly, without regard to its data.
func (s *Service) discard() {
	_ = s.end(func() error {
		if s.quick == 0 || s.frozen {
			killTree(s.roots()...)
			return nil
		}
		_ = syscall.Kill(s.pid, s.quick)
		select {
		case <-s.exited:
		case <-time.After(stopLimit):
			killTree(s.roots()...)
		}
		return nil
	})
}

// Freeze stops all processes of the server with SIGSTOP. Its connections stay open, but
// nothing answers.
func (s *Service) Freeze() error {
	return s.freeze(func() []int { return freezeTree(s.roots()...) })
}

// FreezeOnly stops the processes of the server whose command line contains the text. Thaw
// continues them.
func (s *Service) FreezeOnly(text string) error {
	return s.freeze(func() (pids []int) {
		for _, pid := range tree(s.roots()...) {
			line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			if err == nil && bytes.Contains(line, []byte(text)) && syscall.Kill(pid, syscall.SIGSTOP) == nil {
				pids = append(pids, pid)
			}
		}
		return pids
	})
}

func (s *Service) freeze(stop func() []int) error {
	if s.shared {
		return s.refuse()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alive() {
		return fmt.Errorf("stack: %s is not running", s.Name)
	}
	pids := stop()
	if len(pids) == 0 {
		return fmt.Errorf("stack: %s has no such process", s.Name)
	}
	s.frozen = true
	return s.guard.note(s.Name, pids)
}

// Thaw continues a frozen server.
func (s *Service) Thaw() error {
	if s.shared {
		return s.refuse()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.thawLocked()
}

func (s *Service) refuse() error { return fmt.Errorf("%s: %w", s.Name, ErrShared) }

func (s *Service) thawLocked() error {
	if !s.frozen || !s.alive() {
		return nil
	}
	thawTree(s.roots()...)
	s.frozen = false
	return s.guard.note(s.Name, nil)
}

// end calls how, which must make the process end, and waits for its end.
func (s *Service) end(how func() error) error {
	if s.shared {
		return s.refuse()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alive() {
		return nil
	}
	err := how()
	<-s.exited
	s.pid = 0
	return err
}

// roots are the processes from which all others of the service descend.
func (s *Service) roots() []int {
	roots := []int{s.pid}
	if s.apart != nil {
		if pid := s.apart(); pid != 0 {
			roots = append(roots, pid)
		}
	}
	return roots
}

func (s *Service) alive() bool {
	if s.pid == 0 {
		return false
	}
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

func (s *Service) start(ctx context.Context) error {
	if s.shared {
		return s.refuse()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.alive() {
		return fmt.Errorf("stack: %s is already running", s.Name)
	}
	if err := s.startCommand(); err != nil {
		return fmt.Errorf("stack: starting %s: %w", s.Name, err)
	}
	if err := s.awaitReady(ctx); err != nil {
		killTree(s.roots()...)
		<-s.exited
		s.pid = 0
		return fmt.Errorf("stack: %s did not start: %w%s", s.Name, err, s.logTail())
	}
	return nil
}

func (s *Service) startCommand() error {
	output, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = output.Close() }()
	cmd, err := s.command()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = output, output
	if err := startProcess(cmd); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	s.pid, s.exited, s.frozen = cmd.Process.Pid, exited, false
	return nil
}

// awaitReady waits until the server answers, the server ends, or ctx ends.
func (s *Service) awaitReady(ctx context.Context) error {
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := s.ready(once)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("its process ended immediately")
		case <-ctx.Done():
			return fmt.Errorf("%w; last error: %w", ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// logTail returns the end of the server's output for error messages.
func (s *Service) logTail() string {
	text, err := os.ReadFile(s.log)
	if err != nil || len(text) == 0 {
		return ""
	}
	return "\nend of its log:\n" + string(bytes.TrimSpace(text[max(0, len(text)-2000):]))
}
