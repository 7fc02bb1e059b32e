// Package bank is the engine of all writes: every change of state is a command given
// to Do, and there is no other way to write. The verbs stand in the packages below,
// one file each, with their tables beside them. bank.go is the door, guard.go decides
// who may do what, writer.go is the group commit, book.go the working set that a
// command decides on, table.go how a noun declares its rows, journal.go the entries
// and the audit lines.
package bank

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/mx"
	"sofipo/infra/db"
)

// Command is a verb with its arguments. A is its answer, which must survive
// encoding/json, since a repeated request is answered from its record.
type Command[A any] interface {
	// Name is the operation, the scope of idempotency keys: "receive_payment".
	Name() string
	// Permission is what the role of the one who asks must hold.
	Permission() access.Permission
	// Check refuses what can be refused without looking at any row.
	Check(Rules) error
	// Needs names the rows that Decide will look at.
	Needs(*Needs)
	// Decide looks at the book and stages what changes. An error leaves nothing staged.
	Decide(*Book) (A, error)
}

// Rules are the settings that decisions depend on.
type Rules struct {
	RFC mx.Tier // how strictly an RFC is checked
}

// By is who asks, and in which request.
type By struct {
	Actor         string
	System        bool // the program itself acts: the operator at the command line, a scheduler
	CorrelationID string
	Key           string   // Idempotency-Key, or empty
	Request       [32]byte // hash of the request that the key stands for
}

// Receipt is the answer of a command that was committed.
type Receipt[A any] struct {
	Answer   A
	Token    uint64 // of the commit; a read that asks for it sees the change. 0 when replayed
	Replayed bool   // the key had been used for this very request: this is its first answer
}

// Options set a bank up. Zero values stand for the real clock and randomness.
type Options struct {
	DB        *db.DB
	Rules     Rules
	Writers   int // 2 on PostgreSQL and 1 on SQLite when zero
	Clock     func() time.Time
	Random    io.Reader
	Location  *time.Location // where the business day turns
	Log       *slog.Logger
	Committed func(token uint64, stale []string) // called after each commit, before its callers are answered
	Node      string                             // names this process in the outbox, as the one that calls Committed
}

// Bank is the door that all writes pass.
type Bank struct {
	opts    Options
	writers []*writer
	guard   *guard
	stats   Stats
	waiting atomic.Int64 // commands queued or being written
	drain   sync.RWMutex // held for reading while a command is queued
	closed  bool
}

// Open starts the writers. Close ends them.
func Open(opts Options) *Bank {
	if opts.Writers == 0 {
		opts.Writers = 2
	}
	if opts.DB.Embedded() {
		opts.Writers = 1
	}
	b := newBank(opts)
	for range opts.Writers {
		b.writers = append(b.writers, newWriter(b))
	}
	return b
}

// newBank is a bank without writers.
func newBank(opts Options) *Bank {
	machine := opts.Clock == nil
	if machine {
		opts.Clock = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Reader
	}
	if opts.Location == nil {
		opts.Location = time.UTC
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Committed == nil {
		opts.Committed = func(uint64, []string) {}
	}
	b := &Bank{opts: opts}
	b.guard = newGuard(b, machine)
	return b
}

// Close lets the commands already queued finish, and refuses later ones. A second call
// does nothing.
func (b *Bank) Close() {
	for _, c := range b.guard.refusals.pending() {
		b.guard.flush(c)
	}
	b.drain.Lock()
	again := b.closed
	b.closed = true
	b.drain.Unlock()
	if again {
		return
	}
	for _, w := range b.writers {
		close(w.queue)
		<-w.done
	}
	for _, c := range b.guard.refusals.pending() {
		b.opts.Log.Warn("refusals were not written to the audit", "actor", c.last.Actor, "action", c.action, "times", c.left)
	}
}

// DB is the database of the bank.
func (b *Bank) DB() *db.DB { return b.opts.DB }

// Log is where the bank logs.
func (b *Bank) Log() *slog.Logger { return b.opts.Log }

// Committed marks what a commit outside of the writers changed.
func (b *Bank) Committed(token uint64, stale []string) { b.opts.Committed(token, stale) }

// Do carries a command out. It returns when the change is durable, or with an
// error when nothing was changed: a *fault.Error for what the caller can mend.
// An error with code Unavailable may leave the outcome unknown when it says so;
// sending the request again with the same key is then safe.
func Do[A any](ctx context.Context, b *Bank, by By, c Command[A]) (Receipt[A], error) {
	started, err := Start(ctx, b, by, c)
	if err != nil {
		return Receipt[A]{}, err
	}
	return started.Wait()
}

// Started is a command on its way.
type Started[A any] struct {
	ctx context.Context
	job *job
}

// Start is Do that returns as soon as the command is queued. Commands that are
// started one after another are decided in this order, in a bank with one writer:
// with a clock and a source of randomness that depend on nothing else, the same
// commands then make the same books, however they were grouped.
func Start[A any](ctx context.Context, b *Bank, by By, c Command[A]) (Started[A], error) {
	if err := b.May(ctx, by, c.Permission()); err != nil {
		return Started[A]{}, err
	}
	j, err := newJob(ctx, b, by, c)
	if err != nil {
		return Started[A]{}, err
	}
	return Started[A]{ctx, j}, b.enqueue(ctx, j)
}

// newJob checks a command and asks for what it needs.
func newJob[A any](ctx context.Context, b *Bank, by By, c Command[A]) (*job, error) {
	if err := c.Check(b.opts.Rules); err != nil {
		return nil, err
	}
	j := &job{
		by: by, name: c.Name(), ctx: ctx, answered: make(chan struct{}),
		decide: func(book *Book) (any, error) { return c.Decide(book) },
	}
	j.guarded, _ = any(c).(Guarded)
	c.Needs(&j.needs)
	return j, nil
}

// Wait returns as Do does. It is called once.
func (s Started[A]) Wait() (Receipt[A], error) {
	select {
	case <-s.job.answered:
		return receiptOf[A](s.job)
	case <-s.ctx.Done():
		return Receipt[A]{}, Unavailable(fault.OutcomeUnknown, s.ctx.Err())
	}
}

// receiptOf is the outcome of a job.
func receiptOf[A any](j *job) (Receipt[A], error) {
	if j.err != nil {
		return Receipt[A]{}, j.err
	}
	receipt := Receipt[A]{Token: j.token, Replayed: j.replay != nil}
	if receipt.Replayed {
		if err := json.Unmarshal(j.replay, &receipt.Answer); err != nil {
			return Receipt[A]{}, fmt.Errorf("recorded answer of %s: %w", j.name, err)
		}
		return receipt, nil
	}
	receipt.Answer = j.answer.(A)
	return receipt, nil
}

// enqueue hands the job to its writer.
func (b *Bank) enqueue(ctx context.Context, j *job) error {
	b.drain.RLock()
	defer b.drain.RUnlock()
	if b.closed {
		return Unavailable(fault.Stopping, nil)
	}
	b.waiting.Add(1)
	select {
	case b.writerFor(j).queue <- j:
		return nil
	case <-ctx.Done():
		b.waiting.Add(-1)
		return Unavailable(fault.TooMany, ctx.Err())
	}
}

// Busy tells whether more commands wait than one writer carries well.
func (b *Bank) Busy() bool { return b.waiting.Load() > soloLimit }

// soloLimit is how many waiting commands one writer carries better alone, in larger
// batches, than several would.
const soloLimit = 48

// writerFor picks the writer: the first while few wait, and by what the command
// needs when many do, so that commands for one loan do not wait for each other's
// locks. Locks keep them right whichever writer they go to.
func (b *Bank) writerFor(j *job) *writer {
	if !b.Busy() {
		return b.writers[0]
	}
	return b.writers[j.needs.shard%uint64(len(b.writers))]
}

func (b *Bank) newID(at time.Time) id.ID {
	var random [10]byte
	if _, err := io.ReadFull(b.opts.Random, random[:]); err != nil {
		panic("no randomness: " + err.Error()) // crypto/rand never fails; a test's reader must not
	}
	return id.New(at, random)
}

// Unavailable is the refusal of work that a service which is down keeps from being
// done. The rule says why; the log has the cause.
func Unavailable(why fault.Rule, cause error) *fault.Error {
	err := fault.Refuse(fault.Unavailable).Because(why)
	err.Cause = cause
	return err
}
