package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"sofipo/bank"
	"sofipo/core/fault"
)

// inFlight is the maximum number of commands in progress: several batches of the bank,
// and fewer than its queue holds.
const inFlight = 1024

// The invariants of the answers of commands.
const (
	allowed   = "what the rules allow is done"
	forbidden = "what the rules forbid is refused"
	once      = "a request sent twice is done once"
)

// queue has the commands to submit. One goroutine starts them in order, so the bank
// decides them in this order in whatever batches. The handler of an answer may add
// commands; they come after all others.
type queue struct {
	pending []request
	keys    int // number of idempotency keys used so far
}

// request starts a command. It returns a function that waits for the answer and checks it.
type request func(ctx context.Context) (wait func() error)

// flush submits all commands in the queue until it is empty.
func (s *institution) flush(ctx context.Context) error {
	for len(s.queue.pending) > 0 {
		pending := s.queue.pending
		s.queue.pending = nil
		for part := range slices.Chunk(pending, inFlight) {
			answers := make([]func() error, len(part))
			for i, start := range part {
				answers[i] = start(ctx)
			}
			for _, answered := range answers {
				if err := answered(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// enqueue adds a command to the queue; judge checks its outcome.
func enqueue[A any](s *institution, by bank.By, c bank.Command[A], judge func(bank.Receipt[A], error) error) {
	s.queue.pending = append(s.queue.pending, func(ctx context.Context) func() error {
		s.report.Commands++
		s.audit.permit(c.Name(), c.Permission())
		started, err := start(ctx, s.bank, by, c)
		return func() error {
			var receipt bank.Receipt[A]
			if err == nil {
				receipt, err = started.Wait()
			}
			var refusal *fault.Error
			if err != nil && (!errors.As(err, &refusal) || refusal.Code == fault.Unavailable) {
				return fmt.Errorf("%s: %w", c.Name(), err)
			}
			if err == nil && !receipt.Replayed {
				s.audit.done[deed{by.Actor, c.Name()}]++
			}
			return judge(receipt, err)
		}
	})
}

// start starts a command, and waits while the queue of the bank is full.
func start[A any](ctx context.Context, b *bank.Bank, by bank.By, c bank.Command[A]) (bank.Started[A], error) {
	for {
		started, err := bank.Start(ctx, b, by, c)
		var refusal *fault.Error
		if !errors.As(err, &refusal) || refusal.Rule != fault.TooMany || ctx.Err() != nil {
			return started, err
		}
		time.Sleep(time.Millisecond)
	}
}

// submit adds a command that the rules allow; then handles its answer.
func submit[A any](s *institution, actor string, c bank.Command[A], then func(A) error) {
	enqueue(s, as(actor), c, func(r bank.Receipt[A], err error) error {
		if err != nil {
			return s.breach(allowed, "%s %+v was refused: %s", c.Name(), c, err)
		}
		return then(r.Answer)
	})
}

// submitRefused adds a command that the rules do not allow.
func submitRefused[A any](s *institution, actor string, code fault.Code, c bank.Command[A]) {
	enqueue(s, as(actor), c, func(_ bank.Receipt[A], err error) error {
		if s.report.Refused++; !fault.Is(err, code) {
			return s.breach(forbidden, "%s %+v should be refused as %s: %v", c.Name(), c, code, err)
		}
		return nil
	})
}

// submitTwice is submit for a request that is sent twice with the same Idempotency-Key,
// and sometimes a third time with another body.
func submitTwice[A any](s *institution, actor string, c, other bank.Command[A], then func(A) error) {
	s.queue.keys++
	key := fmt.Sprintf("recibo-%d-%06d", s.Seed, s.queue.keys)
	by := as(actor)
	by.Key, by.Request = key, sha256.Sum256([]byte(key))
	var first A
	enqueue(s, by, c, func(r bank.Receipt[A], err error) error {
		if err != nil || r.Replayed {
			return s.breach(once, "%s with the new key %s: replayed %t, %v", c.Name(), key, r.Replayed, err)
		}
		first = r.Answer
		return then(r.Answer)
	})
	enqueue(s, by, c, func(r bank.Receipt[A], err error) error {
		s.report.Replayed++
		if err != nil || !r.Replayed || !same(first, r.Answer) {
			return s.breach(once, "%s again with the key %s: replayed %t, %v, answers %+v and %+v", c.Name(), key, r.Replayed, err, first, r.Answer)
		}
		return nil
	})
	if s.queue.keys%5 == 0 {
		by.Request[0]++
		enqueue(s, by, other, func(r bank.Receipt[A], err error) error {
			if s.report.Refused++; !fault.Is(err, fault.IdempotencyReused) {
				return s.breach(once, "another %s with the key %s: replayed %t, %v", c.Name(), key, r.Replayed, err)
			}
			return nil
		})
	}
}

// same reports whether both values have the same JSON.
func same(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
