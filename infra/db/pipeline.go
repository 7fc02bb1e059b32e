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

// reading are the settings of connections that only read. Statements between two syncs
// are a transaction, so that they need no BEGIN and COMMIT to share a snapshot. A plan
// is made once, not anew for each value: that would cost more than most questions, all
// the more of tables with many partitions. Nor is a question worth starting processes,
// unless it may take as long as it wants.
var reading = map[string]string{
	"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on",
	"plan_cache_mode": "force_generic_plan", parallel: "0",
}

// parallel is how many processes help a query.
const parallel = "max_parallel_workers_per_gather"

// readPool runs the queries of the batch in one snapshot, in one trip. A statement for
// a token, if one is given, comes before it, in a transaction of its own: every
// commit up to the token is in the snapshot.
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
		// What it prepared may be what failed, after a change of the schema.
		_ = conn.Conn().Close(context.WithoutCancel(ctx))
	}
	return uint64(at), err
}

// pipeline sends the queries in one trip and reads their answers. The first may be a
// transaction of its own.
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
		if !are { // a sync
			continue
		}
		row := pgRow{types: conn.TypeMap(), fields: rows.FieldDescriptions()}
		for rows.NextRow() && err == nil {
			row.values = rows.Values()
			err = s.each(row)
		}
		_, ended := rows.Close()
		return errors.Join(err, ended)
	}
}

// binaryFormats ask for so many columns in PostgreSQL's binary form.
var binaryFormats = slices.Repeat([]int16{pgx.BinaryFormatCode}, 64)

func binaries(columns int) []int16 {
	if columns > len(binaryFormats) {
		return slices.Repeat(binaryFormats[:1], columns)
	}
	return binaryFormats[:columns]
}
