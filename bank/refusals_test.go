package bank

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
)

// TestAMinuteOfRefusals: ten get a line; the rest are counted and given when the minute
// is over, after which ten get a line again. Minutes that are over are forgotten.
func TestAMinuteOfRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := refusals{timed: true}
		var mu sync.Mutex // two minutes may end at once
		var flushed []int64
		flush := func(c *refusalCount) {
			mu.Lock()
			defer mu.Unlock()
			flushed = append(flushed, r.take(c))
		}
		refuse := func(actor string, times int) (lines int) {
			for range times {
				if r.admit(refusal{By{Actor: actor}, "clients.write", access.Forbidden, time.Time{}}, flush) {
					lines++
				}
			}
			return lines
		}
		for _, step := range []struct {
			actor        string
			times, lines int
			wait         time.Duration
			flushed      int
		}{
			{"iris", 1, 1, 0, 0},
			{"ana", 7, 7, 0, 0},
			{"luis", 12, 10, 50 * time.Second, 0},
			{"ana", 5, 3, 9 * time.Second, 0},
			{"ana", 1, 0, 999 * time.Millisecond, 0},
			{"ana", 1, 0, time.Millisecond, 2}, // the 2 of luis and the 4 of ana
			{"ana", 11, 10, time.Minute, 3},
			{"eva", 1, 1, time.Minute, 3},
			{"eva", 1, 1, 0, 3},
		} {
			if lines := refuse(step.actor, step.times); lines != step.lines {
				t.Errorf("%s refused %d times: got %d lines, want %d", step.actor, step.times, lines, step.lines)
			}
			time.Sleep(step.wait)
			synctest.Wait()
			if len(flushed) != step.flushed {
				t.Errorf("after %s: got the counts %v written, want %d of them", step.wait, flushed, step.flushed)
			}
		}
		sum := int64(0)
		for _, n := range flushed {
			sum += n
		}
		if sum != 2+4+1 {
			t.Errorf("got %d refusals in the counts %v, want 7", sum, flushed)
		}
		if len(r.actors) != 1 {
			t.Errorf("got %d actors remembered, want 1", len(r.actors))
		}
	})
}

// TestABankOnAMemoryRefusesDo: nothing is queued that no writer would take, such as the
// count of a minute of refusals.
func TestABankOnAMemoryRefusesDo(t *testing.T) {
	b := NewMemory(civil.Date{}).Open(Options{}).writer.bank
	if _, err := Do(t.Context(), b, By{System: true}, noteRefusal{"clients.write", access.Forbidden, 3}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want %s", err, fault.Unavailable)
	}
}

// TestRefusalsByAnotherClock: the minutes are those of the clock, and what gets no line
// of its own waits until it is asked for.
func TestRefusalsByAnotherClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		r := refusals{}
		refuse := func(times int) (lines int) {
			for range times {
				if r.admit(refusal{By{Actor: "ana"}, "clients.write", access.Forbidden, now}, func(*refusalCount) { t.Error("got a count written by a timer, want none before the minute is over") }) {
					lines++
				}
			}
			return lines
		}
		for _, step := range []struct {
			times, lines int
			wait         time.Duration
		}{{13, 10, 59 * time.Second}, {2, 0, time.Second}, {11, 10, time.Hour}, {4, 4, 0}} {
			if lines := refuse(step.times); lines != step.lines {
				t.Errorf("%d refusals: got %d lines, want %d", step.times, lines, step.lines)
			}
			now = now.Add(step.wait)
			time.Sleep(time.Hour)
		}
		waiting := r.pending()
		if len(waiting) != 1 || r.take(waiting[0]) != 3+2+1 {
			t.Errorf("got the counts %+v, want one of 6", waiting)
		}
	})
}
