package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/test/program"
)

const (
	payers      = 6
	answerLimit = 60 * time.Second // for one payment, with all its tries
)

// manner is how payers take a request that is not answered, or with 503.
type manner int

const (
	patient manner = iota // tries again with the same key until there is an answer
	strict                // takes that for a fault: nothing is disturbed that a payer may notice
	brief                 // never tries again
)

// pace is a payer's pause between payments: short when it is he who is to be cut
// off, longer where the log behind him is disturbed for long and fills up.
func (m manner) pace() time.Duration {
	if m == strict {
		return 150 * time.Millisecond
	}
	return 10 * time.Millisecond
}

// load is a crowd of payers, each with a loan of its own, who pay 1.00 again
// and again, each payment with a new key that is sent until it is answered.
type load struct {
	client   *program.Client
	manner   manner
	loans    []string
	payments atomic.Int64 // answered
	asking   atomic.Int64 // payers who wait for an answer

	mu       sync.Mutex
	told     map[string]string // payment id -> loan, as answered
	faults   []error
	waits    []time.Duration // of each answered payment
	retried  int             // payments that took several tries
	replayed int             // payments whose first answer was lost
	cut      int             // requests of brief payers without an answer

	stop    context.CancelFunc
	running sync.WaitGroup
}

// startLoad starts payers, who pay until finish.
func startLoad(t *testing.T, c *program.Client, m manner) *load {
	t.Helper()
	l := &load{client: c, manner: m, told: map[string]string{}}
	for range payers {
		_, loanID := loan(t, c, "1000000.00")
		l.loans = append(l.loans, loanID)
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	for _, loanID := range l.loans {
		l.running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.pay(loanID, fmt.Sprintf("%s-%d", loanID, n))
				time.Sleep(m.pace())
			}
		})
	}
	t.Cleanup(stop)
	return l
}

func (l *load) pay(loanID, key string) {
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	began := time.Now()
	l.asking.Add(1)
	receipt, err := l.ask(ctx, loanID, key)
	l.asking.Add(-1)
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.manner == strict && receipt.Tries > 1 {
		err = fmt.Errorf("payment %s took %d tries", key, receipt.Tries)
	}
	if errors.Is(err, errCut) {
		l.cut++
		return
	}
	if err != nil {
		l.faults = append(l.faults, err)
		return
	}
	if l.told[receipt.PaymentID] != "" {
		l.faults = append(l.faults, fmt.Errorf("payment %s was the answer to two keys", receipt.PaymentID))
	}
	l.told[receipt.PaymentID] = loanID
	l.waits = append(l.waits, took)
	l.payments.Add(1)
	if receipt.Tries > 1 {
		l.retried++
	}
	if receipt.Replayed {
		l.replayed++
	}
}

// errCut says that a brief payer has no answer.
var errCut = errors.New("no answer")

func (l *load) ask(ctx context.Context, loanID, key string) (r program.Receipt, err error) {
	if l.manner != brief {
		return l.client.PayUntilAnswered(ctx, loanID, "1.00", key)
	}
	answer, err := l.client.Pay(ctx, loanID, "1.00", key)
	if err != nil || answer.Status == 503 {
		return r, errCut
	}
	if answer.Status != 201 {
		return r, fmt.Errorf("payment %s: status %d: %s", key, answer.Status, answer.Body)
	}
	return program.Receipt{PaymentID: answer.Field("id"), Tries: 1}, nil
}

// finish waits for the payers' last answers and stops them.
func (l *load) finish(t *testing.T) {
	t.Helper()
	l.stop()
	l.running.Wait()
	t.Logf("%d payments answered, %d of them after several tries, %d replayed, %d requests cut off", len(l.told), l.retried, l.replayed, l.cut)
	for i, err := range l.faults {
		if i == 5 {
			t.Errorf("got %d faults more, want none", len(l.faults)-i)
			break
		}
		t.Error(err)
	}
}

// compare wants the answered payments of the load's loans in the books, and no other.
func (l *load) compare(t *testing.T, payments map[string]string) {
	t.Helper()
	for id, loanID := range l.told {
		if payments[id] != loanID {
			t.Errorf("got no payment %s of loan %s in the books, want it: it was answered", id, loanID)
		}
	}
	for id, loanID := range payments {
		if slices.Contains(l.loans, loanID) && l.told[id] == "" {
			t.Errorf("got payment %s in the books without an answer to a payer, want one: it was paid twice, or cut off after it began", id)
		}
	}
}

// awaitMore waits until some more payments are answered.
func (l *load) awaitMore(t *testing.T, some int64) {
	t.Helper()
	before := l.payments.Load()
	await(t, answerLimit, "payments", func() (bool, string) {
		now := l.payments.Load()
		return now >= before+some, counts("payments before and now", int(before), int(now))
	})
}

// median is how long a payment takes in the middle case, of the next 60.
func (l *load) median(t *testing.T) time.Duration {
	t.Helper()
	l.mu.Lock()
	from := len(l.waits)
	l.mu.Unlock()
	l.awaitMore(t, 60)
	l.mu.Lock()
	defer l.mu.Unlock()
	waits := slices.Sorted(slices.Values(l.waits[from:]))
	return waits[len(waits)/2]
}
