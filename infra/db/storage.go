package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CheckFiles looks for damage in the files of the database: SQLite reads its whole file. On
// PostgreSQL the server's count of wrong checksums is asked, and the indexes are checked if
// the extension amcheck is installed and may be used. It returns what was examined.
func (d *DB) CheckFiles(ctx context.Context) (found string, err error) {
	if d.Embedded() {
		return CheckSQLite(ctx, d.write)
	}
	return checkPostgres(ctx, d.primary)
}

// maxDamages limits the damages that a check of a file names.
const maxDamages = 5

// CheckSQLite reads the whole file of a SQLite database and returns an error that names the
// first damages.
func CheckSQLite(ctx context.Context, file *sql.DB) (found string, err error) {
	rows, err := file.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", maxDamages))
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }()
	var damages []string
	for rows.Next() {
		var damage string
		if err := rows.Scan(&damage); err != nil {
			return "", err
		}
		if damage != "ok" {
			damages = append(damages, strings.Join(strings.Fields(damage), " "))
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	if len(damages) > 0 {
		return "", fmt.Errorf("the file is damaged; restore it from a backup: %s", strings.Join(damages, "; "))
	}
	var pages int64
	err = file.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages)
	return fmt.Sprintf("%d pages", pages), err
}

func checkPostgres(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	var checksums string
	var wrong int64
	var usable *bool
	err := pool.QueryRow(ctx, `SELECT current_setting('data_checksums'), (SELECT coalesce(sum(checksum_failures), 0)::bigint FROM pg_stat_database),
		has_function_privilege(to_regprocedure('bt_index_check(regclass, boolean)'), 'EXECUTE')`).Scan(&checksums, &wrong, &usable)
	if err != nil {
		return "", err
	}
	if wrong > 0 {
		return "", fmt.Errorf("the server found %d pages with a wrong checksum; see its log", wrong)
	}
	found := "data checksums " + checksums
	switch {
	case usable == nil:
		return found + ", indexes not checked: the extension amcheck is not installed", nil
	case !*usable:
		return found + ", indexes not checked: this user may not execute bt_index_check", nil
	}
	count, err := checkIndexes(ctx, pool)
	return fmt.Sprintf("%s, %d indexes", found, count), err
}

// checkIndexes compares each index of the schema with its table.
func checkIndexes(ctx context.Context, pool *pgxpool.Pool) (count int, err error) {
	rows, err := pool.Query(ctx, `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_am a ON a.oid = c.relam
		WHERE c.relkind = 'i' AND a.amname = 'btree' AND i.indisvalid AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`)
	if err != nil {
		return 0, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	var damages []error
	for _, name := range names {
		if _, err := pool.Exec(ctx, "SELECT bt_index_check($1::regclass, true)", name); err != nil && len(damages) < maxDamages {
			damages = append(damages, fmt.Errorf("index %s: %w", name, err))
		}
	}
	return len(names), errors.Join(damages...)
}
