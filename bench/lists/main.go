// Command lists measures the search and the lists with a million clients and a million loans
// on PostgreSQL, one request at a time with random parameters. The exit status is 1 if a 99th
// percentile is above 50 ms.
//
//	go run ./bench/lists [-rows N] [-draws N] [-plans]
//
// docs/benchmarks.md explains the table.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/bench/machine"
	"sofipo/infra/db"
	"sofipo/test/stack"
	"sofipo/view"
)

//go:embed fill.sql
var fillSQL string

// limit is the highest acceptable 99th percentile.
const limit = 50 * time.Millisecond

func main() {
	rows := flag.Int("rows", 1_000_000, "number of clients, and of loans")
	draws := flag.Int("draws", 300, "number of requests of each kind")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slow, err := measure(ctx, *rows, *draws, os.Stdout)
	if err == nil && slow > 0 {
		err = fmt.Errorf("%d kinds of requests have a p99 above %s", slow, limit)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lists:", err)
		os.Exit(1)
	}
}

// measure fills a new database, measures all requests and prints a table. It returns the number
// of kinds of requests that are too slow.
func measure(ctx context.Context, rows, draws int, out io.Writer) (slow int, err error) {
	services, err := stack.StartOwn(ctx, stack.Postgres)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	url, _, err := services.Database(ctx, "lists")
	if err != nil {
		return 0, err
	}
	database, err := db.Open(db.Config{PrimaryURL: url})
	if err != nil {
		return 0, err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := fill(ctx, url, rows); err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s\n\n%d clients and loans, filled in %s; %d requests of each kind, one at a time\n\n", machine.Heading(machine.LoadAverage()), rows, time.Since(began).Round(time.Second), draws)
	fmt.Fprintf(out, "| request | p50 ms | p99 ms | results, mean |\n|---|--:|--:|--:|\n")
	a := &asker{view: view.Open(database, nil), rows: rows}
	for _, r := range requests() {
		m, err := a.ask(ctx, r, draws)
		if err != nil {
			return slow, fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %.1f |\n", r.name, millis(m.percentile(0.5)), millis(m.percentile(0.99)), m.results)
		if m.percentile(0.99) > limit {
			slow++
		}
	}
	return slow, nil
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

// fill fills the tables. There is no statement timeout.
func fill(ctx context.Context, url string, rows int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, strings.ReplaceAll(fillSQL, "{rows}", strconv.Itoa(rows))); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	return err
}
