package bank

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"sofipo/core/access"
	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/folio"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Limits of a batch and of its retries.
const (
	maxBatch     = 256
	queueLength  = 4096
	TripTime     = 20 * time.Second      // timeout of one round trip to the database
	retryTime    = 10 * time.Second      // total time for the commands of a batch that are retried one by one
	maxConflicts = 12                    // how often a command is tried when it conflicts with other transactions
	maxPause     = 64 * time.Millisecond // longest pause before a command that conflicted is tried again
)

// job is a command in a writer's queue.
type job struct {
	command     id.ID
	name        string
	permission  access.Permission
	by          By
	who         *staff.Member
	ctx         context.Context
	needs       Needs
	refusal     bool      // its journal row is the audit row of a refusal
	counted     bool      // its refusal inside the batch was counted
	noted       bool      // its refusal has its own audit row
	guarded     Guarded   // nil if the permission does not depend on rows
	requestable bool      // the refused command can be filed as a request
	needed      Authority // what the approver of a command needs that was refused for lack of authority
	decide      func(*Book) (any, error)
	stales      func(answer []byte) []string // cache keys of the recorded answer; nil if it has none
	answered    chan struct{}
	trace       *commandTrace // nil: not traced

	answer any
	stale  []string // cache keys
	replay []byte
	token  uint64
	err    error
}

// writer commits commands in groups. All commands that are queued form a batch. The batch is
// loaded in one round trip, decided in memory, and saved in a second one. Meanwhile the next
// commands queue up.
type writer struct {
	bank                  *Bank
	queue                 chan *job
	next                  *job // taken from the queue for the next batch; nil: none
	done                  chan struct{}
	session               *db.Session
	clock                 *ClockCheck  // of the current batch
	waiting               atomic.Int64 // commands that are queued or being written
	pace                  atomic.Int64 // recent time of a command in a batch, in nanoseconds
	latest                time.Time    // time of the last command; times never repeat
	month                 civil.Date   // month for which the journal has a partition
	committing, committed time.Time    // of the last commit of the current batch; committed is zero if there is none

	retrying bool     // commands are retried: an earlier try may have been committed
	unsure   []string // cache keys of commands with an unknown outcome, to be forgotten with the next commit

	kept map[any]any // rows that never change, read over the connection with the number read
	read int

	stocks map[source]stock                                 // short numbers left in the writer's blocks
	last   func(context.Context, folio.Kind) (int64, error) // returns the last number of a kind that is taken
}

func newWriter(b *Bank) *writer {
	w := &writer{bank: b, queue: make(chan *job, queueLength), done: make(chan struct{}), session: b.opts.DB.Session(), kept: map[any]any{}}
	w.last = w.lastOf
	go w.run()
	return w
}

func (w *writer) run() {
	defer close(w.done)
	defer w.session.Close()
	batch := make([]*job, 0, maxBatch)
	for first := w.wait(); first != nil; first = w.wait() {
		batch = w.fill(append(batch[:0], first), w.bank.most())
		began := time.Now()
		w.committed = time.Time{}
		w.process(batch)
		took := time.Since(began)
		w.bank.stats.batch(len(batch), took)
		w.measure(batch, took)
		if w.bank.opts.Tracer != nil {
			w.traceBatch(batch, began, took)
		}
		w.waiting.Add(-int64(len(batch)))
		w.bank.waiting.Add(-int64(len(batch)))
		for _, j := range batch {
			close(j.answered)
		}
	}
}

// maxWait is the longest time that a new command should wait in the queue.
const maxWait = 400 * time.Millisecond

// fullBatch is the size from which a batch shows the pace under load.
const fullBatch = 16

// overloaded reports whether a new command would wait longer than maxWait at the recent pace.
func (w *writer) overloaded() bool { return w.waiting.Load()*w.pace.Load() > int64(maxWait) }

// measure updates the pace. A small batch, or one with work of the program itself, such as a
// part of a daily close, takes longer for each command; it can only improve a known pace.
func (w *writer) measure(batch []*job, took time.Duration) {
	before := w.pace.Load()
	now := int64(took) / int64(len(batch))
	small := len(batch) < fullBatch || slices.ContainsFunc(batch, func(j *job) bool { return j.by.System })
	switch {
	case small && (before == 0 || now >= before):
	case before == 0:
		w.pace.Store(now)
	default:
		w.pace.Store(before + (now-before)/4)
	}
}

// wait returns the first command of the next batch, or nil if the bank is closed.
func (w *writer) wait() *job {
	if j := w.next; j != nil {
		w.next = nil
		return j
	}
	return <-w.queue
}

// fill adds the commands that are queued now, without waiting for more, up to a number. A command
// that must be the first of a batch ends this one.
func (w *writer) fill(batch []*job, most int) []*job {
	for len(batch) < most {
		select {
		case j, open := <-w.queue:
			if !open {
				return batch
			}
			if j.needs.first {
				w.next = j
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// process runs the batch and sets the outcome of every job. If the database refuses the
// batch, the jobs run one by one, so that only the faulty one fails.
func (w *writer) process(batch []*job) {
	w.bank.stats.Batches.Add(1)
	w.bank.stats.Commands.Add(uint64(len(batch)))
	ctx, cancel := context.WithTimeout(context.Background(), TripTime)
	defer cancel()
	err := w.attempt(ctx, batch)
	if err == nil {
		return
	}
	if !db.Refused(err) && !errors.Is(err, db.ErrUnknownOutcome) {
		refusal := unavailable(err)
		if refusal.Rule == fault.DatabaseAway {
			w.bank.opts.Log.Error("the database is unavailable", "error", err)
		}
		for _, j := range batch {
			j.err = refusal
		}
		return
	}
	w.bank.opts.Log.Warn("the database refused a batch; running its commands one by one", "commands", len(batch), "error", err)
	limited, cancel := context.WithTimeout(context.Background(), retryTime)
	defer cancel()
	for _, j := range batch {
		w.bank.stats.Alone.Add(1)
		w.alone(limited, j, err)
	}
}

// alone tries one job until it is committed, refused, or the context ends. Each try first
// checks whether an earlier one was committed after all.
func (w *writer) alone(ctx context.Context, j *job, err error) {
	unknown := errors.Is(err, db.ErrUnknownOutcome)
	w.retrying = true
	defer func() { w.retrying = false }()
	for taken := 0; taken < maxConflicts && ctx.Err() == nil; {
		switch err = w.attempt(ctx, []*job{j}); {
		case err == nil:
			return
		case !db.Refused(err):
			unknown = unknown || errors.Is(err, db.ErrUnknownOutcome)
			time.Sleep(50 * time.Millisecond)
		default:
			if _, conflict := db.Conflict(err); !conflict && !db.Aborted(err) {
				w.endUnsure(j, unknown, fmt.Errorf("%s: %w", j.name, err))
				return
			}
			if taken++; taken > 1 {
				time.Sleep(rand.N(min(time.Millisecond<<taken, maxPause))) // lets the writers that conflict get out of step
			}
		}
	}
	refusal := error(unavailable(err))
	if ctx.Err() == nil {
		refusal = conflictFault(err)
	}
	w.endUnsure(j, unknown, refusal)
}

// endUnsure sets the refusal of a command that could not be written. If an earlier try may have been
// committed after all, also while a later one met a conflict, the caller is told so and what it made
// stale is forgotten.
func (w *writer) endUnsure(j *job, unknown bool, refusal error) {
	if unknown {
		w.unsure = append(w.unsure, j.stale...)
		refusal = Unavailable(fault.OutcomeUnknown, refusal)
	}
	j.err = refusal
}

// unavailable returns the refusal for a batch that was not written: that of a wrong clock, or
// the one for an unavailable database.
func unavailable(err error) *fault.Error {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return Unavailable(fault.DatabaseAway, err)
}

// attempt runs the batch once, in one transaction. If it returns nil, every job has its
// outcome. On an error nothing was written, unless the error is ErrUnknownOutcome.
func (w *writer) attempt(ctx context.Context, batch []*job) error {
	err := w.try(ctx, batch, &limits{room: money.Amount(w.bank.room.Load())})
	if errors.Is(err, errBalances) {
		known := &limits{balances: map[ledger.Account]money.Amount{}}
		err = w.try(ctx, batch, known)
	}
	if err != nil {
		w.stocks = nil // another writer may have the numbers, or a commit with them may have succeeded
	}
	return err
}

// try is attempt with the given limits. It returns errBalances if they lack the balances.
func (w *writer) try(ctx context.Context, batch []*job, l *limits) error {
	book := w.bookFor(batch)
	book.limits = l
	load := &db.Batch{}
	w.clock = w.bank.CheckClock(load)
	book.Load(load)
	if l.balances != nil {
		l.read(load)
	}
	if w.retrying {
		book.lookForCommitted(load, batch)
	}
	if err := w.session.Begin(ctx, load); err != nil {
		return err
	}
	if err := w.clock.Err(); err != nil {
		w.session.Rollback()
		return err
	}
	if n := w.session.Connections(); n != w.read {
		clear(w.kept)
		w.read, w.month, w.stocks = n, civil.Date{}, nil // after a failover, the new server may lack the newest partition and blocks
	}
	maps.Copy(book.stocks, w.stocks)
	if err := book.LoadFollowed(ctx, w.session); err != nil {
		return err
	}
	for _, j := range batch {
		if err := w.decide(ctx, book, j); err != nil {
			return err
		}
		if l.short {
			w.session.Rollback()
			return errBalances
		}
	}
	acknowledges := len(book.committed) > 0 || slices.ContainsFunc(batch, func(j *job) bool { return j.replay != nil })
	if !book.dirty() && !acknowledges {
		w.session.Rollback()
		return nil
	}
	save := &db.Batch{}
	if acknowledges {
		save.Durable()
	}
	month := w.makeRoom(book, save)
	book.Save(save)
	w.committing = time.Now()
	token, err := w.session.Commit(ctx, save)
	if err != nil {
		return err
	}
	w.committed = time.Now()
	w.bank.stats.commit(book, w.committed.Sub(w.committing))
	w.month, w.stocks = month, book.stocks
	l.committed(&w.bank.room)
	stale := w.unsure
	for _, j := range batch {
		if j.err != nil {
			continue
		}
		j.token = token
		if j.replay == nil {
			stale = append(stale, j.stale...)
			continue
		}
		for _, r := range book.order {
			stale = append(stale, r.set.(shownSet).stale()...)
		}
		if j.stales != nil {
			stale = append(stale, j.stales(j.replay)...)
		}
	}
	w.unsure = nil
	w.bank.opts.Committed(token, stale)
	return nil
}

// makeRoom queues the creation of the journal partitions that the book's rows need and
// returns the last month. A retried command keeps its first id, which may belong to an
// earlier month.
func (w *writer) makeRoom(book *Book, save *db.Batch) civil.Date {
	month := w.month
	for _, l := range book.journal.lines {
		if m := civil.DateOf(l.ID.Time()).MonthEnd(); m != month {
			save.MonthOfIDs("journal", l.ID.Time())
			month = m
		}
	}
	return month
}

// bookFor returns a book with the needs of the jobs.
func (w *writer) bookFor(batch []*job) *Book {
	book := NewBook(w.bank, w.kept)
	for _, j := range batch {
		book.Ask(&j.needs)
		if j.by.Key != "" {
			recordsByKey.Ask(book, j.by.Key)
		}
	}
	return book
}

// lookForCommitted queries which commands an earlier try committed.
func (b *Book) lookForCommitted(load *db.Batch, batch []*job) {
	var commands []id.ID
	for _, j := range batch {
		if !j.command.IsZero() {
			commands = append(commands, j.command)
		}
	}
	if len(commands) == 0 {
		return
	}
	// Journal rows are never older than their command's id.
	since := id.New(slices.MinFunc(commands, ByID).Time(), [10]byte{})
	load.Query("SELECT command FROM journal WHERE id >= $2 AND command = ANY($1::uuid[])", func(s db.Scanner) error {
		var command id.ID
		err := s.Scan(&command)
		b.committed[command] = true
		return err
	}, commands, since)
}

// LoadFollowed reads, in the session's transaction, the rows that the loaded rows refer to
// and the book does not have yet.
func (b *Book) LoadFollowed(ctx context.Context, session *db.Session) error {
	load, err := b.Followed()
	if err != nil || load.Empty() {
		return err
	}
	return session.Load(ctx, load)
}

// decide runs one command against the book. A refusal undoes what it staged. The error is
// that of the database when a block of numbers is taken.
func (w *writer) decide(ctx context.Context, book *Book, j *job) error {
	if book.committed[j.command] {
		return nil // an earlier try was committed; keep its answer
	}
	j.answer, j.stale, j.replay, j.err, j.refusal = nil, nil, nil, nil, false
	if j.ctx.Err() != nil {
		j.err = Unavailable(fault.GivenUp, j.ctx.Err())
		return nil
	}
	if j.by.Key != "" {
		if record := records.At(book, recordKey{j.by.Actor, j.name, j.by.Key}); record != nil {
			j.replay, j.err = record.replay(j.by.Request)
			return nil
		}
	}
	now := w.now()
	if j.command.IsZero() { // otherwise it is a retry
		j.command = w.bank.newID(now)
	}
	book.begin(j, now)
	for j.err = w.stage(book, j); book.lacks != (source{}); j.err = w.stage(book, j) {
		last, err := w.last(ctx, book.lacks.kind)
		if err != nil {
			return err
		}
		book.again(last)
	}
	if j.err != nil && !errors.Is(j.err, errBalances) { // with errBalances, the batch is decided again
		w.bank.stats.Refused.Add(1)
		book.rollback()
		w.bank.guard.noteInBatch(book, j)
	}
	return nil
}

func (w *writer) stage(book *Book, j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.bank.opts.Log.ErrorContext(j.ctx, "a command panicked", "command", j.name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%s panicked: %v", j.name, p)
		}
	}()
	j.answer, err = try(book, j)
	if book.lacks != (source{}) {
		return errNoBlock
	}
	if err != nil {
		return err
	}
	return book.seal(j)
}

// try decides a command if the scope and the authority of the actor allow it.
func try(book *Book, j *job) (any, error) {
	if err := book.inScope(j); err != nil {
		return nil, err
	}
	if j.guarded != nil {
		if err := authorize(book, j.guarded); err != nil {
			return nil, err
		}
	}
	return j.decide(book)
}

// now returns the time of the next command in microseconds, always later than the last one.
func (w *writer) now() time.Time {
	now := w.clock.Time().UTC().Truncate(time.Microsecond)
	if !now.After(w.latest) {
		now = w.latest.Add(time.Microsecond)
	}
	w.latest = now
	w.bank.clock.gave(now)
	return now
}

func conflictFault(err error) error {
	if key, is := db.Conflict(err); is {
		if refusal := uniques[key]; refusal != "" {
			return fault.Refuse(refusal)
		}
	}
	return Unavailable(fault.RowBusy, err)
}

// uniques has the refusals for duplicate values, by "table.column".
var uniques = map[string]fault.Code{}
