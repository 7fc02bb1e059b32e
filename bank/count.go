package bank

import (
	"fmt"

	"sofipo/infra/db"
)

// Count declares a query for the number of rows that a lookup through another table finds.
type Count struct {
	Table string
	Via   *Via
	And   string                                      // additional condition in SQL; the table's alias is t
	Only  func(value func(column string) string) bool // the same condition in Go; set both or none
	Most  int                                         // the largest number that is returned
}

// Need requests the number of stored rows with a key. The command then begins a batch, so that
// no command before it has changes that are not stored yet.
func (c Count) Need(n *Needs, key string, number *int) {
	n.first = true
	n.requests = append(n.requests, func(b *Book) {
		b.counts = append(b.counts, func(from *Store) { *number = c.in(from, key, number) })
	})
}

// in returns the number of rows of a Memory, or queues the query.
func (c Count) in(from *Store, key string, number *int) (n int) {
	if from.memory != nil {
		return from.memory.count(c, key)
	}
	sql := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s t JOIN %s k ON k.%s = t.%s WHERE k.%s = $1", c.Table, c.Via.Table, c.Via.Columns[0], c.Via.Own[0], c.Via.Column)
	if c.And != "" {
		sql += " AND " + c.And
	}
	from.batch.Query(sql+" LIMIT $2) f", func(s db.Scanner) error { return s.Scan(number) }, key, c.Most)
	return 0
}
