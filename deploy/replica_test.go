package deploy_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sofipo/test/stack"
)

// The accounts of this test. The replica's password has every character that must
// be quoted in its password file and in psql.
const (
	appUser, appPassword         = "sofipo_user", "app"
	replicaUser, replicaPassword = "replica_user", `a:b\c'd"e f`
	database                     = "sofipo_db"
)

// site is a primary and a replica, run by the scripts of the compose file.
type site struct {
	t                    *testing.T
	folder, bin          string
	credential           *syscall.Credential
	primary, replicaPort int
}

// process is a running script or server.
type process struct {
	cmd    *exec.Cmd
	output *bytes.Buffer
}

func TestReplicaScript(t *testing.T) {
	runtime.LockOSThread() // the processes end with the thread that started them
	s := newSite(t)
	s.stopWhileItWaits()
	s.killDuringTheFirstStart()
	primary := s.startPrimary()
	defer primary.end(syscall.SIGKILL)
	s.checkPrimarySetUp()
	s.checkHealth()
	s.sql(s.primary, "CREATE TABLE marks (n int)", "INSERT INTO marks VALUES (1)",
		"CREATE TABLE filler AS SELECT n, repeat(md5(n::text), 10) FROM generate_series(1, 200000) n")

	s.killHalfWayThroughTheCopy()

	replica := s.startReplica()
	s.waitForMarks(1)
	s.checkNoPasswordInSettings()
	identity := s.identity()
	s.leaveTrace()

	replica.end(syscall.SIGINT)
	s.sql(s.primary, "INSERT INTO marks VALUES (2)")
	replica = s.startReplica()
	s.waitForMarks(2)
	s.requireSameData("a clean stop", replica, identity)

	replica.end(syscall.SIGKILL)
	s.sql(s.primary, "INSERT INTO marks VALUES (3)")
	replica = s.startReplica()
	s.waitForMarks(3)
	s.requireSameData("kill -9", replica, identity)

	replica.end(syscall.SIGINT)
	s.loseTheSlot()
	replica = s.startReplica()
	defer replica.end(syscall.SIGKILL)
	s.waitForMarks(3)
	if _, err := os.Stat(s.trace()); !os.IsNotExist(err) {
		t.Errorf("a replica whose log is lost: got %v, want its data copied again, the file gone", err)
	}
	primary.end(syscall.SIGINT)
	s.startEarlierLayout()
}

// startEarlierLayout starts a primary whose data are in the parent of the data folder.
func (s *site) startEarlierLayout() {
	s.t.Helper()
	check(s.t, os.Rename(s.path("primary"), s.path("earlier")))
	p := s.start("earlier/primary", s.path("start.sh"), append([]string{"primary"}, s.serverArguments(s.primary)...)...)
	defer p.end(syscall.SIGKILL)
	s.await("the primary with the earlier layout", func() error { return s.try(s.primary, database, "SELECT 1 / (count(*) = 3)::int FROM marks") })
}

func newSite(t *testing.T) *site {
	t.Helper()
	postgres, err := stack.Tool(t.Context(), "postgres")
	check(t, err)
	folder, err := os.MkdirTemp("", "sofipo-replica-")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s := &site{t: t, folder: folder, bin: filepath.Dir(postgres), primary: freePort(t), replicaPort: freePort(t)}
	if os.Geteuid() == 0 {
		s.credential = accountPostgres(t)
		check(t, os.Chown(folder, int(s.credential.Uid), int(s.credential.Gid)))
	}
	// The account postgres may not be able to read the folder of the repository.
	for _, name := range []string{"start.sh", "postgresql.conf"} {
		text, err := os.ReadFile(filepath.Join("postgres", name))
		check(t, err)
		check(t, os.WriteFile(filepath.Join(folder, name), text, 0o755))
	}
	return s
}

func accountPostgres(t *testing.T) *syscall.Credential {
	t.Helper()
	account, err := user.Lookup("postgres")
	check(t, err)
	uid, err := strconv.Atoi(account.Uid)
	check(t, err)
	gid, err := strconv.Atoi(account.Gid)
	check(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func freePort(t *testing.T) int {
	t.Helper()
	port, release, err := stack.LeasePort()
	check(t, err)
	t.Cleanup(release)
	return port
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) path(name string) string { return filepath.Join(s.folder, name) }

// start runs a program as the account postgres with the environment of the
// compose file, adapted to this machine.
func (s *site) start(data string, name string, args ...string) *process {
	s.t.Helper()
	p := &process{cmd: exec.Command(name, args...), output: &bytes.Buffer{}}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = s.folder, p.output, p.output
	p.cmd.WaitDelay = time.Second
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL, Credential: s.credential}
	p.cmd.Env = []string{
		"PATH=" + s.bin + ":" + os.Getenv("PATH"), "LANG=C.UTF-8", "HOME=" + s.folder, "PGDATA=" + s.path(data),
		"POSTGRES_USER=" + appUser, "POSTGRES_PASSWORD=" + appPassword, "POSTGRES_DB=" + database, "PGPORT=" + strconv.Itoa(s.primary),
		"POSTGRES_REPLICA_USER=" + replicaUser, "POSTGRES_REPLICA_PASSWORD=" + replicaPassword,
		"POSTGRES_PRIMARY_HOST=127.0.0.1", "POSTGRES_PRIMARY_PORT=" + strconv.Itoa(s.primary),
		"PGPASSFILE=" + s.path("replica.pgpass"),
	}
	check(s.t, p.cmd.Start())
	return p
}

// end signals the process and waits for it. SIGKILL goes to all processes of its session,
// as the end of a container does: the jobs of the script have process groups of their own.
func (p *process) end(signal syscall.Signal) {
	pid := p.cmd.Process.Pid
	_ = syscall.Kill(pid, signal)
	for killed := signal == syscall.SIGKILL; killed; {
		killed = false
		stats, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, path := range stats {
			text, _ := os.ReadFile(path) // an error means that it has ended
			// pid (name) state ppid pgrp session
			_, fields, _ := strings.Cut(string(text), ") ")
			var state string
			var parent, group, session int
			if n, _ := fmt.Sscan(fields, &state, &parent, &group, &session); n < 4 || session != pid || state == "Z" {
				continue
			}
			if id, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && syscall.Kill(id, signal) == nil {
				killed = true
			}
		}
	}
	_ = p.cmd.Wait()
}

// serverArguments returns the arguments of the compose file and the few that this
// machine needs.
func (s *site) serverArguments(port int) []string {
	return []string{"-c", fmt.Sprintf("port=%d", port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "shared_buffers=64MB"}
}

// launch starts a server as the compose file does.
func (s *site) launch(role string, port int) *process {
	s.t.Helper()
	return s.start(role, s.path("start.sh"), append([]string{role}, s.serverArguments(port)...)...)
}

func (s *site) startPrimary() *process {
	s.t.Helper()
	server := s.launch("primary", s.primary)
	s.await("the primary", func() error { return s.try(s.primary, database, "SELECT 1") })
	return server
}

// stopWhileItWaits stops a primary that is preparing its data, and a replica without a
// primary. Both end at once, with all their processes.
func (s *site) stopWhileItWaits() {
	s.t.Helper()
	for role, at := range map[string]func(output string) bool{
		"primary": func(string) bool { return s.there("primary.partial/postmaster.pid") },
		"replica": func(output string) bool { return strings.Contains(output, "trying again") },
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} { // that of the image, and the usual one
			p := s.launch(role, s.primary)
			s.await("the wait of the "+role, func() error {
				if !at(p.output.String()) {
					return errors.New("it does not wait yet")
				}
				return nil
			})
			if len(s.processes()) == 0 {
				s.t.Fatalf("%s: got no process, want those of the script", role)
			}
			began := time.Now()
			p.end(signal)
			if took := time.Since(began); took > 5*time.Second || s.there(role) {
				s.t.Errorf("%s stopped by %v: got its end after %v, data %t, want it at once, without data\n%s", role, signal, took, s.there(role), p.output)
			}
			s.await("the end of all processes", func() error {
				if left := s.processes(); len(left) > 0 {
					return fmt.Errorf("got the processes %q, want none", left)
				}
				return nil
			})
		}
	}
}

// processes returns the command lines of the processes that use the folder of the test.
func (s *site) processes() (lines []string) {
	s.t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	check(s.t, err)
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(line), s.folder) { // an error means that it has ended
			lines = append(lines, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return lines
}

// killDuringTheFirstStart kills the primary at several moments while it prepares its data.
// The data folder appears only with complete data.
func (s *site) killDuringTheFirstStart() {
	s.t.Helper()
	for _, file := range []string{"PG_VERSION", "global/pg_control", "postmaster.pid"} {
		p := s.launch("primary", s.primary)
		s.await("the file "+file, func() error {
			if !s.there("primary.partial/" + file) {
				return errors.New("there is none")
			}
			return nil
		})
		health := s.start("primary", s.path("start.sh"), "health", "primary")
		if err := health.cmd.Wait(); err == nil || !strings.Contains(health.output.String(), "the primary is starting") {
			s.t.Errorf("health at the first start: got %v, %s, want an error that says that the primary is starting", err, health.output)
		}
		p.end(syscall.SIGKILL)
		if s.there("primary") {
			s.t.Fatalf("got data when killed at %s, want none before they are complete", file)
		}
	}
}

func (s *site) there(name string) bool {
	_, err := os.Stat(s.path(name))
	return err == nil
}

// checkHealth runs the health checks of the compose file. That of the primary passes only
// with the database and the replication account.
func (s *site) checkHealth() {
	s.t.Helper()
	services := project(s.t).Services
	for _, role := range []string{"primary", "replica"} {
		if test, want := services["postgres-"+role].HealthCheck.Test, []string{"CMD", "bash", "/etc/sofipo/start.sh", "health", role}; !slices.Equal(test, want) {
			s.t.Errorf("%s: got the health check %v, want %v", role, test, want)
		}
	}
	for setting, wanted := range map[string]string{
		"": "", "POSTGRES_REPLICA_USER=nobody": "the replication account nobody does not exist", "POSTGRES_DB=none": `database "none" does not exist`, "POSTGRES_PASSWORD=x": "password authentication failed",
	} {
		p := s.start("primary", "env", cmp.Or(setting, "LANG=C"), s.path("start.sh"), "health", "primary")
		err := p.cmd.Wait()
		if (err == nil) != (wanted == "") || !strings.Contains(p.output.String(), wanted) {
			s.t.Errorf("health with %q: got %v, %s, want %q", setting, err, p.output, wanted)
		}
	}
}

func (s *site) checkPrimarySetUp() {
	s.t.Helper()
	for question, wanted := range map[string]string{
		"SELECT rolreplication AND NOT rolsuper AND rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'replica_user'":      "true",
		"SELECT slot_type FROM pg_replication_slots WHERE slot_name = 'sofipo_replica'":                                                    "physical",
		"SELECT auth_method || ' ' || address FROM pg_hba_file_rules WHERE 'replication' = ANY(database) AND user_name = '{replica_user}'": "scram-sha-256 samenet",
		"SHOW fsync": "on",
		"SELECT setting::int BETWEEN 1024 AND 65536 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'": "true",
	} {
		if found := s.ask(s.primary, question); found != wanted {
			s.t.Errorf("%s: got %s, want %s", question, found, wanted)
		}
	}
}

func (s *site) startReplica() *process {
	s.t.Helper()
	return s.launch("replica", s.replicaPort)
}

// killHalfWayThroughTheCopy kills the script when a part of the data is copied and
// the last file, pg_control, is not. It tries again if the copy was faster.
func (s *site) killHalfWayThroughTheCopy() {
	s.t.Helper()
	for range 20 {
		replica := s.startReplica()
		s.await("the copy's beginning", func() error {
			if !s.there("replica.partial/base/1") && !s.there("replica") {
				return errors.New("there is none")
			}
			return nil
		})
		replica.end(syscall.SIGKILL)
		if s.there("replica") && !s.there("replica/global/pg_control") {
			s.t.Fatal("got half a copy in the place of the data folder, want a whole copy or none")
		}
		if !s.there("replica") && !s.there("replica.partial/global/pg_control") {
			return
		}
		for _, copied := range []string{"replica", "replica.partial"} {
			s.await("the removal of "+copied, func() error { return os.RemoveAll(s.path(copied)) })
		}
	}
	s.t.Fatal("got no copy that was interrupted half-way, want one")
}

// waitForMarks waits until the replica shows n rows and streams from its slot.
func (s *site) waitForMarks(n int) {
	s.t.Helper()
	s.await("the replica", func() error {
		return s.try(s.replicaPort, database, fmt.Sprintf("SELECT 1 / (count(*) = %d AND pg_is_in_recovery())::int FROM marks", n))
	})
	s.await("streaming", func() error {
		return s.try(s.primary, database, "SELECT 1 / (count(*) = 1)::int FROM pg_replication_slots WHERE slot_name = 'sofipo_replica' AND active")
	})
}

func (s *site) checkNoPasswordInSettings() {
	s.t.Helper()
	settings, err := os.ReadFile(s.path("replica/postgresql.auto.conf"))
	check(s.t, err)
	if strings.Contains(string(settings), "password=") || !strings.Contains(string(settings), "passfile=") {
		s.t.Errorf("got the replica's settings\n%s\nwant a passfile and no password", settings)
	}
	info, err := os.Stat(s.path("replica.pgpass"))
	check(s.t, err)
	if info.Mode().Perm() != 0o600 {
		s.t.Errorf("got the mode %v of the password file, want 0600", info.Mode())
	}
}

func (s *site) identity() string {
	s.t.Helper()
	return s.ask(s.replicaPort, "SELECT system_identifier || '/' || timeline_id FROM pg_control_system(), pg_control_checkpoint()")
}

// trace is a file that is missing after the primary was copied again.
func (s *site) trace() string { return s.path("replica/trace") }

func (s *site) leaveTrace() {
	s.t.Helper()
	check(s.t, os.WriteFile(s.trace(), nil, 0o644))
}

func (s *site) requireSameData(after string, replica *process, identity string) {
	s.t.Helper()
	if _, err := os.Stat(s.trace()); err != nil {
		s.t.Errorf("the data was copied again after %s: %v\n%s", after, err, replica.output)
	}
	if found := s.identity(); found != identity {
		s.t.Errorf("after %s: got the replica %s, want the same one, %s", after, found, identity)
	}
}

// loseTheSlot makes the primary discard the log that the replica needs.
func (s *site) loseTheSlot() {
	s.t.Helper()
	s.sql(s.primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'", "SELECT pg_reload_conf()")
	s.await("the slot's loss", func() error {
		s.sql(s.primary, "CREATE TABLE IF NOT EXISTS waste AS SELECT 1", "SELECT pg_switch_wal()", "DROP TABLE waste", "CHECKPOINT")
		return s.try(s.primary, database, "SELECT 1 / (wal_status = 'lost')::int FROM pg_replication_slots WHERE slot_name = 'sofipo_replica'")
	})
}

// await retries until there is no error, for at most 60 s.
func (s *site) await(what string, try func() error) {
	s.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for err := try(); err != nil; err = try() {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: got %v, want no error within the time", what, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// try runs statements on a new connection.
func (s *site) try(port int, database string, statements ...string) error {
	conn, err := s.connect(port, database)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(s.t.Context(), statement); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) connect(port int, database string) (*pgx.Conn, error) {
	return pgx.Connect(s.t.Context(), fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", appUser, appPassword, port, database))
}

func (s *site) sql(port int, statements ...string) {
	s.t.Helper()
	check(s.t, s.try(port, database, statements...))
}

// ask returns the single value of the answer as text.
func (s *site) ask(port int, question string) string {
	s.t.Helper()
	conn, err := s.connect(port, database)
	check(s.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var answer any
	check(s.t, conn.QueryRow(s.t.Context(), question).Scan(&answer))
	return fmt.Sprint(answer)
}
