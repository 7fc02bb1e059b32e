package db

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"sofipo/core/civil"
	"sofipo/core/id"
)

// Column is a column of a table together with the form of its values.
type Column struct {
	name   string
	pgType string
	array  func() columnar
	binary func(b []byte, value any) []byte // adds a value in PostgreSQL's binary form, its length first
}

// ID is a column of ids; the zero id is stored as NULL.
func ID(name string) Column {
	return Column{name, "uuid", func() columnar { return &column[pgtype.UUID]{to: func(v any) pgtype.UUID { return pgID(v.(id.ID)) }} }, binaryID}
}

// Int is a column of whole numbers: int64 centavos, counts, parts per million.
func Int(name string) Column {
	return Column{name, "bigint", func() columnar { return &column[int64]{to: func(v any) int64 { return v.(int64) }} }, binaryInt}
}

// Small is a column of whole numbers of 32 bits; its values are int64 as well.
func Small(name string) Column {
	return Column{name, "integer", func() columnar { return &column[int32]{to: func(v any) int32 { return int32(v.(int64)) }} }, binarySmall}
}

// Text is a column of strings.
func Text(name string) Column {
	return Column{name, "text", func() columnar { return &column[string]{to: func(v any) string { return v.(string) }} }, binaryText}
}

// Bytes is a column of byte strings.
func Bytes(name string) Column {
	return Column{name, "bytea", func() columnar { return &column[[]byte]{to: func(v any) []byte { return v.([]byte) }} }, binaryBytes}
}

// Time is a column of moments.
func Time(name string) Column {
	return Column{name, "timestamptz", func() columnar { return &column[time.Time]{to: func(v any) time.Time { return v.(time.Time) }} }, binaryTime}
}

// Day is a column of dates; the zero date is stored as NULL.
func Day(name string) Column {
	return Column{name, "date", func() columnar {
		return &column[pgtype.Date]{to: func(v any) pgtype.Date { return pgDate(v.(civil.Date)) }}
	}, binaryDay}
}

// Bool is a column of truth values.
func Bool(name string) Column {
	return Column{name, "boolean", func() columnar { return &column[bool]{to: func(v any) bool { return v.(bool) }} }, binaryBool}
}

// Write is a prepared way of saving rows: an insert or an update by key.
type Write struct {
	columns  []Column
	postgres string // all rows at once
	copy     string // all rows of an insert, as binary data
	sqlite   []several
}

// several is a statement of SQLite for so many rows, of each of which the values
// come in the order of the columns.
type several struct {
	rows int
	text string
}

// chunks is how many rows an insert of SQLite takes at a time, as long as it has so
// many: most of the cost of one row is that of a statement.
var chunks = []int{64, 16, 4, 1}

// Insert saves new rows of the table.
func Insert(table string, columns ...Column) *Write {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	list, row := strings.Join(names, ", "), "(?"+strings.Repeat(", ?", len(columns)-1)+")"
	w := &Write{
		columns:  columns,
		postgres: fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM %s", table, list, unnest(columns)),
		copy:     fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", table, list),
	}
	for _, rows := range chunks {
		w.sqlite = append(w.sqlite, several{rows, fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", table, list, row+strings.Repeat(", "+row, rows-1))})
	}
	return w
}

// Update sets the other columns of the rows that the key names.
func Update(table string, key Column, set ...Column) *Write {
	columns := append([]Column{key}, set...)
	postgres, sqlite, names := make([]string, len(set)), make([]string, len(set)), make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	for i, c := range set {
		postgres[i] = fmt.Sprintf("%s = v.%s", c.name, c.name)
		sqlite[i] = fmt.Sprintf("%s = ?%d", c.name, i+2)
	}
	return &Write{
		columns: columns,
		postgres: fmt.Sprintf("UPDATE %s AS t SET %s FROM %s AS v(%s) WHERE t.%s = v.%s",
			table, strings.Join(postgres, ", "), unnest(columns), strings.Join(names, ", "), key.name, key.name),
		sqlite: []several{{1, fmt.Sprintf("UPDATE %s SET %s WHERE %s = ?1", table, strings.Join(sqlite, ", "), key.name)}},
	}
}

func unnest(columns []Column) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fmt.Sprintf("$%d::%s[]", i+1, c.pgType)
	}
	return "unnest(" + strings.Join(parts, ", ") + ")"
}

// Rows gathers rows for one Write.
type Rows struct {
	write   *Write
	columns []columnar
	count   int
}

// Rows begins an empty set of rows.
func (w *Write) Rows() *Rows {
	r := &Rows{write: w, columns: make([]columnar, len(w.columns))}
	for i, c := range w.columns {
		r.columns[i] = c.array()
	}
	return r
}

// Room makes room for so many rows.
func (r *Rows) Room(rows int) *Rows {
	for _, c := range r.columns {
		c.room(rows)
	}
	return r
}

// Add appends a row; values come in the order of the columns: id.ID, int64,
// string, []byte, time.Time, civil.Date or bool.
func (r *Rows) Add(values ...any) {
	for i, c := range r.columns {
		c.add(values[i])
	}
	r.count++
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.count }

// columnar is a column's values as one array for PostgreSQL, or one at a time for SQLite.
type columnar interface {
	add(value any)
	all() any
	at(i int) any
	raw(i int) any
	room(rows int)
}

type column[T any] struct {
	values []any
	to     func(any) T
}

func (c *column[T]) add(value any) { c.values = append(c.values, value) }

func (c *column[T]) all() any {
	list := make(pgtype.FlatArray[T], len(c.values))
	for i, v := range c.values {
		list[i] = c.to(v)
	}
	return list
}

func (c *column[T]) raw(i int) any { return c.values[i] }

func (c *column[T]) room(rows int) { c.values = slices.Grow(c.values, rows) }

func (c *column[T]) at(i int) any { return sqliteValue(c.values[i]) }
