package bank_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/lending/loan"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// slow is a command that takes a given time in its batch and is then refused.
type slow struct {
	time    time.Duration
	decided *atomic.Int64
}

var errSlow = errors.New("it leaves nothing")

func (slow) Name() string                  { return "slow" }
func (slow) Permission() access.Permission { return loan.Service }
func (slow) Check(bank.Rules) error        { return nil }
func (slow) Needs(*bank.Needs)             {}
func (c slow) Decide(*bank.Book) (struct{}, error) {
	c.decided.Add(1)
	time.Sleep(c.time)
	return struct{}{}, errSlow
}

// TestOverload: commands that would wait too long are refused before they are queued, the
// others are answered within a second, work of the program is never refused, and the next
// command after the peak is accepted.
func TestOverload(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		g := guard(t, d)
		var decided, accepted, shed atomic.Int64
		var slowest time.Duration
		var mu sync.Mutex
		burst := func(n int, by bank.By, each time.Duration) {
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					began := time.Now()
					_, err := bank.Do(t.Context(), g.Bank, by, slow{each, &decided})
					var refusal *fault.Error
					switch {
					case errors.Is(err, errSlow):
						accepted.Add(1)
						mu.Lock()
						slowest = max(slowest, time.Since(began))
						mu.Unlock()
					case errors.As(err, &refusal) && refusal.Code == fault.Unavailable && refusal.Rule == fault.TooMany:
						shed.Add(1)
					default:
						t.Errorf("got %v, want %v or %s", err, errSlow, fault.TooMany)
					}
				})
			}
			all.Wait()
		}
		luis := bank.By{Actor: "luis"}
		burst(60, luis, 5*time.Millisecond) // shows the pace
		for range 4 {
			burst(400, luis, 5*time.Millisecond)
		}
		if shed.Load() == 0 || accepted.Load() != decided.Load() || accepted.Load()+shed.Load() != 1660 {
			t.Errorf("got %d accepted, %d decided, %d refused of 1660, want all accepted ones decided and some refused", accepted.Load(), decided.Load(), shed.Load())
		}
		if slowest > time.Second {
			t.Errorf("got an accepted command after %s, want at most a second", slowest)
		}
		if got := g.Stats().Shed.Load(); got != uint64(shed.Load()) {
			t.Errorf("got %d in the statistics, want %d", got, shed.Load())
		}
		before := shed.Load()
		burst(150, office.By, 5*time.Millisecond)
		burst(1, luis, 0)
		if shed.Load() != before {
			t.Errorf("got %d refused of the program's own work and after the peak, want none", shed.Load()-before)
		}
	})
}
