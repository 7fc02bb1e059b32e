package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/money"
)

// The payment load: the number of concurrent clients, the pause of each after a payment, and
// the amount.
const (
	payers               = 8
	pause                = 20 * time.Millisecond
	rushers              = 64 // concurrent clients without a pause
	paid    money.Amount = 100_00
)

// load is a running payment load.
type load struct {
	ended   atomic.Bool
	group   sync.WaitGroup
	mu      sync.Mutex
	samples []sample
	err     error
}

// sample is a completed payment.
type sample struct {
	began time.Time
	took  time.Duration
}

// startPaying makes payments on one loan after another until it is stopped.
func startPaying(ctx context.Context, b *bank.Bank, loans []id.ID, payers int, pause time.Duration) *load {
	l := &load{}
	var next atomic.Int64
	for range payers {
		l.group.Go(func() {
			for !l.ended.Load() {
				s := sample{began: time.Now()}
				_, err := bank.Do(ctx, b, by, lending.ReceivePayment{LoanID: loans[int(next.Add(1))%len(loans)], Operation: servicing.Operation{Amount: paid}})
				s.took = time.Since(s.began)
				l.add(s, err)
				if pause > 0 {
					time.Sleep(pause/2 + rand.N(pause))
				}
			}
		})
	}
	return l
}

func (l *load) add(s sample, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.samples = append(l.samples, s)
	if err != nil {
		l.err = err
		l.ended.Store(true)
	}
}

// stop stops the load and returns all payments.
func (l *load) stop() (samples, error) {
	l.ended.Store(true)
	l.group.Wait()
	return samples{all: l.samples}, l.err
}

// samples are payments in a period.
type samples struct {
	all  []sample
	over time.Duration
}

// between returns the payments that began in a period.
func (s samples) between(begin, end time.Time) samples {
	within := samples{over: end.Sub(begin)}
	for _, one := range s.all {
		if one.began.After(begin) && one.began.Before(end) {
			within.all = append(within.all, one)
		}
	}
	slices.SortFunc(within.all, func(a, b sample) int { return int(a.took - b.took) })
	return within
}

func (s samples) rate() float64 { return float64(len(s.all)) / s.over.Seconds() }

// percentile returns milliseconds, or 0 if there are no payments.
func (s samples) percentile(p float64) float64 {
	if len(s.all) == 0 {
		return 0
	}
	return s.all[min(len(s.all)-1, int(p*float64(len(s.all))))].took.Seconds() * 1e3
}
