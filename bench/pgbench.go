package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed pgbench.sql
var pgbenchTables string

//go:embed payment.pgbench
var pgbenchScript string

// pgbench is the reference for payments: the transaction of payment.pgbench on the same
// server, in a separate database.
type pgbench struct {
	program  string
	database *url.URL
	folder   string
}

// preparePgbench creates and fills the tables.
func preparePgbench(ctx context.Context, folder, databaseURL string) (*pgbench, error) {
	program, err := findPgbench()
	if err != nil {
		return nil, err
	}
	database, err := url.Parse(databaseURL)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return nil, fmt.Errorf("pgbench: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, pgbenchTables); err != nil {
		return nil, fmt.Errorf("pgbench.sql: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "payment.pgbench"), []byte(pgbenchScript), 0o600); err != nil {
		return nil, err
	}
	return &pgbench{program, database, folder}, nil
}

// findPgbench searches PATH and Debian's folders of PostgreSQL.
func findPgbench() (string, error) {
	if program, err := exec.LookPath("pgbench"); err == nil {
		return program, nil
	}
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench"); len(found) > 0 {
		return found[len(found)-1], nil
	}
	return "", errors.New("pgbench is not installed: it comes with the PostgreSQL server")
}

// run starts the load, starts the observer when all connections have worked for a second, and
// reads the results from pgbench's transaction log.
func (p *pgbench) run(ctx context.Context, conns int, o *observer) (sample, error) {
	logs, err := os.MkdirTemp(p.folder, "pgbench-")
	if err != nil {
		return sample{}, err
	}
	seconds := 4 + int(math.Ceil(o.window.Seconds()))
	password, _ := p.database.User.Password()
	cmd := exec.CommandContext(ctx, p.program, "--no-vacuum", "--protocol=prepared", "--jobs=2", "--client="+strconv.Itoa(conns),
		"--file="+filepath.Join(p.folder, "payment.pgbench"), "--time="+strconv.Itoa(seconds), "--progress=1",
		"--log", "--log-prefix="+filepath.Join(logs, "log"),
		"--host="+p.database.Hostname(), "--port="+p.database.Port(), "--username="+p.database.User.Username(),
		strings.TrimPrefix(p.database.Path, "/"))
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	progress, err := cmd.StderrPipe()
	if err != nil {
		return sample{}, err
	}
	if err := cmd.Start(); err != nil {
		return sample{}, fmt.Errorf("pgbench: %w", err)
	}
	var counted span
	var complaints []string
	for lines := bufio.NewScanner(progress); lines.Scan(); {
		switch said := lines.Text(); {
		case !strings.HasPrefix(said, "progress:"):
			complaints = append(complaints, said)
		case counted.begin.IsZero():
			counted = o.start(0, cmd.Process.Pid)
		}
	}
	if err := cmd.Wait(); err != nil || len(complaints) > 0 {
		return sample{}, fmt.Errorf("pgbench: %w %q", err, complaints)
	}
	return readLogs(logs, counted)
}

// readLogs reads the lines "client number µs script seconds-since-1970 µs" of all pgbench
// threads.
func readLogs(folder string, during span) (sample, error) {
	s := sample{elapsed: during.end.Sub(during.begin)}
	files, err := filepath.Glob(filepath.Join(folder, "log.*"))
	for _, file := range files {
		text, readErr := os.ReadFile(file)
		err = errors.Join(err, readErr)
		for line := range strings.Lines(string(text)) {
			took, ended, ok := parseLog(line)
			if !ok {
				err = errors.Join(err, fmt.Errorf("pgbench wrote an invalid log line %q", line))
				continue
			}
			s.succeeded++
			if ended.After(during.begin) && ended.Before(during.end) {
				s.latencies = append(s.latencies, took)
			}
		}
	}
	if len(s.latencies) == 0 {
		err = errors.Join(err, errors.New("pgbench finished no transaction"))
	}
	slices.Sort(s.latencies)
	return s, err
}

func parseLog(line string) (took time.Duration, ended time.Time, ok bool) {
	fields := strings.Fields(line)
	if len(fields) != 6 {
		return 0, time.Time{}, false
	}
	var n [6]int64
	for i, field := range fields {
		var err error
		if n[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return 0, time.Time{}, false
		}
	}
	return time.Duration(n[2]) * time.Microsecond, time.Unix(n[4], n[5]*int64(time.Microsecond)), true
}
