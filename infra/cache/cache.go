// Package cache stores answers of reads: in the process (Local, for the embedded database) or
// in a Redis that several processes share (Redis, with client-side caching). Both follow one
// rule, which the same tests check: once a commit has called Forget for a key, an answer that
// was read before this commit is never stored, however late its Fill arrives.
//
// # Tokens
//
// Every answer has the commit token of the database snapshot that it was read from. On
// PostgreSQL this is the log position that the server had reached. Every Forget has the token
// of its commit and leaves a mark. A Fill with a lower token than the mark is refused. So an
// answer from a lagging replica, or a delayed Fill, cannot restore data that a commit has
// made stale. A mark lasts for MarkFor; a reader with a larger delay must not call Fill.
//
// # What Redis can and cannot promise
//
// If Redis is down, frozen, restarted or full, every Get is a miss and never an error. A call
// waits at most about 250 ms. After the first failure, calls do not wait until Redis is back.
// When it is back:
//
//   - Calls of Forget that this process could not deliver are queued and delivered before
//     any Get is answered from Redis again. If there are more than 100,000 keys,
//     everything in Redis older than the last Forget is declared stale instead.
//   - A restarted Redis may have loaded an old snapshot. Therefore the keys include the
//     server's run id, which changes with each start: data of an earlier run is ignored
//     and expires.
//
// Two cases of stale answers remain. First, for the ttl of a Fill (at most an hour): answers
// made stale by a process that was killed between its commit and its Forget. Second, for
// about a second: while one process cannot reach Redis and another can, the other does not
// see the first one's calls of Forget; and an invalidation takes some time to reach the
// client-side caches of other processes. Within one process, a Get that begins after Forget
// has returned never returns the stale answer. A caller that must see its own commit requires
// its token or a higher one, as with a replica. Decisions about money must read the database
// instead of the cache.
//
// Redis must not evict keys (maxmemory-policy noeviction, the default), because an evicted
// mark protects nothing. After the database is restored to an earlier state, empty the cache
// by restarting Redis.
package cache

import (
	"context"
	"sync/atomic"
	"time"
)

// MarkFor is how long the mark of a Forget refuses older answers.
const MarkFor = time.Minute

// MaxTTL is the maximum ttl of an answer; a longer one is reduced to it.
const MaxTTL = time.Hour

// Entry is the content of a key: an answer with the commit token it was read at, or, with a
// nil Body, the mark of a Forget. A mark means that everything read before Token is stale.
// The bytes of Body are shared and must not be changed.
type Entry struct {
	Token uint64
	Body  []byte
}

// Cache stores answers. Its methods never fail: if the store is unavailable, Get misses. They
// may be called concurrently.
type Cache interface {
	// Get returns the entry of a key. If found, it may be a mark.
	Get(ctx context.Context, key string) (e Entry, found bool)

	// Fill stores an answer for ttl unless the key has something newer, that is a mark or an
	// answer with a higher token. An answer with a ttl under MarkFor replaces nothing,
	// because its early expiry would also lose the mark of its key. An empty body or a zero
	// ttl is ignored.
	Fill(ctx context.Context, key string, e Entry, ttl time.Duration)

	// Forget makes stale what was read before the token. Each key gets a mark for MarkFor,
	// unless its answer has this token or a higher one. Without keys, everything with a lower
	// token is stale.
	Forget(ctx context.Context, token uint64, keys ...string)
}

// Stats counts the operations of a cache.
type Stats struct {
	Hits     uint64 // calls of Get that found an answer
	Misses   uint64 // calls of Get that found none, or a mark
	Fills    uint64 // answers stored
	Refused  uint64 // answers refused because of something newer
	Forgets  uint64 // keys given to Forget
	Failures uint64 // calls that failed because the store was down: a Get missed, a Fill was lost, or a Forget was delayed
}

type counters struct {
	hits, misses, fills, refused, forgets, failures atomic.Uint64
}

// Stats returns a snapshot of the counters.
func (c *counters) Stats() Stats {
	return Stats{
		Hits: c.hits.Load(), Misses: c.misses.Load(),
		Fills: c.fills.Load(), Refused: c.refused.Load(),
		Forgets: c.forgets.Load(), Failures: c.failures.Load(),
	}
}

func (c *counters) countGet(e Entry, found bool) {
	if found && e.Body != nil {
		c.hits.Add(1)
	} else {
		c.misses.Add(1)
	}
}

func (c *counters) countFill(kept bool) {
	if kept {
		c.fills.Add(1)
	} else {
		c.refused.Add(1)
	}
}
