package db

import (
	"fmt"
	"time"

	"sofipo/core/civil"
)

// Scanner reads one row into destinations: pointers to the types of core
// listed in the package comment, and to string, []byte, bool and integers.
type Scanner interface{ Scan(dest ...any) error }

// Batch is a list of statements that run in order, in one trip where there are trips.
type Batch struct {
	steps []step
	empty func()
}

// step is a statement: a query (each is set), rows to save, or a plain command.
type step struct {
	sql  string
	args []any
	each func(Scanner) error
	rows *Rows
	only bool // for PostgreSQL only: SQLite has one writer and no partitions
}

// Share waits until nobody excludes others from the purpose, and keeps them from
// it until the transaction ends.
func (b *Batch) Share(purpose int64) {
	b.steps = append(b.steps, step{sql: "SELECT pg_advisory_xact_lock_shared($1)", args: []any{purpose}, only: true})
}

// Exclude waits until nobody shares the purpose, and keeps all from it until the
// transaction ends.
func (b *Batch) Exclude(purpose int64) {
	b.steps = append(b.steps, step{sql: "SELECT pg_advisory_xact_lock($1)", args: []any{purpose}, only: true})
}

// Query adds a query; each is called for every row. An argument may be a value
// of a type in the package comment or a slice of id.ID, string or int64.
func (b *Batch) Query(sql string, each func(Scanner) error, args ...any) {
	b.steps = append(b.steps, step{sql: sql, args: args, each: each})
}

// Month makes room for the rows of a day's month in a table that is partitioned
// by months, on PostgreSQL; SQLite keeps all in one table.
func (b *Batch) Month(table string, day civil.Date) {
	first := civil.Date{Year: day.Year, Month: day.Month, Day: 1}
	b.steps = append(b.steps, step{only: true, sql: fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s_%04d_%02d PARTITION OF %s FOR VALUES FROM ('%s') TO ('%s')",
		table, first.Year, first.Month, table, first, first.AddMonths(1, 1))})
}

// MonthOfIDs makes room for the ids of a moment's month, and for those of the next, in
// a table that is partitioned by ids, on PostgreSQL.
func (b *Batch) MonthOfIDs(table string, at time.Time) {
	for _, moment := range []time.Time{at, civil.DateOf(at.UTC()).MonthEnd().AddDays(1).Midnight()} {
		b.steps = append(b.steps, step{only: true, sql: "SELECT make_month($1, $2)", args: []any{table, moment}})
	}
}

// DropMonth removes the rows of a day's month from such a table, on PostgreSQL. It
// fails rather than wait long for who reads them: all others would wait behind it.
func (b *Batch) DropMonth(table string, day civil.Date) {
	b.steps = append(b.steps, step{only: true, sql: "SET LOCAL lock_timeout = '3s'"},
		step{only: true, sql: fmt.Sprintf("DROP TABLE %s_%04d_%02d", table, day.Year, day.Month)})
}

// Before sets what runs before each run of the batch: Read may run it twice,
// and what the first run filled has to be emptied.
func (b *Batch) Before(empty func()) { b.empty = empty }

func (b *Batch) begin() {
	if b.empty != nil {
		b.empty()
	}
}

// Exec adds a command without an answer.
func (b *Batch) Exec(sql string, args ...any) {
	b.steps = append(b.steps, step{sql: sql, args: args})
}

// Save adds an insert or update of many rows; without rows it adds nothing.
func (b *Batch) Save(rows *Rows) {
	if rows.count > 0 {
		b.steps = append(b.steps, step{rows: rows})
	}
}

// Empty reports whether the batch has no statement.
func (b *Batch) Empty() bool { return len(b.steps) == 0 }
