package faults

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
	"sofipo/test/stack"
)

// site is a world in operation: two servers (one on the embedded stores), which share the load,
// and a consumer. Their ways to the services lead through proxies.
type site struct {
	*world
	t        *testing.T // whose end is that of the processes
	extra    [][]string // settings of each server beside those of the world
	servers  []*program.Process
	clients  []*program.Client
	consumer *program.Process

	toPrimary, toRedis, toRabbit, toCouch *stack.Proxy // nil where there is no such service or no proxy
	cluster                               *stack.Patroni
	rabbits                               *stack.Rabbits
	own                                   *stack.Stack // of this site alone
}

// open starts the processes.
func (s *site) open(t *testing.T) *site {
	t.Helper()
	s.t = t
	for range s.extra {
		s.servers, s.clients = append(s.servers, nil), append(s.clients, program.NewClient(""))
	}
	for i := range s.servers {
		s.start(t, i)
		must(t, s.clients[i].Login(t.Context(), "admin", "string"))
	}
	s.consumer = s.consume(s.t)
	return s
}

// start starts a server, or starts it again.
func (s *site) start(t *testing.T, i int, settings ...string) {
	t.Helper()
	s.servers[i] = program.Start(s.t, slices.Concat(s.env, s.extra[i], settings), "serve")
	s.servers[i].AwaitReady(t)
	s.clients[i].Point(s.servers[i].URL)
}

// close ends the processes, so that another site can use the services.
func (s *site) close() {
	if s.own != nil {
		defer func() { _ = s.own.Close() }()
	}
	for _, p := range append(s.servers, s.consumer) {
		if p != nil {
			p.Kill()
		}
	}
}

// ready wants the status of /readyz of all servers.
func (s *site) ready(t *testing.T, status int) {
	t.Helper()
	for i, c := range s.clients {
		await(t, answerLimit, fmt.Sprint("/readyz ", status), func() (bool, string) {
			answer, err := c.Send(limited(t), "GET", "/readyz", nil)
			return err == nil && answer.Status == status, fmt.Sprint("server ", i, ": ", answer.Status, " ", string(answer.Body), err)
		})
	}
}

// leader is the server that relays events.
func (s *site) leader(t *testing.T) int {
	t.Helper()
	var leader int
	await(t, answerLimit, "a server that relays", func() (bool, string) {
		n := s.books.number(t, `SELECT coalesce(max(right(application_name, 1)), '0')::int FROM pg_locks JOIN pg_stat_activity USING (pid)
			WHERE locktype = 'advisory' AND objid = x'736f6669'::int AND granted AND datname = current_database()`)
		leader = n - 1
		return n > 0, "none"
	})
	return leader
}

// twoServers are the settings that tell the servers of one database apart.
func twoServers(databaseURL string) [][]string {
	return [][]string{{"DATABASE_URL=" + databaseURL + "&application_name=server1"}, {"DATABASE_URL=" + databaseURL + "&application_name=server2"}}
}

// onServices is the stack of real services behind proxies.
func onServices(t *testing.T) *site {
	w := whole(t)
	s := &site{world: w}
	for _, way := range []struct {
		proxy   **stack.Proxy
		service *stack.Service
	}{{&s.toPrimary, w.primary}, {&s.toRedis, w.redis}, {&s.toRabbit, w.rabbit}, {&s.toCouch, w.couch}} {
		p, err := stack.NewProxy(way.service.Addr)
		must(t, err)
		t.Cleanup(func() { _ = p.Close() })
		*way.proxy = p
		for i := range w.env {
			w.env[i] = p.Through(w.env[i])
		}
	}
	s.setClock(t, 0)
	s.extra = twoServers(s.toPrimary.Through(w.books.source))
	return s.open(t)
}

// setClock makes the clock of the database server differ from the machine's, as far as the
// servers can see: they ask for clock_timestamp().
func (s *site) setClock(t *testing.T, by time.Duration) {
	t.Helper()
	s.handle(t).exec(t, "CREATE SCHEMA IF NOT EXISTS clock",
		fmt.Sprintf("CREATE OR REPLACE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.clock_timestamp() + interval '%d seconds' $$", int(by.Seconds())),
		`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, clock, pg_catalog', current_database()); END $$`)
}

// onFolder is the embedded default, which one server uses.
func onFolder(t *testing.T) *site {
	return (&site{world: embedded(t), extra: [][]string{nil}}).open(t)
}

// onSmallDisk has a PostgreSQL of its own on a small file system.
func onSmallDisk(t *testing.T) *site {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	own, err := stack.StartSmall(t.Context(), 256)
	must(t, err)
	t.Cleanup(func() { _ = own.Close() })
	return (&site{own: own, world: instead(t, own, own.Primary.URL), extra: twoServers(own.Primary.URL)}).open(t)
}

// onCluster has PostgreSQL under Patroni.
func onCluster(t *testing.T) *site {
	own, err := stack.StartOwn(t.Context(), stack.Redis)
	must(t, err)
	t.Cleanup(func() { _ = own.Close() })
	cluster, err := own.StartPatroni(t.Context())
	must(t, err)
	w := instead(t, own, cluster.URL)
	w.env = append(w.env, "DATABASE_REPLICA_URL="+cluster.Reads)
	return (&site{own: own, world: w, cluster: cluster, extra: twoServers(cluster.URL)}).open(t)
}

// onThreeNodes has three nodes of PostgreSQL under Patroni and three of RabbitMQ.
func onThreeNodes(t *testing.T) *site {
	own, err := stack.StartOwn(t.Context(), stack.Redis)
	must(t, err)
	t.Cleanup(func() { _ = own.Close() })
	cluster, err := own.StartPatroni(t.Context())
	must(t, err)
	rabbits, err := own.StartRabbits(t.Context())
	must(t, err)
	w := instead(t, own, cluster.URL)
	w.env = slices.DeleteFunc(w.env, func(line string) bool { return strings.HasPrefix(line, "AMQP_") })
	w.env = append(w.env, "DATABASE_REPLICA_URL="+cluster.Reads, "AMQP_URL="+rabbits.URL)
	return (&site{own: own, world: w, cluster: cluster, rabbits: rabbits, extra: twoServers(cluster.URL)}).open(t)
}

// instead is the whole world with another database, without a replica.
func instead(t *testing.T, own *stack.Stack, databaseURL string) *world {
	t.Helper()
	w := whole(t)
	w.books.source, w.postgres, w.primary, w.replica = databaseURL, own, own.Primary, nil
	w.env = slices.DeleteFunc(w.env, func(line string) bool { return strings.HasPrefix(line, "DATABASE_") })
	w.env = append(w.env, "DATABASE_URL="+databaseURL)
	return w
}
