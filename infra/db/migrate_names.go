package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	forms "sofipo/core/names"
)

// The version of the migration that fills clients.names, by database.
const (
	namesVersionPostgres = 21
	namesVersionSQLite   = 20
)

// namesMigration returns the migration that adds the search by name. It is in Go because the
// form of a name cannot be computed in SQL equally on both databases.
func namesMigration(embedded bool) (*goose.Migration, error) {
	version, file := int64(namesVersionPostgres), "migrations/names_postgres.sql"
	if embedded {
		version, file = namesVersionSQLite, "migrations/names_sqlite.sql"
	}
	text, err := migrations.ReadFile(file)
	if err != nil {
		return nil, err
	}
	before, after, _ := strings.Cut(string(text), "-- +fill clients.names\n")
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, before); err != nil {
			return err
		}
		if err := fillNames(ctx, tx, embedded); err != nil {
			return fmt.Errorf("filling clients.names: %w", err)
		}
		_, err := tx.ExecContext(ctx, after)
		return err
	}}, nil), nil
}

// namesAtOnce is the number of names that fillNames reads and writes at once.
const namesAtOnce = 5000

// fillNames sets clients.names of all clients.
func fillNames(ctx context.Context, tx *sql.Tx, embedded bool) error {
	for last := "00000000-0000-0000-0000-000000000000"; ; {
		ids, plain, err := namesAfter(ctx, tx, last, embedded)
		if err != nil || len(ids) == 0 {
			return err
		}
		last = ids[len(ids)-1]
		if !embedded {
			if _, err := tx.ExecContext(ctx, "UPDATE clients c SET names = n.names FROM unnest($1::uuid[], $2::text[]) AS n (id, names) WHERE c.id = n.id", ids, plain); err != nil {
				return err
			}
			continue
		}
		for i := range ids {
			if _, err := tx.ExecContext(ctx, "UPDATE clients SET names = ?2 WHERE id = ?1", ids[i], plain[i]); err != nil {
				return err
			}
		}
	}
}

// namesAfter returns the ids and names of the next clients, the names in the form of
// names.Plain.
func namesAfter(ctx context.Context, tx *sql.Tx, last string, embedded bool) (ids, plain []string, err error) {
	query := "SELECT id::text, full_name FROM clients WHERE id > $1::uuid ORDER BY id LIMIT $2"
	if embedded {
		query = toSQLite(query)
	}
	rows, err := tx.QueryContext(ctx, query, last, namesAtOnce)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, nil, err
		}
		ids, plain = append(ids, id), append(plain, forms.Plain(name))
	}
	return ids, plain, rows.Err()
}
