package bank

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Table declares how the rows of a noun are stored. A noun declares it once, next to its
// verbs. K is the key of a row, V the row. A book loads and saves rows by this declaration.
type Table[K comparable, V any] struct {
	Name    string
	Rank    int           // position in the order in which all writers lock and save tables; unique
	Columns db.Columns[V] // all columns, those of the key first
	Keys    int           // number of key columns; 0 means 1
	Fixed   []string      // columns that only Amend changes after the insert
	Derived []string      // columns that Write computes for queries; a book does not load them
	Of      func(*V) K    // returns the key of a row
	Compare func(a, b K) int
	Read    func(*V) error // completes a row after its columns were read; may be nil
	Write   func(*V)       // prepares the columns of a row before they are written; may be nil

	// Unique has the refusal for a duplicate value, by column. It applies when two concurrent
	// commands store the same value. PostgreSQL's constraint must be named "table.column".
	Unique map[string]fault.Code

	// Owner returns whose a row is; nil if rows have no owner. A person may only issue a command
	// that locks a row, by its key, if the row is in the scope of the person's role.
	Owner func(*V) staff.Owner

	// Assigned is a query for whether the row with the key $1 is also assigned to the user $2,
	// for roles whose scope is the own rows; empty if that cannot be.
	Assigned string

	// Stale returns the cache keys of the answers that show a row; may be nil. They are forgotten when
	// an earlier command that needs the row is acknowledged again, with those of its answer: if its
	// outcome was unknown to the process that committed it, that process did not forget them.
	Stale func(*V) []string

	// Follow queries, with Fetch, the rows that the loaded rows refer to and the book does
	// not have yet; may be nil.
	Follow func(b *Book, from *Store, loaded iter.Seq[*V]) error

	insert, update *db.Write
	amend          *db.Write // update of all columns
	fixed          db.Columns[V]
	changing       db.Columns[V] // columns of the update, those of the key first
	reading        db.Columns[V] // columns that a book loads
}

// Declare completes the declaration of a table. It must run during initialization.
func Declare[K comparable, V any](t Table[K, V]) *Table[K, V] {
	t.Keys = max(t.Keys, 1)
	t.insert, t.reading = t.Columns.Insert(t.Name), t.Columns.Except(t.Derived...)
	t.fixed, t.changing = t.Columns.Pick(t.Fixed...), t.Columns.Except(t.Fixed...)
	if len(t.changing) > t.Keys {
		t.update = t.changing.Update(t.Name, t.Keys)
	}
	if len(t.Columns) > t.Keys {
		t.amend = t.Columns.Update(t.Name, t.Keys)
	}
	if len(t.Columns) > len(columnsOf[t.Name]) {
		columnsOf[t.Name] = nil
		for _, f := range t.Columns {
			columnsOf[t.Name] = append(columnsOf[t.Name], f.Name())
		}
	}
	for column, refusal := range t.Unique {
		t.Columns.Pick(column)
		uniques[t.Name+"."+column] = refusal
	}
	return &t
}

// state is the state of a row in a book.
type state uint8

const (
	loaded state = iota
	added
	changed
	amended
	removed
)

// row is a row of a table with its state since it was loaded.
type row[V any] struct {
	value  *V
	state  state
	stored bool // the table already has a row with this key, as far as the book knows
}

// rows has the rows of one table in a book.
type rows[K comparable, V any] struct {
	table    *Table[K, V]
	found    map[K]row[V]
	requests []lookupKeys
}

// lookupKeys is a lookup with its keys.
type lookupKeys struct {
	lookup any    // a *Lookup[K, V, I]
	keys   any    // a *[]id.ID or a *[]string
	locked string // the lookup's query for the keys of the rows to lock; empty if it does not lock
	share  bool
	from   func(s *Store, keys any) error
}

// set is a *rows of any type.
type set interface {
	load(from *Store) error
	save(to *Store)
	clear()
}

// shownSet is a set that knows the cache keys of its rows, by Table.Stale.
type shownSet interface{ stale() []string }

// rowsOf returns the rows of a table in the book.
func rowsOf[K comparable, V any](b *Book, t *Table[K, V]) *rows[K, V] {
	if s, known := b.sets[t]; known {
		return s.(*rows[K, V])
	}
	s := &rows[K, V]{table: t, found: map[K]row[V]{}}
	b.sets[t] = s
	at, taken := slices.BinarySearchFunc(b.order, t.Rank, func(r ranked, rank int) int { return r.rank - rank })
	if taken {
		panic(fmt.Sprintf("bank: another table already has rank %d of %s", t.Rank, t.Name))
	}
	b.order = slices.Insert(b.order, at, ranked{t.Rank, s})
	if t.Follow != nil {
		b.follow = append(b.follow, func(b *Book, from *Store) error { return t.Follow(b, from, t.All(b)) })
	}
	return s
}

// ranked is a set with its position in the locking order.
type ranked struct {
	rank int
	set  set
}

// Get returns a row that was requested or staged.
func (t *Table[K, V]) Get(b *Book, key K) (value V, found bool) {
	if at := t.At(b, key); at != nil {
		return *at, true
	}
	return value, false
}

// At returns a pointer to the row, or nil if there is none. The caller must not change the
// row, except to complete what was loaded; use Change.
func (t *Table[K, V]) At(b *Book, key K) *V {
	if r, found := rowsOf(b, t).found[key]; found && r.state != removed {
		return r.value
	}
	return nil
}

// All iterates over the rows that were requested or staged, in no particular order.
func (t *Table[K, V]) All(b *Book) iter.Seq[*V] {
	return func(yield func(*V) bool) {
		for _, r := range rowsOf(b, t).found {
			if r.state != removed && !yield(r.value) {
				return
			}
		}
	}
}

// NeedFollowed notes that a command needs rows of the table that the Follow of another table
// loads.
func (t *Table[K, V]) NeedFollowed(n *Needs) {
	n.requests = append(n.requests, func(b *Book) { rowsOf(b, t) })
}

// Asked reports whether a command of the book requested rows of the table.
func (t *Table[K, V]) Asked(b *Book) bool {
	_, asked := b.sets[t]
	return asked
}

// Place puts a row into the book as if it had been loaded.
func (t *Table[K, V]) Place(b *Book, value V) {
	rowsOf(b, t).place(&value)
}

// Add stages a new row.
func (t *Table[K, V]) Add(b *Book, value V) { t.put(b, value, added) }

// Change stages new values of a row.
func (t *Table[K, V]) Change(b *Book, value V) { t.put(b, value, changed) }

// Amend stages new values of a row, also those of its fixed columns. It is for commands that
// are rare.
func (t *Table[K, V]) Amend(b *Book, value V) { t.put(b, value, amended) }

// Remove stages the deletion of a row.
func (t *Table[K, V]) Remove(b *Book, value V) { t.put(b, value, removed) }

// put stages a row and registers its undo. A row that is added and then changed in one batch
// stays an insert and keeps its fixed columns, as if there had been two batches. A row that
// is added and then removed leaves no trace.
func (t *Table[K, V]) put(b *Book, value V, to state) {
	found, key := rowsOf(b, t).found, t.Of(&value)
	before, known := found[key]
	stored := to != added
	if known {
		stored = before.stored
	}
	if known && (before.state == added || before.state == amended) && to == changed {
		to = before.state
		t.fixed.Take(&value, t.fixed.Values(before.value))
	}
	if known && before.state == added && to == amended {
		to = added
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

// place adds a loaded row.
func (s *rows[K, V]) place(v *V) { s.found[s.table.Of(v)] = row[V]{value: v, stored: true} }

func (s *rows[K, V]) stale() (keys []string) {
	if s.table.Stale == nil {
		return nil
	}
	for _, r := range s.found {
		if r.value != nil {
			keys = append(keys, s.table.Stale(r.value)...)
		}
	}
	return keys
}

func (s *rows[K, V]) load(from *Store) error {
	if from.memory == nil {
		s.lock(from.batch)
	}
	for _, a := range s.requests {
		if err := a.from(from, a.keys); err != nil {
			return err
		}
	}
	return nil
}

// lock queues a statement that locks the rows of all lookups in key order, if several lookups
// lock. Each of them locks its own rows in key order, but two writers could lock the rows of
// two lookups in different orders and deadlock. If one lookup needs exclusive locks, all rows
// get them, because two writers that both share a row could not both lock it afterwards.
func (s *rows[K, V]) lock(batch *db.Batch) {
	locking := 0
	for i := range s.requests {
		if s.requests[i].locked != "" {
			locking++
		}
	}
	if locking < 2 {
		return
	}
	strength := share
	var queries []string
	var keys []any
	for _, a := range slices.SortedFunc(slices.Values(s.requests), func(a, b lookupKeys) int { return strings.Compare(a.locked, b.locked) }) {
		if a.locked == "" {
			continue
		}
		if !a.share {
			strength = exclusive
		}
		switch k := a.keys.(type) {
		case *[]id.ID:
			keys = append(keys, *k)
		case *[]string:
			keys = append(keys, *k)
		}
		queries = append(queries, fmt.Sprintf(a.locked, len(keys)))
	}
	key := s.table.Columns[:s.table.Keys].List("t")
	batch.Lock(fmt.Sprintf("SELECT FROM %s t WHERE (%s) IN (%s) ORDER BY %s%s", s.table.Name, key, strings.Join(queries, " UNION ALL "), key, strength), keys...)
}

// Clauses that lock the rows of a query.
const (
	exclusive = " FOR NO KEY UPDATE OF t"
	share     = " FOR SHARE OF t"
)

// save queues the staged rows in key order, so that every batch writes in the same order.
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
	inserts, updates, amends := t.insert.Room(len(staged)), (*db.Rows)(nil), (*db.Rows)(nil)
	for _, key := range staged {
		r := s.found[key]
		if t.Write != nil && r.state != removed {
			t.Write(r.value)
		}
		switch r.state {
		case added:
			if r.stored { // it was removed and added again
				t.remove(to.batch, r.value)
			}
			t.Columns.Add(inserts, r.value)
		case changed:
			if updates == nil {
				updates = t.update.Room(len(staged))
			}
			t.changing.Add(updates, r.value)
		case amended:
			if amends == nil {
				amends = t.amend.Rows()
			}
			t.Columns.Add(amends, r.value)
		default:
			t.remove(to.batch, r.value)
		}
	}
	if updates != nil {
		to.batch.Save(updates)
	}
	if amends != nil {
		to.batch.Save(amends)
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

// Lookup declares a query for rows of a table by the values of one column.
type Lookup[K comparable, V any, I id.ID | string] struct {
	Table  *Table[K, V]
	Column string        // the column that is compared with the keys
	Lock   bool          // lock the rows, in key order, because they may change
	Share  bool          // lock the rows, in key order, because others may not change them
	And    string        // additional condition in SQL; the table's alias is t
	Only   func(*V) bool // the same condition in Go; set both or none
	Via    *Via

	sql    string
	locked string // query for the keys of the rows to lock, with %d for the number of its argument
	owned  bool   // the rows have owners, and the key of a row is that of the lookup
}

// Via finds rows through another table: rows with columns equal to columns of the other
// table's rows that have one of the keys.
type Via struct {
	Table   string
	Column  string   // the other table's column that is compared with the keys
	Columns []string // columns of the other table
	Own     []string // columns of the wanted table, equal to Columns
}

// DeclareLookup completes the declaration of a lookup.
func DeclareLookup[K comparable, V any, I id.ID | string](l Lookup[K, V, I]) *Lookup[K, V, I] {
	if (l.And == "") != (l.Only == nil) {
		panic("bank: a lookup of " + l.Table.Name + " must set both And and Only, or neither")
	}
	cast := "text"
	if _, ids := any(*new(I)).(id.ID); ids {
		cast = "uuid"
	}
	t := l.Table
	l.owned = t.Owner != nil && l.Lock && l.Via == nil && t.Keys == 1 && l.Column == t.Columns[0].Name()
	found := fmt.Sprintf(" FROM %s t WHERE t.%s", t.Name, l.Column)
	if v := l.Via; v != nil {
		on := make([]string, len(v.Own))
		for i := range v.Own {
			on[i] = "t." + v.Own[i] + " = k." + v.Columns[i]
		}
		found = fmt.Sprintf(" FROM %s k JOIN %s t ON %s WHERE k.%s", v.Table, t.Name, strings.Join(on, " AND "), v.Column)
	} else {
		t.Columns.Pick(l.Column)
	}
	found += " = ANY($%d::" + cast + "[])"
	if l.And != "" {
		found += " AND " + l.And
	}
	l.sql = "SELECT " + t.reading.List("t") + fmt.Sprintf(found, 1)
	if l.Lock || l.Share {
		key := t.Columns[:t.Keys].List("t")
		l.locked = "SELECT " + key + found
		l.sql += " ORDER BY " + key
		if l.Lock {
			l.sql += exclusive
		} else {
			l.sql += share
		}
	}
	return &l
}

// Need requests the rows with a key.
func (l *Lookup[K, V, I]) Need(n *Needs, key I) {
	n.requests = append(n.requests, func(b *Book) { l.Ask(b, key) })
	if l.owned {
		n.owned = append(n.owned, &ownedRow{assigned: l.Table.Assigned, key: key, owner: func(b *Book) (o staff.Owner, found bool) {
			row := l.Table.At(b, any(key).(K))
			if row == nil {
				return o, false // Decide refuses it
			}
			return l.Table.Owner(row), true
		}})
	}
	switch k := any(key).(type) {
	case id.ID:
		n.to(k[:])
	case string:
		n.to([]byte(k))
	}
}

// Ask requests the rows with a key in a book that is not loaded yet.
func (l *Lookup[K, V, I]) Ask(b *Book, key I) {
	s := rowsOf(b, l.Table)
	at := slices.IndexFunc(s.requests, func(a lookupKeys) bool { return a.lookup == any(l) })
	if at < 0 {
		at = len(s.requests)
		s.requests = append(s.requests, lookupKeys{l, new([]I), l.locked, l.Share, func(from *Store, keys any) error { return l.load(s, from, *keys.(*[]I)) }})
	}
	keys := s.requests[at].keys.(*[]I)
	*keys = append(*keys, key)
}

// load reads the rows with the keys.
func (l *Lookup[K, V, I]) load(s *rows[K, V], from *Store, keys []I) error {
	return l.Fetch(from, keys, s.place)
}

// Fetch calls each for every row with one of the keys, without adding it to a book.
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

// complete calls Read, if it is set.
func (t *Table[K, V]) complete(v *V) error {
	if t.Read == nil {
		return nil
	}
	return t.Read(v)
}

// Store is the source or the target of a book: statements for a database, or a Memory.
type Store struct {
	batch  *db.Batch
	memory *Memory
	rows   int // number of rows saved to the Memory
}
