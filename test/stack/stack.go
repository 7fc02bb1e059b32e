package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// Part names what a Stack is made of.
type Part string

// The parts. Replica brings Postgres along.
const (
	Postgres Part = "postgres" // the primary
	Replica  Part = "replica"  // a streaming replica of the primary
	Redis    Part = "redis"
	Rabbit   Part = "rabbitmq"
	Couch    Part = "couchdb"
)

var allParts = []Part{Postgres, Replica, Redis, Rabbit, Couch}

// Stack is a set of running services; those of parts that were not asked for
// are nil. Close ends them.
type Stack struct {
	Primary, Replica, Redis, Rabbit, Couch *Service

	folder   string
	secret   string // password of every account in this stack
	guard    *guard
	helpers  []*Service
	cluster  cluster
	broker   broker
	vhost    string // made in a shared RabbitMQ; "" in an own one
	mu       sync.Mutex
	leases   []portLease
	database []string // names made by Database
}

// Start starts the parts (all when none is named) and waits until each answers.
// Where SOFIPO_TEST_STACK names a file written by test/stack/cmd/stack, the
// PostgreSQL and RabbitMQ of that file are used instead of own ones.
func Start(ctx context.Context, parts ...Part) (*Stack, error) {
	if file := os.Getenv(shareVariable); file != "" {
		return attach(ctx, file, chosen(parts))
	}
	return StartOwn(ctx, parts...)
}

// StartOwn is Start without regard to SOFIPO_TEST_STACK: for tests that stop,
// kill or freeze services.
func StartOwn(ctx context.Context, parts ...Part) (*Stack, error) {
	return startHere(ctx, &Stack{}, chosen(parts))
}

// chosen completes the list of parts, without doubles.
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

// startHere adds the parts to s as processes of this program.
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
	s.secret = rand.Text()
	if s.folder, err = os.MkdirTemp("", "sofipo-stack-"); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	if err := os.Chmod(s.folder, 0o755); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	s.guard, err = startGuard(s.folder)
	return err
}

// newService leases a port and makes a service that is not yet started.
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

// leasePort gives a port that is this Stack's until Close.
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

// Services are those that run, in the order of the parts.
func (s *Stack) Services() []*Service {
	all := []*Service{s.Primary, s.Replica, s.Redis, s.Rabbit, s.Couch}
	return slices.DeleteFunc(all, func(service *Service) bool { return service == nil })
}

// Env gives the settings that lead sofipo to the running services, as
// NAME=value lines: DATABASE_URL, DATABASE_REPLICA_URL, REDIS_URL, AMQP_URL and
// COUCHDB_URL. The database is the stack's first one, which is shared by all
// who attach; tests take their own from [Stack.Database].
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

// Close ends the services that this Stack started, without regard to their
// data, removes the folder, and drops what was made in shared services.
func (s *Stack) Close() error {
	var errs []error
	if s.shares() {
		errs = append(errs, s.leaveShared())
	}
	var ending sync.WaitGroup
	for _, service := range append(s.Services(), s.helpers...) {
		if !service.shared {
			ending.Go(service.discard)
		}
	}
	ending.Wait()
	if s.guard != nil {
		errs = append(errs, s.guard.close())
	}
	for _, lease := range s.leases {
		errs = append(errs, lease.lock.Close())
	}
	return errors.Join(errs...)
}

// shares tells whether some of the services belong to another program.
func (s *Stack) shares() bool {
	return slices.ContainsFunc(s.Services(), func(service *Service) bool { return service.shared })
}

// accountOf gives the account that a server runs under: user when this program
// is root, else this program's own.
func accountOf(name string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	return lookupAccount(name)
}
