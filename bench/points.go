package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"

	"sofipo/infra/amqp"
	"sofipo/infra/db"
	"sofipo/test/stack"
)

// The databases.
const (
	onPostgreSQL = "PostgreSQL"
	onSQLite     = "SQLite"
)

// hotClients is the number of clients that cached reads request.
const hotClients = 100

// rounds is how often payments and pgbench are measured alternately, so that other load on
// the machine affects both.
const rounds = 2

// loads are the measured numbers of connections.
var loads = []int{32, 128}

// ground is a filled database with the services around it.
type ground struct {
	*suite
	*books
	name     string
	config   db.Config
	settings []string                    // environment for sofipo
	uncached []string                    // the same without the cache, if it can be omitted
	services []service                   // used by the server
	pgbench  *pgbench                    // nil on SQLite
	settle   func(context.Context) error // finishes work left by the set-up
	consume  func() error                // removes relayed events
	follow   follower
}

// onPostgreSQL measures with the complete stack, including replica, Redis and RabbitMQ.
func (s *suite) onPostgreSQL(ctx context.Context, measure func(*ground, context.Context) error) (err error) {
	services, err := stack.StartOwn(ctx, stack.Replica, stack.Redis, stack.Rabbit)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	primary, replica, err := services.Database(ctx, "bench")
	if err != nil {
		return err
	}
	g := &ground{suite: s, name: onPostgreSQL, config: db.Config{PrimaryURL: primary, ReplicaURL: replica}}
	for _, each := range services.Services() {
		g.services = append(g.services, service{each.Name, each.Pid()})
	}
	g.uncached = []string{"DATABASE_URL=" + primary, "DATABASE_REPLICA_URL=" + replica, "AMQP_URL=" + services.Rabbit.URL, "SOFIPO_DATA=" + s.folder}
	g.settings = append([]string{"REDIS_URL=" + services.Redis.URL}, g.uncached...)
	other, _, err := services.Database(ctx, "pgbench")
	if err != nil {
		return err
	}
	if g.pgbench, err = preparePgbench(ctx, s.folder, other); err != nil {
		return err
	}
	g.settle = func(ctx context.Context) error {
		return errors.Join(stack.Vacuum(ctx, primary), services.Checkpoint(ctx))
	}
	g.consume = func() error { return emptyQueue(services.Rabbit.URL) }
	g.follow = followQueue(services.Rabbit.URL)
	return measure(g, ctx)
}

// emptyQueue removes all events from the queue, in place of the consumer.
func emptyQueue(url string) error {
	conn, err := rabbit.Dial(url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	channel, err := conn.Channel()
	if err != nil {
		return err
	}
	_, err = channel.QueuePurge(amqp.Queue, false)
	return err
}

// onSQLite measures with the embedded services.
func (s *suite) onSQLite(ctx context.Context, measure func(*ground, context.Context) error) (err error) {
	folder, err := os.MkdirTemp(s.folder, "data-")
	if err != nil {
		return err
	}
	settings := []string{"SOFIPO_DATA=" + folder}
	return measure(&ground{
		suite: s, name: onSQLite, config: db.Config{Folder: folder}, settings: settings, uncached: settings,
		settle: func(context.Context) error { return nil }, consume: func() error { return nil },
		follow: followFile(filepath.Join(folder, "events.db")),
	}, ctx)
}

// fill fills the database with the books.
func (g *ground) fill(ctx context.Context, b *books) error {
	fmt.Fprintf(g.progress, "%s: filling the books\n", g.name)
	g.books = b
	if err := fill(ctx, g.config, b); err != nil {
		return err
	}
	return g.settle(ctx)
}

// short measures spans of a few seconds. Reads come first, while every statement has the same
// length.
func (g *ground) short(ctx context.Context) (err error) {
	if err := g.fill(ctx, newBooks(g.size)); err != nil {
		return err
	}
	if g.reads {
		for _, conns := range loads {
			if err := g.uncachedReads(ctx, conns); err != nil {
				return err
			}
		}
	}
	if err := g.withServer(ctx, g.settings, g.cachedReadsAndPayments); err != nil {
		return err
	}
	return g.check(ctx)
}

// check compares the books with the accepted payments and runs sofipo doctor.
func (g *ground) check(ctx context.Context) error {
	if err := g.verify(ctx, g.config); err != nil {
		return err
	}
	report, err := doctor(ctx, g.folder, g.settings)
	g.note("%s: %d payments in the books, equal to the accepted ones; sofipo doctor: %d checks passed", g.name, g.accepted.Load(), strings.Count(report, "ok "))
	return err
}

func (g *ground) note(format string, args ...any) {
	g.notes = append(g.notes, fmt.Sprintf(format, args...))
}

// uncachedReads requests each object once from a new server, in random order, so that no
// cache can answer.
func (g *ground) uncachedReads(ctx context.Context, conns int) error {
	return g.withServer(ctx, g.uncached, func(_ context.Context, p *process) error {
		order := rand.Perm(len(g.holders))
		return errors.Join(
			g.http("client reads, uncached", conns, p, "200", each(order, g.clientPath)),
			g.http("statement reads, uncached", conns, p, "200", each(order, g.statementPath)))
	})
}

func (g *ground) cachedReadsAndPayments(ctx context.Context, p *process) error {
	if g.reads {
		if err := g.cachedReads(p); err != nil {
			return err
		}
	}
	token, err := signIn(p.port)
	if err != nil {
		return err
	}
	for _, conns := range loads {
		for range rounds {
			err = errors.Join(err, g.pay(ctx, g.due, conns, p, token), g.transactions(ctx, conns), g.pay(ctx, g.ahead, conns, p, token))
		}
	}
	return err
}

// cachedReads requests the same few clients repeatedly, and compares with the bare handler.
func (g *ground) cachedReads(p *process) error {
	give, err := ask(p.port, g.clientPath(0))
	if err != nil {
		return err
	}
	handler, err := startBare(g.folder, give)
	if err != nil {
		return err
	}
	for _, conns := range loads {
		err = errors.Join(err,
			g.http(bareHandler, conns, handler, "200", random(hotClients, g.clientPath)),
			g.http(cachedClients, conns, p, "200", random(hotClients, g.clientPath)),
			g.http("statement reads, cached", conns, p, "200", random(hotClients, g.statementPath)))
	}
	return errors.Join(err, handler.stop())
}

// transactions measures pgbench on PostgreSQL.
func (g *ground) transactions(ctx context.Context, conns int) error {
	if g.pgbench == nil {
		return nil
	}
	return g.measure(row{what: yardstick, ground: g.name, conns: conns, writes: true}, nil, func(o *observer) (sample, error) {
		o.window = max(o.window, time.Second) // on a busy machine, a shorter window might contain no transaction
		return g.pgbench.run(ctx, conns, o)
	})
}

// pay measures payments and waits until the relay has finished.
func (g *ground) pay(ctx context.Context, w *workload, conns int, p *process, token string) error {
	var seen sample
	err := g.measure(row{what: w.what, ground: g.name, conns: conns, writes: true}, p, func(o *observer) (_ sample, err error) {
		seen, err = generateLoad(p.port, conns, o.start(g.warm, os.Getpid()), "201", w.payments(token))
		return seen, err
	})
	if err != nil {
		return err
	}
	g.accept(seen.succeeded, w.amount)
	began := time.Now()
	waited, err := drained(ctx, g.config)
	g.note("%s, %s, %d connections: of %d events %d waited when the load ended; relayed %.1f s later",
		g.name, w.what, conns, seen.succeeded, waited, time.Since(began).Seconds())
	return errors.Join(err, g.consume())
}

// http measures requests to a server.
func (g *ground) http(what string, conns int, p *process, want string, next requestSource) error {
	return g.measure(row{what: what, ground: g.name, conns: conns}, p, func(o *observer) (sample, error) {
		return generateLoad(p.port, conns, o.start(g.warm, os.Getpid()), want, next)
	})
}

// measure runs a load, which starts the observer, and adds its row.
func (g *ground) measure(r row, p *process, load func(*observer) (sample, error)) (err error) {
	o := &observer{window: g.window, server: p, services: g.services, seen: make(chan usage, 1)}
	if r.sample, err = load(o); err != nil {
		return fmt.Errorf("%s on %s, %d connections: %w", r.what, r.ground, r.conns, err)
	}
	r.usage = <-o.seen
	r.print(g.progress)
	g.add(r)
	return nil
}

// add adds a row, or merges it with the existing row for the same measurement.
func (s *suite) add(r row) {
	for i := range s.rows {
		if old := &s.rows[i]; old.what == r.what && old.ground == r.ground && old.conns == r.conns {
			old.sample, old.usage = old.sample.plus(r.sample), old.usage.plus(r.usage)
			return
		}
	}
	s.rows = append(s.rows, r)
}

// withServer runs work with a newly started server.
func (g *ground) withServer(ctx context.Context, settings []string, work func(context.Context, *process) error) error {
	p, err := startSofipo(ctx, g.folder, settings)
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, p), p.stop())
}

func (g *ground) clientPath(n int) string { return "/api/v1/clients/" + g.rfcs[n] }

func (g *ground) statementPath(n int) string {
	return "/api/v1/loans/clients/" + g.holders[n].String() + "/account-statement"
}

// each requests the paths of the numbers, one after another.
func each(numbers []int, path func(int) string) requestSource {
	next := 0
	return func(b []byte) ([]byte, bool) {
		if next == len(numbers) {
			return b, false
		}
		next++
		return get(b, path(numbers[next-1])), true
	}
}

// random requests the paths of random numbers below n.
func random(n int, path func(int) string) requestSource {
	return func(b []byte) ([]byte, bool) { return get(b, path(rand.N(n))), true }
}

func get(b []byte, path string) []byte {
	b = append(append(b, "GET "...), path...)
	return append(b, " HTTP/1.1\r\nHost: bench\r\n\r\n"...)
}

// payments pays on one loan after another, each time with a new key.
func (w *workload) payments(token string) requestSource {
	body := `{"amount": ` + w.amount.String() + `}`
	head := "/payments HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) +
		"\r\nIdempotency-Key: "
	key := rand.Uint64()
	return func(b []byte) ([]byte, bool) {
		loan, more := w.next()
		if !more {
			return b, false
		}
		key++
		b = loan.Append(append(b, "POST /api/v1/loans/"...))
		b = strconv.AppendUint(append(b, head...), key, 10)
		return append(append(b, "\r\n\r\n"...), body...), true
	}
}

// signIn gets a token for the demo's user.
func signIn(port int) (string, error) {
	response, err := http.PostForm(fmt.Sprintf("http://127.0.0.1:%d/api/v1/auth/token", port), url.Values{"username": {"admin"}, "password": {"string"}})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var given struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&given); err != nil || given.Token == "" {
		return "", fmt.Errorf("signing in: %s: %w", response.Status, err)
	}
	return given.Token, nil
}
