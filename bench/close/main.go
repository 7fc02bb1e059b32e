// Command close measures the daily close: with a million active loans on PostgreSQL, and with
// a hundred thousand on SQLite. On PostgreSQL it compares the close with a bare INSERT …
// SELECT of the same positions in the same run, and measures it both alone and with
// concurrent payments. The close runs in a separate process, and the memory of that process
// is reported.
//
//	go run ./bench/close [-loans N] [-sqlite N] [-quick]
//
// The loans are copies of a few thousand loans with a year of history, which the bank has
// granted, received payments on, and closed every day. The exit status is 1 if anything
// failed or if the books do not match the positions. A missed target is reported but is not
// an error, because machines differ. docs/benchmarks.md explains the table.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sofipo/bench/machine"
	"sofipo/infra/db"
	"sofipo/test/stack"
)

func main() {
	var o options
	flag.IntVar(&o.loans, "loans", 1_000_000, "number of loans on PostgreSQL; 0 skips PostgreSQL")
	flag.IntVar(&o.embedded, "sqlite", 100_000, "number of loans on SQLite; 0 skips SQLite")
	flag.BoolVar(&o.quick, "quick", false, "a few thousand loans, to check that everything works; the results mean little")
	flag.Parse()
	if err := run(o, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "close:", err)
		os.Exit(1)
	}
}

func run(o options, command string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if command == closeCommand {
		return closer(ctx, os.Stdin, os.Stdout)
	}
	return bench(ctx, o, os.Stdout, os.Stderr)
}

// options are the flags.
type options struct {
	loans, embedded int
	quick           bool
}

// suite is a run of the benchmark.
type suite struct {
	kinds    int           // number of loans created by the bank
	months   int           // length of their history
	window   time.Duration // duration of the payments before a close
	folder   string
	closer   func(context.Context, task) (outcome, error)
	progress io.Writer
	rows     []row
	asked    []reportRow
	notes    []string
	sizes    string // table of the sizes on disk
}

func bench(ctx context.Context, o options, table, progress io.Writer) (err error) {
	s := &suite{kinds: 2000, months: 12, window: 10 * time.Second, closer: closeApart, progress: progress}
	if o.quick {
		o.loans, o.embedded = min(o.loans, 5_000), min(o.embedded, 5_000)
		s.kinds, s.months, s.window = 250, 6, 300*time.Millisecond
	}
	if s.folder, err = os.MkdirTemp("", "sofipo-close-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.folder)) }()
	began, busy := time.Now(), machine.LoadAverage()
	if o.loans > 0 {
		err = s.onPostgreSQL(ctx, o.loans)
	}
	if err == nil && o.embedded > 0 {
		err = s.onSQLite(ctx, o.embedded)
	}
	if err == nil {
		s.print(table, busy, time.Since(began))
	}
	return err
}

// onPostgreSQL closes three days: one that gives every loan a daily position, one that is
// measured and compared with the bare insert, and one with concurrent payments.
func (s *suite) onPostgreSQL(ctx context.Context, loans int) (err error) {
	services, err := stack.StartOwn(ctx, stack.Postgres)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	url, _, err := services.Database(ctx, "close")
	if err != nil {
		return err
	}
	g := &ground{suite: s, name: "PostgreSQL", loans: loans, config: db.Config{PrimaryURL: url}, server: []int{services.Primary.Pid()}}
	if err := g.fill(ctx); err != nil {
		return err
	}
	quiet, err := g.close(ctx, "close")
	if err != nil {
		return err
	}
	bare, err := g.bare(ctx)
	if err != nil {
		return err
	}
	s.compare("the close takes %.2f times as long as the bare INSERT … SELECT (target: 4)", quiet.took.Seconds()/bare.took.Seconds())
	s.compare("it takes %.1f s (target: 30 for 1,000,000 loans)", quiet.took.Seconds())
	s.compare("its process has %.0f MiB at most (target: 512)", float64(quiet.memory)/(1<<20))
	if err := g.closeWhilePaid(ctx); err != nil {
		return err
	}
	if err := g.reports(ctx); err != nil {
		return err
	}
	s.sizes, err = machine.Sizes(ctx, url)
	return err
}

// onSQLite closes two days and measures the second one.
func (s *suite) onSQLite(ctx context.Context, loans int) error {
	g := &ground{suite: s, name: "SQLite", loans: loans, config: db.Config{Folder: s.folder}}
	if err := g.fill(ctx); err != nil {
		return err
	}
	quiet, err := g.close(ctx, "close")
	if err != nil {
		return err
	}
	s.compare("on SQLite it takes %.1f s (target: 10 for 100,000 loans)", quiet.took.Seconds())
	return g.reports(ctx)
}

func (s *suite) compare(format string, figure float64) {
	s.notes = append(s.notes, fmt.Sprintf(format, figure))
}

func (s *suite) print(to io.Writer, busy string, took time.Duration) {
	fmt.Fprint(to, machine.Heading(busy))
	fmt.Fprint(to, heading)
	for _, r := range s.rows {
		r.print(to)
	}
	fmt.Fprint(to, "\n", reportHeading)
	for _, r := range s.asked {
		r.print(to)
	}
	fmt.Fprintln(to)
	for _, note := range s.notes {
		fmt.Fprintln(to, "-", note)
	}
	fmt.Fprintf(to, "- the run took %s\n%s", took.Round(time.Second), s.sizes)
}

// row is a row of the table.
type row struct {
	what, ground string
	loans        int64
	took         time.Duration
	own, server  time.Duration // processor time of the process and of the database server
	memory       int64         // maximum, in bytes
}

const heading = "| what | database | loans | s | loans/s | own CPU s | server CPU s | MiB at most |\n|---|---|---:|---:|---:|---:|---:|---:|\n"

func (r row) print(to io.Writer) {
	memory := "–"
	if r.memory > 0 {
		memory = fmt.Sprint(r.memory >> 20)
	}
	fmt.Fprintf(to, "| %s | %s | %d | %.1f | %.0f | %.1f | %.1f | %s |\n",
		r.what, r.ground, r.loans, r.took.Seconds(), float64(r.loans)/r.took.Seconds(), r.own.Seconds(), r.server.Seconds(), memory)
}
