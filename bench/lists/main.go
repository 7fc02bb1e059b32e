// Command lists measures the search and the lists with a million clients and a million loans
// on PostgreSQL, and pages of the console, one request at a time with random parameters. The exit
// status is 1 if a 99th percentile is above 50 ms, or 300 ms for a report.
//
//	go run ./bench/lists [-rows N] [-draws N] [-keep FOLDER] [-run PATTERN]
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
	"path/filepath"
	"regexp"
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

func main() {
	rows := flag.Int("rows", 1_000_000, "number of clients, and of loans")
	keep := flag.String("keep", "", "folder of the PostgreSQL data, which is filled once and kept; empty for a temporary one")
	draws := flag.Int("draws", 300, "number of requests of each kind")
	run := flag.String("run", "", "regular expression of the kinds of requests to measure; empty for all")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	kinds, err := regexp.Compile(*run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lists: -run:", err)
		os.Exit(2)
	}
	slow, err := measure(ctx, plan{*keep, *rows, *draws, kinds}, os.Stdout)
	if err == nil && slow > 0 {
		err = fmt.Errorf("%d kinds of requests are too slow", slow)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lists:", err)
		os.Exit(1)
	}
}

// plan says what is measured.
type plan struct {
	keep        string // folder of the data; empty for a temporary one
	rows, draws int
	kinds       *regexp.Regexp
}

// measure prints a table of all requests. It returns the number of kinds of requests that are
// too slow.
func measure(ctx context.Context, p plan, out io.Writer) (slow int, err error) {
	folder := p.keep
	if folder == "" {
		temporary, failed := os.MkdirTemp("", "sofipo-lists-")
		if failed != nil {
			return 0, failed
		}
		defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
		if err := os.Chmod(temporary, 0o755); err != nil { // PostgreSQL has another user
			return 0, err
		}
		folder = filepath.Join(temporary, "postgres")
	}
	services, err := stack.StartKept(ctx, folder, "shared_buffers=512MB") // as in deploy/postgres
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	began := time.Now()
	url, err := services.Named(ctx, fmt.Sprintf("lists_%d", p.rows), func(url string) error { return fill(ctx, url, services.AdminURL(), p.rows) })
	if err != nil {
		return 0, err
	}
	filled := time.Since(began)
	database, err := db.Open(db.Config{PrimaryURL: url})
	if err != nil {
		return 0, err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s\n\n%d clients and loans, filled in %s; %d requests of each kind, one at a time\n\n", machine.Heading(machine.LoadAverage()), p.rows, filled.Round(time.Second), p.draws)
	fmt.Fprintf(out, "| request | p50 ms | p99 ms | p50 CPU ms | p99 CPU ms | results, mean | |\n|---|--:|--:|--:|--:|--:|---|\n")
	a := &asker{view: view.Open(database, nil), server: services.Primary.Pid(), rows: p.rows}
	if a.site, err = openSite(ctx, database, a.view); err != nil {
		return 0, err
	}
	defer a.site.close()
	for _, r := range requests() {
		if !p.kinds.MatchString(r.name) {
			continue
		}
		m, err := a.ask(ctx, r, p.draws)
		if err != nil {
			return slow, errors.Join(fmt.Errorf("%s: %w", r.name, err), errors.Unwrap(err))
		}
		verdict := ""
		if percentile(m.times, 0.99) > r.limit() {
			verdict = "too slow"
			slow++
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %.1f | %s |\n", r.name, millis(percentile(m.times, 0.5)), millis(percentile(m.times, 0.99)),
			millis(percentile(m.spent, 0.5)), millis(percentile(m.spent, 0.99)), m.results, verdict)
	}
	sizes, err := machine.Sizes(ctx, url)
	fmt.Fprint(out, sizes)
	return slow, err
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

// fill creates and fills the tables of an empty database. There is no statement timeout.
func fill(ctx context.Context, url, adminURL string, rows int) error {
	database, err := db.Open(db.Config{PrimaryURL: url})
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return err
	}
	if err := simulate(ctx, database); err != nil {
		return err
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	admin, err := pgx.ParseConfig(adminURL)
	if err != nil {
		return err
	}
	admin.Database = config.Database
	conn, err := pgx.ConnectConfig(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, strings.ReplaceAll(fillSQL, "{rows}", strconv.Itoa(rows))); err != nil {
		return err
	}
	for _, sql := range []string{"VACUUM ANALYZE", "CHECKPOINT"} { // so that neither runs beside the requests
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
