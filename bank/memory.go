package bank

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Memory stores tables without a database, from the same declarations. Tests use it to run
// long histories of commands quickly.
type Memory struct {
	tables map[string]*memoryTable

	Entries       []ledger.Entry // in posting order
	Events        []string       // bodies in the outbox
	Audit         int            // number of audit rows, without those of refusals
	ClosedThrough civil.Date
}

// memoryTable has the rows of a table as column values.
type memoryTable struct {
	columns []string
	rows    map[any][]any
}

// NewMemory returns an empty store with the books closed through a day.
func NewMemory(closedThrough civil.Date) *Memory {
	return &Memory{tables: map[string]*memoryTable{}, ClosedThrough: closedThrough}
}

// Solo is a bank on a Memory. It executes one command at a time.
type Solo struct {
	Who    func(By) *staff.Member          // the actor of a command, whose scope and limits are checked: at first, the program itself
	Commit func(commit func() error) error // saves a command; a simulation may make it fail before or after it does

	memory *Memory
	writer *writer
}

// Open returns a bank on the Memory. The database and the writers in the options are not
// used.
func (m *Memory) Open(opts Options) *Solo {
	b := newBank(opts)
	b.closed = true // it has no writers
	return &Solo{
		Who: program, Commit: func(commit func() error) error { return commit() },
		memory: m, writer: &writer{bank: b, clock: &ClockCheck{clock: b.clock}, kept: map[any]any{}, last: m.lastOf},
	}
}

// Alone executes a command as Do does, but without checking the actor's role, and returns the
// number of rows written.
func Alone[A any](s *Solo, by By, c Command[A]) (r Receipt[A], rows int, err error) {
	j, err := newJob(context.Background(), s.writer.bank, by, s.Who(by), c)
	if err != nil {
		return r, 0, err
	}
	book := s.writer.bookFor([]*job{j})
	if err := book.LoadFrom(s.memory); err != nil {
		return r, 0, err
	}
	maps.Copy(book.stocks, s.writer.stocks)
	if err := s.writer.decide(context.Background(), book, j); err != nil {
		return r, 0, err
	}
	err = s.Commit(func() error {
		s.writer.stocks = book.stocks
		rows = book.SaveTo(s.memory)
		return nil
	})
	if err != nil {
		return r, rows, Unavailable(fault.OutcomeUnknown, err)
	}
	r, err = receiptOf[A](j)
	return r, rows, err
}

// Book returns a book with the requested rows, for reading.
func (s *Solo) Book(n *Needs) (*Book, error) {
	b := NewBook(s.writer.bank, s.writer.kept)
	b.Ask(n)
	return b, b.LoadFrom(s.memory)
}

// Keys returns the idempotency keys, and forgets them if asked to, as a server does with old ones.
func (m *Memory) Keys(forget bool) (all []string) {
	for _, r := range records.Rows(m) {
		all = append(all, r.key)
	}
	if forget {
		delete(m.tables, records.Name)
	}
	return all
}

// Rows returns the rows of a table, sorted by key.
func (t *Table[K, V]) Rows(m *Memory) []V {
	kept := t.kept(m)
	keys := make([]K, 0, len(kept.rows))
	for key := range kept.rows {
		keys = append(keys, key.(K))
	}
	slices.SortFunc(keys, t.Compare)
	out := make([]V, len(keys))
	for i, key := range keys {
		out[i], _ = t.Row(m, key)
	}
	return out
}

// Row returns a row of a table with all its columns.
func (t *Table[K, V]) Row(m *Memory, key K) (v V, found bool) {
	kept := t.kept(m)
	values, found := kept.rows[key]
	if found {
		t.Columns.Take(&v, clone(t.own(kept, values)))
		if err := t.complete(&v); err != nil {
			panic(fmt.Sprintf("%s %v: %v", t.Name, key, err)) // every row was written by Keep or Load
		}
	}
	return v, found
}

// Keep puts rows into a Memory.
func (t *Table[K, V]) Keep(m *Memory, list ...V) {
	for _, v := range list {
		if t.Write != nil {
			t.Write(&v)
		}
		kept, key := t.kept(m), t.Of(&v)
		values := clone(t.Columns.Values(&v))
		if len(t.Columns) < len(kept.columns) {
			all := slices.Clone(kept.rows[key])
			for i, f := range t.Columns {
				all[slices.Index(kept.columns, f.Name())] = values[i]
			}
			values = all
		}
		kept.rows[key] = values
	}
}

// columnsOf has the columns of each table by its name. Of two declarations of a table, one has
// all columns.
var columnsOf = map[string][]string{}

// kept returns the table of a Memory.
func (t *Table[K, V]) kept(m *Memory) *memoryTable {
	found := m.tables[t.Name]
	if found == nil {
		found = &memoryTable{columns: columnsOf[t.Name], rows: map[any][]any{}}
		m.tables[t.Name] = found
	}
	return found
}

// own returns a copy of the values of a row that are in columns of the declaration.
func (t *Table[K, V]) own(kept *memoryTable, values []any) []any {
	if len(t.Columns) == len(kept.columns) {
		return slices.Clone(values)
	}
	own := make([]any, len(t.Columns))
	for i, f := range t.Columns {
		own[i] = values[slices.Index(kept.columns, f.Name())]
	}
	return own
}

// clone copies byte slices, because a row may reuse them.
func clone(values []any) []any {
	for i, v := range values {
		if b, is := v.([]byte); is {
			values[i] = slices.Clone(b)
		}
	}
	return values
}

// keep saves staged rows. It panics on an insert of an existing row and on a change of a
// missing one, which are bugs in Book.
func (s *rows[K, V]) keep(m *Memory, staged []K) {
	t := s.table
	kept := t.kept(m)
	for _, key := range staged {
		r := s.found[key]
		old, there := kept.rows[key]
		if there != r.stored {
			panic(fmt.Sprintf("%s %v: row exists: %t, but it was saved with state %d", t.Name, key, there, r.state))
		}
		if r.state == removed {
			delete(kept.rows, key)
			continue
		}
		t.Keep(m, *r.value)
		now := kept.rows[key]
		for i, column := range kept.columns {
			if r.state == changed && slices.Contains(t.Fixed, column) {
				now[i] = old[i]
			}
		}
	}
}

// recall returns the rows of a Memory that a lookup finds, with the columns that a book
// loads.
func recall[K comparable, V any, I id.ID | string](m *Memory, l *Lookup[K, V, I], keys []I, each func(*V)) error {
	t := l.Table
	kept := t.kept(m)
	own, wanted := []string{l.Column}, map[any]bool{}
	for _, key := range keys {
		wanted[key] = true
	}
	if v := l.Via; v != nil {
		own, wanted = v.Own, m.through(v, wanted)
	}
	found := kept.rows
	if l.Via == nil && t.Keys == 1 && l.Column == t.Columns[0].Name() {
		found = make(map[any][]any, len(keys))
		for _, key := range keys {
			own := reflect.ValueOf(key).Convert(reflect.TypeFor[K]()).Interface() // a key of text may have a type of its own
			if values, known := kept.rows[own]; known {
				found[own] = values
			}
		}
	}
	for _, values := range found {
		if !wanted[kept.key(values, own)] {
			continue
		}
		v, own := new(V), t.own(kept, values)
		for i, f := range t.Columns {
			if !slices.Contains(t.Derived, f.Name()) {
				t.Columns[i:i+1].Take(v, clone(own[i:i+1]))
			}
		}
		if err := t.complete(v); err != nil {
			return err
		}
		if l.Only == nil || l.Only(v) {
			each(v)
		}
	}
	return nil
}

// count returns the number of rows that a Count finds.
func (m *Memory) count(c Count, key string) (n int) {
	t := m.tables[c.Table]
	if t == nil {
		return 0
	}
	wanted := m.through(c.Via, map[any]bool{key: true})
	for _, values := range t.rows {
		value := func(column string) string { return fmt.Sprint(t.key(values, []string{column})) }
		if wanted[t.key(values, c.Via.Own)] && (c.Only == nil || c.Only(value)) && n < c.Most {
			n++
		}
	}
	return n
}

// through returns the values that the rows of another table with one of the keys refer to.
func (m *Memory) through(v *Via, keys map[any]bool) map[any]bool {
	out, other := map[any]bool{}, m.tables[v.Table]
	if other == nil {
		return out
	}
	for _, values := range other.rows {
		if keys[other.key(values, []string{v.Column})] {
			out[other.key(values, v.Columns)] = true
		}
	}
	return out
}

// key returns the value of a column, or the values of several columns as one string.
func (t *memoryTable) key(values []any, columns []string) any {
	if len(columns) == 1 {
		return values[slices.Index(t.columns, columns[0])]
	}
	parts := make([]string, len(columns))
	for i, name := range columns {
		parts[i] = fmt.Sprint(values[slices.Index(t.columns, name)])
	}
	return strings.Join(parts, "\n")
}

// Text returns all contents as sorted lines, one for each row. Tests compare it.
func (m *Memory) Text() string {
	lines := []string{fmt.Sprintf("closed %s, audit lines %d", m.ClosedThrough, m.Audit)}
	for name, t := range m.tables {
		for _, values := range t.rows {
			line := name
			for i, v := range values {
				switch value := v.(type) {
				case []byte:
					v = fmt.Sprintf("%x", value)
				case time.Time:
					v = value.UnixMicro()
				}
				line += fmt.Sprintf(" %s=%v", t.columns[i], v)
			}
			lines = append(lines, line)
		}
	}
	for _, e := range m.Entries {
		lines = append(lines, fmt.Sprintf("entry %s %s %s %d %s %s %s %v", e.ID, e.Client, e.BusinessDate, e.PostedAt.UnixMicro(), e.Kind, e.Reference, e.Reverses, e.Postings))
	}
	for i, e := range m.Events {
		lines = append(lines, fmt.Sprintf("event %04d %s", i, e))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Load adds the queries that read a whole table of a database into a Memory.
func (t *Table[K, V]) Load(m *Memory, batch *db.Batch) {
	batch.Query("SELECT "+t.Columns.List("")+" FROM "+t.Name, func(s db.Scanner) error {
		var v V
		if err := t.Columns.Scan(s, &v); err != nil {
			return err
		}
		t.kept(m).rows[t.Of(&v)] = clone(t.Columns.Values(&v))
		return nil
	})
}

// Load adds the queries that read what belongs to no noun's table: entries, outbox, audit,
// idempotency records and the closed period.
func (m *Memory) Load(batch *db.Batch) {
	records.Load(m, batch)
	batch.Query("SELECT entry_id, business_date, posted_at, kind, reference, reverses, client_id, account, subject, branch, debit, credit FROM posted ORDER BY entry_id, line", func(s db.Scanner) error {
		var e ledger.Entry
		var p ledger.Posting
		if err := s.Scan(&e.ID, &e.BusinessDate, &e.PostedAt, &e.Kind, &e.Reference, &e.Reverses, &e.Client, &p.Account, &p.Subject, &p.Branch, &p.Debit, &p.Credit); err != nil {
			return err
		}
		if n := len(m.Entries); n == 0 || m.Entries[n-1].ID != e.ID {
			m.Entries = append(m.Entries, e)
		}
		last := &m.Entries[len(m.Entries)-1]
		last.Postings = append(last.Postings, p)
		return nil
	})
	batch.Query("SELECT body FROM outbox ORDER BY position", func(s db.Scanner) error {
		var body string
		err := s.Scan(&body)
		m.Events = append(m.Events, body)
		return err
	})
	batch.Query("SELECT count(*) FROM journal WHERE actor IS NOT NULL AND refusal IS NULL", func(s db.Scanner) error { return s.Scan(&m.Audit) })
	batch.Query("SELECT closed_through FROM books", func(s db.Scanner) error { return s.Scan(&m.ClosedThrough) })
}
