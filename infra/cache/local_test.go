package cache

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A mark that is evicted for want of room must still refuse the fills that it
// stood against, whatever else they cost.
func TestEvictedMarksStillGuard(t *testing.T) {
	l := NewLocal(100)
	const keys = 20_000
	for i := range uint64(keys) {
		l.Forget(background, i+1, fmt.Sprint("key:", i))
	}
	l.items.CleanUp()
	if size := l.items.EstimatedSize(); size > 100 {
		t.Fatalf("got %d marks, want at most 100", size)
	}
	for i := range uint64(keys) {
		key := fmt.Sprint("key:", i)
		l.Fill(background, key, value(i, "stale"), time.Hour)
		if e, found := l.Get(background, key); found && e.Body != nil {
			t.Fatalf("key %d: got a fill of token %d after Forget(%d), want none", i, i, i+1)
		}
	}
	l.Fill(background, "fresh", value(keys, "a"), time.Hour)
	holds(t, l, "fresh", value(keys, "a"))
}

// The same for an answer that took the place of a mark.
func TestEvictedAnswersStillGuard(t *testing.T) {
	l := NewLocal(100)
	const keys = 5000
	name := func(i uint64) string { return fmt.Sprint("key:", i) }
	for i := range uint64(keys) {
		l.Forget(background, 1000, name(i))
		l.Fill(background, name(i), value(1001, "a"), time.Hour)
	}
	for i := range uint64(keys) {
		l.Fill(background, name(i), value(999, "stale"), time.Hour)
		if e, _ := l.Get(background, name(i)); e.Token == 999 {
			t.Fatalf("key %d: got a fill from before its Forget, want none", i)
		}
	}
}

// Evicting a key that was never forgotten, or long ago, does not refuse other fills.
func TestPlainEvictionRaisesNoFloor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(100)
		defer l.items.StopAllGoroutines()
		for i := range 5000 {
			l.Fill(background, fmt.Sprint("key:", i), value(1000, "a"), time.Hour)
		}
		l.Forget(background, 2000, "old")
		l.Fill(background, "old", value(2000, "a"), time.Hour)
		time.Sleep(MarkFor + time.Second)
		for i := range 5000 {
			l.Fill(background, fmt.Sprint("other:", i), value(1000, "a"), time.Hour)
		}
		synctest.Wait()
		if floor := l.floor.Load(); floor != 0 {
			t.Errorf("got floor %d, want none", floor)
		}
	})
}

func TestLocalLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLocal(100)
		defer l.items.StopAllGoroutines()
		l.Forget(background, 7, "marked")
		l.Fill(background, "long", value(7, "a"), 24*time.Hour)
		time.Sleep(MarkFor - time.Second)
		l.Fill(background, "marked", value(6, "stale"), time.Hour)
		holds(t, l, "marked", Entry{Token: 7})
		time.Sleep(2 * time.Second)
		holds(t, l, "marked", Entry{})
		time.Sleep(MaxTTL)
		holds(t, l, "long", Entry{})
	})
}
