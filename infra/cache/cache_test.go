package cache

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var background = context.Background()

func value(token uint64, body string) Entry { return Entry{Token: token, Body: []byte(body)} }

// holds checks what a Get of the key finds: an answer, a mark, or with the zero
// Entry nothing.
func holds(t *testing.T, c Cache, key string, want Entry) {
	t.Helper()
	got, found := c.Get(background, key)
	if found != (want.Token != 0) || got.Token != want.Token || !bytes.Equal(got.Body, want.Body) {
		t.Errorf("%s: got %d %q (found %v), want %d %q", key, got.Token, got.Body, found, want.Token, want.Body)
	}
}

// both runs a test on the two stores.
func both(t *testing.T, test func(t *testing.T, c Cache)) {
	t.Run("Local", func(t *testing.T) { test(t, NewLocal(100_000)) })
	t.Run("Redis", func(t *testing.T) {
		redisServer(t)
		test(t, connected(t))
	})
}

func TestContract(t *testing.T) {
	long, short := 2*MarkFor, MarkFor/2
	mark := func(token uint64) Entry { return Entry{Token: token} }
	for _, c := range []struct {
		name string
		do   func(c Cache, key string)
		want Entry
	}{
		{"nothing", func(Cache, string) {}, Entry{}},
		{"fill", func(c Cache, k string) { c.Fill(background, k, value(5, "a"), long) }, value(5, "a")},
		{"fill for less than a mark's life", func(c Cache, k string) { c.Fill(background, k, value(5, "a"), short) }, value(5, "a")},
		{"fill of nothing", func(c Cache, k string) { c.Fill(background, k, mark(5), long) }, Entry{}},
		{"fill of no bytes", func(c Cache, k string) { c.Fill(background, k, value(5, ""), long) }, Entry{}},
		{"fill for no time", func(c Cache, k string) { c.Fill(background, k, value(5, "a"), 0) }, Entry{}},
		{"newer fill", func(c Cache, k string) {
			c.Fill(background, k, value(5, "a"), long)
			c.Fill(background, k, value(6, "b"), long)
		}, value(6, "b")},
		{"older fill", func(c Cache, k string) {
			c.Fill(background, k, value(6, "b"), long)
			c.Fill(background, k, value(5, "a"), long)
		}, value(6, "b")},
		{"tokens are numbers", func(c Cache, k string) {
			c.Fill(background, k, value(9, "a"), long)
			c.Fill(background, k, value(1<<40, "b"), long)
			c.Fill(background, k, value(0xabc, "c"), long)
		}, value(1<<40, "b")},
		{"forget of nothing leaves a mark", func(c Cache, k string) { c.Forget(background, 7, k) }, mark(7)},
		{"forget of an older answer", func(c Cache, k string) {
			c.Fill(background, k, value(5, "a"), long)
			c.Forget(background, 7, k)
		}, mark(7)},
		{"forget of an answer of the same token", func(c Cache, k string) {
			c.Fill(background, k, value(7, "a"), long)
			c.Forget(background, 7, k)
		}, value(7, "a")},
		{"forget of a newer answer", func(c Cache, k string) {
			c.Fill(background, k, value(8, "a"), long)
			c.Forget(background, 7, k)
		}, value(8, "a")},
		{"forget of a newer answer that dies before the mark would", func(c Cache, k string) {
			c.Fill(background, k, value(8, "a"), short)
			c.Forget(background, 7, k)
		}, mark(8)},
		{"late forget under a newer mark", func(c Cache, k string) {
			c.Forget(background, 9, k)
			c.Forget(background, 7, k)
		}, mark(9)},
		{"lagging fill after a forget", func(c Cache, k string) {
			c.Forget(background, 7, k)
			c.Fill(background, k, value(6, "stale"), long)
		}, mark(7)},
		{"forget of everything", func(c Cache, k string) {
			c.Fill(background, k, value(5, "a"), long)
			c.Forget(background, 7)
			c.Fill(background, k, value(6, "b"), long)
		}, Entry{}},
		{"fill after a forget of everything", func(c Cache, k string) {
			c.Forget(background, 7)
			c.Fill(background, k, value(7, "a"), long)
		}, value(7, "a")},
		{"fill of the mark's token", func(c Cache, k string) {
			c.Forget(background, 7, k)
			c.Fill(background, k, value(7, "a"), long)
		}, value(7, "a")},
		{"lagging fill after a forget and a fill", func(c Cache, k string) {
			c.Forget(background, 7, k)
			c.Fill(background, k, value(8, "a"), long)
			c.Fill(background, k, value(6, "stale"), long)
		}, value(8, "a")},
		{"short fill over a mark", func(c Cache, k string) {
			c.Forget(background, 7, k)
			c.Fill(background, k, value(8, "a"), short)
		}, mark(7)},
		{"any bytes", func(c Cache, k string) { c.Fill(background, k, value(5, "|\x00\xff\r\n{}ñ"), long) }, value(5, "|\x00\xff\r\n{}ñ")},
		{"greatest token", func(c Cache, k string) { c.Fill(background, k, value(1<<64-1, "a"), long) }, value(1<<64-1, "a")},
	} {
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, store Cache) {
				key := t.Name() + fmt.Sprint(rand.Uint64())
				holds(t, store, key, Entry{}) // so that a client-side cache has something to invalidate
				c.do(store, key)
				holds(t, store, key, c.want)
				holds(t, store, key, c.want)
			})
		})
	}
}

func TestForgetOfManyKeys(t *testing.T) {
	both(t, func(t *testing.T, c Cache) {
		keys := make([]string, 2500)
		for i := range keys {
			keys[i] = fmt.Sprintf("many:%d:%d", rand.Uint64(), i)
		}
		for _, key := range []string{keys[0], keys[1000], keys[2499]} {
			c.Fill(background, key, value(5, "a"), time.Hour)
		}
		c.Forget(background, 7, keys...)
		for _, key := range keys {
			holds(t, c, key, Entry{Token: 7})
		}
		c.Forget(background, 8)
	})
}

func TestAnswersExpire(t *testing.T) {
	both(t, func(t *testing.T, c Cache) {
		key := fmt.Sprint("expires:", rand.Uint64())
		const ttl = time.Second
		begun := time.Now()
		c.Fill(background, key, value(5, "a"), ttl)
		if e, found := c.Get(background, key); !found && time.Since(begun) < ttl {
			t.Errorf("after %s: got %+v, want it kept for %s", time.Since(begun), e, ttl)
		}
		time.Sleep(ttl - time.Since(begun))
		eventually(t, "expired", func() bool { _, found := c.Get(background, key); return !found })
	})
}

// A commit raises the truth and then forgets; readers read the truth or, as from
// a lagging replica, an older one, and fill. Whoever begins a Get after a Forget
// has returned must not see what it forgot.
func TestForgetAndFillRace(t *testing.T) {
	both(t, func(t *testing.T, c Cache) {
		const keys, readers = 4, 6
		var truth, forgotten [keys]atomic.Uint64
		run := rand.Uint64()
		name := func(k int) string { return fmt.Sprintf("race:%d:%d", run, k) }
		stop := make(chan struct{})
		var all sync.WaitGroup
		var hits atomic.Int64
		for range readers {
			all.Go(func() {
				for running(stop) {
					k := rand.IntN(keys)
					least := forgotten[k].Load()
					e, found := c.Get(background, name(k))
					if found && e.Token < least {
						t.Errorf("key %d: got token %d after Forget(%d) returned, want at least that token", k, e.Token, least)
						return
					}
					if found && e.Body != nil {
						hits.Add(1)
						continue
					}
					read := truth[k].Load()
					if lag := rand.Uint64N(4); lag < read {
						read -= lag
					}
					time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
					c.Fill(background, name(k), value(read, "body"), time.Hour)
				}
			})
		}
		for k := range keys {
			all.Go(func() {
				for running(stop) {
					token := truth[k].Add(1)
					c.Forget(background, token, name(k))
					forgotten[k].Store(token)
					time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
				}
			})
		}
		time.Sleep(time.Second)
		eventually(t, "run a race of 100 hits and 20 forgets of a key", func() bool { return hits.Load() >= 100 && truth[0].Load() >= 20 || t.Failed() })
		close(stop)
		all.Wait()
	})
}

func running(stop chan struct{}) bool {
	select {
	case <-stop:
		return false
	default:
		return true
	}
}

func TestStats(t *testing.T) {
	both(t, func(t *testing.T, c Cache) {
		key := fmt.Sprint("stats:", rand.Uint64())
		c.Get(background, key)
		c.Fill(background, key, value(5, "a"), time.Hour)
		c.Get(background, key)
		c.Forget(background, 7, key, key+"b")
		c.Fill(background, key, value(6, "a"), time.Hour)
		c.Get(background, key)
		want := Stats{Hits: 1, Misses: 2, Fills: 1, Refused: 1, Forgets: 2}
		if got := c.(interface{ Stats() Stats }).Stats(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func BenchmarkGet(b *testing.B) {
	body := strings.Repeat("x", 200)
	stores := map[string]func() Cache{
		"Local": func() Cache { return NewLocal(100_000) },
		"Redis": func() Cache { redisServer(b); return connected(b) },
	}
	for name, open := range stores {
		c := open()
		keys := make([]string, 10_000)
		for i := range keys {
			keys[i] = fmt.Sprintf("bench:%d", i)
			c.Fill(background, keys[i], value(1, body), time.Hour)
			c.Get(background, keys[i])
		}
		b.Run(name+"/hit", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.IntN(len(keys)); pb.Next(); i++ {
					if _, found := c.Get(background, keys[i%len(keys)]); !found {
						b.Error("got a miss, want a hit")
						return
					}
				}
			})
		})
		b.Run(name+"/forget3", func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.IntN(len(keys) - 3); pb.Next(); i++ {
					at := i % (len(keys) - 3)
					c.Forget(background, 1, keys[at:at+3]...)
				}
			})
		})
	}
}
