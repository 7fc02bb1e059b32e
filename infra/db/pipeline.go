package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// readSettings are the settings of read connections. With repeatable read, all statements between
// two syncs share a snapshot without BEGIN and COMMIT. Generic plans are made once, because
// planning for each value costs more than most queries, especially on tables with many
// partitions. Parallel workers are disabled because starting processes costs more than it
// saves, except for connections without a time limit.
var readSettings = map[string]string{
	"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on",
	"plan_cache_mode": "force_generic_plan", parallel: "0",
}

// parallel is the setting for the number of processes that help a query.
const parallel = "max_parallel_workers_per_gather"

// readPool runs the queries of the batch in one snapshot and one round trip. A non-empty ask
// is a query for a commit token, or for its lower part on a replica. It runs first and in its
// own transaction, so that every commit up to the token is in the snapshot.
func readPool(ctx context.Context, pool *pgxpool.Pool, ask string, b *Batch) (token uint64, err error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	b.begin()
	var at int64
	steps := b.steps
	if ask != "" {
		steps = append([]step{{sql: ask, each: func(s Scanner) error { return s.Scan(&at) }}}, steps...)
	}
	err = pipeline(ctx, conn.Conn(), steps, ask != "")
	if err != nil {
		// After a schema change, a prepared statement may be the cause.
		_ = conn.Conn().Close(context.WithoutCancel(ctx))
	}
	return labelled(conn.Conn(), uint64(at)), err
}

// pipeline sends the queries in one round trip and reads the answers. If apart is set, the
// first query has its own transaction.
func pipeline(ctx context.Context, conn *pgx.Conn, steps []step, apart bool) (err error) {
	prepared := make([]*pgconn.StatementDescription, len(steps))
	for i, s := range steps {
		if prepared[i], err = conn.Prepare(ctx, s.sql, s.sql); err != nil {
			return fmt.Errorf("%w in %q", err, s.sql)
		}
	}
	p := conn.PgConn().StartPipeline(ctx)
	defer func() { err = errors.Join(err, p.Close()) }()
	var args pgx.ExtendedQueryBuilder
	for i, s := range steps {
		if err := args.Build(conn.TypeMap(), prepared[i], pgArgs(s.args)); err != nil {
			return fmt.Errorf("%w of %q", err, s.sql)
		}
		p.SendQueryStatement(prepared[i], args.ParamValues, args.ParamFormats, binaries(len(prepared[i].Fields)))
		if i == 0 && apart {
			p.SendPipelineSync()
		}
	}
	if err := p.Sync(); err != nil {
		return err
	}
	for _, s := range steps {
		if err := answer(p, conn, s); err != nil {
			return err
		}
	}
	return nil
}

// answer reads the rows of the next query.
func answer(p *pgconn.Pipeline, conn *pgx.Conn, s step) error {
	for {
		results, err := p.GetResults()
		if err != nil {
			return err
		}
		rows, are := results.(*pgconn.ResultReader)
		if !are { // a sync message
			continue
		}
		row := pgRow{types: conn.TypeMap(), fields: rows.FieldDescriptions(), keys: s.keys}
		for rows.NextRow() && err == nil {
			row.values = rows.Values()
			err = s.each(row)
		}
		_, ended := rows.Close()
		return errors.Join(err, ended)
	}
}

// binaryFormats requests columns in PostgreSQL's binary format.
var binaryFormats = slices.Repeat([]int16{pgx.BinaryFormatCode}, 64)

func binaries(columns int) []int16 {
	if columns > len(binaryFormats) {
		return slices.Repeat(binaryFormats[:1], columns)
	}
	return binaryFormats[:columns]
}
