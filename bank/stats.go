package bank

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sofipo/core/event"
)

// Stats count the work of the writers since the start of the process.
type Stats struct {
	Commands, Refused, Batches, Alone, Shed atomic.Uint64

	Payments, Disbursements Moved // committed

	BatchSize  prometheus.Histogram // commands of each batch
	BatchTime  prometheus.Histogram // time from taking a batch to its answers
	CommitTime prometheus.Histogram // time of saving and committing a batch
}

// Moved counts money received or paid.
type Moved struct {
	Count    atomic.Uint64
	Centavos atomic.Int64
}

// writeTimes are the buckets of the times of writes, in seconds.
var writeTimes = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// prepare makes the histograms.
func (s *Stats) prepare() {
	s.BatchSize = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sofipo_bank_batch_commands", Help: "Commands of each batch.", Buckets: prometheus.ExponentialBuckets(1, 2, 9),
	})
	s.BatchTime = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sofipo_bank_batch_duration_seconds", Help: "Time of a batch: its rows are loaded, its commands decided, its changes committed.", Buckets: writeTimes,
	})
	s.CommitTime = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sofipo_bank_commit_duration_seconds", Help: "Time of the round trip that saves a batch and commits.", Buckets: writeTimes,
	})
}

// Stats returns the counters.
func (b *Bank) Stats() *Stats { return &b.stats }

// Waiting returns the number of commands that are queued or being written.
func (b *Bank) Waiting() int64 { return b.waiting.Load() }

// batch counts a batch, whatever its outcome.
func (s *Stats) batch(commands int, took time.Duration) {
	s.BatchSize.Observe(float64(commands))
	s.BatchTime.Observe(took.Seconds())
}

// commit counts what a book has committed.
func (s *Stats) commit(book *Book, took time.Duration) {
	s.CommitTime.Observe(took.Seconds())
	for _, m := range book.outbox {
		if m.money == nil {
			continue
		}
		flow, amount := m.money.Moved()
		moved := &s.Payments
		if flow == event.Disbursement {
			moved = &s.Disbursements
		}
		moved.Count.Add(1)
		moved.Centavos.Add(int64(amount))
	}
}
