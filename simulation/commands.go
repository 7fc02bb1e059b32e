package simulation

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
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
// decides them in this order in whatever batches. The judge of an answer may add
// commands; they come after all others.
type queue struct {
	pending []request
	keys    int // number of idempotency keys used so far
}

// request is a command to submit.
type request struct {
	start func(context.Context) // queues the command
	wait  func() error          // waits for the answer; the error means that there is none
	judge func() error          // checks the answer
	odds  *odds                 // what faults need; nil without faults
}

// flush submits all commands in the queue until it is empty.
func (s *institution) flush(ctx context.Context) error {
	for len(s.queue.pending) > 0 {
		pending := s.queue.pending
		s.queue.pending = nil
		if s.faults != nil {
			if err := s.flushFaulty(ctx, pending); err != nil {
				return err
			}
			continue
		}
		for part := range slices.Chunk(pending, inFlight) {
			for _, r := range part {
				r.start(ctx)
			}
			for _, r := range part {
				err := r.wait()
				if err == nil {
					err = r.judge()
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// submission is a request with its command.
type submission[A any] struct {
	*institution
	by      bank.By
	command bank.Command[A]
	check   func(bank.Receipt[A], error) error

	odds
	first, second attempt[A] // the second one is that of a doubled request
	lost          *A         // an answer that the caller did not get
	receipt       bank.Receipt[A]
	err           error
}

// attempt waits for the outcome of a command that was started.
type attempt[A any] func() (bank.Receipt[A], error)

// enqueue adds a command to the queue; judge checks its outcome.
func enqueue[A any](s *institution, by bank.By, c bank.Command[A], judge func(bank.Receipt[A], error) error) *odds {
	sub := &submission[A]{institution: s, by: by, command: c, check: judge}
	r := request{start: sub.start, wait: sub.wait, judge: sub.judge}
	if s.faults != nil {
		s.faults.number(&sub.by, &sub.odds)
		sub.lose = sub.loseAnswer
		r.odds = &sub.odds
	}
	s.queue.pending = append(s.queue.pending, r)
	return &sub.odds
}

func (s *submission[A]) start(ctx context.Context) {
	if s.tries++; s.tries == 1 {
		s.report.Commands++
		s.audit.permit(s.command.Name(), s.command.Permission())
	}
	s.first = try(ctx, s.institution, s.by, s.command)
	if s.doubled {
		s.second = try(ctx, s.institution, s.by, s.command)
	}
}

// try starts a copy of a command, because a command may keep what it read.
func try[A any](ctx context.Context, s *institution, by bank.By, c bank.Command[A]) attempt[A] {
	if v := reflect.ValueOf(c); v.Kind() == reflect.Pointer {
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		c = own.Interface().(bank.Command[A])
	}
	if s.twin != nil {
		receipt, err := onTwin(s, by, c)
		return func() (bank.Receipt[A], error) { return receipt, err }
	}
	started, err := start(ctx, s.bank, by, c)
	if err != nil {
		return func() (bank.Receipt[A], error) { return bank.Receipt[A]{}, err }
	}
	return started.Wait
}

func (s *submission[A]) wait() error {
	receipt, err := s.first()
	if s.doubled {
		again, failed := s.second()
		if !unanswered(err) && !unanswered(failed) && ((err == nil) != (failed == nil) || err == nil && (!again.Replayed || !same(receipt.Answer, again.Answer))) {
			return s.breach(once, "%s doubled with the key %s: %v and %v, replayed %t, answers %+v and %+v", s.command.Name(), s.by.Key, err, failed, again.Replayed, receipt.Answer, again.Answer)
		}
	}
	if unanswered(err) {
		return fmt.Errorf("%s: %w", s.command.Name(), err)
	}
	if s.lost != nil && (err != nil || !receipt.Replayed || !same(*s.lost, receipt.Answer)) {
		return s.breach(once, "%s again with the key %s: replayed %t, %v, answers %+v and %+v", s.command.Name(), s.by.Key, receipt.Replayed, err, *s.lost, receipt.Answer)
	}
	if s.fresh && s.tries > 1 {
		receipt.Replayed = false
	}
	s.receipt, s.err, s.done, s.token = receipt, err, err == nil, receipt.Token
	return nil
}

// loseAnswer forgets the answer to a command that was done: the caller did not get it.
func (s *submission[A]) loseAnswer() bool {
	if s.err == nil {
		s.lost = &s.receipt.Answer
	}
	return s.err == nil
}

// unanswered reports whether an error says nothing about the command.
func unanswered(err error) bool {
	var refusal *fault.Error
	return err != nil && (!errors.As(err, &refusal) || refusal.Code == fault.Unavailable)
}

func (s *submission[A]) judge() error {
	if s.err == nil && !s.receipt.Replayed {
		s.audit.done[deed{s.by.Actor, s.command.Name()}]++
	}
	return s.check(s.receipt, s.err)
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
	}).alone = true
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
