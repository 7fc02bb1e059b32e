package db

import (
	"fmt"
	"time"

	"sofipo/core/civil"
	"sofipo/infra/envelope"
)

// Scanner reads one row into destinations: pointers to the types listed in the package
// comment, and to string, []byte, bool and integers.
type Scanner interface{ Scan(dest ...any) error }

// Batch is a list of statements that run in order, on PostgreSQL in one round trip.
type Batch struct {
	steps []step
	reset func()
}

// step is a statement: a query (each is set), rows to save, or a plain command.
type step struct {
	sql          string
	args         []any
	each         func(Scanner) error
	rows         *Rows
	postgresOnly bool // for PostgreSQL only: SQLite has one writer and no partitions
	keys         *envelope.Ring
}

// Share takes a lock in shared mode until the transaction ends. It waits while somebody holds
// it exclusively. On SQLite it does nothing.
func (b *Batch) Share(purpose int64) {
	b.steps = append(b.steps, step{sql: "SELECT pg_advisory_xact_lock_shared($1)", args: []any{purpose}, postgresOnly: true})
}

// Exclude takes a lock exclusively until the transaction ends. It waits while somebody holds
// it. On SQLite it does nothing.
func (b *Batch) Exclude(purpose int64) {
	b.steps = append(b.steps, step{sql: "SELECT pg_advisory_xact_lock($1)", args: []any{purpose}, postgresOnly: true})
}

// Lock adds a query that locks rows until the transaction ends and whose answer does not
// matter. On SQLite it does nothing.
func (b *Batch) Lock(sql string, args ...any) {
	b.steps = append(b.steps, step{sql: sql, args: args, postgresOnly: true})
}

// Query adds a query; each is called for every row. An argument may be a value of a type in
// the package comment or a slice of id.ID, string or int64.
func (b *Batch) Query(sql string, each func(Scanner) error, args ...any) {
	b.steps = append(b.steps, step{sql: sql, args: args, each: each})
}

// Month creates the partition for a day's month in a table that is partitioned by months. On
// SQLite it does nothing.
func (b *Batch) Month(table string, day civil.Date) {
	first := civil.Date{Year: day.Year, Month: day.Month, Day: 1}
	b.steps = append(b.steps, step{postgresOnly: true, sql: fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES FROM ('%s') TO ('%s')",
		PartitionOf(table, first), table, first, first.AddMonths(1, 1))})
}

// Durable makes the commit wait for the synchronous standby on PostgreSQL even if the
// transaction changes nothing: it writes a record to the log. Use it before you acknowledge
// an earlier commit, which may not have waited. On SQLite it does nothing.
func (b *Batch) Durable() {
	b.steps = append(b.steps, step{postgresOnly: true, sql: "SELECT pg_logical_emit_message(true, 'sofipo', '')"})
}

// MonthOfIDs creates the partitions for the ids of a time's month and of the next month in a
// table that is partitioned by ids. On SQLite it does nothing.
func (b *Batch) MonthOfIDs(table string, at time.Time) {
	for _, moment := range []time.Time{at, civil.DateOf(at.UTC()).MonthEnd().AddDays(1).Midnight()} {
		b.steps = append(b.steps, step{postgresOnly: true, sql: "SELECT make_month($1, $2)", args: []any{table, moment}})
	}
}

// DropMonth drops the partition of a day's month. On SQLite it does nothing. It waits at most
// 3 s for readers of the partition, because all other queries would queue behind it.
func (b *Batch) DropMonth(table string, day civil.Date) {
	b.steps = append(b.steps, step{postgresOnly: true, sql: "SET LOCAL lock_timeout = '3s'"},
		step{postgresOnly: true, sql: "DROP TABLE " + PartitionOf(table, day)})
}

// Before adds a function that runs before each run of the batch. Read may run a batch twice,
// so the function must clear the results of the first run.
func (b *Batch) Before(reset func()) {
	if earlier := b.reset; earlier != nil {
		later := reset
		reset = func() { earlier(); later() }
	}
	b.reset = reset
}

func (b *Batch) begin() {
	if b.reset != nil {
		b.reset()
	}
}

// Exec adds a command without a result.
func (b *Batch) Exec(sql string, args ...any) {
	b.steps = append(b.steps, step{sql: sql, args: args})
}

// Save adds an insert or update of many rows; it adds nothing if there are none.
func (b *Batch) Save(rows *Rows) {
	if rows.count > 0 {
		b.steps = append(b.steps, step{rows: rows})
	}
}

// Empty reports whether the batch has no statement.
func (b *Batch) Empty() bool { return len(b.steps) == 0 }
