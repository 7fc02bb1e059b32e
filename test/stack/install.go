package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"syscall"
)

// packages are the Debian packages of each part.
var packages = map[Part][]string{
	Postgres: {"postgresql-15"},
	Redis:    {"redis-server"},
	Rabbit:   {"rabbitmq-server"},
	Couch:    {"nodejs", "npm"},
	browser:  {"chromium", "fonts-liberation", "nodejs", "npm"},
	patroni:  {"patroni", "python3-etcd", "etcd-server"},

	haproxy: {"haproxy"},

	pgBackRest: {"pgbackrest"},
}

// missing returns an error that names the missing programs of a part, or nil.
func missing(part Part) error {
	var errs []error
	need := func(_ string, err error) { errs = append(errs, err) }
	switch part {
	case Postgres:
		for _, name := range []string{"initdb", "postgres", "pg_basebackup"} {
			need(postgresProgram(name))
		}
	case Redis:
		need(exec.LookPath("redis-server"))
	case Rabbit:
		need(rabbitProgram())
		need(exec.LookPath("epmd"))
	case Couch:
		need(exec.LookPath("node"))
		need(exec.LookPath("npm"))
	case browser:
		need(exec.LookPath("chromium"))
		need(exec.LookPath("node"))
		need(exec.LookPath("npm"))
	case pgBackRest:
		need(exec.LookPath("pgbackrest"))
	case haproxy:
		need(exec.LookPath("haproxy"))
	case patroni:
		need(exec.LookPath("patroni"))
		need(exec.LookPath("etcd"))
	}
	return errors.Join(errs...)
}

// install installs the missing programs of all parts with one apt-get.
func install(ctx context.Context, parts []Part) error {
	var lacking []Part
	var wanted []string
	for _, part := range parts {
		if missing(part) != nil {
			lacking = append(lacking, part)
			wanted = append(wanted, packages[part]...)
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	installErr := aptInstall(ctx, wanted)
	for _, part := range lacking {
		if err := missing(part); err != nil {
			return fmt.Errorf("stack: %s cannot be started: %w", part, errors.Join(err, installErr))
		}
	}
	return nil
}

// Tool returns the path of a program for tests or benchmarks and installs it if it is
// missing. The programs are wrk, pdftotext, systemd-analyze, promtool, and those of PostgreSQL (postgres, psql, pgbench,
// …), which are in one folder.
func Tool(ctx context.Context, name string) (string, error) {
	find, pkg := postgresProgram, packages[Postgres][0]
	switch name {
	case "wrk":
		find, pkg = exec.LookPath, name
	case "pdftotext":
		find, pkg = exec.LookPath, "poppler-utils"
	case "systemd-analyze":
		find, pkg = exec.LookPath, "systemd"
	case "promtool":
		find, pkg = exec.LookPath, "prometheus"
	}
	if path, err := find(name); err == nil {
		return path, nil
	}
	if err := aptInstall(ctx, []string{pkg}); err != nil {
		return "", fmt.Errorf("stack: %s is not installed: %w", name, err)
	}
	return find(name)
}

// aptInstall installs packages without starting their services. A lock ensures that only one
// process does so at a time, because apt-get would fail in the second one.
func aptInstall(ctx context.Context, wanted []string) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("run as root: apt-get install %s", strings.Join(wanted, " "))
	}
	unlock, err := lockFile(filepath.Join(os.TempDir(), "sofipo-stack-install.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	defer forbidServiceStart()()
	if err := apt(ctx, "update"); err != nil {
		return err
	}
	return apt(ctx, slices.Concat([]string{"install", "-y", "--no-install-recommends"}, wanted)...)
}

func apt(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return nil
}

// forbidServiceStart prevents newly installed packages from starting their services, with
// Debian's policy-rc.d. The returned function removes the policy. An existing policy is kept.
func forbidServiceStart() (undo func()) {
	const policy = "/usr/sbin/policy-rc.d"
	file, err := os.OpenFile(policy, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return func() {}
	}
	_, _ = file.WriteString("#!/bin/sh\nexit 101\n")
	_ = file.Close()
	return func() { _ = os.Remove(policy) }
}

// lockFile waits for an exclusive lock. The lock ends with the program at the latest.
func lockFile(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("stack: lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("stack: lock %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}

// postgresProgram returns the path of a PostgreSQL server program: Debian's version 15, else
// Debian's newest version, else the one in PATH.
func postgresProgram(name string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	sort.Strings(found)
	if i := slices.Index(found, "/usr/lib/postgresql/15/bin/"+name); i >= 0 {
		return found[i], nil
	}
	if len(found) > 0 {
		return found[len(found)-1], nil
	}
	return exec.LookPath(name)
}

// rabbitProgram returns RabbitMQ's own start script. Debian's script in PATH requires a
// certain user and certain folders.
func rabbitProgram() (string, error) {
	found, _ := filepath.Glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
	if len(found) > 0 {
		sort.Strings(found)
		return found[len(found)-1], nil
	}
	return "", errors.New("rabbitmq-server was not found in /usr/lib/rabbitmq")
}
