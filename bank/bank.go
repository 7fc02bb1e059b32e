// Package bank holds the verbs: every change of state is a command given to Do,
// and there is no other way to write. A verb is a file; bank.go is the door,
// writer.go the group commit behind it, book.go the working set that a verb
// decides on, and store.go how the book is loaded and saved.
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
	Position uint64 // of the commit; a read that asks for it sees the change. 0 when replayed
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
	Committed func(position uint64, stale []string) // called after each commit, before its callers are answered
	Teller    string                                // names this process in the outbox, as the one that calls Committed

	PositionMonths int // of positions that closes keep, before the month of the day; 0: all
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
	closing sync.Mutex // a day is being closed

	stopping  chan struct{} // closed when a close has to stop
	stop      func()        // closes it, once
	sliceSize int           // of a close, in loans
	moveLimit int           // and in movements of those that change
}

// Open starts the writers. Close ends them.
func Open(opts Options) *Bank {
	if opts.Writers == 0 {
		opts.Writers = 2
	}
	if opts.DB.Embedded() {
		opts.Writers = 1
	}
	if opts.Clock == nil {
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
	b := &Bank{opts: opts, stopping: make(chan struct{}), sliceSize: sliceSize, moveLimit: moveLimit}
	b.guard = newGuard(b)
	b.stop = sync.OnceFunc(func() { close(b.stopping) })
	for range opts.Writers {
		b.writers = append(b.writers, newWriter(b))
	}
	return b
}

// Close lets the commands already queued finish, and refuses later ones. The close
// of a day stops where it is. A second call does nothing.
func (b *Bank) Close() {
	b.drain.Lock()
	again := b.closed
	b.closed = true
	b.drain.Unlock()
	if again {
		return
	}
	b.stop()
	b.closing.Lock() // until it has stopped
	defer b.closing.Unlock()
	for _, w := range b.writers {
		close(w.queue)
		<-w.done
	}
}

// StopCloses stops a close of a day after the slice of loans in hand, and refuses
// to begin one. It does not wait.
func (b *Bank) StopCloses() { b.stop() }

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
	if err := c.Check(b.opts.Rules); err != nil {
		return Started[A]{}, err
	}
	j := &job{
		by: by, name: c.Name(), ctx: ctx, answered: make(chan struct{}),
		decide: func(book *Book) (any, error) { return c.Decide(book) },
	}
	c.Needs(&j.needs)
	if by.Key != "" {
		j.needs.Keys(by.Key)
	}
	return Started[A]{ctx, j}, b.enqueue(ctx, j)
}

// Wait returns as Do does. It is called once.
func (s Started[A]) Wait() (Receipt[A], error) {
	var none Receipt[A]
	j := s.job
	select {
	case <-j.answered:
	case <-s.ctx.Done():
		return none, unavailable("the request was given up while it was being written; its outcome is not known", s.ctx.Err())
	}
	if j.err != nil {
		return none, j.err
	}
	receipt := Receipt[A]{Position: j.position, Replayed: j.replay != nil}
	if receipt.Replayed {
		if err := json.Unmarshal(j.replay, &receipt.Answer); err != nil {
			return none, fmt.Errorf("recorded answer of %s: %w", j.name, err)
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
		return unavailable("the service is stopping", nil)
	}
	b.waiting.Add(1)
	select {
	case b.writerFor(j).queue <- j:
		return nil
	case <-ctx.Done():
		b.waiting.Add(-1)
		return unavailable("too many requests are waiting", ctx.Err())
	}
}

// Busy tells whether more commands wait than one writer carries well.
func (b *Bank) Busy() bool { return b.waiting.Load() > few }

// few is how many commands one writer carries better alone, in larger batches,
// than several would.
const few = 48

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

func unavailable(why string, cause error) *fault.Error {
	err := fault.New(fault.Unavailable, "Service unavailable: "+why, "Servicio no disponible; intente de nuevo")
	err.Cause = cause
	return err
}
