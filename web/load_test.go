package web

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sofipo/core/fault"
)

// TestGate: under overload the slots stay in use, nobody waits long, and after it a request
// enters at once.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(2)
		var mu sync.Mutex
		var slowest time.Duration
		entered, refused := 0, 0
		var all sync.WaitGroup
		for i := range 1000 { // one each 10 ms, while two slots serve one each 50 ms
			all.Go(func() {
				time.Sleep(time.Duration(i) * 10 * time.Millisecond)
				began := time.Now()
				err := g.Enter(t.Context())
				mu.Lock()
				defer mu.Unlock()
				slowest = max(slowest, time.Since(began))
				if err != nil {
					refused++
					return
				}
				entered++
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				g.Leave()
				mu.Lock()
			})
		}
		all.Wait()
		if entered < 200 || entered+refused != 1000 || slowest > peakWait || g.Refused.Load() != uint64(refused) {
			t.Errorf("got %d entered, %d refused (%d counted), the slowest after %s, want at least 200, the rest refused, %s", entered, refused, g.Refused.Load(), slowest, peakWait)
		}
		began := time.Now()
		if err := g.Enter(t.Context()); err != nil || time.Since(began) != 0 || g.since.Load() != 0 {
			t.Errorf("after the overload: got %v after %s, want a slot at once", err, time.Since(began))
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		_ = g.Enter(t.Context())
		if err := g.Enter(gone); !fault.Is(err, fault.Unavailable) || g.Refused.Load() != uint64(refused) {
			t.Errorf("got %v and %d refused for a caller who left, want %s and %d", err, g.Refused.Load(), fault.Unavailable, refused)
		}
	})
}

// TestGateInAPeak: a short peak waits longer than under overload.
func TestGateInAPeak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := g.Enter(t.Context()); err != nil {
					t.Errorf("got %v, want a slot", err)
					return
				}
				time.Sleep(100 * time.Millisecond)
				g.Leave()
			})
		}
		all.Wait()
	})
}

func TestBudget(t *testing.T) {
	b := NewBudget(100)
	if err := b.Take(150); err != nil {
		t.Errorf("the only answer: got %v, want it accepted", err)
	}
	if err := b.Take(1); !fault.Is(err, fault.Unavailable) || b.Used() != 150 || b.Refused.Load() != 1 {
		t.Errorf("got %v, %d bytes, %d refused, want %s, 150, 1", err, b.Used(), b.Refused.Load(), fault.Unavailable)
	}
	b.Give(150)
	if err := b.Take(60); err != nil || b.Take(40) != nil || b.Take(1) == nil || b.Used() != 100 {
		t.Errorf("got %v and %d bytes, want 100 accepted and no more", err, b.Used())
	}
}

// BenchmarkGate is the cost that the gate adds to a request without overload.
func BenchmarkGate(b *testing.B) {
	g := NewGate(8)
	b.ReportAllocs()
	for b.Loop() {
		if err := g.Enter(b.Context()); err != nil {
			b.Fatal(err)
		}
		g.Leave()
	}
}
