package machine

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// sizes are the tables of a database with their partitions, the largest first.
const sizes = `SELECT t.name, sum(c.reltuples)::bigint, sum(pg_table_size(c.oid))::bigint, sum(pg_indexes_size(c.oid))::bigint
	FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid, LATERAL (SELECT coalesce(i.inhparent, c.oid)::regclass::text AS name) t
	WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY t.name
	HAVING sum(pg_total_relation_size(c.oid)) > 16 << 20 ORDER BY sum(pg_total_relation_size(c.oid)) DESC`

// Sizes returns a table of the large tables of a PostgreSQL database: rows, and sizes on disk.
func Sizes(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprint(&out, "\n| table | rows | MB of rows | MB of indexes | bytes a row | with indexes |\n|---|--:|--:|--:|--:|--:|\n")
	rows, err := conn.Query(ctx, sizes)
	if err != nil {
		return "", err
	}
	var name string
	var count, heap, indexes, total int64
	_, err = pgx.ForEachRow(rows, []any{&name, &count, &heap, &indexes}, func() error {
		if count > 0 {
			fmt.Fprintf(&out, "| %s | %d | %d | %d | %d | %d |\n", name, count, heap>>20, indexes>>20, heap/count, (heap+indexes)/count)
		}
		return nil
	})
	if err == nil {
		err = conn.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&total)
	}
	fmt.Fprintf(&out, "| the database | | %d | | | |\n", total>>20)
	return out.String(), err
}
