// Package bank executes every change of state. A change is a Command given to Do; nothing
// else writes to the tables. The commands (verbs) are in the packages below this one, one
// file each, next to the declarations of their tables.
//
// The files of this package: bank.go has the entry points, guard.go the permission checks,
// writer.go the group commit, clock.go the check of the clock, limits.go the limits of the
// books, book.go the working set of a batch, table.go the declaration of tables, and
// journal.go the journal entries and audit rows.
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

	"go.opentelemetry.io/otel/trace"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/mx"
	"sofipo/core/staff"
	"sofipo/core/webhook"
	"sofipo/infra/db"
)

// Command is a verb with its arguments. Its answer, of type A, must survive a round trip
// through encoding/json, because a repeated request is answered from the stored record.
type Command[A any] interface {
	// Name returns the operation's name, such as "receive_payment". Idempotency keys are
	// unique for an actor and an operation.
	Name() string
	// Permission returns the permission that the actor's role must have.
	Permission() access.Permission
	// Check validates the arguments without reading any row.
	Check(Rules) error
	// Needs requests the rows that Decide reads.
	Needs(*Needs)
	// Decide reads the book and stages the changes. If it returns an error, nothing stays
	// staged.
	Decide(*Book) (A, error)
}

// Rules are the settings that commands depend on.
type Rules struct {
	RFC        mx.Tier      // how strictly an RFC is checked
	EmptyNames bool         // clients may have the empty name, as in the seed
	MaxLoan    money.Amount // maximum principal of a loan; 0 means no maximum

	WriteOffDays int  // a loan that is overdue for fewer days is written off only by a request
	FreeAdmin    bool // the role admin has no limits of authority, as in the seed

	RetentionYears int // years that blocked data of a client are kept after the last operation; 0 means client.RetentionYears

	EncryptEvents bool // the personal members of the seed's events are encrypted, with a key for each client

	UnclaimedDays int // days after which an unidentified deposit may be written to income

	Webhooks webhook.Networks // private networks in which webhooks may be called
}

// By identifies the actor and the request of a command.
type By struct {
	Actor         string
	System        bool  // true for the program itself: the operator at the command line, or a scheduler
	APIKey        id.ID // with which the actor, a service account, acts; zero for a person
	CorrelationID string
	Key           string   // the Idempotency-Key; empty if there is none
	Request       [32]byte // hash of the request that Key was sent with
}

// Receipt is the result of a committed command.
type Receipt[A any] struct {
	Answer   A
	Token    uint64 // commit token: a read that asks for it sees the change
	Replayed bool   // the key was already used for this request; Answer is the first answer
}

// Options configure a bank. A nil Random means crypto/rand.
type Options struct {
	DB          *db.DB
	Rules       Rules
	Writers     int              // number of writers; 0 means 2 on PostgreSQL. SQLite always has 1
	Clock       func() time.Time // an injected clock, which is not checked; nil means the machine's, which is
	Peek        func() time.Time // reads an injected clock that advances when it is read, without advancing it; Clock if nil
	Machine     Machine          // the clocks of the machine
	Random      io.Reader
	Location    *time.Location // time zone of the business date; UTC if nil
	Log         *slog.Logger
	Committed   func(token uint64, stale []string) // called after each commit, before its callers get their answers
	AcceptClock bool                               // accept the clock even if there are later rows from earlier processes
	Node        string                             // name of this process, the one that runs Committed, in the outbox
	Paced       bool                               // batches are those of Hold, or have one command: reproducible, for a simulation
	Tracer      trace.Tracer                       // nil: nothing is traced
}

// Bank executes commands. Its methods may be called concurrently.
type Bank struct {
	opts    Options
	writers []*writer
	guard   *guard
	clock   *clock
	stats   Stats
	waiting atomic.Int64 // commands that are queued or being written
	room    atomic.Int64 // centavos that may be posted without reading the balances
	drain   sync.RWMutex // held for reading while a command is queued
	closed  bool
	held    sync.Mutex // held while no batch may begin
	group   int        // number of commands that were queued during the last Hold, until their batch begins
}

// Open starts a bank and its writers. The caller must call Close.
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

// newBank returns a bank without writers.
func newBank(opts Options) *Bank {
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
	b := &Bank{opts: opts, clock: newClock(&opts)}
	b.stats.prepare()
	b.room.Store(int64(firstRoom))
	b.guard = newGuard(b, opts.Clock == nil && !opts.Paced)
	return b
}

// Close waits for the queued commands and refuses later ones. A second call does nothing.
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
		b.opts.Log.Warn("refusals are missing from the audit", "actor", c.last.Actor, "action", c.action, "times", c.left)
	}
}

// DB returns the bank's database.
func (b *Bank) DB() *db.DB { return b.opts.DB }

// Log returns the bank's logger.
func (b *Bank) Log() *slog.Logger { return b.opts.Log }

// Committed reports a commit made outside the writers: its commit token and the cache keys
// that it made stale.
func (b *Bank) Committed(token uint64, stale []string) { b.opts.Committed(token, stale) }

// Do executes a command and returns once the change is durable. On an error nothing was
// changed; a *fault.Error describes what the caller can correct. The exception is an error
// with the code Unavailable and the rule OutcomeUnknown: the change may have been committed.
// The request may then be sent again with the same key.
func Do[A any](ctx context.Context, b *Bank, by By, c Command[A]) (Receipt[A], error) {
	started, err := Start(ctx, b, by, c)
	if err != nil {
		return Receipt[A]{}, err
	}
	return started.Wait()
}

// Hold keeps the writers from beginning a batch until release is called. With Options.Paced, the
// commands that are queued meanwhile are one batch.
func (b *Bank) Hold() (release func()) {
	b.held.Lock()
	return func() {
		b.group = int(b.waiting.Load())
		b.held.Unlock()
	}
}

// most returns the maximum size of the next batch.
func (b *Bank) most() int {
	if !b.opts.Paced {
		return maxBatch
	}
	b.held.Lock()
	defer b.held.Unlock()
	most := min(max(1, b.group), maxBatch)
	b.group = 0
	return most
}

// Started is a queued command.
type Started[A any] struct {
	ctx  context.Context
	bank *Bank
	job  *job
}

// Start queues a command and returns without waiting for the commit; Wait waits for it. With
// one writer, commands are decided in the order in which they were started. If the clock and
// the randomness are reproducible, the same commands then produce the same books, however
// they were grouped into batches.
func Start[A any](ctx context.Context, b *Bank, by By, c Command[A]) (Started[A], error) {
	ctx, t := b.startTrace(ctx, c.Name())
	started, err := start(ctx, b, by, c, t)
	if err != nil {
		t.end(err)
	}
	return started, err
}

func start[A any](ctx context.Context, b *Bank, by By, c Command[A], t *commandTrace) (Started[A], error) {
	who, err := b.admit(ctx, by, c.Permission())
	if err != nil {
		return Started[A]{}, err
	}
	j, err := newJob(ctx, b, by, who, c)
	if err != nil {
		return Started[A]{}, err
	}
	if who.Role.Scope == staff.Own {
		j.needs.assignedTo(who.User.Username)
	}
	j.trace = t
	return Started[A]{ctx, b, j}, b.enqueue(ctx, j)
}

// newJob checks a command and collects its needs.
func newJob[A any](ctx context.Context, b *Bank, by By, who *staff.Member, c Command[A]) (*job, error) {
	if err := c.Check(b.opts.Rules); err != nil {
		return nil, err
	}
	j := &job{
		by: by, who: who, name: c.Name(), permission: c.Permission(), ctx: ctx, answered: make(chan struct{}),
		decide: func(book *Book) (any, error) { return c.Decide(book) },
	}
	if _, has := any((*A)(nil)).(stalesKeys); has {
		j.stales = staleKeysOf[A]
	}
	j.guarded, _ = any(c).(Guarded)
	j.needs.who, j.needs.bank = who, b
	c.Needs(&j.needs)
	return j, nil
}

// stalesKeys is an answer that knows the cache keys of the answers that show the same row.
type stalesKeys interface{ StaleKeys() []string }

// staleKeysOf returns the cache keys of a recorded answer.
func staleKeysOf[A any](recorded []byte) []string {
	answer := new(A)
	if json.Unmarshal(recorded, answer) != nil {
		return nil // the caller gets the error
	}
	return any(answer).(stalesKeys).StaleKeys()
}

// Wait waits for the command and returns what Do returns. It must be called only once.
func (s Started[A]) Wait() (Receipt[A], error) {
	select {
	case <-s.job.answered:
		s.bank.nameApprovers(s.ctx, s.job)
		receipt, err := receiptOf[A](s.job)
		s.job.trace.answered(err)
		return receipt, err
	case <-s.ctx.Done():
		s.job.trace.end(s.ctx.Err())
		return Receipt[A]{}, Unavailable(fault.OutcomeUnknown, s.ctx.Err())
	}
}

// receiptOf returns the outcome of a job.
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

// enqueue sends the job to a writer. A command that would wait too long is refused before it
// is queued, so nothing of it is done; work of the program itself always waits.
func (b *Bank) enqueue(ctx context.Context, j *job) error {
	b.drain.RLock()
	defer b.drain.RUnlock()
	if b.closed {
		return Unavailable(fault.Stopping, nil)
	}
	w := b.writerFor(j)
	if !j.by.System && w.overloaded() {
		b.stats.Shed.Add(1)
		return Unavailable(fault.TooMany, nil)
	}
	w.waiting.Add(1)
	b.waiting.Add(1)
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		w.waiting.Add(-1)
		b.waiting.Add(-1)
		return Unavailable(fault.TooMany, ctx.Err())
	}
}

// Busy reports whether so many commands wait that they are spread over all writers.
func (b *Bank) Busy() bool { return b.waiting.Load() > soloLimit }

// soloLimit is the number of waiting commands up to which only the first writer is used.
// Below it, one writer with larger batches is faster than several writers.
const soloLimit = 48

// writerFor picks the writer for a job. While few commands wait, it is the first. Otherwise
// the job's first needed row decides, so that commands for the same loan go to the same
// writer and do not wait for each other's locks. This is only for speed: row locks keep the
// result correct with any writer.
func (b *Bank) writerFor(j *job) *writer {
	if !b.Busy() {
		return b.writers[0]
	}
	return b.writers[j.needs.shard%uint64(len(b.writers))]
}

func (b *Bank) newID(at time.Time) id.ID {
	var random [10]byte
	if _, err := io.ReadFull(b.opts.Random, random[:]); err != nil {
		panic("no randomness: " + err.Error()) // crypto/rand never fails, and a test's reader must not
	}
	return id.New(at, random)
}

// Unavailable returns the refusal for work that cannot be done because a service is down. The
// rule gives the reason to the caller; the cause is for the log.
func Unavailable(why fault.Rule, cause error) *fault.Error {
	err := fault.Refuse(fault.Unavailable).Because(why)
	err.Cause = cause
	return err
}
