package bank

import (
	"bytes"
	"encoding/json"
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Book is the working set of a batch: the rows that its commands need and the changes that
// they stage. Each command sees what the commands before it staged.
type Book struct {
	bank     *Bank
	sets     map[any]set // rows by table
	order    []ranked    // the same rows in locking order
	follow   []func(*Book, *Store) error
	readings []func(*db.Batch)
	counts   []func(*Store)
	kept     map[any]any // rows that never change, kept by the writer between batches

	calendar  calendar
	journal   journal
	limits    *limits        // nil: the book's entries are not limited
	committed map[id.ID]bool // commands that an earlier try has already committed
	outbox    []message
	stocks    map[source]stock // short numbers left, by kind and branch

	// State of the command that is being decided.
	job     *job
	now     time.Time
	subject id.ID
	client  id.ID // client of the subject
	first   int   // index of the command's first journal row
	facts   []event.Fact
	undo    []func()
	ids     []id.ID     // ids made, also before the command was begun again
	made    int         // number of ids made
	lacks   source      // kind of number that the command needs and has no block of
	fresh   []newBlock  // blocks taken for the command
	filer   string      // who filed the request that is being carried out or filed
	refused func(*Book) // stages what remains of the command if it is refused; nil: nothing
}

// message is an event for the outbox.
type message struct {
	event.Sealed
	stale []string    // cache keys
	money event.Money // nil: the event moves no money
}

// NewBook returns an empty book. Books with the same kept map share the rows that never
// change.
func NewBook(b *Bank, kept map[any]any) *Book {
	return &Book{bank: b, sets: map[any]set{}, kept: kept, committed: map[id.ID]bool{}, journal: newJournal(), stocks: map[source]stock{}}
}

// Ask requests the rows of the needs.
func (b *Book) Ask(n *Needs) {
	for _, ask := range n.requests {
		ask(b)
	}
}

// Load queues the queries that fill the book. Rows that may change are locked. All writers
// lock in the same order, by the rank of the table and then by key, so that no two writers
// deadlock.
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
	b.count(&Store{batch: batch})
}

// LoadRows is Load without the calendar. The daily close uses it.
func (b *Book) LoadRows(batch *db.Batch) {
	from := &Store{batch: batch}
	for _, r := range b.order {
		_ = r.set.load(from) // only a Memory returns an error
	}
	b.journal.load(from)
}

// count reads the numbers of rows. The rows that keep them true are locked before.
func (b *Book) count(from *Store) {
	for _, count := range b.counts {
		count(from)
	}
}

// Followed queues the queries for rows that the loaded rows refer to and the book does not
// have yet.
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
	b.count(from)
	for _, follow := range b.follow {
		if err := follow(b, from); err != nil {
			return err
		}
	}
	return nil
}

// SaveTo writes the staged changes to a Memory and returns the number of rows.
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

// Begin starts a command in a book that no writer uses. Seal ends it.
func (b *Book) Begin(by By, operation string, at time.Time) {
	now := at.UTC().Truncate(time.Microsecond)
	b.bank.clock.gave(now)
	b.begin(&job{by: by, who: program(by), name: operation, command: b.bank.newID(now)}, now)
}

// Seal adds the events and the audit data of the command that Begin started.
func (b *Book) Seal() error {
	if b.lacks != (source{}) {
		return errNoBlock
	}
	return b.seal(b.job)
}

// Stale returns the cache keys of the command's events.
func (b *Book) Stale() []string { return b.job.stale }

// begin starts a command.
func (b *Book) begin(j *job, now time.Time) {
	b.job, b.now, b.subject, b.client = j, now, id.ID{}, id.ID{}
	b.facts, b.undo, b.first, b.filer, b.refused = nil, nil, len(b.journal.lines), "", nil
	b.ids, b.made, b.lacks, b.fresh = b.ids[:0], 0, source{}, nil
}

// rollback undoes what the command staged, in reverse order.
func (b *Book) rollback() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
}

// seal ends a successful command: it adds its events, its audit data and its idempotency
// record.
func (b *Book) seal(j *job) error {
	events := b.envelopes()
	if j.by.Key != "" && !j.refusal {
		answer, err := recorded(j.answer)
		if err != nil {
			return err
		}
		_, personal := j.answer.(personal)
		records.Add(b, record{recordKey{j.by.Actor, j.name, j.by.Key}, j.by.Request[:], answer, b.now, personal})
	}
	b.outbox = append(b.outbox, events...)
	for _, e := range events {
		j.stale = append(j.stale, e.stale...)
	}
	if j.refusal {
		return nil // its journal row is already staged
	}
	b.journal.sign(b.first, line{
		Entry: ledger.Entry{PostedAt: b.now, Client: b.client, Subject: b.subject}, command: j.command,
		actor: j.by.Actor, action: j.name, correlationID: j.by.CorrelationID, apiKey: j.by.APIKey,
	})
	return nil
}

// recorded returns an answer in the form of its idempotency record. A type with AppendJSON is
// written without encoding/json, which would validate the output again.
func recorded(answer any) ([]byte, error) {
	if noun, writes := answer.(interface{ AppendJSON(b []byte) []byte }); writes {
		return noun.AppendJSON(make([]byte, 0, 512)), nil
	}
	return json.Marshal(answer)
}

func (b *Book) envelopes() []message {
	origin := event.Origin{Actor: b.job.by.Actor, CorrelationID: b.job.by.CorrelationID, BusinessDate: b.Today(), At: b.now}
	if t := b.job.trace; t != nil {
		origin.Trace = t.id
	}
	events := make([]message, len(b.facts))
	for i, f := range b.facts {
		moved, _ := f.Payload.(event.Money)
		events[i] = message{event.Seal(b.NewID(), f, origin), f.Stale, moved}
	}
	return events
}

// dirty reports whether the batch has anything to commit. Each command that succeeded, and
// each refusal that the guard records, has a journal row.
func (b *Book) dirty() bool { return len(b.journal.lines) > 0 }

// Now returns the time of the command.
func (b *Book) Now() time.Time { return b.now }

// Today returns the business date: the date of the clock, or the day after the last day that
// is closed or being closed if that is later. During a close it is the day that is being
// closed.
func (b *Book) Today() civil.Date { return b.calendar.today(b.ClockDay()) }

// ClockDay returns the date of the clock.
func (b *Book) ClockDay() civil.Date { return civil.DateOf(b.Local(b.now)) }

// Local returns a time in the institution's time zone.
func (b *Book) Local(at time.Time) time.Time { return at.In(b.bank.opts.Location) }

// Rules returns the settings that commands depend on.
func (b *Book) Rules() Rules { return b.bank.opts.Rules }

// Actor returns who issued the command.
func (b *Book) Actor() string { return b.job.by.Actor }

// Blind returns the blind index of a value of a kind, as db.DB.Blind does.
func (b *Book) Blind(kind, value string) string { return b.bank.opts.DB.Blind(kind, value) }

// Who returns the actor of the command with the role, at most 5 seconds old. The program itself
// has no role, and scope over everything.
func (b *Book) Who() *staff.Member { return b.job.who }

// NewID returns an id with the time of the command. Ids of one command sort in the order in
// which they are made, because 14 of their 62 random bits are a counter.
func (b *Book) NewID() id.ID {
	if b.made++; b.made > len(b.ids) {
		x := b.bank.newID(b.now)
		x[8], x[9] = 0x80|byte(b.made>>8)&0x3f, byte(b.made)
		b.ids = append(b.ids, x)
	}
	return b.ids[b.made-1]
}

// Subject sets what the command is about. Only a command without events needs it.
func (b *Book) Subject(subject id.ID) { b.subject = subject }

// Client sets whose data the command is about. Only a command without events needs it.
func (b *Book) Client(client id.ID) { b.client = client }

// Publish stages an event. The first event's subject is the command's subject.
func (b *Book) Publish(f event.Fact) {
	if b.subject.IsZero() {
		b.subject, b.client = f.Subject, f.Client
	}
	b.facts = append(b.facts, f)
}

// IfRefused sets what remains of the command if it is refused, such as an alert: the function
// stages it after the command's other changes are undone. The refusal then has an audit row.
func (b *Book) IfRefused(stage func(*Book)) { b.refused = stage }

// Undo registers a function that undoes a staged change.
func (b *Book) Undo(undo func()) { b.undo = append(b.undo, undo) }

// ByID compares two ids.
func ByID(a, b id.ID) int { return bytes.Compare(a[:], b[:]) }
