package bank

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// The bounds of a batch and of patience.
const (
	maxBatch    = 256
	queueLength = 4096
	TripTime    = 20 * time.Second // for one trip to the database
	retryTime   = 10 * time.Second // for all of a batch that is run one by one
	conflicts   = 4                // times a command is decided anew after it met another's
)

// Stats count what the writers did.
type Stats struct {
	Commands, Refused, Batches, Alone atomic.Uint64
}

// Stats gives the counters.
func (b *Bank) Stats() *Stats { return &b.stats }

// job is a command on its way through a writer.
type job struct {
	command  id.ID
	name     string
	by       By
	ctx      context.Context
	needs    Needs
	refusal  bool    // the command leaves the audit line of a refusal
	counted  bool    // its refusal by the check point was counted
	noted    bool    // and gets a line of its own
	guarded  Guarded // nil if what it may do depends on no row
	decide   func(*Book) (any, error)
	answered chan struct{}

	answer any
	stale  []string // cache keys
	replay []byte
	token  uint64
	err    error
}

// writer commits queued commands in groups: whatever is queued at the moment
// forms a batch, which is loaded in one trip, decided in memory and saved in
// another. While it commits, the next batch gathers.
type writer struct {
	bank    *Bank
	queue   chan *job
	done    chan struct{}
	session *db.Session
	last    time.Time  // of the last command, so that moments never repeat
	month   civil.Date // for whose rows the journal has room
	looking bool       // a command runs again: an earlier try may have been committed

	kept map[any]any // rows that never change, read over the connection of this number
	read int
}

func newWriter(b *Bank) *writer {
	w := &writer{bank: b, queue: make(chan *job, queueLength), done: make(chan struct{}), session: b.opts.DB.Session(), kept: map[any]any{}}
	go w.run()
	return w
}

func (w *writer) run() {
	defer close(w.done)
	defer w.session.Close()
	batch := make([]*job, 0, maxBatch)
	for first := range w.queue {
		batch = w.gather(append(batch[:0], first))
		w.process(batch)
		w.bank.waiting.Add(-int64(len(batch)))
		for _, j := range batch {
			close(j.answered)
		}
	}
}

// gather adds what is queued now, without waiting for more.
func (w *writer) gather(batch []*job) []*job {
	for len(batch) < maxBatch {
		select {
		case j, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// process sets the outcome of every job: together, or one by one when the
// database refused the whole, so that only the culprit fails.
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
		w.bank.opts.Log.Error("database unavailable", "error", err)
		for _, j := range batch {
			j.err = Unavailable(fault.DatabaseAway, err)
		}
		return
	}
	w.bank.opts.Log.Warn("batch is run again one by one", "commands", len(batch), "error", err)
	limited, cancel := context.WithTimeout(context.Background(), retryTime)
	defer cancel()
	for _, j := range batch {
		w.bank.stats.Alone.Add(1)
		w.alone(limited, j, err)
	}
}

// alone runs one job until it is committed, refused, or given up when the
// context ends. Each time it looks first whether an earlier try was committed
// after all.
func (w *writer) alone(ctx context.Context, j *job, err error) {
	unknown := errors.Is(err, db.ErrUnknownOutcome)
	w.looking = true
	defer func() { w.looking = false }()
	for taken := 0; taken < conflicts && ctx.Err() == nil; {
		switch err = w.attempt(ctx, []*job{j}); {
		case err == nil:
			return
		case !db.Refused(err):
			unknown = unknown || errors.Is(err, db.ErrUnknownOutcome)
			time.Sleep(50 * time.Millisecond)
		default:
			if _, conflict := db.Conflict(err); !conflict && !db.Crossed(err) {
				j.err = fmt.Errorf("%s: %w", j.name, err)
				return
			}
			taken++
		}
	}
	switch {
	case ctx.Err() == nil:
		j.err = conflictFault(err)
	case unknown:
		j.err = Unavailable(fault.OutcomeUnknown, err)
	default:
		j.err = Unavailable(fault.DatabaseAway, err)
	}
}

// attempt runs the batch once, in one transaction. Without an error every job
// has its outcome; with one, nothing was written unless it is ErrUnknownOutcome.
func (w *writer) attempt(ctx context.Context, batch []*job) error {
	book := w.bookFor(batch)
	load := &db.Batch{}
	book.Load(load)
	if w.looking {
		book.lookForCommitted(load, batch)
	}
	if err := w.session.Begin(ctx, load); err != nil {
		return err
	}
	if n := w.session.Connections(); n != w.read {
		clear(w.kept)
		w.read, w.month = n, civil.Date{} // a server that took over may lack the newest month
	}
	if err := book.LoadFollowed(ctx, w.session); err != nil {
		return err
	}
	for _, j := range batch {
		w.decide(book, j)
	}
	if !book.dirty() && len(book.committed) == 0 {
		w.session.Rollback()
		return nil
	}
	save := &db.Batch{}
	month := w.makeRoom(book, save)
	book.Save(save)
	token, err := w.session.Commit(ctx, save)
	if err != nil {
		return err
	}
	w.month = month
	var stale []string
	for _, j := range batch {
		if j.err == nil && j.replay == nil {
			j.token = token
			stale = append(stale, j.stale...)
		}
	}
	w.bank.opts.Committed(token, stale)
	return nil
}

// makeRoom makes room in the journal for the months of the rows that the book writes,
// and gives the last of them. A command that is decided again has the id of its first
// try, which may be of an earlier month than the others.
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

// bookFor is a book that asks for what the jobs need.
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

// lookForCommitted asks which of the commands were committed by an earlier try.
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
	// Their rows were made no earlier than the commands were.
	since := id.New(slices.MinFunc(commands, ByID).Time(), [10]byte{})
	load.Query("SELECT command FROM journal WHERE id >= $2 AND command = ANY($1::uuid[])", func(s db.Scanner) error {
		var command id.ID
		err := s.Scan(&command)
		b.committed[command] = true
		return err
	}, commands, since)
}

// LoadFollowed reads, in the transaction of the session, the rows that the loaded rows
// point to and the book does not have yet.
func (b *Book) LoadFollowed(ctx context.Context, session *db.Session) error {
	load, err := b.Followed()
	if err != nil || load.Empty() {
		return err
	}
	return session.Load(ctx, load)
}

// decide runs one command against the book. A refusal undoes what it staged.
func (w *writer) decide(book *Book, j *job) {
	if book.committed[j.command] {
		return // an earlier try was committed; its answer stands
	}
	j.answer, j.stale, j.replay, j.err, j.refusal = nil, nil, nil, nil, false
	if j.ctx.Err() != nil {
		j.err = Unavailable(fault.GivenUp, j.ctx.Err())
		return
	}
	if j.by.Key != "" {
		if record := records.At(book, recordKey{j.by.Actor, j.name, j.by.Key}); record != nil {
			j.replay, j.err = record.replay(j.by.Request)
			return
		}
	}
	now := w.now()
	if j.command.IsZero() { // else it is decided anew
		j.command = w.bank.newID(now)
	}
	book.begin(j, now)
	if j.err = w.stage(book, j); j.err != nil {
		w.bank.stats.Refused.Add(1)
		book.rollback()
		w.bank.guard.noteInBatch(book, j)
	}
}

func (w *writer) stage(book *Book, j *job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.bank.opts.Log.Error("a command panicked", "command", j.name, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%s panicked: %v", j.name, p)
		}
	}()
	if j.guarded != nil {
		if err := authorize(book, j.guarded); err != nil {
			return err
		}
	}
	if j.answer, err = j.decide(book); err != nil {
		return err
	}
	return book.seal(j)
}

// now is the clock's moment in microseconds, later than any before it.
func (w *writer) now() time.Time {
	now := w.bank.opts.Clock().UTC().Truncate(time.Microsecond)
	if !now.After(w.last) {
		now = w.last.Add(time.Microsecond)
	}
	w.last = now
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

// uniques are the refusals for values that must be unique, by table and column.
var uniques = map[string]fault.Code{}
