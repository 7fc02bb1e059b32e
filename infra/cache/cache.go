// Package cache keeps answers of reads: in the process (Local, the embedded
// default) or in a Redis that several processes share (Redis, with client-side
// caching). Both hold to one rule, tested once for both: after a commit has
// forgotten a key, an answer read before that commit is not kept, however late
// its fill arrives.
//
// # Tokens
//
// Every answer carries the commit token of the database that it was read at
// (on PostgreSQL the log position that the reading server had reached), and
// every Forget the token of its commit. A Forget leaves a mark, and a Fill
// under the mark's token is refused: so a fill read from a lagging replica,
// or delayed between its read and its Fill, cannot bring back what a commit has
// made stale. A mark guards for MarkFor; a reader that lags more must not fill.
//
// # What Redis can and cannot promise
//
// A Redis that is down, frozen, restarted or full makes every Get a miss and
// never an error; no call waits more than about 250 ms for it, and after the
// first failure none waits at all until it is back. Then:
//
//   - Forgets that this process could not deliver are kept and delivered before
//     any Get is answered from Redis again. Over 100,000 of them, everything in
//     Redis that is older than the last is declared stale instead.
//   - A restarted Redis may have loaded an old snapshot. Its keys therefore stand
//     under the server's run id, which changes with each start: what an earlier
//     run wrote is not looked at, and expires.
//
// What remains, bounded by the ttl of a fill (an hour at most): answers made stale
// by a process that was killed after its commit and before its Forget was
// delivered. And, bounded by about a second: while one process cannot reach Redis
// and another can, the other does not see the first's forgets; and an
// invalidation takes its time to reach the client-side caches of other
// processes. Within one process a Get that begins after Forget has returned
// does not see what was forgotten. A caller that must see its own commit asks
// for Token at or above it, as with a replica; a decision over money reads
// the database.
//
// Redis must not evict (maxmemory-policy noeviction, the default): an evicted
// mark guards nothing. After the database was restored to an earlier token,
// empty the cache: restart Redis.
package cache

import (
	"context"
	"sync/atomic"
	"time"
)

// MarkFor is how long the mark of a Forget refuses older fills.
const MarkFor = time.Minute

// MaxTTL is the longest life of an answer; a longer ttl is taken as this.
const MaxTTL = time.Hour

// Entry is what is kept under a key: an answer and the commit token it was
// read at, or, with a nil Body, the mark of a Forget: whatever was read under
// Token is stale. The bytes of Body are shared: never change them.
type Entry struct {
	Token uint64
	Body  []byte
}

// Cache is a store of answers. Its methods never fail: a store that is down is a
// miss. They may be called from any goroutine.
type Cache interface {
	// Get gives what is kept under the key; found may be a mark.
	Get(ctx context.Context, key string) (e Entry, found bool)

	// Fill keeps the answer for ttl unless something newer, a mark or an answer
	// of a higher token, is there. An answer to be kept for less than MarkFor
	// replaces nothing, since with it would go what its key has to remember. An
	// empty body or a ttl of zero is not kept.
	Fill(ctx context.Context, key string, e Entry, ttl time.Duration)

	// Forget makes stale what was read before the token: each key keeps a mark
	// for MarkFor, or its answer if that is of the token or a newer one.
	Forget(ctx context.Context, token uint64, keys ...string)
}

// Stats counts what a store did since it was made.
type Stats struct {
	Hits     uint64 // Gets that found an answer
	Misses   uint64 // Gets that found none, or a mark
	Fills    uint64 // answers kept
	Refused  uint64 // answers not kept since something newer was there
	Forgets  uint64 // keys given to Forget
	Failures uint64 // calls that found the store down: a Get missed, a Fill lost, a Forget put off
}

type counters struct {
	hits, misses, fills, refused, forgets, failures atomic.Uint64
}

// Stats is a snapshot of the counters.
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
