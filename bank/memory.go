package bank

import (
	"fmt"
	"slices"
	"strings"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/infra/db"
)

// Memory keeps tables without a database, by the same declarations. With it, histories
// of commands are tried on the book alone.
type Memory struct {
	tables map[string]*memoryTable

	Entries       []ledger.Entry // in the order in which they were posted
	Events        []string       // bodies of the outbox
	Audit         int            // lines
	ClosedThrough civil.Date
}

// memoryTable is the rows of a table as the values of their columns.
type memoryTable struct {
	columns []string
	rows    map[any][]any
}

// NewMemory is an empty store whose books are closed through a day.
func NewMemory(closedThrough civil.Date) *Memory {
	return &Memory{tables: map[string]*memoryTable{}, ClosedThrough: closedThrough}
}

// Rows lists the rows of a table, sorted by key.
func (t *Table[K, V]) Rows(m *Memory) []V {
	kept := m.tables[t.Name]
	if kept == nil {
		return nil
	}
	keys := make([]K, 0, len(kept.rows))
	for key := range kept.rows {
		keys = append(keys, key.(K))
	}
	slices.SortFunc(keys, t.Compare)
	out := make([]V, len(keys))
	for i, key := range keys {
		v, err := t.decode(kept.rows[key])
		if err != nil {
			panic(err) // written by keep
		}
		out[i] = v
	}
	return out
}

// Keep puts rows into a Memory.
func (t *Table[K, V]) Keep(m *Memory, list ...V) {
	for _, v := range list {
		if t.Write != nil {
			t.Write(&v)
		}
		t.kept(m).rows[t.Of(&v)] = clone(t.Columns.Values(&v))
	}
}

// kept is the table in a Memory.
func (t *Table[K, V]) kept(m *Memory) *memoryTable {
	found := m.tables[t.Name]
	if found == nil {
		found = &memoryTable{rows: map[any][]any{}}
		for _, f := range t.Columns {
			found.columns = append(found.columns, f.Name())
		}
		m.tables[t.Name] = found
	}
	return found
}

// clone copies byte strings, which a row may go on using.
func clone(values []any) []any {
	for i, v := range values {
		if b, is := v.([]byte); is {
			values[i] = slices.Clone(b)
		}
	}
	return values
}

func (t *Table[K, V]) decode(values []any) (v V, err error) {
	t.Columns.Take(&v, clone(slices.Clone(values)))
	if t.Read != nil {
		err = t.Read(&v)
	}
	return v, err
}

// keep saves what was staged. An insert of a row that is there, or a change of one
// that is not, is a mistake of the book.
func (s *rows[K, V]) keep(m *Memory, staged []K) {
	t := s.table
	kept := t.kept(m)
	for _, key := range staged {
		r := s.found[key]
		old, there := kept.rows[key]
		if there == (r.state == added) {
			panic(fmt.Sprintf("%s %v: there is a row: %t, saved with state %d", t.Name, key, there, r.state))
		}
		if r.state == removed {
			delete(kept.rows, key)
			continue
		}
		t.Keep(m, r.value)
		now := kept.rows[key]
		for i, f := range t.Columns {
			if there && slices.Contains(t.Fixed, f.Name()) {
				now[i] = old[i]
			}
		}
	}
}

// recall gives the rows of a Memory that a lookup finds.
func recall[K comparable, V any, I id.ID | string](m *Memory, l *Lookup[K, V, I], keys []I, each func(V)) error {
	t := l.Table
	kept := t.kept(m)
	own, wanted := []string{l.Column}, map[string]bool{}
	for _, key := range keys {
		wanted[fmt.Sprint(any(key))] = true
	}
	if v := l.Via; v != nil {
		own, wanted = v.Own, m.through(v, wanted)
	}
	for _, values := range kept.rows {
		if !wanted[kept.text(values, own)] {
			continue
		}
		v, err := t.decode(values)
		if err != nil {
			return err
		}
		if l.Only == nil || l.Only(&v) {
			each(v)
		}
	}
	return nil
}

// through gives what the rows of another table that have one of the keys point to.
func (m *Memory) through(v *Via, keys map[string]bool) map[string]bool {
	out, other := map[string]bool{}, m.tables[v.Table]
	if other == nil {
		return out
	}
	for _, values := range other.rows {
		if keys[other.text(values, []string{v.Column})] {
			out[other.text(values, v.Columns)] = true
		}
	}
	return out
}

// text is the values of some columns as one text.
func (t *memoryTable) text(values []any, columns []string) string {
	parts := make([]string, len(columns))
	for i, name := range columns {
		parts[i] = fmt.Sprint(values[slices.Index(t.columns, name)])
	}
	return strings.Join(parts, "\n")
}

// Text is all that the store has, a line a row, sorted.
func (m *Memory) Text() string {
	lines := []string{fmt.Sprintf("closed %s, audit lines %d", m.ClosedThrough, m.Audit)}
	for name, t := range m.tables {
		for _, values := range t.rows {
			line := name
			for i, v := range values {
				if b, is := v.([]byte); is {
					v = fmt.Sprintf("%x", b)
				}
				line += fmt.Sprintf(" %s=%v", t.columns[i], v)
			}
			lines = append(lines, line)
		}
	}
	for _, e := range m.Entries {
		lines = append(lines, fmt.Sprintf("entry %s %s %d %s %s %s %v", e.ID, e.BusinessDate, e.PostedAt.UnixMicro(), e.Kind, e.Reference, e.Reverses, e.Postings))
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
