package web

import (
	"context"
	"sync/atomic"
	"time"

	"sofipo/core/fault"
)

// Longest times that a request waits at a gate: for a short peak, and when some request has
// been waiting all the time since peakWait, which is overload.
const (
	peakWait     = 400 * time.Millisecond
	overloadWait = 100 * time.Millisecond
)

// Gate bounds the requests that compute at the same time. The others wait in the order of
// their arrival for a limited time and are then refused, so that under overload the accepted
// requests are still answered soon.
type Gate struct {
	Refused atomic.Uint64
	slots   chan struct{}
	since   atomic.Int64 // time, in nanoseconds, since which requests have been waiting; 0: none
}

// NewGate returns a gate for a number of requests.
func NewGate(slots int) *Gate { return &Gate{slots: make(chan struct{}, slots)} }

// Enter waits for a slot. It refuses with Unavailable if there is none in time. After a nil
// error, Leave must be called.
func (g *Gate) Enter(ctx context.Context) error {
	select {
	case g.slots <- struct{}{}: // not while others wait: they come first
		if g.since.Load() != 0 {
			g.since.Store(0)
		}
		return nil
	default:
	}
	timer := time.NewTimer(g.wait(time.Now().UnixNano()))
	defer timer.Stop()
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
	case <-timer.C:
		g.Refused.Add(1)
	}
	return fault.Refuse(fault.Unavailable).Because(fault.TooMany)
}

// wait returns the longest time that a request may wait from now on.
func (g *Gate) wait(now int64) time.Duration {
	if g.since.CompareAndSwap(0, now) || now-g.since.Load() < int64(peakWait) {
		return peakWait
	}
	return overloadWait
}

// Leave frees the slot.
func (g *Gate) Leave() { <-g.slots }

// Budget bounds the bytes of large answers that clients have not read yet.
type Budget struct {
	Refused atomic.Uint64
	limit   int64
	used    atomic.Int64
}

// NewBudget returns a budget of bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Take reserves bytes. It refuses with Unavailable if there are too few. An answer above the
// whole budget is accepted if it is the only one. After a nil error, Give must be called.
func (b *Budget) Take(bytes int) error {
	n := int64(bytes)
	if used := b.used.Add(n); used > b.limit && used > n {
		b.used.Add(-n)
		b.Refused.Add(1)
		return fault.Refuse(fault.Unavailable).Because(fault.TooManyAnswers)
	}
	return nil
}

// Give returns bytes.
func (b *Budget) Give(bytes int) { b.used.Add(-int64(bytes)) }

// Used returns the reserved bytes.
func (b *Budget) Used() int64 { return b.used.Load() }
