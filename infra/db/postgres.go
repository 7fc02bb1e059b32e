package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"sofipo/core/civil"
	"sofipo/core/id"
)

// replayed returns the position in the log that a replica has applied, the lower part of a
// commit token.
const replayed = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint"

// poolConfig parses a URL and adds settings for short statements: no sequential scans planned
// while a table was still empty, and time limits.
func poolConfig(url string, size int32) (*pgxpool.Config, error) {
	// Connections that read are read only, which read-write takes for a standby.
	cfg, err := pgxpool.ParseConfig(strings.Replace(url, "target_session_attrs=read-write", "target_session_attrs=primary", 1))
	if err != nil {
		return nil, fmt.Errorf("invalid database URL: %w", err)
	}
	cfg.MaxConns = size
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	for name, value := range map[string]string{
		"application_name": "sofipo", "timezone": "UTC", "random_page_cost": "1.1", "enable_seqscan": "off", "jit": "off",
		"idle_in_transaction_session_timeout": "30s", "statement_timeout": "30s",
	} {
		if _, given := cfg.ConnConfig.RuntimeParams[name]; !given {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	return cfg, nil
}

// unlimited removes the time limits.
func unlimited(cfg *pgx.ConnConfig) {
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	cfg.RuntimeParams["statement_timeout"] = "0"
}

// sender is a connection or a pool.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// runPostgres sends the batch in one round trip, between the probes before and after it, and
// reads every answer.
func runPostgres(ctx context.Context, to sender, b *Batch, before, after []probe) error {
	b.begin()
	out := &pgx.Batch{}
	for _, p := range before {
		out.Queue(p.sql)
	}
	for _, s := range b.steps {
		queuePostgres(out, s)
	}
	for _, p := range after {
		out.Queue(p.sql)
	}
	results := to.SendBatch(ctx, out)
	err := readPostgres(results, b, before, after)
	return errors.Join(err, results.Close())
}

// probe is a statement before or after a batch. A non-nil into receives the number that it
// returns; a non-nil done is set when it succeeded.
type probe struct {
	sql  string
	into *int64
	done *bool
}

func (p probe) read(results pgx.BatchResults) error {
	if p.into == nil {
		_, err := results.Exec()
		if err == nil && p.done != nil {
			*p.done = true
		}
		return err
	}
	return results.QueryRow().Scan(p.into)
}

func queuePostgres(out *pgx.Batch, s step) {
	if s.rows == nil {
		out.Queue(s.sql, pgArgs(s.args)...)
		return
	}
	args := make([]any, 0, len(s.rows.columns))
	for i, c := range s.rows.columns {
		if s.rows.write.columns[i].only != sqLite {
			args = append(args, c.all())
		}
	}
	out.Queue(s.rows.write.postgres, args...)
}

func readPostgres(results pgx.BatchResults, b *Batch, before, after []probe) error {
	for _, p := range before {
		if err := p.read(results); err != nil {
			return err
		}
	}
	for _, s := range b.steps {
		if err := readStep(results, s); err != nil {
			return err
		}
	}
	for _, p := range after {
		if err := p.read(results); err != nil {
			return err
		}
	}
	return nil
}

func readStep(results pgx.BatchResults, s step) error {
	if s.each == nil {
		_, err := results.Exec()
		return err
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	row := pgRow{types: rows.Conn().TypeMap(), fields: rows.FieldDescriptions(), keys: s.keys}
	for rows.Next() {
		row.values = rows.RawValues()
		if err := s.each(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func pgArgs(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case id.ID:
			args[i] = pgID(v)
		case []id.ID:
			list := make([]pgtype.UUID, len(v))
			for j, one := range v {
				list[j] = pgID(one)
			}
			args[i] = list
		case civil.Date:
			args[i] = pgDate(v)
		}
	}
	return args
}

func pgDate(d civil.Date) pgtype.Date { return pgtype.Date{Time: d.Midnight(), Valid: !d.IsZero()} }

func pgID(x id.ID) pgtype.UUID { return pgtype.UUID{Bytes: x, Valid: !x.IsZero()} }
