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

// packages are the Debian packages that give each part's programs.
var packages = map[Part][]string{
	Postgres: {"postgresql-15"},
	Redis:    {"redis-server"},
	Rabbit:   {"rabbitmq-server"},
	Couch:    {"nodejs", "npm"},
}

// missing tells which program of the part is not installed, nil when all are.
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
	}
	return errors.Join(errs...)
}

// install installs what the parts lack, with one apt-get for all.
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
			return fmt.Errorf("stack: %s cannot be started here: %w", part, errors.Join(err, installErr))
		}
	}
	return nil
}

// Tool gives the path of a program that tests or benchmarks use, and installs
// it when it is missing: wrk, pdftotext, or one of PostgreSQL's (postgres, psql,
// pgbench …, which lie in one folder).
func Tool(ctx context.Context, name string) (string, error) {
	find, pkg := postgresProgram, packages[Postgres][0]
	switch name {
	case "wrk":
		find, pkg = exec.LookPath, name
	case "pdftotext":
		find, pkg = exec.LookPath, "poppler-utils"
	}
	if path, err := find(name); err == nil {
		return path, nil
	}
	if err := aptInstall(ctx, []string{pkg}); err != nil {
		return "", fmt.Errorf("stack: %s is not installed: %w", name, err)
	}
	return find(name)
}

// aptInstall installs packages without starting their services. One program
// at a time does it, as apt-get itself would refuse the second.
func aptInstall(ctx context.Context, wanted []string) error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("install it: apt-get install %s (only root can)", strings.Join(wanted, " "))
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

// forbidServiceStart keeps newly installed packages from starting their
// services, by Debian's own means; the returned function takes that back. A
// policy that the machine already has is left as it is.
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

// lockFile waits for an exclusive lock that ends with the program at the latest.
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

// postgresProgram finds a PostgreSQL server program: Debian's version 15, the
// newest other of Debian's, or the one in PATH.
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

// rabbitProgram finds RabbitMQ's own start script; Debian's in PATH insists on
// its user and folders.
func rabbitProgram() (string, error) {
	found, _ := filepath.Glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
	if len(found) > 0 {
		sort.Strings(found)
		return found[len(found)-1], nil
	}
	return "", errors.New("rabbitmq-server: not found in /usr/lib/rabbitmq")
}
