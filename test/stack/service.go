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

// ErrShared is what Stop, Kill, Freeze and the like return for a service that
// other test programs use too (see SOFIPO_TEST_STACK). Use [StartOwn].
var ErrShared = errors.New("stack: shared with other test programs through SOFIPO_TEST_STACK; start one with stack.StartOwn to disturb it")

// Service is one running server. Its methods may be called from any goroutine.
type Service struct {
	Name string // primary, replica, redis, rabbitmq, couchdb
	Addr string // host:port
	Port int
	URL  string // with user and password, as the program's settings take it

	shared  bool
	command func() (*exec.Cmd, error)   // a fresh command for each start
	ready   func(context.Context) error // nil once the server answers its protocol
	stop    syscall.Signal              // asks for a clean stop
	quick   syscall.Signal              // for a quick end that leaves nothing behind; 0: SIGKILL
	log     string                      // file of its output
	guard   *guard

	mu     sync.Mutex
	pid    int // 0 when not running
	exited chan struct{}
	frozen bool
}

// Pid is the server's process id, 0 when it is not running or is shared.
func (s *Service) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid != 0 && !s.alive() {
		return 0
	}
	return s.pid
}

// Start starts a stopped or killed server again, on the same port and data,
// and waits until it answers (at most 90 s).
func (s *Service) Start() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	return s.start(ctx)
}

// Stop asks the server to stop cleanly and waits for its end; after 30 s it is
// killed and that is an error. A server that does not run is left alone.
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
			killTree(s.pid)
			return fmt.Errorf("stack: %s did not stop in %s and was killed%s", s.Name, stopLimit, s.logTail())
		}
	})
}

// Kill ends the server and all its processes with SIGKILL, frozen or not.
func (s *Service) Kill() error {
	return s.end(func() error {
		killTree(s.pid)
		s.frozen = false
		return s.guard.note(s.Name, nil)
	})
}

// discard ends the server quickly, its data being of no more use.
func (s *Service) discard() {
	_ = s.end(func() error {
		if s.quick == 0 || s.frozen {
			killTree(s.pid)
			return nil
		}
		_ = syscall.Kill(s.pid, s.quick)
		select {
		case <-s.exited:
		case <-time.After(stopLimit):
			killTree(s.pid)
		}
		return nil
	})
}

// Freeze stops all the server's processes with SIGSTOP: its connections stay
// open and nothing answers.
func (s *Service) Freeze() error {
	if s.shared {
		return s.refuse()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alive() {
		return fmt.Errorf("stack: %s is not running", s.Name)
	}
	pids := freezeTree(s.pid)
	s.frozen = true
	return s.guard.note(s.Name, pids)
}

// Thaw lets a frozen server go on.
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
	thawTree(s.pid)
	s.frozen = false
	return s.guard.note(s.Name, nil)
}

// end runs how, which makes the process end, and waits for that end.
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
	if err := s.launch(); err != nil {
		return fmt.Errorf("stack: start %s: %w", s.Name, err)
	}
	if err := s.awaitReady(ctx); err != nil {
		killTree(s.pid)
		<-s.exited
		s.pid = 0
		return fmt.Errorf("stack: %s did not start: %w%s", s.Name, err, s.logTail())
	}
	return nil
}

func (s *Service) launch() error {
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

// awaitReady asks until the server answers, the server ends or ctx is over.
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
			return fmt.Errorf("its process ended at once")
		case <-ctx.Done():
			return fmt.Errorf("%w, last seen: %w", ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// logTail is the end of the server's output, for error messages.
func (s *Service) logTail() string {
	text, err := os.ReadFile(s.log)
	if err != nil || len(text) == 0 {
		return ""
	}
	return "\nend of its log:\n" + string(bytes.TrimSpace(text[max(0, len(text)-2000):]))
}
