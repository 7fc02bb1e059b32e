package bank

import (
	"encoding/json"
	"time"

	"sofipo/core/accounting"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/product"
	"sofipo/core/lending/schedule"
	"sofipo/core/lending/servicing"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// state of a row in the book.
type state uint8

const (
	loaded state = iota
	added
	changed
	removed
)

// row is a noun and what has become of it since it was loaded.
type row[T any] struct {
	value T
	state state
}

// told is an event on its way to the outbox.
type told struct {
	event.Sealed
	stale []string // cache keys
}

// Book is the working set of a batch: the rows that its commands need and
// everything that they stage. Each command sees what those before it staged.
type Book struct {
	bank    *Bank
	clients map[id.ID]*row[client.Client]
	loans   map[id.ID]*row[lending]
	users   map[string]*row[staff.User]
	rfcs    map[string]id.ID
	emails  map[string]id.ID
	keys    map[recordKey]record

	products  map[string][]product.Product             // all versions of those that were asked for
	versions  map[productKey]product.Product           // of products, that the loans were granted on: only their last day may change
	movements map[movementKey]*row[servicing.Movement] // of the histories that were asked for, and new ones
	contracts map[id.ID]schedule.Terms                 // of the same loans
	posted    map[id.ID]*ledger.Entry                  // of the same movements
	vouchers  map[id.ID]*row[accounting.Voucher]       // entries by hand

	lastDay       businessDay // whose close began last
	dated         civil.Date  // the day of a close, which is not today
	firstClose    civil.Date  // the first day of all, while it is being closed
	closedThrough civil.Date  // if a command asked for it
	closing       bool        // it was changed

	firstDay  civil.Date // of the books, and sums of the day that is closed, if its turn was asked for
	daySums   []dayOf
	dayChange *dayChange

	committed map[id.ID]bool // commands found written by an earlier try
	schedules []version
	launched  []launch
	ended     []endedProduct
	entries   []ledger.Entry
	audit     *db.Rows
	records   *db.Rows
	outbox    []told

	// Of the command that decides now.
	job     *job
	now     time.Time
	subject id.ID
	facts   []event.Fact
	undo    []func()
	made    int // ids
}

// newBook is an empty book that shares the versions of products.
func newBook(b *Bank, versions map[productKey]product.Product) *Book {
	return &Book{
		bank:      b,
		versions:  versions,
		clients:   map[id.ID]*row[client.Client]{},
		loans:     map[id.ID]*row[lending]{},
		users:     map[string]*row[staff.User]{},
		rfcs:      map[string]id.ID{},
		emails:    map[string]id.ID{},
		keys:      map[recordKey]record{},
		products:  map[string][]product.Product{},
		movements: map[movementKey]*row[servicing.Movement]{},
		contracts: map[id.ID]schedule.Terms{},
		posted:    map[id.ID]*ledger.Entry{},
		vouchers:  map[id.ID]*row[accounting.Voucher]{},
		committed: map[id.ID]bool{},
		audit:     auditInsert.Rows(),
		records:   recordInsert.Rows(),
	}
}

// begin opens a command's turn.
func (b *Book) begin(j *job, now time.Time) {
	b.job, b.now, b.subject = j, now, id.ID{}
	b.facts, b.undo, b.made = nil, nil, 0
}

// rollback takes back what the command staged, last first.
func (b *Book) rollback() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
}

// seal closes the turn of a command that succeeded: its entries are checked,
// its events, audit line and idempotency record are written down.
func (b *Book) seal(j *job) error {
	events := b.envelopes()
	if j.by.Key != "" {
		answer, err := recorded(j.answer)
		if err != nil {
			return err
		}
		b.keys[keyOf(j)] = record{request: j.by.Request[:], answer: answer}
		b.records.Add(j.by.Key, j.by.Actor, j.name, j.by.Request[:], answer, b.now)
	}
	b.outbox = append(b.outbox, events...)
	for _, e := range events {
		j.stale = append(j.stale, e.stale...)
	}
	b.audit.Add(j.command, b.now, j.by.Actor, j.name, b.subject, j.by.CorrelationID)
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

func (b *Book) envelopes() []told {
	origin := event.Origin{Actor: b.job.by.Actor, CorrelationID: b.job.by.CorrelationID, BusinessDate: b.Today(), At: b.now}
	events := make([]told, len(b.facts))
	for i, f := range b.facts {
		events[i] = told{event.Seal(b.NewID(), f, origin), f.Stale}
	}
	return events
}

// dirty tells whether any command succeeded: each leaves an audit line.
func (b *Book) dirty() bool { return b.audit.Len() > 0 }

// Now is the moment of the command.
func (b *Book) Now() time.Time { return b.now }

// Today is the business date: the clock's day, or the one after the last whose
// close began if that is later. What a close posts is dated on its day.
func (b *Book) Today() civil.Date {
	if !b.dated.IsZero() {
		return b.dated
	}
	return civil.BusinessDate(b.clockDay(), b.lastDay.Day)
}

// clockDay is the day of the clock.
func (b *Book) clockDay() civil.Date { return civil.DateOf(b.now.In(b.bank.opts.Location)) }

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

// Client finds a client that was asked for.
func (b *Book) Client(clientID id.ID) (client.Client, error) {
	if r, found := b.clients[clientID]; found && r.state != removed {
		return r.value, nil
	}
	return client.Client{}, fault.New(fault.ClientNotFound, "Client not found", "Cliente no encontrado")
}

// User finds a user that was asked for.
func (b *Book) User(username string) (staff.User, error) {
	if r, found := b.users[username]; found {
		return r.value, nil
	}
	return staff.User{}, fault.New(fault.UserNotFound, "User not found", "Usuario no encontrado")
}

// Free refuses an RFC or an e-mail that another client than the given has.
func (b *Book) Free(owner id.ID, rfc, email string) error {
	if holder, taken := b.rfcs[rfc]; taken && holder != owner {
		return errRFCTaken()
	}
	if holder, taken := b.emails[email]; taken && holder != owner {
		return errEmailTaken()
	}
	return nil
}

// AddClient stages a new client.
func (b *Book) AddClient(c client.Client) {
	put(b, b.clients, c.ID, c, added)
	hold(b, b.rfcs, c.RFC, c.ID)
	hold(b, b.emails, c.Email, c.ID)
}

// ChangeClient stages a client's new values.
func (b *Book) ChangeClient(c client.Client) {
	if before := b.clients[c.ID].value; before.Email != c.Email {
		release(b, b.emails, before.Email)
		hold(b, b.emails, c.Email, c.ID)
	}
	put(b, b.clients, c.ID, c, changed)
}

// RemoveClient stages the deletion of a client.
func (b *Book) RemoveClient(c client.Client) {
	put(b, b.clients, c.ID, c, removed)
	release(b, b.rfcs, c.RFC)
	release(b, b.emails, c.Email)
}

// AddLoan stages a new loan, which has no account yet.
func (b *Book) AddLoan(l loan.Loan) { put(b, b.loans, l.ID, lending{Loan: l}, added) }

// AddUser stages a new user.
func (b *Book) AddUser(u staff.User) { put(b, b.users, u.Username, u, added) }

// ChangeUser stages a user's new values.
func (b *Book) ChangeUser(u staff.User) { put(b, b.users, u.Username, u, changed) }

// Post stages an entry, which must balance.
func (b *Book) Post(e ledger.Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	n := len(b.entries)
	b.entries = append(b.entries, e)
	b.undo = append(b.undo, func() { b.entries = b.entries[:n] })
	return nil
}

// Tell stages an event. The subject of the first is that of the audit line.
func (b *Book) Tell(f event.Fact) {
	if b.subject.IsZero() {
		b.subject = f.Subject
	}
	b.facts = append(b.facts, f)
}

// put stages a value in a map of rows and notes how to take it back.
func put[K comparable, T any](b *Book, rows map[K]*row[T], key K, value T, to state) {
	before, found := rows[key]
	if found && before.state == added && to == changed {
		to = added
	}
	rows[key] = &row[T]{value, to}
	b.undo = append(b.undo, func() {
		if found {
			rows[key] = before
		} else {
			delete(rows, key)
		}
	})
}

func hold(b *Book, owners map[string]id.ID, key string, owner id.ID) {
	before, found := owners[key]
	owners[key] = owner
	b.undo = append(b.undo, func() {
		if found {
			owners[key] = before
		} else {
			delete(owners, key)
		}
	})
}

func release(b *Book, owners map[string]id.ID, key string) {
	before, found := owners[key]
	delete(owners, key)
	b.undo = append(b.undo, func() {
		if found {
			owners[key] = before
		}
	})
}

func errRFCTaken() error {
	return fault.New(fault.RFCTaken, "RFC already registered", "El RFC ya está registrado")
}

func errEmailTaken() error {
	return fault.New(fault.EmailTaken, "Email already registered", "El correo electrónico ya está registrado")
}

func errUserTaken() error {
	return fault.New(fault.UserTaken, "User name already registered", "El nombre de usuario ya está registrado")
}
