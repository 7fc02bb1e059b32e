package db

import (
	"slices"

	"sofipo/infra/envelope"
)

// SealedColumn is a column whose values are encrypted. The columns of a program are those that
// the packages that it imports declare with SealedField and SealedBytesField.
type SealedColumn struct {
	Table, Column string
	Owner         string // column that identifies the row: a unique id
	bytes         bool
}

// BlindColumn is a column that has blind indexes in place of values of some kinds.
type BlindColumn struct {
	Table, Column string
	Kind          string   // column with the kind of the value; empty if the first letter of the value is the kind
	Kinds         []string // kinds that are blinded, in the form that is stored
	Blinded       []string // names of these kinds for Blind
}

var (
	sealedColumns []SealedColumn
	blindColumns  []BlindColumn
)

// DeclareBlind declares a column with blind indexes, so that values of earlier programs are
// replaced. It must run during initialization.
func DeclareBlind(c BlindColumn) struct{} {
	blindColumns = append(blindColumns, c)
	return struct{}{}
}

// place is where a value is stored, which it is bound to.
func (c SealedColumn) place(owner string) string { return c.Table + "." + c.Column + " " + owner }

// Sealing is how a column is encrypted: its table, and the owner of a row in that table. The
// owner must be read with the column or be known before.
type Sealing[V any] struct {
	Table  string
	Column string          // column that identifies the row
	Owner  func(*V) string // its value
	Only   func(*V) bool   // rows that are encrypted; nil: all. Bytes only
}

// SealedField is a column of strings that are encrypted where they are stored. Without keys they
// are stored in clear.
func SealedField[V any, S ~string](name string, how Sealing[V], at func(*V) *S) Field[V] {
	c := SealedColumn{Table: how.Table, Column: name, Owner: how.Column}
	declareSealed(c)
	f := TextField(name, at)
	f.array = func(room int) columnar {
		return &sealedColumn[string]{values: make([]string, 0, room), seal: (*envelope.Ring).SealText, binary: binaryText}
	}
	f.add = nil // Rows.Add does not know the owner
	f.sealed = true
	f.put = func(to columnar, v *V) { to.(*sealedColumn[string]).push(string(*at(v)), c.place(how.Owner(v))) }
	f.open = func(r *envelope.Ring, v *V) error {
		plain, err := r.OpenText(string(*at(v)), c.place(how.Owner(v)))
		*at(v) = S(plain)
		return err
	}
	return f
}

// SealedBytesField is SealedField for byte strings.
func SealedBytesField[V any](name string, how Sealing[V], at func(*V) *[]byte) Field[V] {
	c := SealedColumn{Table: how.Table, Column: name, Owner: how.Column, bytes: true}
	if how.Only == nil {
		declareSealed(c)
	}
	f := BytesField(name, at)
	f.array = func(room int) columnar {
		return &sealedColumn[[]byte]{values: make([][]byte, 0, room), seal: (*envelope.Ring).Seal, binary: binaryBytes}
	}
	f.add = nil
	f.sealed = true
	f.put = func(to columnar, v *V) {
		place := ""
		if *at(v) != nil && (how.Only == nil || how.Only(v)) {
			place = c.place(how.Owner(v))
		}
		to.(*sealedColumn[[]byte]).push(*at(v), place)
	}
	f.open = func(r *envelope.Ring, v *V) error {
		if !envelope.Sealed(*at(v)) && how.Only != nil {
			return nil // a row that is not encrypted has no mark
		}
		plain, err := r.Open(*at(v), c.place(how.Owner(v)))
		*at(v) = plain
		return err
	}
	return f
}

func declareSealed(c SealedColumn) { sealedColumns = append(sealedColumns, c) }

// sealedColumn has values in clear, and encrypts them before each execution of their statement.
type sealedColumn[T string | []byte] struct {
	values []T
	places []string // empty: not encrypted
	sealed []T
	seal   func(r *envelope.Ring, plain T, place string) T
	binary func([]byte, T) []byte
}

func (c *sealedColumn[T]) push(value T, place string) {
	c.values, c.places = append(c.values, value), append(c.places, place)
}

// encrypt seals the values with a ring.
func (c *sealedColumn[T]) encrypt(r *envelope.Ring) {
	c.sealed = c.values
	for i, place := range c.places {
		if place == "" {
			continue
		}
		if &c.sealed[0] == &c.values[0] {
			c.sealed = slices.Clone(c.values)
		}
		c.sealed[i] = c.seal(r, c.values[i], place)
	}
}

func (c *sealedColumn[T]) all() any                    { return c.sealed }
func (c *sealedColumn[T]) at(i int) any                { return sqliteValue(c.sealed[i]) }
func (c *sealedColumn[T]) copy(b []byte, i int) []byte { return c.binary(b, c.sealed[i]) }

// encrypt seals the values of the sealed columns of the rows.
func (r *Rows) encrypt(ring *envelope.Ring) {
	if !r.write.sealed {
		return
	}
	for i, c := range r.write.columns {
		if c.sealed {
			r.columns[i].(interface{ encrypt(*envelope.Ring) }).encrypt(ring)
		}
	}
}

// keyed gives the steps of the batch the keys of the database.
func (b *Batch) keyed(ring *envelope.Ring) *Batch {
	for i := range b.steps {
		s := &b.steps[i]
		s.keys = ring
		if s.rows != nil {
			s.rows.encrypt(ring)
		}
	}
	return b
}

// keysOf returns the keys of a row that was read.
func keysOf(s Scanner) *envelope.Ring {
	if k, has := s.(interface{ ring() *envelope.Ring }); has {
		return k.ring()
	}
	return nil
}

func (r pgRow) ring() *envelope.Ring         { return r.keys }
func (r *liteRow) ring() *envelope.Ring      { return r.keys }
func (s sqliteScanner) ring() *envelope.Ring { return s.keys }

// Blind returns the blind index by which the values of a kind are stored and found; the value
// itself if the database has no keys.
func (d *DB) Blind(kind, value string) string {
	if d == nil {
		return value
	}
	return d.keys.Load().Blind(kind, value)
}

// String returns the name of the column with its table.
func (c SealedColumn) String() string { return c.Table + "." + c.Column }
