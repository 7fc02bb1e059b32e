// Command imports measures the import of a database of the seed into PostgreSQL: the rate of each
// kind, the memory, and a process that is killed by SIGKILL and continued. It runs the doctor
// afterwards. The exit status is 1 if a row is missing, a figure differs or the doctor finds
// something.
//
//	go run ./bench/imports [-clients N] [-loans N] [-payments N] [-kill DURATION]
//
// docs/benchmarks.md explains the table.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/bank"
	"sofipo/bank/takeover"
	"sofipo/bench/machine"
	"sofipo/checks"
	core "sofipo/core/imports"
	"sofipo/infra/db"
	"sofipo/infra/seeddb"
	"sofipo/test/stack"
)

//go:embed fill.sql
var fillSQL string

// plan says what is measured.
type plan struct {
	clients, loans, payments int64
	kill                     time.Duration // after which the first process is killed; 0: never
}

func main() {
	var p plan
	flag.Int64Var(&p.clients, "clients", 200_000, "number of clients")
	flag.Int64Var(&p.loans, "loans", 20_000, "number of loans")
	flag.Int64Var(&p.payments, "payments", 1_000_000, "number of payments")
	flag.DurationVar(&p.kill, "kill", 0, "kill the first process after this time, and continue with another one")
	from, to := flag.String("from", "", "for the process that imports: URL of the seed's database"), flag.String("to", "", "its target")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *from != "" {
		err = run(ctx, *from, *to)
	} else {
		err = measure(ctx, p, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "imports:", err)
		os.Exit(1)
	}
}

// measured is what the process that imports reports.
type measured struct {
	Report takeover.Report
	Took   map[core.Kind]time.Duration
}

// measure creates both databases, imports one into the other in a process of its own, and prints
// the table.
func measure(ctx context.Context, p plan, out io.Writer) (err error) {
	services, err := stack.Start(ctx, stack.Postgres)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	from, _, err := services.Database(ctx, "seed")
	if err != nil {
		return err
	}
	to, _, err := services.Database(ctx, "target")
	if err != nil {
		return err
	}
	if err := p.fill(ctx, from); err != nil {
		return err
	}
	target, err := db.Open(db.Config{PrimaryURL: to})
	if err != nil {
		return err
	}
	defer target.Close()
	if _, err := target.Migrate(ctx); err != nil {
		return err
	}
	if p.kill > 0 {
		began := time.Now()
		if err := killed(ctx, from, to, p.kill); err != nil {
			return err
		}
		fmt.Fprintf(out, "killed by SIGKILL after %s\n\n", time.Since(began).Round(time.Second))
	}
	heading := machine.Heading(machine.LoadAverage())
	got, memory, err := child(ctx, from, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n\n| rows | read | stored | known | s | rows/s |\n|---|--:|--:|--:|--:|--:|\n", heading)
	for _, s := range got.Report.Sections {
		fmt.Fprintf(out, "| %s | %d | %d | %d | %.1f | %.0f |\n", s.Kind, s.Read, s.Stored, s.Known, got.Took[s.Kind].Seconds(), float64(s.Read)/got.Took[s.Kind].Seconds())
		if s.Rejected > 0 || s.Stated != s.Amount || s.Read != s.Stored {
			err = errors.Join(err, fmt.Errorf("%s: %+v", s.Kind, s))
		}
	}
	fmt.Fprintf(out, "\npeak memory of the importing process %d MB; %d differences\n", memory>>20, len(got.Report.Differences))
	for _, c := range checks.Run(ctx, target, checks.Sample) {
		err = errors.Join(err, c.Err)
	}
	return err
}

// fill creates the database of the seed.
func (p plan) fill(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	sql := fillSQL
	for name, n := range map[string]int64{"clients": p.clients, "loans": p.loans, "payments": p.payments} {
		sql = strings.ReplaceAll(sql, "{"+name+"}", strconv.FormatInt(n, 10))
	}
	_, err = conn.Exec(ctx, sql)
	return err
}

// command returns the process that imports.
func command(ctx context.Context, from, to string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, "-from", from, "-to", to)
	c.Stderr = os.Stderr
	return c, nil
}

// killed imports in a process that is killed.
func killed(ctx context.Context, from, to string, after time.Duration) error {
	c, err := command(ctx, from, to)
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	time.Sleep(after)
	if err := c.Process.Kill(); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := c.Wait(); !errors.As(err, &ended) || ended.Exited() {
		return fmt.Errorf("the process ended before it was killed: %w", err)
	}
	return nil
}

// child imports in a process, and returns what it reports and its peak memory.
func child(ctx context.Context, from, to string) (got measured, memory int64, err error) {
	c, err := command(ctx, from, to)
	if err != nil {
		return got, 0, err
	}
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Run(); err != nil {
		return got, 0, err
	}
	if usage, is := c.ProcessState.SysUsage().(*syscall.Rusage); is {
		memory = usage.Maxrss << 10
	}
	return got, memory, json.Unmarshal(out.Bytes(), &got)
}

// run imports, and writes what it measured.
func run(ctx context.Context, from, to string) error {
	seed, err := seeddb.Open(ctx, from)
	if err != nil {
		return err
	}
	defer seed.Close()
	target, err := db.Open(db.Config{PrimaryURL: to})
	if err != nil {
		return err
	}
	defer target.Close()
	b := bank.Open(bank.Options{DB: target, AcceptClock: true})
	defer b.Close()
	m := measured{Took: map[core.Kind]time.Duration{}}
	i := takeover.Importer{Bank: b, By: bank.By{System: true, Actor: "bench"}, Product: "seed", Progress: func(p takeover.Progress) { m.Took[p.Kind] = time.Since(p.Began) }}
	if m.Report, err = i.Seed(ctx, seed); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}
