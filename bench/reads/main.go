// Command reads measures the questions about the books, with about a million payments, on
// PostgreSQL and on SQLite.
//
//	go run ./bench/reads [-payments N] [-on both|postgresql|sqlite] [-rounds N] [-only REGEXP]
//	go run ./bench/reads -books FOLDER|URL
//
// docs/benchmarks.md explains the measurements and the table. The second form uses an
// existing database, for example of another version of the program.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"sofipo/bench/machine"
	"sofipo/infra/db"
)

func main() {
	var o options
	flag.StringVar(&o.books, "books", "", "a folder or a PostgreSQL URL: use this existing database")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each question is measured")
	flag.StringVar(&o.only, "only", "", "measure only the questions with a name that matches this regular expression")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reads:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	books  string
	rounds int
	only   string
}

func run(ctx context.Context, o options, table io.Writer) error {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	g := ground{name: "SQLite", config: db.Config{Folder: o.books}, rounds: o.rounds, only: only}
	if strings.HasPrefix(o.books, "postgres") {
		g.name, g.config = "PostgreSQL", db.Config{PrimaryURL: o.books}
	}
	fmt.Fprint(table, machine.Heading(machine.LoadAverage()), heading)
	return g.measure(ctx, table)
}

// ground is a database with books.
type ground struct {
	name   string
	config db.Config
	server []int // processes of the database
	rounds int
	only   *regexp.Regexp
}

const heading = "| question | database | CPU ms, minimum | CPU ms, median | ms, minimum | ms, median |\n|---|---|---:|---:|---:|---:|\n"

func (g *ground) measure(ctx context.Context, table io.Writer) error {
	database, err := db.Open(g.config)
	if err != nil {
		return err
	}
	defer database.Close()
	if g.config.PrimaryURL != "" && g.server == nil {
		if g.server, err = serverOf(ctx, database); err != nil {
			return err
		}
	}
	g.config.Patient = true
	patient, err := db.Open(g.config)
	if err != nil {
		return err
	}
	defer patient.Close()
	b, err := look(ctx, database, patient)
	if err != nil {
		return err
	}
	all, err := b.reads(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		if g.only.MatchString(r.name) {
			if err := g.row(ctx, table, r); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
	}
	return nil
}

// row measures a question in several rounds; times are for one question.
func (g *ground) row(ctx context.Context, table io.Writer, r read) error {
	var used, took []time.Duration
	processes := append([]int{os.Getpid()}, g.server...)
	if err := r.ask(ctx); err != nil { // brings the pages into memory
		return err
	}
	for range g.rounds {
		before, began := machine.Used(processes...), time.Now()
		n := 0
		for ; n < r.times || time.Since(began) < 500*time.Millisecond; n++ {
			if err := r.ask(ctx); err != nil {
				return err
			}
		}
		took = append(took, time.Since(began)/time.Duration(n))
		used = append(used, (machine.Used(processes...)-before)/time.Duration(n))
	}
	slices.Sort(used)
	slices.Sort(took)
	fmt.Fprintf(table, "| %s | %s | %.3f | %.3f | %.3f | %.3f |\n", r.name, g.name, ms(used[0]), ms(used[g.rounds/2]), ms(took[0]), ms(took[g.rounds/2]))
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// serverOf returns the PostgreSQL server on this machine: the parent process of a connection.
func serverOf(ctx context.Context, database *db.DB) ([]int, error) {
	var backend int64
	batch := &db.Batch{}
	batch.Query("SELECT pg_backend_pid()::bigint", func(s db.Scanner) error { return s.Scan(&backend) })
	if err := database.ReadPrimary(ctx, batch); err != nil {
		return nil, err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", backend))
	if err != nil {
		return nil, fmt.Errorf("the server must run on this machine: %w", err)
	}
	var parent int
	_, rest, _ := strings.Cut(string(stat), ") ")
	_, err = fmt.Sscanf(rest, "%1s %d", new(string), &parent)
	return []int{parent}, err
}
