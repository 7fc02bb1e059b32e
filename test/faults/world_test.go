package faults

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"sofipo/test/ground"
	"sofipo/test/program"
	"sofipo/test/stack"
)

// The services that take seconds to start are this package's own and shared by
// its tests, which run one after the other: they may be disturbed.
var heavy = sync.OnceValues(func() (*stack.Stack, error) {
	return stack.StartOwn(context.Background(), stack.Replica, stack.Rabbit)
})

var started bool

func TestMain(m *testing.M) {
	code := m.Run()
	if started {
		if s, err := heavy(); err == nil {
			_ = s.Close()
		}
	}
	os.Exit(code)
}

// settings are every server's: the demo's user, a key so that tokens outlive a
// restart, and a day that does not end during the tests.
var settings = []string{"SOFIPO_PROFILE=demo", "API_SECRET_KEY=a key of the fault tests and of nothing else", "SOFIPO_START_WAIT=20s", inNoon}

var inNoon = "SOFIPO_TIME_ZONE=" + ground.Noon.String()

// world is one installation, empty at first: a database, an event log, and
// what lies between.
type world struct {
	books    books
	env      []string
	consumer bool // events reach the log through RabbitMQ and sofipo consume

	primary, replica, redis, rabbit, couch *stack.Service // nil in the embedded default
	postgres                               *stack.Stack
}

// embedded is the default: all in one folder and one process.
func embedded(t *testing.T) *world {
	t.Helper()
	folder := t.TempDir()
	return &world{books: embeddedBooks(folder), env: append([]string{"SOFIPO_DATA=" + folder}, settings...)}
}

// whole is the stack of real services. The database, Redis and the CouchDB
// server are new; RabbitMQ's queues are empty.
func whole(t *testing.T) *world {
	t.Helper()
	started = true
	shared, err := heavy()
	must(t, err)
	light, err := stack.StartOwn(t.Context(), stack.Redis, stack.Couch)
	must(t, err)
	t.Cleanup(func() { _ = light.Close() })
	for _, service := range shared.Services() { // a test that failed may have left one down
		must(t, service.Thaw())
		if service.Pid() == 0 {
			must(t, service.Start())
		}
	}
	emptyQueues(t, shared.Rabbit.URL)
	primary, replica, err := shared.Database(t.Context(), t.Name())
	must(t, err)
	return &world{
		books: realBooks(primary, light.Couch.URL), consumer: true, postgres: shared,
		primary: shared.Primary, replica: shared.Replica, rabbit: shared.Rabbit, redis: light.Redis, couch: light.Couch,
		env: slices.Concat(settings, []string{
			"DATABASE_URL=" + primary, "DATABASE_REPLICA_URL=" + replica, "REDIS_URL=" + light.Redis.URL,
			"AMQP_URL=" + shared.Rabbit.URL, "COUCHDB_URL=" + light.Couch.URL,
		}),
	}
}

func (w *world) serve(t *testing.T) *program.Process {
	t.Helper()
	return program.Serve(t, w.env...)
}

func (w *world) consume(t *testing.T) *program.Process {
	t.Helper()
	if !w.consumer {
		return nil
	}
	return program.Start(t, w.env, "consume")
}

// login gives a client of the server that has the demo's token.
func login(t *testing.T, server *program.Process) *program.Client {
	t.Helper()
	c := program.NewClient(server.URL)
	must(t, c.Login(t.Context(), "admin", "string"))
	return c
}

// loan makes a client with one loan.
func loan(t *testing.T, c *program.Client, amount string) (clientID, loanID string) {
	t.Helper()
	clientID, _, err := c.Register(t.Context(), "Cliente de prueba")
	must(t, err)
	loanID, err = c.Grant(t.Context(), clientID, amount)
	must(t, err)
	return clientID, loanID
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await asks until the answer is yes, or fails the test when the limit is over.
func await(t *testing.T, limit time.Duration, what string, yes func() (bool, string)) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		done, seen := yes()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %s: got %s, want %s", limit, seen, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// counts shows numbers, for a message.
func counts(names string, numbers ...int) string { return fmt.Sprintf("%s: %v", names, numbers) }
