package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// Part is a part of a Stack.
type Part string

// The parts. Replica implies Postgres.
const (
	Postgres Part = "postgres" // the primary
	Replica  Part = "replica"  // a streaming replica of the primary
	Redis    Part = "redis"
	Rabbit   Part = "rabbitmq"
	Couch    Part = "couchdb"
)

var allParts = []Part{Postgres, Replica, Redis, Rabbit, Couch}

// Stack is a set of running services. Parts that were not requested are nil. Close ends the
// services.
type Stack struct {
	Primary, Replica, Redis, Rabbit, Couch *Service

	folder   string
	kept     string   // folder of the primary that Close leaves; empty for one in folder
	settings []string // of the primary, beside those of the configuration file
	disk     int      // size in MiB of the primary's own file system; 0 for none
	secret   string   // password of every account in this stack
	guard    *guard
	helpers  []*Service
	proxies  []*Proxy
	cluster  cluster
	broker   broker
	vhost    string // created in a shared RabbitMQ; empty in an own one
	mu       sync.Mutex
	leases   []portLease
	database []string // names created by Database
}

// Start starts the parts (all if none is named) and waits until each answers. If
// SOFIPO_TEST_STACK names a file written by test/stack/cmd/stack, the PostgreSQL and RabbitMQ
// of that file are used instead.
func Start(ctx context.Context, parts ...Part) (*Stack, error) {
	if file := os.Getenv(shareVariable); file != "" {
		return attach(ctx, file, chosen(parts))
	}
	return StartOwn(ctx, parts...)
}

// StartOwn is Start that ignores SOFIPO_TEST_STACK, for tests that stop, kill or freeze
// services.
func StartOwn(ctx context.Context, parts ...Part) (*Stack, error) {
	return startHere(ctx, &Stack{}, chosen(parts))
}

// chosen completes the list of parts and removes duplicates.
func chosen(parts []Part) []Part {
	if len(parts) == 0 {
		return allParts
	}
	if slices.Contains(parts, Replica) {
		parts = append([]Part{Postgres}, parts...)
	}
	parts = slices.Clone(parts)
	slices.Sort(parts)
	return slices.Compact(parts)
}

// startHere starts the parts as processes of this program and adds them to s.
func startHere(ctx context.Context, s *Stack, parts []Part) (*Stack, error) {
	if err := s.startParts(ctx, parts); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stack) startParts(ctx context.Context, parts []Part) error {
	if err := install(ctx, parts); err != nil {
		return err
	}
	if err := s.makeFolder(); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	for part, start := range map[Part]func(context.Context, bool) error{
		Postgres: s.startPostgres, Redis: s.startRedis, Rabbit: s.startRabbit, Couch: s.startCouch,
	} {
		if slices.Contains(parts, part) {
			group.Go(func() error { return start(groupCtx, slices.Contains(parts, Replica)) })
		}
	}
	return group.Wait()
}

func (s *Stack) makeFolder() (err error) {
	if err := s.chooseSecret(); err != nil {
		return err
	}
	if s.folder, err = os.MkdirTemp("", "sofipo-stack-"); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	if err := os.Chmod(s.folder, 0o755); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.guard, err = startGuard(s.folder)
	return err
}

// newService leases a port and returns a service that is not started yet.
func (s *Stack) newService(name string, stop syscall.Signal) (*Service, error) {
	port, err := s.leasePort()
	if err != nil {
		return nil, err
	}
	return &Service{
		Name: name, Port: port, Addr: fmt.Sprintf("127.0.0.1:%d", port),
		stop: stop, guard: s.guard, log: filepath.Join(s.folder, name+".log"),
	}, nil
}

// leasePort returns a port that belongs to this Stack until Close.
func (s *Stack) leasePort() (int, error) {
	lease, err := leasePort()
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leases = append(s.leases, lease)
	return lease.port, nil
}

// Services returns the running services in the order of the parts.
func (s *Stack) Services() []*Service {
	all := []*Service{s.Primary, s.Replica, s.Redis, s.Rabbit, s.Couch}
	return slices.DeleteFunc(all, func(service *Service) bool { return service == nil })
}

// Env returns the settings for sofipo to use the running services, as NAME=value lines:
// DATABASE_URL, DATABASE_REPLICA_URL, REDIS_URL, AMQP_URL and COUCHDB_URL. The database is
// the stack's first one, which all attached programs share; tests should create their own
// with [Stack.Database].
func (s *Stack) Env() []string {
	names := map[string]*Service{
		"DATABASE_URL": s.Primary, "DATABASE_REPLICA_URL": s.Replica,
		"REDIS_URL": s.Redis, "AMQP_URL": s.Rabbit, "COUCHDB_URL": s.Couch,
	}
	var lines []string
	for name, service := range names {
		if service != nil {
			lines = append(lines, name+"="+service.URL)
		}
	}
	slices.Sort(lines)
	return lines
}

// Close ends the services that this Stack started, without regard to their data (except in a
// kept folder), removes the folder, and drops what was created in shared services.
func (s *Stack) Close() error {
	var errs []error
	if s.shares() {
		errs = append(errs, s.leaveShared())
	}
	if s.kept != "" && s.Primary != nil {
		errs = append(errs, s.Primary.Stop())
	}
	var ending sync.WaitGroup
	for _, service := range append(s.Services(), s.helpers...) {
		if !service.shared {
			ending.Go(service.discard)
		}
	}
	ending.Wait()
	for _, p := range s.proxies {
		errs = append(errs, p.Close())
	}
	if s.guard != nil {
		errs = append(errs, s.guard.close())
	}
	for _, lease := range s.leases {
		errs = append(errs, lease.lock.Close())
	}
	return errors.Join(errs...)
}

// shares reports whether some services belong to another program.
func (s *Stack) shares() bool {
	return slices.ContainsFunc(s.Services(), func(service *Service) bool { return service.shared })
}

// accountOf returns the account for a server: the named one if this program runs as root,
// else nil for this program's own.
func accountOf(name string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	return lookupAccount(name)
}
