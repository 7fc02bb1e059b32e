package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"sofipo/test/stack"
)

// The tests share one Redis; each that stops it leaves it running.
var server = sync.OnceValues(func() (*stack.Stack, error) { return stack.StartOwn(background, stack.Redis) })

var started bool

func TestMain(m *testing.M) {
	beatLimit = 2 * time.Second
	code := m.Run()
	if started {
		if s, err := server(); err == nil {
			_ = s.Close()
		}
	}
	os.Exit(code)
}

// redisServer is the shared Redis, emptied.
func redisServer(t testing.TB) *stack.Service {
	t.Helper()
	must(t, raw(t, "FLUSHALL").Error())
	return service(t)
}

func service(t testing.TB) *stack.Service {
	t.Helper()
	started = true
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	return s.Redis
}

// connected is a new client, which stands for another process.
func connected(t testing.TB) *Redis {
	t.Helper()
	r, err := NewRedis(service(t).URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	eventually(t, "ready", r.Ready)
	return r
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("got no change within a minute, want that %s", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// raw runs a command of Redis beside the cache.
func raw(t testing.TB, command ...string) rueidis.RedisResult {
	t.Helper()
	option, err := rueidis.ParseURL(service(t).URL)
	must(t, err)
	client, err := rueidis.NewClient(option)
	must(t, err)
	defer client.Close()
	return client.Do(background, client.B().Arbitrary(command...).Build())
}

func unique(name string) string { return fmt.Sprintf("%s:%d", name, rand.Uint64()) }

// patience is what a call may take whose own limit is beatLimit, on a machine that
// is busy with something else; a Redis that is down or frozen stays so.
const patience = 8 * time.Second

// quick checks that a call returns in time.
func quick(t *testing.T, what string, call func()) {
	t.Helper()
	begin := time.Now()
	call()
	if took := time.Since(begin); took > patience {
		t.Errorf("%s took %s, want at most %v", what, took, patience)
	}
}

func TestURLs(t *testing.T) {
	for _, url := range []string{"", "localhost:6379", "http://localhost", "redis://localhost/x"} {
		if r, err := NewRedis(url); err == nil {
			r.Close()
			t.Errorf("NewRedis(%q) : got no error, want an error", url)
		}
	}
}

func TestTwoProcessesShare(t *testing.T) {
	redisServer(t)
	a, b := connected(t), connected(t)
	key := unique("shared")
	holds(t, b, key, Entry{})
	a.Fill(background, key, value(5, "a"), time.Hour)
	sees := func(want Entry) func() bool {
		return func() bool {
			got, _ := b.Get(background, key)
			return got.Token == want.Token && string(got.Body) == string(want.Body)
		}
	}
	eventually(t, "filled in the other process", sees(value(5, "a")))
	a.Forget(background, 7, key)
	eventually(t, "forgotten in the other process", sees(Entry{Token: 7}))
	b.Fill(background, key, value(6, "stale"), time.Hour)
	holds(t, b, key, Entry{Token: 7})
}

// Hits are answered in the process: the server sees no command for them.
func TestHitsStayInTheProcess(t *testing.T) {
	redisServer(t)
	r := connected(t)
	key := unique("local")
	r.Fill(background, key, value(5, "a"), time.Hour)
	holds(t, r, key, value(5, "a"))
	calls := func() string {
		info, err := raw(t, "INFO", "commandstats").ToString()
		must(t, err)
		_, after, _ := strings.Cut(info, "cmdstat_pttl:calls=")
		count, _, _ := strings.Cut(after, ",")
		return count
	}
	before := calls()
	for range 1000 {
		holds(t, r, key, value(5, "a"))
	}
	if after := calls(); before == "" || after != before {
		t.Errorf("got %s calls before, %s after, want as many after as before: the server was asked", before, after)
	}
}

func TestForeignValuesAreMisses(t *testing.T) {
	for _, foreign := range []string{`{"rfc":"XAXX010101000"}`, "x", "", "000000000000000g|a", "0000000000000005", "00000000000000005|a"} {
		t.Run(foreign, func(t *testing.T) {
			redisServer(t)
			r := connected(t)
			key := unique("foreign")
			must(t, raw(t, "SET", r.live.Load().prefix+key, foreign).Error())
			holds(t, r, key, Entry{})
			r.Fill(background, key, value(5, "a"), time.Hour)
			holds(t, r, key, value(5, "a"))
		})
	}
}

// TestAnswersOfEarlierVersionsAreMarks: what an earlier version of the program left is not
// read, but still refuses what is older.
func TestAnswersOfEarlierVersionsAreMarks(t *testing.T) {
	redisServer(t)
	r := connected(t)
	key := unique("earlier")
	must(t, raw(t, "SET", r.live.Load().prefix+key, encodeToken(5)+`|{"advance":1}`, "PX", "300000").Error())
	holds(t, r, key, Entry{Token: 5})
	r.Fill(background, key, value(4, "older"), time.Hour)
	holds(t, r, key, Entry{Token: 5})
	r.Fill(background, key, value(5, "same"), time.Hour)
	holds(t, r, key, value(5, "same"))
}

// The seed keeps plain JSON under names like ours; neither sees the other's.
func TestSeedKeysAreLeftAlone(t *testing.T) {
	redisServer(t)
	r := connected(t)
	key := unique("client_rfc:")
	must(t, raw(t, "SET", key, `{"seed":true}`).Error())
	r.Forget(background, 7, key)
	if text, err := raw(t, "GET", key).ToString(); err != nil || text != `{"seed":true}` {
		t.Errorf(`got the seed's value %q, %v, want {"seed":true}`, text, err)
	}
}

func TestStartWhileRedisIsDown(t *testing.T) {
	redis := redisServer(t)
	must(t, redis.Kill())
	key := unique("down")
	var r *Redis
	quick(t, "NewRedis", func() {
		var err error
		r, err = NewRedis(redis.URL)
		must(t, err)
	})
	defer r.Close()
	quick(t, "use", func() {
		r.Fill(background, key, value(5, "a"), time.Hour)
		holds(t, r, key, Entry{})
		r.Forget(background, 7, key)
	})
	must(t, redis.Start())
	eventually(t, "ready", r.Ready)
	r.Fill(background, key, value(6, "stale"), time.Hour)
	if e, _ := r.Get(background, key); e.Body != nil {
		t.Error("got an answer in spite of a Forget from before the start, want none")
	}
	r.Fill(background, key, value(7, "a"), time.Hour)
	holds(t, r, key, value(7, "a"))
}

func TestStartWhileRedisIsFrozen(t *testing.T) {
	redis := redisServer(t)
	must(t, redis.Freeze())
	defer func() { must(t, redis.Thaw()) }()
	quick(t, "NewRedis and Close", func() {
		r, err := NewRedis(redis.URL)
		must(t, err)
		holds(t, r, "x", Entry{})
		r.Close()
	})
}

// In flight when the server freezes, and after: every call returns soon, and no
// Get after the thaw sees what was forgotten meanwhile.
func TestFrozen(t *testing.T) {
	redis := redisServer(t)
	r := connected(t)
	kept, lost := unique("kept"), unique("lost")
	r.Fill(background, kept, value(5, "a"), time.Hour)
	r.Fill(background, lost, value(5, "a"), time.Hour)
	must(t, redis.Freeze())
	var all sync.WaitGroup
	for i := range 3000 { // more than rueidis queues
		all.Go(func() {
			quick(t, "Get while frozen", func() { r.Get(background, fmt.Sprint("frozen:", i)) })
			quick(t, "Fill while frozen", func() { r.Fill(background, fmt.Sprint("frozen:", i), value(1, "a"), time.Hour) })
		})
	}
	all.Go(func() { quick(t, "Forget while frozen", func() { r.Forget(background, 7, lost) }) })
	all.Wait()
	begin := time.Now()
	for range 1000 {
		r.Get(background, kept)
		r.Fill(background, kept, value(1, "a"), time.Hour)
		r.Forget(background, 7, lost)
	}
	if took := time.Since(begin); took > patience { // 2.7 ms each
		t.Errorf("3,000 calls after the first failure took %s, want at most %v", took, patience)
	}
	must(t, redis.Thaw())
	eventually(t, "healed", func() bool {
		if e, _ := r.Get(background, lost); e.Body != nil {
			t.Fatal("got a forgotten answer after the thaw, want none")
		}
		return r.Ready()
	})
	holds(t, r, lost, Entry{Token: 7})
	holds(t, r, kept, value(5, "a"))
	if s := r.Stats(); s.Failures == 0 {
		t.Errorf("got %+v, want some failures", s)
	}
}

// Killed and started again, having loaded a snapshot from before the forget.
func TestRestartWithAnOldSnapshot(t *testing.T) {
	redis := redisServer(t)
	a, b := connected(t), connected(t)
	key, other := unique("snapshot"), unique("snapshot")
	a.Fill(background, key, value(5, "stale"), time.Hour)
	must(t, raw(t, "SAVE").Error())
	prefix := a.live.Load().prefix
	a.Forget(background, 7, key) // delivered, and then lost with the process
	must(t, redis.Kill())
	must(t, redis.Start())
	if text, err := raw(t, "GET", prefix+key).ToString(); err != nil || !strings.HasSuffix(text, "|2stale") {
		t.Fatalf("got %q, %v, want the stale value of the snapshot, without which the test proves nothing", text, err)
	}
	for _, r := range []*Redis{a, b} {
		eventually(t, "ready", func() bool {
			if e, _ := r.Get(background, key); e.Body != nil {
				t.Fatal("got an answer of the old snapshot, want none")
			}
			return r.Ready()
		})
	}
	// The mark is gone, but a knew of it: a lagging fill is refused in all processes.
	for _, r := range []*Redis{a, b} {
		r.Fill(background, key, value(6, "stale"), time.Hour)
		r.Fill(background, other, value(6, "stale"), time.Hour)
		holds(t, r, key, Entry{})
		holds(t, r, other, Entry{})
	}
	b.Fill(background, key, value(7, "a"), time.Hour)
	holds(t, b, key, value(7, "a"))
	redisServer(t)
	must(t, raw(t, "SAVE").Error())
}

// The same when the process that forgot has ended and no other process knows of it.
func TestRestartWithoutTheForgetter(t *testing.T) {
	redis := redisServer(t)
	b := connected(t)
	a, err := NewRedis(redis.URL)
	must(t, err)
	key := unique("orphan")
	a.Fill(background, key, value(5, "stale"), time.Hour)
	must(t, raw(t, "SAVE").Error())
	a.Forget(background, 7, key)
	a.Close()
	must(t, redis.Kill())
	must(t, redis.Start())
	eventually(t, "ready", b.Ready)
	holds(t, b, key, Entry{})
	redisServer(t)
	must(t, raw(t, "SAVE").Error())
}

// More undelivered forgets than are kept by key: everything older is stale, for
// every process.
func TestOverflowMakesAllStale(t *testing.T) {
	redis := redisServer(t)
	a, b := connected(t), connected(t)
	key, fresh := unique("overflow"), unique("overflow")
	a.Fill(background, key, value(5, "a"), time.Hour)
	a.Fill(background, fresh, value(2_000_000, "a"), time.Hour)
	eventually(t, "seen by the other", func() bool { e, _ := b.Get(background, key); return e.Body != nil })
	must(t, redis.Freeze())
	for i := range uint64(maxPending/100 + 1) {
		keys := make([]string, 100)
		for j := range keys {
			keys[j] = fmt.Sprintf("%s:%d:%d", key, i, j)
		}
		a.Forget(background, 10+i, keys...)
	}
	a.mu.Lock()
	if !a.pending.all || len(a.pending.keys) != 0 {
		t.Errorf("got %d pending keys, all pending: %t, want all and no single keys", len(a.pending.keys), a.pending.all)
	}
	a.mu.Unlock()
	must(t, redis.Thaw())
	eventually(t, "ready", a.Ready)
	holds(t, a, key, Entry{})
	holds(t, a, fresh, value(2_000_000, "a"))
	eventually(t, "stale in the other process", func() bool { e, _ := b.Get(background, key); return b.Ready() && e.Body == nil })
	refused := b.Stats().Refused
	b.Fill(background, key, value(6, "stale"), time.Hour)
	holds(t, b, key, Entry{})
	if b.Stats().Refused != refused+1 {
		t.Errorf("got %d refused fills, want %d", b.Stats().Refused, refused+1)
	}
}

// A new session takes forgets at once, but answers nothing before all that was
// owed is delivered.
func TestGetsWaitForOwedForgets(t *testing.T) {
	option, err := rueidis.ParseURL(redisServer(t).URL)
	must(t, err)
	s, err := open(option)
	must(t, err)
	defer s.kill(errClosed)
	r := &Redis{option: option}
	key, other := unique("owed"), unique("owed")
	for _, k := range []string{key, other} {
		if kept, err := s.fill(k, value(5, "stale"), time.Hour); !kept || err != nil {
			t.Fatalf("got %v, %v, want the fill kept", kept, err)
		}
	}
	r.pending.add(7, []string{key})
	r.live.Store(s)
	r.Forget(background, 8, other)
	r.Fill(background, key, value(9, "early"), time.Hour)
	for _, k := range []string{key, other} {
		holds(t, r, k, Entry{})
	}
	must(t, r.deliver(s))
	holds(t, r, key, Entry{Token: 7})
	holds(t, r, other, Entry{Token: 8})
}

// A server that answers with errors (here: out of memory, then without its
// scripts) costs hits and never a stale answer.
func TestServerThatRefuses(t *testing.T) {
	redisServer(t)
	r := connected(t)
	key := unique("full")
	r.Fill(background, key, value(5, "a"), time.Hour)
	must(t, raw(t, "CONFIG", "SET", "maxmemory", "1").Error())
	r.Fill(background, key, value(6, "b"), time.Hour)
	if e, _ := r.Get(background, key); e.Token == 6 {
		t.Fatal("got the fill stored, want it refused by the full server")
	}
	r.Forget(background, 7, key)
	for range 100 {
		if e, _ := r.Get(background, key); e.Body != nil {
			t.Fatal("got a forgotten answer while its mark could not be written, want none")
		}
		time.Sleep(2 * time.Millisecond)
	}
	must(t, raw(t, "CONFIG", "SET", "maxmemory", "0").Error())
	eventually(t, "ready", r.Ready)
	holds(t, r, key, Entry{Token: 7})

	must(t, raw(t, "SCRIPT", "FLUSH").Error())
	r.Fill(background, key, value(8, "lost"), time.Hour)
	eventually(t, "mended", func() bool {
		r.Fill(background, key, value(9, "a"), time.Hour)
		e, _ := r.Get(background, key)
		return e.Token == 9
	})
}

// Readers and writers while the server is killed, frozen and thawed again and
// again: what the process itself has forgotten it never sees again.
func TestRaceThroughFailures(t *testing.T) {
	redis := redisServer(t)
	r := connected(t)
	key := unique("chaos")
	var mu sync.Mutex
	var truth, forgotten uint64
	ctx, cancel := context.WithCancel(background)
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			mu.Lock()
			truth++
			token := truth
			mu.Unlock()
			r.Forget(background, token, key)
			mu.Lock()
			forgotten = token
			mu.Unlock()
			time.Sleep(3 * time.Millisecond)
		}
	})
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				read, least := truth, forgotten
				mu.Unlock()
				if e, found := r.Get(background, key); found && e.Token < least {
					t.Errorf("got token %d after Forget(%d) returned, want at least that token", e.Token, least)
					return
				}
				r.Fill(background, key, value(read-rand.Uint64N(3)%(read+1), "body"), time.Hour)
				time.Sleep(time.Millisecond)
			}
		})
	}
	grows := func(what string, count func(Stats) uint64) {
		before := count(r.Stats())
		eventually(t, what, func() bool { return count(r.Stats()) > before })
	}
	for range 3 {
		grows("hit", func(s Stats) uint64 { return s.Hits })
		must(t, redis.Freeze())
		grows("failing", func(s Stats) uint64 { return s.Failures })
		must(t, redis.Thaw())
		eventually(t, "healed after a freeze", r.Ready)
		grows("hit again", func(s Stats) uint64 { return s.Hits })
		must(t, redis.Kill())
		time.Sleep(100 * time.Millisecond)
		must(t, redis.Start())
		eventually(t, "healed after a kill", r.Ready)
	}
	cancel()
	all.Wait()
}

// An ended session leaves no goroutine and no connection behind.
func TestNothingLeaks(t *testing.T) {
	redis := redisServer(t)
	before := runtime.NumGoroutine()
	for range 5 {
		r, err := NewRedis(redis.URL)
		must(t, err)
		must(t, redis.Freeze())
		r.Get(background, unique("leak"))
		must(t, redis.Thaw())
		eventually(t, "ready", r.Ready)
		r.Close()
	}
	eventually(t, "without its goroutines", func() bool { return runtime.NumGoroutine() <= before })
}
