package stack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Accounts and the first database, with the seed's names.
const (
	appUser       = "sofipo_user"
	replicaUser   = "replica_user"
	firstDatabase = "sofipo_db"
	adminUser     = "postgres"
	replicaSlot   = "sofipo_replica"
)

// postgresSettings are suitable for tests and keep durability: fsync and synchronous_commit
// have their default, on.
const postgresSettings = `
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
min_wal_size = 1GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
password_encryption = scram-sha-256
wal_level = replica
max_wal_senders = 10
max_replication_slots = 10
max_slot_wal_keep_size = 4GB
hot_standby = on
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 200ms
`

// cluster has what is needed to administer a PostgreSQL primary and its replica.
type cluster struct {
	Admin        string `json:"admin_url"`         // superuser on the primary
	AdminReplica string `json:"admin_replica_url"` // superuser on the replica; empty without a replica
}

func lookupAccount(name string) (*syscall.Credential, error) {
	account, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("stack: the account for %s: %w", name, err)
	}
	uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

// postgres returns a command for a PostgreSQL program under the account postgres, because
// these programs refuse to run as root. If this program ends unexpectedly, the server
// receives SIGQUIT, shuts down immediately and frees its shared memory.
func (s *Stack) postgres(name string, args ...string) (*exec.Cmd, error) {
	path, err := postgresProgram(name)
	if err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	credential, err := accountOf(adminUser)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = s.folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "PGPASSWORD=" + s.secret}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGQUIT, Credential: credential}
	return cmd, nil
}

// runPostgres runs a program to its end.
func (s *Stack) runPostgres(ctx context.Context, name string, args ...string) error {
	cmd, err := s.postgres(name, args...)
	if err != nil {
		return err
	}
	_, err = run(ctx, cmd)
	return err
}

func (s *Stack) startPostgres(ctx context.Context, withReplica bool) error {
	if err := s.startPrimary(ctx); err != nil {
		return err
	}
	if !withReplica {
		return nil
	}
	return s.startReplica(ctx)
}

func (s *Stack) startPrimary(ctx context.Context) error {
	primary, data, err := s.newPostgres("primary")
	if err != nil {
		return err
	}
	s.cluster.Admin = s.postgresURL(adminUser, primary.Port, "postgres")
	primary.ready = func(ctx context.Context) error { return query(ctx, s.cluster.Admin, "SELECT 1") }
	if !s.isKept() {
		err = s.initPostgres(ctx, data)
	}
	if err == nil {
		err = primary.start(ctx)
	}
	if err != nil {
		return err
	}
	s.Primary = primary
	if s.isKept() {
		return nil
	}
	if err := query(ctx, s.cluster.Admin,
		"CREATE ROLE "+appUser+" LOGIN CREATEDB PASSWORD '"+s.secret+"'",
		"GRANT pg_monitor TO "+appUser,
		"CREATE ROLE "+replicaUser+" LOGIN REPLICATION PASSWORD '"+s.secret+"'",
		"SELECT pg_create_physical_replication_slot('"+replicaSlot+"')",
		"CREATE DATABASE "+firstDatabase+" OWNER "+appUser); err != nil {
		return err
	}
	return s.keep()
}

// initPostgres creates the data folder of the primary.
func (s *Stack) initPostgres(ctx context.Context, data string) error {
	password := filepath.Join(filepath.Dir(data), "password")
	if err := s.writeForPostgres(password, s.secret); err != nil {
		return err
	}
	if err := s.runPostgres(ctx, "initdb", "-D", data, "-U", adminUser, "--pwfile", password,
		"-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"); err != nil {
		return err
	}
	return appendTo(filepath.Join(data, "postgresql.conf"), postgresSettings)
}

func (s *Stack) startReplica(ctx context.Context) error {
	replica, data, err := s.newPostgres("replica")
	if err != nil {
		return err
	}
	source := fmt.Sprintf("host=127.0.0.1 port=%d user=%s application_name=replica", s.Primary.Port, replicaUser)
	if err := s.runPostgres(ctx, "pg_basebackup", "-D", data, "-d", source, "-R", "-X", "stream",
		"-S", replicaSlot, "-c", "fast", "--no-sync"); err != nil {
		return err
	}
	s.cluster.AdminReplica = s.postgresURL(adminUser, replica.Port, "postgres")
	replica.ready = func(ctx context.Context) error { return query(ctx, s.cluster.AdminReplica, "SELECT 1") }
	if err := replica.start(ctx); err != nil {
		return err
	}
	s.Replica = replica
	return s.CatchUp(ctx)
}

// newPostgres returns a new service and the path of its data folder, which does not exist
// yet.
func (s *Stack) newPostgres(name string) (service *Service, data string, err error) {
	if service, err = s.newService(name, syscall.SIGINT); err != nil {
		return nil, "", err
	}
	home := filepath.Join(s.folder, name)
	if s.kept != "" {
		home = s.kept
	}
	if !s.isKept() {
		if err := s.folderForPostgres(home); err != nil {
			return nil, "", err
		}
	}
	data = filepath.Join(home, "data")
	service.URL = s.postgresURL(appUser, service.Port, firstDatabase)
	service.quick = syscall.SIGQUIT
	service.command = func() (*exec.Cmd, error) {
		args := []string{"-D", data, "-c", fmt.Sprintf("port=%d", service.Port)}
		for _, setting := range s.settings {
			args = append(args, "-c", setting)
		}
		return s.postgres("postgres", args...)
	}
	return service, data, nil
}

func (s *Stack) postgresURL(user string, port int, database string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", user, s.secret, port, database)
}

func (s *Stack) folderForPostgres(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	if err := s.mountDisk(path); err != nil {
		return err
	}
	return s.giveToPostgres(path)
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

func (s *Stack) writeForPostgres(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	return s.giveToPostgres(path)
}

func (s *Stack) giveToPostgres(path string) error {
	credential, err := accountOf(adminUser)
	if err != nil || credential == nil {
		return err
	}
	return os.Chown(path, int(credential.Uid), int(credential.Gid))
}

// AdminURL is the URL of the superuser on the primary, in the database postgres.
func (s *Stack) AdminURL() string { return s.cluster.Admin }

// Database creates an empty database. Its name has the letters, digits and underscores of name
// and a random suffix. It returns the URLs on the primary and on
// the replica ("" without a replica), where the database is already visible.
func (s *Stack) Database(ctx context.Context, name string) (primaryURL, replicaURL string, err error) {
	if s.Primary == nil {
		return "", "", errors.New("stack: Database requires the part postgres")
	}
	database := databaseName(name)
	if err := query(ctx, s.Primary.URL, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return "", "", err
	}
	s.mu.Lock()
	s.database = append(s.database, database)
	s.mu.Unlock()
	primaryURL = strings.Replace(s.Primary.URL, "/"+firstDatabase+"?", "/"+database+"?", 1)
	if s.Replica == nil {
		return primaryURL, "", nil
	}
	replicaURL = strings.Replace(s.Replica.URL, "/"+firstDatabase+"?", "/"+database+"?", 1)
	return primaryURL, replicaURL, s.CatchUp(ctx)
}

func databaseName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
	return "t_" + plain[:min(len(plain), 40)] + "_" + strings.ToLower(rand.Text()[:8])
}

// CatchUp waits until the replica has replayed everything that the primary has written so
// far, at most 30 s.
func (s *Stack) CatchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var position string
	if err := queryRow(ctx, s.cluster.Admin, "SELECT pg_current_wal_lsn()::text", &position); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.cluster.AdminReplica)
	if err != nil {
		return fmt.Errorf("stack: replica: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for replayed := false; !replayed; time.Sleep(10 * time.Millisecond) {
		err := conn.QueryRow(ctx, "SELECT coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, false)", position).Scan(&replayed)
		if err != nil {
			return fmt.Errorf("stack: the replica has not replayed to %s: %w", position, err)
		}
	}
	return nil
}

// Synchronous makes commits on the primary wait for the replica.
func (s *Stack) Synchronous(ctx context.Context) error {
	if s.Replica.shared {
		return s.Replica.refuse()
	}
	if err := query(ctx, s.cluster.Admin, "ALTER SYSTEM SET synchronous_standby_names = 'replica'", "SELECT pg_reload_conf()"); err != nil {
		return err
	}
	for state := ""; state != "sync"; time.Sleep(5 * time.Millisecond) {
		if err := queryRow(ctx, s.cluster.Admin, "SELECT coalesce(max(sync_state), '') FROM pg_stat_replication", &state); err != nil {
			return err
		}
	}
	// The checkpointer tells the other processes of the setting, once it has read it.
	return query(ctx, s.cluster.Admin, "CHECKPOINT")
}

// Promote makes the replica the primary, at most within 30 s. It loses what it has not received.
func (s *Stack) Promote(ctx context.Context) error {
	if s.Replica.shared {
		return s.Replica.refuse()
	}
	promoted := false
	err := queryRow(ctx, s.cluster.AdminReplica, "SELECT pg_promote(true, 30)", &promoted)
	if err == nil && !promoted {
		err = errors.New("stack: the replica was not promoted")
	}
	return err
}

// PauseReplay stops the replica from showing new changes. It still receives them.
func (s *Stack) PauseReplay(ctx context.Context) error {
	if s.Replica.shared {
		return s.Replica.refuse()
	}
	if err := query(ctx, s.cluster.AdminReplica, "SELECT pg_wal_replay_pause()"); err != nil {
		return err
	}
	for state := ""; state != "paused"; time.Sleep(5 * time.Millisecond) {
		if err := queryRow(ctx, s.cluster.AdminReplica, "SELECT pg_get_wal_replay_pause_state()", &state); err != nil {
			return err
		}
	}
	return nil
}

// ResumeReplay ends PauseReplay.
func (s *Stack) ResumeReplay(ctx context.Context) error {
	if s.Replica.shared {
		return s.Replica.refuse()
	}
	return query(ctx, s.cluster.AdminReplica, "SELECT pg_wal_replay_resume()")
}

// Checkpoint writes all changes to the tables of the primary and the replica. The existing
// log files are then reused, as on a server that has run for a long time. A new server first
// has to fill each log file with zeros, which would distort measurements.
func (s *Stack) Checkpoint(ctx context.Context) error {
	if err := query(ctx, s.cluster.Admin, "CHECKPOINT"); err != nil || s.Replica == nil {
		return err
	}
	if err := s.CatchUp(ctx); err != nil {
		return err
	}
	return query(ctx, s.cluster.AdminReplica, "CHECKPOINT")
}

// query runs statements on a separate connection.
func query(ctx context.Context, url string, statements ...string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("stack: %w", err)
		}
	}
	return nil
}

func queryRow(ctx context.Context, url, statement string, into any) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := conn.QueryRow(ctx, statement).Scan(into); err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	return nil
}

// Vacuum runs VACUUM ANALYZE, so that autovacuum does not disturb the following measurement.
func Vacuum(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	return err
}
