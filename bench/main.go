// Command bench measures sofipo over HTTP and compares it with references in the same run on
// the same machine: payments with a pgbench transaction of six statements on the same
// PostgreSQL server, and reads with a bare net/http handler that returns the same bytes.
// Servers run as separate processes; this process generates the load. docs/benchmarks.md
// explains the measurements and the table.
//
//	go run ./bench [-quick] [-sustained | -short] [-for 1m] [-payments] [-on both|postgresql|sqlite]
//
// The exit status is 1 if a request failed or the books do not balance afterwards. A missed
// target is reported but is not an error, because machines differ.
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
)

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "0.3 s for each measurement, to check that everything works; the results mean little")
	flag.BoolVar(&o.sustained, "sustained", false, "only the sustained payments")
	flag.DurationVar(&o.long, "for", time.Minute, "duration of the sustained payments")
	flag.BoolVar(&o.short, "short", false, "without the sustained payments")
	flag.BoolVar(&o.payments, "payments", false, "payments only, no reads")
	flag.StringVar(&o.on, "on", "both", "both, postgresql or sqlite")
	flag.Parse()
	if err := run(o, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o options, command string) error {
	if command == bareCommand {
		return bare()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return bench(ctx, o, os.Stdout, os.Stderr)
}

// options are the flags.
type options struct {
	quick     bool
	sustained bool
	long      time.Duration // of the sustained load
	short     bool
	payments  bool
	on        string
}

// suite is a run of the benchmark.
type suite struct {
	warm, window time.Duration
	long         time.Duration // of the sustained load
	size         int           // number of clients
	daily        int           // loans for the sustained load
	reads        bool          // measure reads too
	folder       string        // for programs, logs and data
	progress     io.Writer
	rows         []row
	arrivals     []arrivals
	notes        []string
}

func bench(ctx context.Context, o options, table, progress io.Writer) (err error) {
	s := &suite{
		warm: 500 * time.Millisecond, window: 3 * time.Second, long: o.long,
		size: 60_000, reads: !o.payments, progress: progress,
	}
	if o.quick {
		s.warm, s.window, s.long, s.size = 100*time.Millisecond, 300*time.Millisecond, time.Second, 6_000
	}
	s.daily = int((s.warm+s.long).Seconds()*mostPayments)/overdueDays + 1
	grounds := map[string][]measurer{
		"postgresql": {s.onPostgreSQL}, "sqlite": {s.onSQLite}, "both": {s.onPostgreSQL, s.onSQLite},
	}[o.on]
	if grounds == nil {
		return fmt.Errorf("invalid -on %q: use both, postgresql or sqlite", o.on)
	}
	if o.sustained && o.short {
		return errors.New("-sustained and -short exclude each other")
	}
	if s.folder, err = os.MkdirTemp("", "sofipo-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.folder)) }()
	began, busy := time.Now(), machine.LoadAverage()
	if err := build(ctx, s.folder); err != nil {
		return err
	}
	for _, part := range []struct {
		skip    bool
		measure func(*ground, context.Context) error
	}{{o.short, (*ground).sustained}, {o.sustained, (*ground).short}} {
		if part.skip {
			continue
		}
		for _, on := range grounds {
			if err := on(ctx, part.measure); err != nil {
				return err
			}
		}
	}
	s.print(table, busy, time.Since(began))
	return s.failures()
}

// measurer sets up a ground and measures on it.
type measurer func(ctx context.Context, measure func(*ground, context.Context) error) error

// mostPayments is more payments a second than a machine with two processors can handle. The
// number of loans is sufficient for this rate.
const mostPayments = 6_000

func (s *suite) print(to io.Writer, busy string, took time.Duration) {
	fmt.Fprint(to, machine.Heading(busy))
	fmt.Fprint(to, heading)
	for _, r := range s.rows {
		r.print(to)
	}
	fmt.Fprintln(to)
	if len(s.arrivals) > 0 {
		fmt.Fprint(to, arrivalsHeading)
		for _, a := range s.arrivals {
			a.print(to)
		}
		fmt.Fprintln(to)
	}
	ratio(to, s.rows, comparison{onPostgreSQL, sustainedPayments, sustainedYardstick, "3 at 128"})
	ratio(to, s.rows, comparison{onPostgreSQL, duePayments, yardstick, "1.5 at 128"})
	ratio(to, s.rows, comparison{onPostgreSQL, aheadPayments, yardstick, "none"})
	ratio(to, s.rows, comparison{onPostgreSQL, cachedClients, bareHandler, "0.5"})
	ratio(to, s.rows, comparison{onSQLite, cachedClients, bareHandler, "0.5"})
	for _, r := range s.rows {
		if r.writes {
			r.shares(to)
		}
	}
	for _, note := range s.notes {
		fmt.Fprintln(to, "-", note)
	}
	fmt.Fprintf(to, "- the run took %s\n", took.Round(time.Second))
}

// failures returns an error if an operation failed.
func (s *suite) failures() (err error) {
	for _, r := range s.rows {
		if r.failed > 0 {
			err = errors.Join(err, fmt.Errorf("%s on %s, %d connections: %d failed, the first with: %s", r.what, r.ground, r.conns, r.failed, r.failure))
		}
	}
	return err
}
