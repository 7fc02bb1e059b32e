package faults

import (
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"sofipo/core/civil"
	"sofipo/infra/amqp"
	"sofipo/test/ground"
	"sofipo/test/program"
	"sofipo/test/stack"
)

var (
	long      = flag.Bool("long", false, "TestFaults inflicts every fault")
	rounds    = flag.Int("rounds", 3, "how often TestFaults inflicts most faults, with -long")
	tableFile = flag.String("table", "", "file for TestFaults' table, in Markdown")
)

// fault is something that breaks while clients pay and read.
type fault struct {
	name  string
	quick bool // part of the short form, which inflicts it once
	once  bool // inflicted once in the long form too
	quiet bool // clients notice nothing: no payment takes a second try, every read is answered
	reads bool // every read is answered
	loses bool // acknowledged payments are lost: the row says how many, and does not fail
	sheds bool // some requests must be refused
	crowd int  // payers, if not the usual number
	hold  time.Duration
	begin func(t *testing.T, s *site) (end func())
}

// row is the result of a fault.
type row struct {
	fault                                        string
	operations, acknowledged, lost, wrong, twice int
	refusal, recovery                            time.Duration
	loses, failed                                bool
}

// places are the installations with the faults that are inflicted on them.
var places = []struct {
	name   string
	open   func(*testing.T) *site
	faults []fault
}{
	{"services", onServices, slicesOf(deaths, freezes, clocks)},
	{"network", onServices, slicesOf(networks, loads)},
	{"folder", onFolder, folders},
	{"disk", onSmallDisk, disks},
	{"cluster", onCluster, failovers},
	{"nodes", onThreeNodes, drills},
}

func slicesOf(lists ...[]fault) (all []fault) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// TestFaults inflicts the faults and prints a table of them: make test-faults. Each row has the
// same load and the same judge.
func TestFaults(t *testing.T) {
	var table []*row
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			var s *site
			for _, f := range place.faults {
				if !f.quick && !*long {
					continue
				}
				t.Run(f.name, func(r *testing.T) {
					if s == nil {
						s = place.open(t)
					}
					result := &row{fault: f.name, loses: f.loses}
					table = append(table, result)
					defer func() {
						result.failed = r.Failed()
						r.Log(result)
						if result.failed { // the next fault gets another site
							s.close()
							s = nil
						}
					}()
					s.suffer(r, f, result)
				})
			}
			if s != nil {
				s.close()
			}
		})
	}
	text := markdown(table)
	fmt.Print(text)
	if *tableFile != "" {
		must(t, os.WriteFile(*tableFile, []byte(text), 0o644))
	}
}

// suffer inflicts a fault while clients pay and read, and judges what is left.
func (s *site) suffer(t *testing.T, f fault, result *row) {
	l := &load{servers: s.clients, reads: f.reads || f.quiet, loses: f.loses}
	switch {
	case f.quiet:
		l.manner, l.pace = strict, rarely
	case f.crowd > 0:
		l.pace = 2 * rarely
	case s.cluster != nil:
		l.pace = rarely
	}
	l.start(t, max(f.crowd, payers))
	defer func() {
		result.operations, result.acknowledged = int(l.operations.Load()), int(l.payments.Load())
		result.refusal = l.longest()
	}()
	times := 1
	if *long && !f.once && s.cluster == nil {
		times = *rounds
	}
	for range times {
		l.awaitMore(t, payers)
		time.Sleep(someTime())
		end := f.begin(t, s)
		time.Sleep(max(f.hold, time.Second))
		end()
		ended := time.Now()
		l.awaitEach(t, ended)
		s.ready(t, 200)
		result.recovery = max(result.recovery, time.Since(ended))
	}
	if f.sheds && l.refused.Load() == 0 {
		t.Error("got no request refused, want some: the load was too small")
	}
	l.finish(t)
	if s.cluster != nil {
		must(t, s.cluster.Whole(t.Context(), !f.loses))
	}
	result.lost, result.twice = s.judge(t, l)
	result.wrong = len(l.wrong)
	if result.twice > 0 || result.lost > 0 && !f.loses {
		t.Errorf("got %d payments or events lost and %d doubled, want none", result.lost, result.twice)
	}
}

// markdown is the table of the rows.
func markdown(table []*row) string {
	var text strings.Builder
	text.WriteString("| fault | operations | acknowledged | lost | doubled | wrong answers | longest refusal | recovery |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range table {
		text.WriteString(r.String())
	}
	return text.String()
}

func (r *row) String() string {
	lost, name := fmt.Sprint(r.lost), r.fault
	if r.loses {
		lost += " (expected)"
	}
	if r.failed {
		name += " **failed**"
	}
	return fmt.Sprintf("| %s | %d | %d | %s | %d | %d | %.1f s | %.1f s |\n", name, r.operations, r.acknowledged, lost, r.twice, r.wrong, r.refusal.Seconds(), r.recovery.Seconds())
}

// service returns a service of the site.
type service func(s *site) *stack.Service

func primaryOf(s *site) *stack.Service { return s.primary }
func replicaOf(s *site) *stack.Service { return s.replica }
func redisOf(s *site) *stack.Service   { return s.redis }
func rabbitOf(s *site) *stack.Service  { return s.rabbit }
func couchOf(s *site) *stack.Service   { return s.couch }

// killed kills a service and starts it again.
func killed(which service) func(*testing.T, *site) func() {
	return func(t *testing.T, s *site) func() {
		must(t, which(s).Kill())
		return func() { must(t, which(s).Start()) }
	}
}

// frozen stops a service with SIGSTOP and continues it.
func frozen(which service) func(*testing.T, *site) func() {
	return func(t *testing.T, s *site) func() {
		must(t, which(s).Freeze())
		return func() { must(t, which(s).Thaw()) }
	}
}

// killServer kills a server with SIGKILL and starts it again.
func killServer(t *testing.T, s *site, i int) func() {
	s.servers[i].Kill()
	return func() { s.start(t, i) }
}

// freezeServer stops a server with SIGSTOP and continues it.
func freezeServer(t *testing.T, s *site, i int) func() {
	must(t, s.servers[i].Freeze())
	return func() { must(t, s.servers[i].Thaw()) }
}

var deaths = []fault{
	{name: "API server killed", begin: func(t *testing.T, s *site) func() { return killServer(t, s, 1-s.leader(t)) }},
	{name: "relay leader killed", quick: true, hold: 2 * time.Second, begin: func(t *testing.T, s *site) func() {
		end := killServer(t, s, s.leader(t))
		s.awaitGrowth(t) // the other server relays
		return end
	}},
	{name: "consumer killed", quiet: true, begin: func(_ *testing.T, s *site) func() {
		s.consumer.Kill()
		return func() { s.consumer = s.consume(s.t) }
	}},
	{name: "PostgreSQL primary killed", quick: true, begin: func(t *testing.T, s *site) func() {
		end := killed(primaryOf)(t, s)
		s.ready(t, 503)
		return end
	}},
	{name: "PostgreSQL replica killed", quiet: true, begin: killed(replicaOf)},
	{name: "Redis killed", quiet: true, begin: killed(redisOf)},
	{name: "RabbitMQ killed", quick: true, quiet: true, begin: killed(rabbitOf)},
	{name: "CouchDB server killed", quiet: true, begin: killed(couchOf)},
}

var freezes = []fault{
	{name: "API server frozen", begin: func(t *testing.T, s *site) func() { return freezeServer(t, s, 1-s.leader(t)) }},
	{name: "relay leader frozen", hold: 4 * time.Second, begin: func(t *testing.T, s *site) func() { return freezeServer(t, s, s.leader(t)) }},
	{name: "consumer frozen", quiet: true, begin: func(t *testing.T, s *site) func() {
		must(t, s.consumer.Freeze())
		return func() { must(t, s.consumer.Thaw()) }
	}},
	{name: "PostgreSQL primary frozen", hold: 4 * time.Second, begin: frozen(primaryOf)},
	{name: "PostgreSQL replica frozen", quick: true, quiet: true, begin: frozen(replicaOf)},
	{name: "PostgreSQL replica behind", quiet: true, begin: func(t *testing.T, s *site) func() {
		must(t, s.postgres.PauseReplay(limited(t)))
		return func() { must(t, s.postgres.ResumeReplay(limited(t))) }
	}},
	{name: "Redis frozen", quick: true, quiet: true, begin: frozen(redisOf)},
	{name: "RabbitMQ frozen", quiet: true, begin: frozen(rabbitOf)},
	{name: "CouchDB server frozen", quiet: true, begin: frozen(couchOf)},
}

// clocks: writes are refused while the clocks of the servers and of PostgreSQL differ.
var clocks = []fault{
	{name: "clock of PostgreSQL an hour ahead", reads: true, begin: wrongClock(time.Hour)},
	{name: "clock of PostgreSQL an hour behind", quick: true, reads: true, begin: wrongClock(-time.Hour)},
}

func wrongClock(by time.Duration) func(*testing.T, *site) func() {
	return func(t *testing.T, s *site) func() {
		s.setClock(t, by)
		s.ready(t, 503)
		return func() { s.setClock(t, 0) }
	}
}

var (
	primaryWay = func(s *site) *stack.Proxy { return s.toPrimary }
	redisWay   = func(s *site) *stack.Proxy { return s.toRedis }
	rabbitWay  = func(s *site) *stack.Proxy { return s.toRabbit }
	couchWay   = func(s *site) *stack.Proxy { return s.toCouch }
)

// networks disturb the connections of both servers and the consumer.
var networks = []fault{
	{name: "connections to PostgreSQL cut", quick: true, begin: cut(primaryWay)},
	{name: "connections to Redis cut", quiet: true, begin: cut(redisWay)},
	{name: "connections to RabbitMQ cut", quiet: true, begin: cut(rabbitWay)},
	{name: "connections to CouchDB cut", quiet: true, begin: cut(couchWay)},
	{name: "network to PostgreSQL silent", hold: 4 * time.Second, begin: silent(primaryWay)},
	{name: "network to Redis silent", quiet: true, begin: silent(redisWay)},
	{name: "network to RabbitMQ silent", quiet: true, begin: silent(rabbitWay)},
	{name: "network to CouchDB silent", quiet: true, begin: silent(couchWay)},
	{name: "network to PostgreSQL slow (100 ms each way)", begin: slow(primaryWay)},
	{name: "network to Redis slow", quiet: true, begin: slow(redisWay)},
	{name: "network to RabbitMQ slow", quiet: true, begin: slow(rabbitWay)},
	{name: "network to CouchDB slow", quiet: true, begin: slow(couchWay)},
}

// cut closes all connections a few times, and then refuses new ones for a while.
func cut(way func(*site) *stack.Proxy) func(*testing.T, *site) func() {
	return func(_ *testing.T, s *site) func() {
		for range 5 {
			way(s).Cut()
			way(s).Mend()
			time.Sleep(100 * time.Millisecond)
		}
		way(s).Cut()
		return way(s).Mend
	}
}

func silent(way func(*site) *stack.Proxy) func(*testing.T, *site) func() {
	return func(_ *testing.T, s *site) func() {
		way(s).Silence()
		return way(s).Mend
	}
}

func slow(way func(*site) *stack.Proxy) func(*testing.T, *site) func() {
	return func(_ *testing.T, s *site) func() {
		way(s).Slow(100 * time.Millisecond)
		return way(s).Mend
	}
}

var loads = []fault{
	{name: "200 clients on a slow database", once: true, sheds: true, crowd: 200, hold: 2 * time.Second, begin: slow(primaryWay)},
	{name: "100 clients that do not read", quiet: true, hold: 2 * time.Second, begin: func(t *testing.T, s *site) func() {
		var open []net.Conn
		for i := range 100 {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.servers[i%len(s.servers)].URL, "http://"))
			must(t, err)
			_, err = fmt.Fprint(conn, strings.Repeat("GET /openapi.json HTTP/1.1\r\nHost: bank\r\n\r\n", 3))
			must(t, err)
			open = append(open, conn)
		}
		return func() {
			for _, conn := range open {
				_ = conn.Close()
			}
		}
	}},
}

// folders are the faults of the embedded stores.
var folders = []fault{
	{name: "SQLite: server killed", quick: true, begin: func(t *testing.T, s *site) func() { return killServer(t, s, 0) }},
	{name: "SQLite: server frozen", begin: func(t *testing.T, s *site) func() { return freezeServer(t, s, 0) }},
	{name: "SQLite: disk full", quick: true, reads: true, begin: func(t *testing.T, s *site) func() {
		limitFiles(t, s.servers[0], 1)
		s.ready(t, 503)
		return func() { limitFiles(t, s.servers[0], math.MaxUint64) }
	}},
	{name: "SQLite: 200 clients while another program writes", once: true, crowd: 200, hold: 2 * time.Second, begin: func(t *testing.T, s *site) func() {
		hand := s.handle(t)
		writing, err := hand.BeginTx(t.Context(), nil)
		must(t, err)
		return func() {
			must(t, writing.Rollback())
			must(t, hand.Close())
		}
	}},
	{name: "SQLite: clock 10 s behind", once: true, begin: func(t *testing.T, s *site) func() {
		s.servers[0].Kill()
		s.futureRow(t, 10*time.Second)
		s.servers[0] = program.Start(s.t, s.env, "serve")
		s.servers[0].AwaitListening(t)
		s.clients[0].Point(s.servers[0].URL)
		s.ready(t, 503)
		s.ready(t, 200) // once the clock has passed the row
		return func() {}
	}},
}

// futureRow adds a row to the journal, of a moment in the future: the row of a command that
// posted nothing.
func (s *site) futureRow(t *testing.T, ahead time.Duration) {
	t.Helper()
	at := time.Now().Add(ahead).UnixMilli()
	s.handle(t).exec(t, fmt.Sprintf(`INSERT INTO journal (id, command, number, at, subject, actor, action)
		SELECT '%[1]s' || substr(id, 14), '%[1]s' || substr(command, 14), 0, %[2]d000, subject, actor, action
		FROM journal WHERE kind IS NULL ORDER BY id DESC LIMIT 1`, fmt.Sprintf("%08x-%04x", at>>16, at&0xffff), at))
}

// rlimitFSize is RLIMIT_FSIZE of Linux.
const rlimitFSize = 1

// limitFiles sets the greatest file size of a running process. A write beyond it fails, as on
// a disk that is full.
func limitFiles(t *testing.T, p *program.Process, size uint64) {
	t.Helper()
	limit := syscall.Rlimit{Cur: size, Max: math.MaxUint64}
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(p.PID()), rlimitFSize, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if failed != 0 {
		t.Fatalf("prlimit: got %v, want no error", failed)
	}
}

var disks = []fault{
	{name: "PostgreSQL: disk full", quick: true, begin: func(t *testing.T, s *site) func() {
		free, err := s.postgres.FillDisk()
		must(t, err)
		s.ready(t, 503)
		return func() {
			must(t, free())
			if s.primary.Pid() == 0 { // it ends if it cannot write its log
				must(t, s.primary.Start())
			}
		}
	}},
}

// failovers are the faults of a cluster under Patroni, whose ttl is 10 s here. Each ends with
// another leader that accepts payments.
var failovers = []fault{
	{name: "synchronous: leader killed", begin: failover(true, killLeader)},
	{name: "synchronous: leader frozen", begin: failover(true, freezeLeader)},
	{name: "synchronous: replication frozen, then leader killed", quick: true, begin: failover(true, stalledAndKilled)},
	{name: "synchronous: split brain", begin: failover(true, hangPatroni)},
	{name: "synchronous: leader cut off from etcd", begin: failover(true, isolateLeader)},
	{name: "synchronous: leader killed during a close", begin: killedInAClose},
	{name: "asynchronous: replication frozen, then leader killed", loses: true, begin: failover(false, stalledAndKilled)},
	{name: "asynchronous: split brain", loses: true, begin: failover(false, hangPatroni)},
}

// drills are the faults of three nodes of PostgreSQL, with synchronous replication, and three of
// RabbitMQ, with quorum queues.
var drills = []fault{
	{name: "RabbitMQ cluster: leader of the queue killed", quiet: true, begin: killQueue},
	{name: "RabbitMQ cluster: leader of the queue frozen", quiet: true, begin: freezeQueue},
	{name: "leaders of PostgreSQL and of the queue killed", begin: func(t *testing.T, s *site) func() {
		mendQueue := killQueue(t, s)
		mend := failover(true, killLeader)(t, s)
		return func() {
			mendQueue()
			mend()
		}
	}},
}

// killQueue kills the leader of the queue of events until there is another one.
func killQueue(t *testing.T, s *site) func() {
	leader, err := s.rabbits.Leader(t.Context(), amqp.Queue, nil)
	must(t, err)
	must(t, leader.Kill())
	_, err = s.rabbits.Leader(t.Context(), amqp.Queue, leader)
	must(t, err)
	return func() {
		must(t, leader.Start())
		must(t, s.rabbits.Whole(t.Context(), amqp.Queue))
	}
}

// freezeQueue freezes the leader of the queue of events. RabbitMQ may take more than a minute to
// choose another one; the fault ends before.
func freezeQueue(t *testing.T, s *site) func() {
	leader, err := s.rabbits.Leader(t.Context(), amqp.Queue, nil)
	must(t, err)
	must(t, leader.Freeze())
	return func() {
		must(t, leader.Thaw())
		must(t, s.rabbits.Whole(t.Context(), amqp.Queue))
	}
}

// stalledAndKilled stops what sends the log to the standbys, lets clients pay for two seconds,
// and kills the leader.
func stalledAndKilled(_ *testing.T, _ *site, leader *stack.Service) error {
	if err := leader.FreezeOnly("walsender"); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	return leader.Kill()
}

// failover disturbs the leader of a cluster in one of its modes, until there is another one, and
// then mends it.
func failover(synchronous bool, disturb func(t *testing.T, s *site, leader *stack.Service) error) func(*testing.T, *site) func() {
	return func(t *testing.T, s *site) func() {
		must(t, s.cluster.SetSynchronous(t.Context(), synchronous))
		leader, err := s.cluster.Leader(t.Context(), nil)
		must(t, err)
		must(t, disturb(t, s, leader))
		_, err = s.cluster.Leader(t.Context(), leader)
		must(t, err)
		return func() { s.mend(t, leader, synchronous) }
	}
}

// mend brings a former leader back as a standby.
func (s *site) mend(t *testing.T, node *stack.Service, synchronous bool) {
	t.Helper()
	s.cluster.Rejoin(node)
	if node.Pid() == 0 {
		must(t, node.Start())
	}
	must(t, node.Thaw())
	must(t, s.cluster.Whole(t.Context(), synchronous))
}

// killedInAClose kills the leader while a close of the day waits in its first batch. The close
// is run again on the new leader.
func killedInAClose(t *testing.T, s *site) func() {
	hand := s.handle(t)
	hand.stall(t, "daily_positions", anySlice)
	day := civil.DateOf(time.Now().In(ground.Noon))
	closing := program.Start(s.t, s.env, "close", "--wait", "--date", day.String())
	for closing.Running() && !hand.stalled(t) {
		continue
	}
	if !closing.Running() {
		t.Fatalf("got a close that ended, want it to wait: %s", closing.Log())
	}
	must(t, hand.Close())
	mend := failover(true, killLeader)(t, s)
	return func() {
		mend()
		s.handle(t).exec(t, "DROP FUNCTION stall CASCADE")
		code := closing.Wait(t, time.Minute)
		t.Logf("the close ended with exit code %d: %s", code, closing.Log())
		await(t, answerLimit, "a closed day", func() (bool, string) {
			r := program.Run(t, s.env, "", "close", "--wait", "--date", day.String())
			return r.Code == 0 || strings.Contains(r.Stderr, "already closed"), r.String()
		})
	}
}

func killLeader(_ *testing.T, _ *site, leader *stack.Service) error { return leader.Kill() }

func freezeLeader(_ *testing.T, _ *site, leader *stack.Service) error { return leader.Freeze() }

// hangPatroni leaves a leader that neither renews nor gives up its leadership.
func hangPatroni(_ *testing.T, s *site, leader *stack.Service) error { return s.cluster.Hang(leader) }

func isolateLeader(_ *testing.T, s *site, leader *stack.Service) error {
	s.cluster.Isolate(leader)
	return nil
}
