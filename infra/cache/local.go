package cache

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// Local is a Cache in memory, for a single process.
type Local struct {
	counters
	items *otter.Cache[string, item]

	// floor is the highest token of a mark that was evicted early. Its key is no longer
	// known, so answers with a lower token are refused for every absent key.
	floor atomic.Uint64
}

var _ Cache = (*Local)(nil)

// item is an entry together with the last Forget of its key. Times are Unix nanoseconds.
type item struct {
	Entry
	expires int64
	stale   uint64 // token of the last Forget
	guard   int64  // time until which that Forget refuses older answers
}

// NewLocal returns a cache for about maxEntries answers and marks. The least used entries are
// evicted first.
func NewLocal(maxEntries int) *Local {
	l := &Local{}
	l.items = otter.Must(&otter.Options[string, item]{
		MaximumSize: maxEntries,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, item]) time.Duration {
			return time.Duration(e.Value.expires - time.Now().UnixNano())
		}),
		OnAtomicDeletion: l.evicted,
	})
	return l
}

// Get implements Cache.
func (l *Local) Get(_ context.Context, key string) (Entry, bool) {
	i, found := l.items.GetIfPresent(key)
	l.countGet(i.Entry, found)
	return i.Entry, found
}

// Fill implements Cache.
func (l *Local) Fill(_ context.Context, key string, e Entry, ttl time.Duration) {
	if len(e.Body) == 0 || ttl <= 0 {
		return
	}
	ttl = min(ttl, MaxTTL)
	kept := false
	l.items.Compute(key, func(old item, found bool) (item, otter.ComputeOp) {
		tooOld := e.Token < l.floor.Load()
		if found {
			tooOld = e.Token < old.Token || ttl < MarkFor
		}
		if tooOld {
			return old, otter.CancelOp
		}
		kept = true
		return item{Entry: e, expires: after(ttl), stale: old.stale, guard: old.guard}, otter.WriteOp
	})
	l.countFill(kept)
}

// Forget implements Cache.
func (l *Local) Forget(_ context.Context, token uint64, keys ...string) {
	l.forgets.Add(uint64(len(keys)))
	if len(keys) == 0 {
		raise(&l.floor, token)
		l.items.InvalidateAll()
	}
	for _, key := range keys {
		l.items.Compute(key, func(old item, found bool) (item, otter.ComputeOp) {
			until := after(MarkFor)
			newest := max(token, old.Token)
			mark := item{Entry: Entry{Token: newest}, expires: until, stale: newest, guard: until}
			if found && old.Token >= token && old.expires >= until {
				mark.Entry, mark.expires = old.Entry, old.expires
			}
			return mark, otter.WriteOp
		})
	}
}

// Stats returns the counters.
func (l *Local) Stats() Stats { return l.counters.Stats() }

// evicted raises the floor if a key is evicted while its Forget must still refuse older
// answers. It runs before the key is absent.
func (l *Local) evicted(e otter.DeletionEvent[string, item]) {
	if e.Cause != otter.CauseOverflow || e.Value.guard <= time.Now().UnixNano() {
		return
	}
	for {
		floor := l.floor.Load()
		if e.Value.stale <= floor || l.floor.CompareAndSwap(floor, e.Value.stale) {
			return
		}
	}
}

func after(d time.Duration) int64 { return time.Now().Add(d).UnixNano() }
