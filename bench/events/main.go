// Command events measures the event log of the embedded stores. It puts copies of one event into
// the outbox, lets "sofipo serve" chain and store them, and verifies them with "sofipo doctor": as a
// whole, and interrupted and continued. The exit status is 1 if the doctor finds something, or if
// it needs more memory for the whole log than for a tenth, by more than a half.
//
//	go run ./bench/events [-events N]
//
// docs/benchmarks.md explains the table.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"sofipo/bank"
	"sofipo/bank/clients"
	"sofipo/bench/machine"
	"sofipo/infra/db"
)

func main() {
	n := flag.Int64("events", 1_000_000, "number of events")
	into := flag.String("fill", "", "for the process that only fills the outbox: the data folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *into != "" {
		err = fill(ctx, *into, *n)
	} else {
		err = measure(ctx, *n, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "events:", err)
		os.Exit(1)
	}
}

// measure runs every measurement in a temporary folder and prints the table.
func measure(ctx context.Context, n int64, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "events-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	p := program{path: filepath.Join(folder, "sofipo"), data: filepath.Join(folder, "data")}
	if output, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", p.path, "sofipo/cmd/sofipo").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, output)
	}
	if err := os.Mkdir(p.data, 0o700); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s| what | events | s | events/s | processor s | peak memory |\n|---|--:|--:|--:|--:|--:|\n", machine.Heading(machine.LoadAverage()))
	if err := p.row(ctx, out, n/10, "a tenth: "); err != nil {
		return err
	}
	tenth := p.last.memory
	if err := p.row(ctx, out, n, ""); err != nil {
		return err
	}
	if 2*p.last.memory > 3*tenth {
		err = fmt.Errorf("the doctor needed %d MB for the whole log, and %d MB for a tenth", p.last.memory>>20, tenth>>20)
	}
	return errors.Join(err, p.interrupted(ctx, out))
}

// program is the program that is measured.
type program struct {
	path, data string
	events     int64 // in its log
	last       usage // of the last complete run of the doctor
}

// usage is what a process needed.
type usage struct {
	took, processor time.Duration
	memory          int64 // bytes, at most
}

// usageOf returns the usage of a process that has ended.
func usageOf(c *exec.Cmd, began time.Time) usage {
	u := usage{took: time.Since(began), processor: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	if r, is := c.ProcessState.SysUsage().(*syscall.Rusage); is {
		u.memory = r.Maxrss << 10
	}
	return u
}

// print writes the row of a process that handled n events.
func (u usage) print(out io.Writer, what string, n int64) {
	fmt.Fprintf(out, "| %s | %d | %.1f | %.0f | %.1f | %d MB |\n", what, n, u.took.Seconds(), float64(n)/u.took.Seconds(), u.processor.Seconds(), u.memory>>20)
}

// row adds events until there are n, and verifies all of them.
func (p *program) row(ctx context.Context, out io.Writer, n int64, prefix string) error {
	added := n - p.events
	if err := fillApart(ctx, p.data, added); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	u, err := p.relay(ctx, added)
	if err != nil {
		return fmt.Errorf("relay: %w", err)
	}
	u.print(out, prefix+"chain and store (`serve`)", added)
	p.events = n
	if p.last, err = p.verify(ctx, 1); err != nil {
		return err
	}
	p.last.print(out, prefix+"verify (`doctor --from 1`)", n)
	return nil
}

// fillApart runs fill in a process of its own. The peak memory of a process that Linux reports
// includes that of its parent when it began, so this process must stay small.
func fillApart(ctx context.Context, data string, n int64) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if output, err := exec.CommandContext(ctx, self, "-fill", data, "-events", strconv.FormatInt(n, 10)).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}

// fill adds n events to the outbox: copies of the event of a new client, each with its own id.
func fill(ctx context.Context, data string, n int64) error {
	database, err := db.Open(db.Config{Folder: data})
	if err != nil {
		return err
	}
	defer database.Close()
	if _, err := database.Migrate(ctx); err != nil {
		return err
	}
	b := bank.Open(bank.Options{DB: database})
	command := &clients.RegisterClient{FullName: "María Fernández Ñuño", Email: fmt.Sprintf("maria%d@example.com", n), RFC: "XAXX010101000"}
	_, err = bank.Do(ctx, b, bank.By{System: true, Actor: "bench"}, command)
	b.Close()
	if err != nil {
		return err
	}
	session := database.Session()
	defer session.Close()
	copies := &db.Batch{}
	copies.Exec(`WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1),
		one AS (SELECT body, layout, stale, node, substr(body, instr(body, '"event_id":"') + 12, 36) AS id FROM outbox LIMIT 1)
		INSERT INTO outbox (body, layout, stale, node)
		SELECT replace(body, id, substr(id, 1, 24) || printf('%012x', n)), layout, stale, node FROM numbers, one`, n-1)
	if err := session.Begin(ctx, &db.Batch{}); err != nil {
		return err
	}
	_, err = session.Commit(ctx, copies)
	return err
}

// environment has only PATH of the caller's, so that settings in the shell have no effect.
func (p *program) environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "SOFIPO_PROFILE=demo", "SOFIPO_DATA=" + p.data, "SOFIPO_TIME_ZONE=UTC"}
}

var published = regexp.MustCompile(`(?m)^sofipo_relay_published_total (\S+)$`)

// relay runs the server until it has published n events.
func (p *program) relay(ctx context.Context, n int64) (u usage, err error) {
	port, err := freePort(ctx)
	if err != nil {
		return u, err
	}
	c := exec.CommandContext(ctx, p.path, "serve")
	var log bytes.Buffer
	c.Env, c.Stderr = append(p.environment(), "SOFIPO_ADDR="+port), &log
	began := time.Now()
	if err := c.Start(); err != nil {
		return u, err
	}
	count := func() int64 {
		response, err := http.Get("http://" + port + "/metrics")
		if err != nil {
			return 0
		}
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(response.Body)
		if m := published.FindSubmatch(text); m != nil {
			f, _ := strconv.ParseFloat(string(m[1]), 64)
			return int64(f)
		}
		return 0
	}
	for count() < n {
		if ctx.Err() != nil || time.Since(began) > time.Hour {
			return u, errors.Join(errors.New("the events were not relayed"), ctx.Err(), c.Process.Kill(), c.Wait(), errors.New(log.String()))
		}
		time.Sleep(100 * time.Millisecond)
	}
	took := time.Since(began)
	if err := errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait()); err != nil {
		return u, fmt.Errorf("%w\n%s", err, log.String())
	}
	u = usageOf(c, began)
	u.took = took
	return u, nil
}

// verify compares the log with the chain from a sequence on.
func (p *program) verify(ctx context.Context, from int64) (u usage, err error) {
	c, began := p.doctor(ctx, from), time.Now()
	output, err := c.CombinedOutput()
	if err != nil {
		return u, fmt.Errorf("%w\n%s", err, output)
	}
	return usageOf(c, began), nil
}

func (p *program) doctor(ctx context.Context, from int64) *exec.Cmd {
	c := exec.CommandContext(ctx, p.path, "doctor", "--from", strconv.FormatInt(from, 10))
	c.Env = p.environment()
	return c
}

var goOn = regexp.MustCompile(`doctor --from (\d+)`)

// interrupted interrupts the doctor after a third of its time and continues from the sequence that it prints.
func (p *program) interrupted(ctx context.Context, out io.Writer) error {
	c := p.doctor(ctx, 1)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	if err := c.Start(); err != nil {
		return err
	}
	time.Sleep(p.last.took / 3)
	if err := c.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := c.Wait(); !errors.As(err, &ended) {
		return fmt.Errorf("the doctor was not interrupted: %w\n%s", err, output.String())
	}
	m := goOn.FindSubmatch(output.Bytes())
	if m == nil {
		return fmt.Errorf("the interrupted doctor does not say where to continue:\n%s", output.String())
	}
	from, _ := strconv.ParseInt(string(m[1]), 10, 64)
	u, err := p.verify(ctx, from)
	if err != nil {
		return err
	}
	u.print(out, fmt.Sprintf("continue an interrupted verification (`doctor --from %d`)", from), p.events-from+1)
	return nil
}

func freePort(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
