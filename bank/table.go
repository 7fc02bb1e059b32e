package bank

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Table declares how the rows of a noun are stored: a noun declares it once, beside
// its verbs. K names a row, V is the row. A book keeps the rows of the tables that its
// commands asked for; what they stage is saved by the same declaration.
type Table[K comparable, V any] struct {
	Name    string
	Rank    int           // place in the order in which all writers lock and save tables
	Columns db.Columns[V] // all columns, those of the key first
	Keys    int           // number of columns of the key, 1 if zero
	Fixed   []string      // columns that keep what the row was added with
	Derived []string      // columns that Write computes: for queries, not read into a book
	Of      func(*V) K    // the key of a row
	Compare func(a, b K) int
	Read    func(*V) error // completes a row after its columns were read, if set
	Write   func(*V)       // prepares the columns before they are written, if set

	// Unique are the refusals for a value that another row has, by column, when two
	// commands that could not see each other store it. The constraint of PostgreSQL is
	// named "table.column".
	Unique map[string]fault.Code

	// Follow queries, by Fetch, what the loaded rows point to and the book does not
	// have yet, if set.
	Follow func(b *Book, from *Store, loaded iter.Seq[*V]) error

	insert, update *db.Write
	fixed          db.Columns[V]
	changing       db.Columns[V] // the columns of the update, those of the key first
	reading        db.Columns[V] // the columns that a book is loaded with
}

// Declare completes a table.
func Declare[K comparable, V any](t Table[K, V]) *Table[K, V] {
	t.Keys = max(t.Keys, 1)
	t.insert, t.reading = t.Columns.Insert(t.Name), t.Columns.Except(t.Derived...)
	t.fixed, t.changing = t.Columns.Pick(t.Fixed...), t.Columns.Except(t.Fixed...)
	if len(t.changing) > t.Keys {
		t.update = t.changing.Update(t.Name, t.Keys)
	}
	for column, refusal := range t.Unique {
		t.Columns.Pick(column)
		uniques[t.Name+"."+column] = refusal
	}
	return &t
}

// state of a row in the book.
type state uint8

const (
	loaded state = iota
	added
	changed
	removed
)

// row is a row of a table and what has become of it since it was loaded.
type row[V any] struct {
	value  *V
	state  state
	stored bool // the table has a row with the key, as far as the book knows
}

// rows are the rows of one table in a book.
type rows[K comparable, V any] struct {
	table *Table[K, V]
	found map[K]row[V]
	asks  []asked
}

// asked is the keys for which rows are loaded by one lookup.
type asked struct {
	lookup any // *Lookup[K, V, I]
	keys   any // *[]I
	from   func(s *Store, keys any) error
}

// set is the rows of one table, whatever they are.
type set interface {
	load(from *Store) error
	save(to *Store)
	clear()
}

// rowsOf gives the rows of a table in the book.
func rowsOf[K comparable, V any](b *Book, t *Table[K, V]) *rows[K, V] {
	if s, known := b.sets[t]; known {
		return s.(*rows[K, V])
	}
	s := &rows[K, V]{table: t, found: map[K]row[V]{}}
	b.sets[t] = s
	at, taken := slices.BinarySearchFunc(b.order, t.Rank, func(r ranked, rank int) int { return r.rank - rank })
	if taken {
		panic(fmt.Sprintf("bank: two tables have the rank %d of %s", t.Rank, t.Name))
	}
	b.order = slices.Insert(b.order, at, ranked{t.Rank, s})
	if t.Follow != nil {
		b.follow = append(b.follow, func(b *Book, from *Store) error { return t.Follow(b, from, t.All(b)) })
	}
	return s
}

// ranked is a set at its place in the order of locks.
type ranked struct {
	rank int
	set  set
}

// Get finds a row that was asked for or staged.
func (t *Table[K, V]) Get(b *Book, key K) (value V, found bool) {
	if at := t.At(b, key); at != nil {
		return *at, true
	}
	return value, false
}

// At is Get that gives the row itself, nil if there is none. It must not be changed
// but to complete what was loaded: Change stages a change.
func (t *Table[K, V]) At(b *Book, key K) *V {
	if r, found := rowsOf(b, t).found[key]; found && r.state != removed {
		return r.value
	}
	return nil
}

// All gives the rows that were asked for or staged, in no order.
func (t *Table[K, V]) All(b *Book) iter.Seq[*V] {
	return func(yield func(*V) bool) {
		for _, r := range rowsOf(b, t).found {
			if r.state != removed && !yield(r.value) {
				return
			}
		}
	}
}

// Place puts a row into the book as if it had been loaded.
func (t *Table[K, V]) Place(b *Book, value V) {
	rowsOf(b, t).place(&value)
}

// Add stages a new row.
func (t *Table[K, V]) Add(b *Book, value V) { t.put(b, value, added) }

// Change stages the new values of a row.
func (t *Table[K, V]) Change(b *Book, value V) { t.put(b, value, changed) }

// Remove stages the deletion of a row.
func (t *Table[K, V]) Remove(b *Book, value V) { t.put(b, value, removed) }

// put stages a row and notes how to take it back. What was added and changed again is
// still to be inserted, with the fixed columns that it was added with: it comes out as in
// two batches. What was added and removed was never there.
func (t *Table[K, V]) put(b *Book, value V, to state) {
	found, key := rowsOf(b, t).found, t.Of(&value)
	before, known := found[key]
	stored := to != added
	if known {
		stored = before.stored
	}
	if known && before.state == added && to == changed {
		to = added
		t.fixed.Take(&value, t.fixed.Values(before.value))
	}
	if !stored && to == removed {
		delete(found, key)
	} else {
		found[key] = row[V]{&value, to, stored}
	}
	b.undo = append(b.undo, func() {
		if known {
			found[key] = before
		} else {
			delete(found, key)
		}
	})
}

func (s *rows[K, V]) clear() { clear(s.found) }

// place keeps a row that was loaded.
func (s *rows[K, V]) place(v *V) { s.found[s.table.Of(v)] = row[V]{value: v, stored: true} }

func (s *rows[K, V]) load(from *Store) error {
	for _, a := range s.asks {
		if err := a.from(from, a.keys); err != nil {
			return err
		}
	}
	return nil
}

// save queues what was staged, in the order of the keys, so that a batch always
// writes the same way.
func (s *rows[K, V]) save(to *Store) {
	t := s.table
	staged := make([]K, 0, len(s.found))
	for key, r := range s.found {
		if r.state != loaded {
			staged = append(staged, key)
		}
	}
	if len(staged) == 0 {
		return
	}
	slices.SortFunc(staged, t.Compare)
	if to.memory != nil {
		s.keep(to.memory, staged)
		to.rows += len(staged)
		return
	}
	inserts, updates := t.insert.Room(len(staged)), (*db.Rows)(nil)
	for _, key := range staged {
		r := s.found[key]
		if t.Write != nil && r.state != removed {
			t.Write(r.value)
		}
		switch r.state {
		case added:
			if r.stored { // it was removed before
				t.remove(to.batch, r.value)
			}
			t.Columns.Add(inserts, r.value)
		case changed:
			if updates == nil {
				updates = t.update.Room(len(staged))
			}
			t.changing.Add(updates, r.value)
		default:
			t.remove(to.batch, r.value)
		}
	}
	if updates != nil {
		to.batch.Save(updates)
	}
	to.batch.Save(inserts)
}

func (t *Table[K, V]) remove(batch *db.Batch, v *V) {
	key := t.Columns[:t.Keys]
	match := make([]string, t.Keys)
	for i, f := range key {
		match[i] = fmt.Sprintf("%s = $%d", f.Name(), i+1)
	}
	batch.Exec("DELETE FROM "+t.Name+" WHERE "+strings.Join(match, " AND "), key.Values(v)...)
}

// Lookup is a way to ask for rows of a table: those whose column has one of the keys.
type Lookup[K comparable, V any, I id.ID | string] struct {
	Table  *Table[K, V]
	Column string        // of the table
	Lock   bool          // the rows may change: they are locked, in the order of their keys
	And    string        // a further condition, in SQL; the table is t
	Only   func(*V) bool // the same condition
	Via    *Via

	sql string
}

// Via is another table through which rows are found: those whose columns equal the
// columns of the rows there that have one of the keys.
type Via struct {
	Table   string
	Column  string   // has the key
	Columns []string // equal
	Own     []string // these of the looked-up table
}

// DeclareLookup completes a lookup.
func DeclareLookup[K comparable, V any, I id.ID | string](l Lookup[K, V, I]) *Lookup[K, V, I] {
	if (l.And == "") != (l.Only == nil) {
		panic("bank: a condition of " + l.Table.Name + " stands in SQL alone, or in Go alone")
	}
	cast := "text"
	if _, ids := any(*new(I)).(id.ID); ids {
		cast = "uuid"
	}
	t := l.Table
	if v := l.Via; v != nil {
		on := make([]string, len(v.Own))
		for i := range v.Own {
			on[i] = "t." + v.Own[i] + " = k." + v.Columns[i]
		}
		l.sql = fmt.Sprintf("SELECT %s FROM %s k JOIN %s t ON %s WHERE k.%s = ANY($1::%s[])", t.reading.List("t"), v.Table, t.Name, strings.Join(on, " AND "), v.Column, cast)
	} else {
		t.Columns.Pick(l.Column)
		l.sql = fmt.Sprintf("SELECT %s FROM %s t WHERE %s = ANY($1::%s[])", t.reading.List(""), t.Name, l.Column, cast)
	}
	if l.And != "" {
		l.sql += " AND " + l.And
	}
	if l.Lock {
		l.sql += " ORDER BY " + t.Columns[:t.Keys].List("t") + " FOR NO KEY UPDATE OF t"
	}
	return &l
}

// Need asks for the rows of a key.
func (l *Lookup[K, V, I]) Need(n *Needs, key I) {
	n.asks = append(n.asks, func(b *Book) { l.Ask(b, key) })
	switch k := any(key).(type) {
	case id.ID:
		n.to(k[:])
	case string:
		n.to([]byte(k))
	}
}

// Ask asks for the rows of a key in a book that is not loaded yet.
func (l *Lookup[K, V, I]) Ask(b *Book, key I) {
	s := rowsOf(b, l.Table)
	at := slices.IndexFunc(s.asks, func(a asked) bool { return a.lookup == any(l) })
	if at < 0 {
		at = len(s.asks)
		s.asks = append(s.asks, asked{l, new([]I), func(from *Store, keys any) error { return l.load(s, from, *keys.(*[]I)) }})
	}
	keys := s.asks[at].keys.(*[]I)
	*keys = append(*keys, key)
}

// load reads the rows of the keys.
func (l *Lookup[K, V, I]) load(s *rows[K, V], from *Store, keys []I) error {
	return l.Fetch(from, keys, s.place)
}

// Fetch gives each row of the keys, without putting it into a book.
func (l *Lookup[K, V, I]) Fetch(from *Store, keys []I, each func(*V)) error {
	t := l.Table
	if from.memory != nil {
		return recall(from.memory, l, keys, each)
	}
	from.batch.Query(l.sql, func(s db.Scanner) error {
		v := new(V)
		if err := t.reading.Scan(s, v); err != nil {
			return err
		}
		if err := t.complete(v); err != nil {
			return err
		}
		each(v)
		return nil
	}, keys)
	return nil
}

// complete is Read, if it is set.
func (t *Table[K, V]) complete(v *V) error {
	if t.Read == nil {
		return nil
	}
	return t.Read(v)
}

// Store is where a book is loaded from and saved to: statements for a database, or a
// Memory.
type Store struct {
	batch  *db.Batch
	memory *Memory
	rows   int // saved to the Memory
}
