package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"sofipo/checks"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
	"sofipo/web"
)

type doctorCommand struct {
	settings `embed:""`
	Verify   bool          `help:"Recalculate all loans, not only the newest 1,000, compare the whole journal with its seals, compare the whole event log with the chain in the database, and check the contents of all documents in the event log and in the files of clients."`
	From     int64         `help:"Only compare the event log with the chain, from this sequence on. Use it to continue an interrupted --verify."`
	Limit    time.Duration `default:"10m" help:"Longest time of a check, such as 30m. After a check that takes longer, the doctor ends. --verify has no limit."`
	JSON     bool          `name:"json" help:"Print one JSON document instead of lines."`
}

// Run prints the result of each check and fails if any check fails. A warning is no failure.
func (c *doctorCommand) Run(ctx context.Context) error {
	if c.From < 0 {
		return usageError{fmt.Errorf("--from is %d: use a sequence from 1 on", c.From)}
	}
	if c.Limit <= 0 {
		return usageError{fmt.Errorf("--limit is %s: use a time from 1s on", c.Limit)}
	}
	write := writeLines
	if c.JSON {
		write = writeJSON
	}
	if c.From > 0 {
		return diagnose(ctx, &c.settings, write, func(n *node) []checks.Check {
			found, err := n.verifyLog(ctx, c.amqpURL(), c.From)
			return []checks.Check{{Name: chainCheck, Found: found, Err: err}}
		})
	}
	return diagnose(ctx, &c.settings, write, func(n *node) []checks.Check { return n.examine(ctx, &c.settings, c.Verify, c.Limit) })
}

func diagnose(ctx context.Context, s *settings, write diagnosisWriter, examine func(*node) []checks.Check) error {
	s.patient = true
	return withData(ctx, s, func(n *node) error {
		all := examine(n)
		if err := write(os.Stdout, all); err != nil {
			return err
		}
		failed := 0
		for _, c := range all {
			if c.Severity() == checks.Failure {
				failed++
			}
		}
		if failed > 0 {
			return fmt.Errorf("failed checks: %d", failed)
		}
		return nil
	})
}

// diagnosisWriter prints the results of checks.
type diagnosisWriter func(io.Writer, []checks.Check) error

// writeLines prints a line for each check, and below it what to do about a failure or a warning.
func writeLines(w io.Writer, all []checks.Check) error {
	labels := map[checks.Severity]string{checks.OK: "ok", checks.Warning: "WARN", checks.Failure: "FAIL"}
	for _, c := range all {
		what := c.Found
		if c.Err != nil {
			what = oneLine(c.Err.Error())
		}
		if _, err := fmt.Fprintf(w, "%-5s %-48s %s\n", labels[c.Severity()], c.Name, what); err != nil {
			return err
		}
		if c.Err != nil {
			if _, err := fmt.Fprintf(w, "      %s\n", c.Remedy()); err != nil {
				return err
			}
		}
	}
	return nil
}

// diagnosis is the JSON document of the doctor.
type diagnosis struct {
	Version  string          `json:"version"`  // of the program
	Severity checks.Severity `json:"severity"` // the highest of the checks
	Checks   []diagnosed     `json:"checks"`
}

type diagnosed struct {
	Name     string          `json:"name"`
	Severity checks.Severity `json:"severity"`
	Found    string          `json:"found,omitempty"`
	Problem  string          `json:"problem,omitempty"`
	Remedy   string          `json:"remedy,omitempty"`
}

func writeJSON(w io.Writer, all []checks.Check) error {
	d := diagnosis{Version: web.Version, Severity: checks.OK, Checks: []diagnosed{}}
	for _, c := range all {
		one := diagnosed{Name: c.Name, Severity: c.Severity(), Found: c.Found}
		if c.Err != nil {
			one.Problem, one.Remedy = oneLine(c.Err.Error()), c.Remedy()
		}
		if one.Severity == checks.Failure || d.Severity == checks.OK {
			d.Severity = one.Severity
		}
		d.Checks = append(d.Checks, one)
	}
	return printJSON(w, d)
}

// printJSON writes a value as indented JSON.
func printJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(value)
}

// checkLimit is the longest time of a check, unless everything is verified.
const checkLimit = 10 * time.Minute

// examine runs all checks: of the newest loans, each within the limit, or, with verify, of
// everything.
func (n *node) examine(ctx context.Context, s *settings, verify bool, limit time.Duration) []checks.Check {
	loans, seals := checks.Sample, int64(checks.LastSeals)
	if verify {
		loans, seals, limit = math.MaxInt, checks.AllSeals, 0
	}
	steps := []checks.Step{
		func(ctx context.Context) []checks.Check { return checks.Server(ctx, n.db, web.Version) },
		checks.One(n.epochs),
		checks.One(func(ctx context.Context) checks.Check { return checks.Clock(ctx, n.db, n.bank.Now) }),
		checks.One(func(ctx context.Context) checks.Check { return checks.Disk(ctx, n.db, s.Data) }),
	}
	steps = append(steps, checks.Steps(n.db, loans)...)
	steps = append(steps,
		func(ctx context.Context) []checks.Check {
			sealed, sealing := checks.Seals(ctx, n.db, seals)
			return []checks.Check{sealed, sealing}
		},
		checks.One(func(ctx context.Context) checks.Check { return checks.DetachedMonths(ctx, n.db) }),
		func(ctx context.Context) []checks.Check { return checks.Files(ctx, n.db, n.events) },
		checks.One(func(ctx context.Context) checks.Check { return checks.ClientDocuments(ctx, n.db, n.files, verify) }),
		checks.One(func(ctx context.Context) checks.Check { return checks.Encrypted(ctx, n.db) }),
		checks.One(func(ctx context.Context) checks.Check { return checks.Strangers(ctx, n.events, verify) }),
		checks.One(func(ctx context.Context) checks.Check { return checks.Overdrawn(ctx, n.db) }),
		func(ctx context.Context) []checks.Check { return n.checkEvents(ctx, s.amqpURL(), verify) })
	return checks.Perform(ctx, limit, steps)
}

// epochs counts the epochs of the chain: a failover or a restore begins a new one.
func (n *node) epochs(ctx context.Context) checks.Check {
	c := checks.Check{Name: "epochs of the chain"}
	course, err := outbox.NewKept(n.db).Course(ctx)
	last := len(course.Epochs) - 1
	switch {
	case err != nil:
		c.Err = err
	case last < 0:
		c.Found = "the first one, no failover or restore"
	default:
		c.Found = fmt.Sprintf("%d, the last one since sequence %d", last+2, course.Epochs[last].After+1)
	}
	return c
}

// chainCheck is the name of the check of the whole event log.
const chainCheck = "event chain"

// checkEvents reports on the delivery of events, and compares the end of the event log with the
// chain, or the whole log if verify is set.
func (n *node) checkEvents(ctx context.Context, amqpURL string, verify bool) []checks.Check {
	t, err := n.inTransit(ctx, amqpURL)
	all := []checks.Check{{Name: "events waiting in the outbox", Found: fmt.Sprint(t.outbox + t.unsent), Err: err}}
	if err != nil {
		return all
	}
	if amqpURL != "" {
		if t.dead > 0 {
			err = fmt.Errorf("%d could not be stored", t.dead)
		}
		all = append(all, checks.Check{Name: "dead letters", Found: fmt.Sprintf("%d, %d messages in the queue", t.dead, t.queued), Err: err})
	}
	found, err := n.checkLogEnd(ctx, amqpURL)
	all = append(all, checks.Check{Name: "event log reaches the end of the chain", Found: found, Err: err})
	if verify {
		found, err = n.verifyLog(ctx, amqpURL, 1)
		all = append(all, checks.Check{Name: chainCheck, Found: found, Err: err})
	}
	return all
}

// verifyLog compares the log with the chain, from a sequence on.
func (n *node) verifyLog(ctx context.Context, amqpURL string, first int64) (found string, err error) {
	for try := 0; ; try++ {
		t, err := n.inTransit(ctx, amqpURL)
		if err != nil {
			return "", err
		}
		r, err := eventlog.Verify(ctx, n.events, outbox.NewKept(n.db), first)
		if err != nil && r.Reached > 0 {
			err = fmt.Errorf("the comparison ended after sequence %d; continue it with \"sofipo doctor --from %d\": %w", r.Reached, r.Reached, err)
		}
		if err != nil {
			return "", err
		}
		if r.Missing > 0 && !t.explained(r.Missing) && try < patience {
			sleep(ctx, time.Second)
			continue
		}
		return chainFound(r), chainError(r, t)
	}
}
