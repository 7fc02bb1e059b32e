package db

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Column is a column of a table with the type of its values.
type Column struct {
	name   string
	pgType string
	only   engine // the database that has the column
	array  func(room int) columnar
	add    func(to columnar, value any)
	sealed bool // values are encrypted
}

// engine is a kind of database.
type engine int

const (
	either engine = iota
	postgreSQL
	sqLite
)

// columnsOf returns the columns that an engine has.
func columnsOf(e engine, columns []Column) []Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return c.only != either && c.only != e })
}

// Name returns the column's name.
func (c Column) Name() string { return c.name }

// ID is a column of ids; the zero id is stored as NULL.
func ID(name string) Column { return newColumn(name, "uuid", pgID, binaryID) }

// Int is a column of 64-bit integers: centavos, counts, parts per million.
func Int(name string) Column { return newColumn(name, "bigint", same[int64], binaryInt) }

// Small is a column of 32-bit integers; its values are given as int64.
func Small(name string) Column {
	return newColumn(name, "integer", func(n int64) int32 { return int32(n) }, binarySmall)
}

// Text is a column of strings.
func Text(name string) Column { return newColumn(name, "text", same[string], binaryText) }

// Bytes is a column of byte strings; nil is stored as NULL.
func Bytes(name string) Column { return newColumn(name, "bytea", same[[]byte], binaryBytes) }

// Time is a column of times.
func Time(name string) Column { return newColumn(name, "timestamptz", same[time.Time], binaryTime) }

// Day is a column of dates; the zero date is stored as NULL.
func Day(name string) Column { return newColumn(name, "date", pgDate, binaryDay) }

// Bool is a column of booleans.
func Bool(name string) Column { return newColumn(name, "boolean", same[bool], binaryBool) }

// newColumn returns a column of values of type S. PostgreSQL receives a list of them as an
// array of T, and a single one in the binary format of COPY, with its length first.
func newColumn[S, T any](name, pgType string, to func(S) T, binary func([]byte, S) []byte) Column {
	return Column{
		name: name, pgType: pgType,
		array: func(room int) columnar {
			return &column[S, T]{values: make([]S, 0, room), to: to, binary: binary}
		},
		add: func(c columnar, value any) { c.(*column[S, T]).push(value.(S)) },
	}
}

func same[T any](v T) T { return v }

// Write is a prepared statement that saves rows: an insert, or an update by key.
type Write struct {
	columns  []Column
	postgres string // all rows at once
	copy     string // all rows of an insert, as binary data
	sqlite   []rowsStatement
	sealed   bool // a column is encrypted
}

// rowsStatement is a SQLite statement for a number of rows, with the values row by row.
type rowsStatement struct {
	rows int
	text string
}

// chunkSizes are the numbers of rows that one SQLite insert may have. Larger chunks are used
// while enough rows are left, because most of the cost of a row is the cost of its statement.
var chunkSizes = []int{64, 16, 4, 1}

// Insert returns a Write that inserts rows.
func Insert(table string, columns ...Column) *Write {
	there, here := columnsOf(postgreSQL, columns), columnsOf(sqLite, columns)
	list, row := names(there), "(?"+strings.Repeat(", ?", len(here)-1)+")"
	w := &Write{
		columns: columns, sealed: slices.ContainsFunc(columns, Column.isSealed),
		postgres: fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s AS v(%s)", table, list, unpacked(there), unnest(there), list),
		copy:     fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", table, list),
	}
	for _, rows := range chunkSizes {
		w.sqlite = append(w.sqlite, rowsStatement{rows, fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", table, names(here), row+strings.Repeat(", "+row, rows-1))})
	}
	return w
}

// names returns a list of column names.
func names(columns []Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return strings.Join(list, ", ")
}

// unpacked returns a list of columns as stored: an array is sent as text and cast.
func unpacked(columns []Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		if list[i] = c.name; c.isArray() {
			list[i] += "::" + c.pgType
		}
	}
	return strings.Join(list, ", ")
}

func (c Column) isSealed() bool { return c.sealed }

func (c Column) isArray() bool { return strings.HasSuffix(c.pgType, "[]") }

// Update returns a Write that sets columns of the rows with a key.
func Update(table string, key []Column, set ...Column) *Write {
	columns := slices.Concat(key, set)
	names, match := make([]string, len(columns)), make([]string, len(key))
	postgres, sqlite, place := make([]string, len(set)), make([]string, len(set)), make([]string, len(key))
	for i, c := range columns {
		names[i] = c.name
	}
	for i, c := range key {
		match[i], place[i] = fmt.Sprintf("t.%[1]s = v.%[1]s", c.name), fmt.Sprintf("%s = ?%d", c.name, i+1)
	}
	for i, c := range set {
		postgres[i] = fmt.Sprintf("%[1]s = v.%[1]s", c.name)
		sqlite[i] = fmt.Sprintf("%s = ?%d", c.name, len(key)+i+1)
	}
	return &Write{
		columns: columns, sealed: slices.ContainsFunc(columns, Column.isSealed),
		postgres: fmt.Sprintf("UPDATE %s AS t SET %s FROM %s AS v(%s) WHERE %s",
			table, strings.Join(postgres, ", "), unnest(columns), strings.Join(names, ", "), strings.Join(match, " AND ")),
		sqlite: []rowsStatement{{1, fmt.Sprintf("UPDATE %s SET %s WHERE %s", table, strings.Join(sqlite, ", "), strings.Join(place, " AND "))}},
	}
}

func unnest(columns []Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		sent := c.pgType
		if c.isArray() {
			sent = "text"
		}
		parts[i] = fmt.Sprintf("$%d::%s[]", i+1, sent)
	}
	return "unnest(" + strings.Join(parts, ", ") + ")"
}

// Rows collects rows for a Write.
type Rows struct {
	write   *Write
	columns []columnar
	count   int
}

// Rows returns an empty set of rows.
func (w *Write) Rows() *Rows { return w.Room(0) }

// Room is Rows with capacity for a number of rows.
func (w *Write) Room(rows int) *Rows {
	r := &Rows{write: w, columns: make([]columnar, len(w.columns))}
	for i, c := range w.columns {
		r.columns[i] = c.array(rows)
	}
	return r
}

// Add appends a row. The values are in the order of the columns: id.ID, int64, string,
// []byte, time.Time, civil.Date or bool.
func (r *Rows) Add(values ...any) {
	for i, c := range r.write.columns {
		c.add(r.columns[i], values[i])
	}
	r.count++
}

// Len returns the number of rows.
func (r *Rows) Len() int { return r.count }

// columnar has the values of a column: all of them as an array for PostgreSQL, one for
// SQLite, or one in PostgreSQL's binary format, appended to b.
type columnar interface {
	all() any
	at(i int) any
	copy(b []byte, i int) []byte
}

// column has values of type S, which PostgreSQL receives as T.
type column[S, T any] struct {
	values []S
	to     func(S) T
	binary func([]byte, S) []byte
	lite   func(S) any // returns the value for SQLite; nil means sqliteValue
}

func (c *column[S, T]) push(value S) { c.values = append(c.values, value) }

func (c *column[S, T]) all() any {
	list := make(pgtype.FlatArray[T], len(c.values))
	for i, v := range c.values {
		list[i] = c.to(v)
	}
	return list
}

func (c *column[S, T]) at(i int) any {
	if c.lite != nil {
		return c.lite(c.values[i])
	}
	return sqliteValue(c.values[i])
}

func (c *column[S, T]) copy(b []byte, i int) []byte { return c.binary(b, c.values[i]) }
