package lending

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestACloseSeesOthersWrite(t *testing.T) {
	start := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	p := &pace{}
	for _, look := range []struct {
		after   time.Duration
		writes  uint64
		crowded bool
	}{
		{0, 100, false},
		{40 * time.Millisecond, 101, false}, // its own slice
		{80 * time.Millisecond, 103, true},  // and somebody's payment
		{900 * time.Millisecond, 104, true},
		{1200 * time.Millisecond, 105, false},
	} {
		if p.observe(look.writes, start.Add(look.after)); p.crowded.Load() != look.crowded {
			t.Errorf("after %s with %d writes: got crowded %t, want %t", look.after, look.writes, !look.crowded, look.crowded)
		}
	}
}

func TestStagesMakeRoomForOthers(t *testing.T) {
	p := &pace{}
	var group sync.WaitGroup
	met := make(chan bool) // without a buffer: both have to be at work
	group.Go(func() { p.work(func() { met <- true }) })
	p.work(func() { <-met })
	group.Wait()

	p.crowded.Store(true)
	var working atomic.Int32
	for range 8 {
		group.Go(func() {
			p.work(func() {
				if working.Add(1) > 1 {
					t.Error("got two stages at work beside others, want one")
				}
				time.Sleep(time.Millisecond)
				working.Add(-1)
			})
		})
	}
	group.Wait()
}
