package bank

import (
	"context"
	"errors"
	"sync"
	"time"

	"sofipo/core/access"
	"sofipo/core/authority"
	"sofipo/core/fault"
	"sofipo/core/ledger"
	"sofipo/core/staff"
)

// Each refusal by the guard has its own audit row, up to refusalsAMinute for an actor and
// minute. Further ones are counted in one row.
const (
	refusalsAMinute = 10
	refusalWindow   = time.Minute
)

// refusals counts the refusals of each actor.
type refusals struct {
	timed  bool // a timer writes the count of each minute by the machine's clock; else counts are written when the bank closes
	mu     sync.Mutex
	actors map[string]*refusalCount
}

// refusalCount counts an actor's refusals in the minute that starts at begun.
type refusalCount struct {
	begun     time.Time
	noted     int
	left      int64 // refusals without a row of their own
	last      By
	action    string
	code      fault.Code
	scheduled *time.Timer // writes the count at the end of the minute
}

// refusal is a refused action and its time.
type refusal struct {
	by     By
	action string // a permission or an operation
	code   fault.Code
	at     time.Time
}

// admit reports whether a refusal gets its own row. If not, it is counted, and flush is
// called with the count at the end of the minute.
func (r *refusals) admit(of refusal, flush func(*refusalCount)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.actors == nil {
		r.actors = map[string]*refusalCount{}
	}
	now, actor := of.at, of.by.Actor
	if r.timed {
		now = time.Now()
	}
	c := r.actors[actor]
	switch {
	case c == nil || now.Sub(c.begun) >= refusalWindow && (r.timed || c.left == 0):
		r.forget(now)
		c = &refusalCount{begun: now}
		r.actors[actor] = c
	case now.Sub(c.begun) >= refusalWindow:
		c.begun, c.noted = now, 0
	}
	if c.noted < refusalsAMinute {
		c.noted++
		return true
	}
	c.left++
	c.last, c.action, c.code = of.by, of.action, of.code
	if r.timed && c.scheduled == nil {
		c.scheduled = time.AfterFunc(refusalWindow-now.Sub(c.begun), func() { flush(c) })
	}
	return false
}

// forget removes the counts of past minutes. Counts with unwritten refusals are removed by
// their timers.
func (r *refusals) forget(now time.Time) {
	for actor, c := range r.actors {
		if c.left == 0 && now.Sub(c.begun) >= refusalWindow {
			delete(r.actors, actor)
		}
	}
}

// take ends a count and returns its number of refusals.
func (r *refusals) take(c *refusalCount) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := c.left
	c.left = 0
	if r.actors[c.last.Actor] == c {
		delete(r.actors, c.last.Actor)
	}
	return n
}

// pending ends and returns all counts that have not been written.
func (r *refusals) pending() (waiting []*refusalCount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.actors {
		if c.left > 0 && (c.scheduled == nil || c.scheduled.Stop()) {
			waiting = append(waiting, c)
		}
	}
	return waiting
}

// note writes the audit row of a refusal that happened before the command was queued.
func (g *guard) note(ctx context.Context, by By, action string, code fault.Code) {
	if g.refusals.admit(refusal{by, action, code, g.bank.clock.now()}, g.flush) {
		g.write(ctx, by, noteRefusal{action, code, 1})
	}
}

// unknownActor stands in the audit for a user who does not exist. It is no user name.
const unknownActor = "?"

// NoteFailedLogin writes the audit row of a failed login, as of a refusal by the guard. The action is
// what the user wanted to do. A name that does not exist is not recorded: it may be a password in the
// wrong field.
func (b *Bank) NoteFailedLogin(ctx context.Context, by By, action string, code fault.Code) {
	if _, err := b.Member(ctx, by.Actor); err != nil {
		by.Actor = unknownActor
	}
	b.guard.note(ctx, by, action, code)
}

// noteInBatch stages the audit row of a refusal inside a batch. A command that is decided
// again is counted once.
func (g *guard) noteInBatch(b *Book, j *job) {
	var why *fault.Error
	switch {
	case !errors.As(j.err, &why):
		return
	case b.refused != nil:
		b.keepRefused(j, why.Code)
		return
	case why.Code != access.FourEyes && why.Code != authority.Exceeded && why.Code != staff.OutOfScope:
		return
	}
	if !j.counted {
		j.counted, j.noted = true, g.refusals.admit(refusal{j.by, j.name, why.Code, b.now}, g.flush)
	}
	if j.noted {
		b.noteRefusal(noteRefusal{j.name, why.Code, 1})
	}
}

// keepRefused stages what remains of a refused command, with its audit row and events.
func (b *Book) keepRefused(j *job, code fault.Code) {
	stage := b.refused
	b.begin(j, b.now)
	stage(b)
	if len(b.undo) == 0 {
		return // it remains from an earlier refusal
	}
	b.noteRefusal(noteRefusal{j.name, code, 1})
	if err := b.seal(j); err != nil {
		panic(err) // cannot happen: a refusal has no answer to record
	}
}

// flush writes the row with the count of a minute.
func (g *guard) flush(c *refusalCount) {
	if n := g.refusals.take(c); n > 0 {
		g.write(context.Background(), c.last, noteRefusal{c.action, c.code, n})
	}
}

func (g *guard) write(ctx context.Context, by By, c noteRefusal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), TripTime)
	defer cancel()
	if _, err := Do(ctx, g.bank, By{Actor: by.Actor, APIKey: by.APIKey, System: true, CorrelationID: by.CorrelationID}, c); err != nil {
		g.bank.opts.Log.Warn("writing a refusal to the audit failed", "action", c.action, "error", err)
	}
}

// noteRefusal is a command that writes the audit row of refusals.
type noteRefusal struct {
	action string // the refused permission or operation
	code   fault.Code
	times  int64
}

// Name returns the operation's name.
func (noteRefusal) Name() string { return "note_refusal" }

// Permission returns none: the program itself issues the command.
func (noteRefusal) Permission() access.Permission { return "" }

// Check accepts every command.
func (noteRefusal) Check(Rules) error { return nil }

// Needs requests nothing.
func (noteRefusal) Needs(*Needs) {}

// Decide stages the row.
func (c noteRefusal) Decide(b *Book) (struct{}, error) {
	b.noteRefusal(c)
	return struct{}{}, nil
}

// noteRefusal stages the audit row of refusals.
func (b *Book) noteRefusal(c noteRefusal) {
	b.job.refusal = true
	command := b.job.command
	b.journal.lines = append(b.journal.lines, &line{
		Entry: ledger.Entry{ID: command, PostedAt: b.now, Subject: command}, command: command,
		actor: b.Actor(), action: c.action, correlationID: b.job.by.CorrelationID, apiKey: b.job.by.APIKey, refusal: c.code, times: c.times,
	})
}
