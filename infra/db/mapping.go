package db

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/infra/envelope"
)

// Field is a column of a table with access to its value in a V.
type Field[V any] struct {
	Column
	place func(*V) any                   // returns a pointer to the value
	put   func(columnar, *V)             // adds the value to the column
	value func(*V) any                   // returns the value in the form that Rows.Add accepts
	take  func(v *V, value any)          // sets the value from that form
	open  func(*envelope.Ring, *V) error // decrypts the value after the row was read; nil if it is in clear
}

// Columns are the columns of a table in order, declared once for all readers and writers.
type Columns[V any] []Field[V]

// wholeNumber is a type that an integer column can store.
type wholeNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32
}

// IDField is a column of ids.
func IDField[V any](name string, at func(*V) *id.ID) Field[V] {
	return newField[V, id.ID, pgtype.UUID](ID(name), at)
}

// IntField is a column of 64-bit integers.
func IntField[V any, N wholeNumber](name string, at func(*V) *N) Field[V] {
	return Field[V]{
		Column: Int(name),
		place:  func(v *V) any { return at(v) },
		put:    func(c columnar, v *V) { c.(*column[int64, int64]).push(int64(*at(v))) },
		value:  func(v *V) any { return int64(*at(v)) },
		take:   func(v *V, value any) { *at(v) = N(value.(int64)) },
	}
}

// SmallField is a column of 32-bit integers.
func SmallField[V any, N wholeNumber](name string, at func(*V) *N) Field[V] {
	f := IntField(name, at)
	f.Column = Small(name)
	f.put = func(c columnar, v *V) { c.(*column[int64, int32]).push(int64(*at(v))) }
	return f
}

// TextField is a column of strings.
func TextField[V any, S ~string](name string, at func(*V) *S) Field[V] {
	return Field[V]{
		Column: Text(name),
		place:  func(v *V) any { return at(v) },
		put:    func(c columnar, v *V) { c.(*column[string, string]).push(string(*at(v))) },
		value:  func(v *V) any { return string(*at(v)) },
		take:   func(v *V, value any) { *at(v) = S(value.(string)) },
	}
}

// BytesField is a column of byte strings; nil is stored as NULL.
func BytesField[V any](name string, at func(*V) *[]byte) Field[V] {
	return newField[V, []byte, []byte](Bytes(name), at)
}

// TimeField is a column of times.
func TimeField[V any](name string, at func(*V) *time.Time) Field[V] {
	return newField[V, time.Time, time.Time](Time(name), at)
}

// DayField is a column of dates; the zero date is stored as NULL.
func DayField[V any](name string, at func(*V) *civil.Date) Field[V] {
	return newField[V, civil.Date, pgtype.Date](Day(name), at)
}

// BoolField is a column of booleans.
func BoolField[V any](name string, at func(*V) *bool) Field[V] {
	return newField[V, bool, bool](Bool(name), at)
}

// newField returns a field with a value in the form that the column stores.
func newField[V, S, T any](c Column, at func(*V) *S) Field[V] {
	return Field[V]{
		Column: c,
		place:  func(v *V) any { return at(v) },
		put:    func(to columnar, v *V) { to.(*column[S, T]).push(*at(v)) },
		value:  func(v *V) any { return *at(v) },
		take:   func(v *V, value any) { *at(v) = value.(S) },
	}
}

// OptionalField is a column of strings; the empty string is stored as NULL.
func OptionalField[V any, S ~string](name string, at func(*V) *S) Field[V] {
	f := TextField(name, at)
	f.Column = Column{name: name, pgType: "text", array: func(room int) columnar {
		return &column[string, pgtype.Text]{values: make([]string, 0, room), to: pgOptional, binary: binaryOptional, lite: liteOptional}
	}, add: func(c columnar, value any) { c.(*column[string, pgtype.Text]).push(value.(string)) }}
	f.put = func(c columnar, v *V) { c.(*column[string, pgtype.Text]).push(string(*at(v))) }
	return f
}

// PostgresArray is an array column that only PostgreSQL has. The function form returns its
// text, or "" for NULL. It is written and never read.
func PostgresArray[V any](name, pgType string, form func(*V) string) Field[V] {
	return written(Column{name: name, pgType: pgType, only: postgreSQL, array: func(room int) columnar {
		return &column[*V, pgtype.Text]{values: make([]*V, 0, room), to: func(v *V) pgtype.Text { return pgOptional(form(v)) }}
	}}, func(c columnar, v *V) { c.(*column[*V, pgtype.Text]).push(v) })
}

// SQLiteText is a column that only SQLite has. The function form returns its value, or "" for
// NULL. It is written and never read.
func SQLiteText[V any](name string, form func(*V) string) Field[V] {
	return written(Column{name: name, only: sqLite, array: func(room int) columnar {
		return &column[*V, string]{values: make([]*V, 0, room), lite: func(v *V) any { return liteOptional(form(v)) }}
	}}, func(c columnar, v *V) { c.(*column[*V, string]).push(v) })
}

// written returns a field that only Columns.Add uses. The row must not move until it is
// saved.
func written[V any](c Column, put func(columnar, *V)) Field[V] { return Field[V]{Column: c, put: put} }

func pgOptional(s string) pgtype.Text { return pgtype.Text{String: s, Valid: s != ""} }

func liteOptional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func binaryOptional(b []byte, s string) []byte {
	if s == "" {
		return append(b, null...)
	}
	return binaryText(b, s)
}

// Through turns the columns of a part of V into columns of V.
func Through[V, P any](part func(*V) *P, columns Columns[P]) Columns[V] {
	out := make(Columns[V], len(columns))
	for i, f := range columns {
		out[i] = Field[V]{
			Column: f.Column,
			place:  func(v *V) any { return f.place(part(v)) },
			put:    func(c columnar, v *V) { f.put(c, part(v)) },
			value:  func(v *V) any { return f.value(part(v)) },
			take:   func(v *V, value any) { f.take(part(v), value) },
		}
		if f.open != nil {
			out[i].open = func(r *envelope.Ring, v *V) error { return f.open(r, part(v)) }
		}
	}
	return out
}

// Pick returns the named columns, in the order of the names.
func (c Columns[V]) Pick(names ...string) Columns[V] {
	out := make(Columns[V], len(names))
	for i, name := range names {
		at := slices.IndexFunc(c, func(f Field[V]) bool { return f.name == name })
		if at < 0 {
			panic(fmt.Sprintf("db: no column %s among %s", name, c.List("")))
		}
		out[i] = c[at]
	}
	return out
}

// Except returns all columns but the named ones.
func (c Columns[V]) Except(names ...string) Columns[V] {
	c.Pick(names...)
	return slices.DeleteFunc(slices.Clone(c), func(f Field[V]) bool { return slices.Contains(names, f.name) })
}

// List returns the names for a SELECT, each with the table's alias if it is not empty.
func (c Columns[V]) List(alias string) string {
	names := make([]string, len(c))
	for i, f := range c {
		if names[i] = f.name; alias != "" {
			names[i] = alias + "." + f.name
		}
	}
	return strings.Join(names, ", ")
}

// Scan reads a row selected with List into v; more are destinations for additional columns.
func (c Columns[V]) Scan(s Scanner, v *V, more ...any) error {
	if err := s.Scan(append(c.Places(v), more...)...); err != nil {
		return err
	}
	for i := range c {
		if c[i].open != nil {
			if err := c[i].open(keysOf(s), v); err != nil {
				return fmt.Errorf("column %s: %w", c[i].name, err)
			}
		}
	}
	return nil
}

// Places returns pointers to the values of a row. They are not decrypted: use Scan.
func (c Columns[V]) Places(v *V) []any {
	places := make([]any, len(c))
	for i, f := range c {
		places[i] = f.place(v)
	}
	return places
}

// Add appends v to the rows of a Write with these columns.
func (c Columns[V]) Add(rows *Rows, v *V) {
	for i := range c {
		c[i].put(rows.columns[i], v)
	}
	rows.count++
}

// Insert returns a Write that inserts rows with these columns.
func (c Columns[V]) Insert(table string) *Write { return Insert(table, c.plain()...) }

// Update returns a Write that updates rows; the first key columns identify the row.
func (c Columns[V]) Update(table string, key int) *Write {
	columns := c.plain()
	return Update(table, columns[:key], columns[key:]...)
}

func (c Columns[V]) plain() []Column {
	out := make([]Column, len(c))
	for i, f := range c {
		out[i] = f.Column
	}
	return out
}

// Values returns the values of a row in the form that Rows.Add accepts.
func (c Columns[V]) Values(v *V) []any {
	out := make([]any, len(c))
	for i, f := range c {
		out[i] = f.value(v)
	}
	return out
}

// Take sets v from the result of Values.
func (c Columns[V]) Take(v *V, values []any) {
	for i, f := range c {
		f.take(v, values[i])
	}
}
