package bank

import (
	"bytes"
	"encoding/json"
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/infra/db"
)

// Book is the working set of a batch: the rows that its commands need and everything
// that they stage. Each command sees what those before it staged.
type Book struct {
	bank     *Bank
	sets     map[any]set // rows by their table
	order    []ranked    // the same in the order of locks
	follow   []func(*Book, *Store) error
	readings []func(*db.Batch)
	kept     map[any]any // rows that never change, which a writer remembers

	calendar  calendar
	journal   journal
	committed map[id.ID]bool // commands found written by an earlier try
	outbox    []message

	// Of the command that decides now.
	job     *job
	now     time.Time
	subject id.ID
	client  id.ID // whose the subject is
	first   int   // row of the journal
	facts   []event.Fact
	undo    []func()
	made    int // ids
}

// message is an event on its way to the outbox.
type message struct {
	event.Sealed
	stale []string // cache keys
}

// NewBook is an empty book of the bank. Rows that never change are shared with the
// other books that have the same kept map.
func NewBook(b *Bank, kept map[any]any) *Book {
	return &Book{bank: b, sets: map[any]set{}, kept: kept, committed: map[id.ID]bool{}, journal: newJournal()}
}

// Ask prepares the book for the rows of some needs.
func (b *Book) Ask(n *Needs) {
	for _, ask := range n.asks {
		ask(b)
	}
}

// Load queues the queries that fill the book. Rows that may change are locked, table
// by table in the order of their ranks and in each table in the order of the keys, by
// every writer alike, so that no two wait for each other.
func (b *Book) Load(batch *db.Batch) {
	batch.Before(func() {
		for _, r := range b.order {
			r.set.clear()
		}
		b.calendar.clear()
		b.journal.clear()
	})
	b.calendar.load(batch)
	b.LoadRows(batch)
	for _, read := range b.readings {
		read(batch)
	}
}

// LoadRows is Load without the calendar, for a book of the close of a day.
func (b *Book) LoadRows(batch *db.Batch) {
	from := &Store{batch: batch}
	for _, r := range b.order {
		_ = r.set.load(from) // only a Memory gives an error
	}
	b.journal.load(from)
}

// Followed queues the queries for rows that the loaded rows point to and the book does
// not have yet.
func (b *Book) Followed() (*db.Batch, error) {
	from := &Store{batch: &db.Batch{}}
	for _, follow := range b.follow {
		if err := follow(b, from); err != nil {
			return nil, err
		}
	}
	return from.batch, nil
}

// Save queues everything staged.
func (b *Book) Save(batch *db.Batch) {
	to := &Store{batch: batch}
	for _, r := range b.order {
		r.set.save(to)
	}
	b.journal.save(batch, b.calendar.last.Day)
	b.calendar.save(batch)
	b.saveOutbox(batch)
}

// LoadFrom fills the book from a Memory, as Load and Followed do from a database.
func (b *Book) LoadFrom(m *Memory) error {
	from := &Store{memory: m}
	if b.calendar.period {
		b.calendar.closedThrough = m.ClosedThrough
	}
	for _, r := range b.order {
		if err := r.set.load(from); err != nil {
			return err
		}
	}
	b.journal.load(from)
	for _, follow := range b.follow {
		if err := follow(b, from); err != nil {
			return err
		}
	}
	return nil
}

// SaveTo writes what commands staged to a Memory, and gives the number of rows.
func (b *Book) SaveTo(m *Memory) (rows int) {
	to := &Store{memory: m}
	for _, r := range b.order {
		r.set.save(to)
	}
	for _, l := range b.journal.lines {
		if l.refusal != "" {
			continue
		}
		if l.Kind != "" {
			m.Entries = append(m.Entries, l.Entry)
		}
		if l.actor != "" {
			m.Audit++
		}
		to.rows++
	}
	for _, e := range b.outbox {
		m.Events = append(m.Events, e.Body)
	}
	if b.calendar.closing {
		m.ClosedThrough = b.calendar.closedThrough
		to.rows++
	}
	return to.rows + len(b.outbox)
}

// Begin opens a turn in a book outside of the writers; Seal closes it.
func (b *Book) Begin(by By, operation string) {
	now := b.bank.opts.Clock().UTC().Truncate(time.Microsecond)
	b.begin(&job{by: by, name: operation, command: b.bank.newID(now)}, now)
}

// Seal writes down the events and the audit data of the turn that Begin opened.
func (b *Book) Seal() error { return b.seal(b.job) }

// Stale are the cache keys of the events of the turn.
func (b *Book) Stale() []string { return b.job.stale }

// begin opens a command's turn.
func (b *Book) begin(j *job, now time.Time) {
	b.job, b.now, b.subject, b.client = j, now, id.ID{}, id.ID{}
	b.facts, b.undo, b.made, b.first = nil, nil, 0, len(b.journal.lines)
}

// rollback takes back what the command staged, last first.
func (b *Book) rollback() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
}

// seal closes the turn of a command that succeeded: its events, audit data and
// idempotency record are written down.
func (b *Book) seal(j *job) error {
	events := b.envelopes()
	if j.by.Key != "" {
		answer, err := recorded(j.answer)
		if err != nil {
			return err
		}
		records.Add(b, record{recordKey{j.by.Actor, j.name, j.by.Key}, j.by.Request[:], answer, b.now})
	}
	b.outbox = append(b.outbox, events...)
	for _, e := range events {
		j.stale = append(j.stale, e.stale...)
	}
	if j.refusal {
		return nil // its line is staged
	}
	b.journal.sign(b.first, line{
		Entry: ledger.Entry{PostedAt: b.now, Client: b.client}, command: j.command, subject: b.subject,
		actor: j.by.Actor, action: j.name, correlationID: j.by.CorrelationID,
	})
	return nil
}

// recorded is an answer as its record keeps it. A noun that writes itself does so
// without encoding/json, which would check what it wrote.
func recorded(answer any) ([]byte, error) {
	if noun, writes := answer.(interface{ AppendJSON(b []byte) []byte }); writes {
		return noun.AppendJSON(make([]byte, 0, 512)), nil
	}
	return json.Marshal(answer)
}

func (b *Book) envelopes() []message {
	origin := event.Origin{Actor: b.job.by.Actor, CorrelationID: b.job.by.CorrelationID, BusinessDate: b.Today(), At: b.now}
	events := make([]message, len(b.facts))
	for i, f := range b.facts {
		events[i] = message{event.Seal(b.NewID(), f, origin), f.Stale}
	}
	return events
}

// dirty reports whether the batch has anything to commit: each command that
// succeeded, and each refusal that the guard notes, leaves a row of the journal.
func (b *Book) dirty() bool { return len(b.journal.lines) > 0 }

// Now is the moment of the command.
func (b *Book) Now() time.Time { return b.now }

// Today is the business date: the clock's day, or the one after the last day whose
// close began if that is later. What a close posts is dated on its day.
func (b *Book) Today() civil.Date { return b.calendar.today(b.ClockDay()) }

// ClockDay is the day of the clock.
func (b *Book) ClockDay() civil.Date { return civil.DateOf(b.now.In(b.bank.opts.Location)) }

// Actor is who gave the command.
func (b *Book) Actor() string { return b.job.by.Actor }

// NewID makes an id of the command's moment. Ids of one command sort in the order
// in which they are made: 14 of their 62 random bits count them.
func (b *Book) NewID() id.ID {
	x := b.bank.newID(b.now)
	b.made++
	x[8], x[9] = 0x80|byte(b.made>>8)&0x3f, byte(b.made)
	return x
}

// Subject sets what the command is about, for one that publishes no event.
func (b *Book) Subject(subject id.ID) { b.subject = subject }

// Publish stages an event. The command is about the subject of the first.
func (b *Book) Publish(f event.Fact) {
	if b.subject.IsZero() {
		b.subject, b.client = f.Subject, f.Client
	}
	b.facts = append(b.facts, f)
}

// Undo notes how to take something back that the command staged.
func (b *Book) Undo(undo func()) { b.undo = append(b.undo, undo) }

// ByID compares ids in their order.
func ByID(a, b id.ID) int { return bytes.Compare(a[:], b[:]) }
