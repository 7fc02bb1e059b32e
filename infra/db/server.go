package db

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// Server describes the database server to its operators.
type Server struct {
	Version  string        // such as "PostgreSQL 15.8" or "SQLite 3.50.1"
	Schema   int64         // number of the last migration
	Old      bool          // PostgreSQL before version 15
	Standby  bool          // the primary URL leads to a server that only copies another one
	Timeline int64         // PostgreSQL: grows with each failover
	Replicas int64         // PostgreSQL: connected standbys
	Replica  bool          // a replica is configured
	Waits    string        // PostgreSQL: the standbys for which commits wait; empty if they wait for none
	Ahead    time.Duration // the clock of this machine minus that of the server
}

// Replicated reports whether a replica is configured.
func (d *DB) Replicated() bool { return d.replica != nil }

// Server asks the primary about itself.
func (d *DB) Server(ctx context.Context) (s Server, err error) {
	if s.Schema, err = d.SchemaVersion(ctx); err != nil {
		return s, err
	}
	batch := &Batch{}
	if d.Embedded() {
		batch.Query("SELECT sqlite_version()", func(row Scanner) error { return row.Scan(&s.Version) })
		err = d.ReadPrimary(ctx, batch)
		s.Version = "SQLite " + s.Version
		return s, err
	}
	s.Replica = d.Replicated()
	var number int64
	var commit string
	var now time.Time
	asked := time.Now()
	batch.Query(`SELECT clock_timestamp(), current_setting('server_version'), current_setting('server_version_num')::bigint, pg_is_in_recovery(),
		(SELECT timeline_id::bigint FROM pg_control_checkpoint()), (SELECT count(*) FROM pg_stat_replication),
		current_setting('synchronous_commit'), current_setting('synchronous_standby_names')`,
		func(row Scanner) error {
			err := row.Scan(&now, &s.Version, &number, &s.Standby, &s.Timeline, &s.Replicas, &commit, &s.Waits)
			asked = asked.Add(time.Since(asked) / 2) // the answer is as old as the way back
			return err
		})
	if err = d.ReadPrimary(ctx, batch); err != nil {
		return s, err
	}
	s.Ahead, s.Version, s.Old = asked.Sub(now), "PostgreSQL "+s.Version, number < 150000
	if commit == "off" || commit == "local" {
		s.Waits = ""
	}
	return s, nil
}

// Asynchronous reports whether a standby copies the server and commits do not wait for it. A
// failover to it may then lose acknowledged operations.
func (s Server) Asynchronous() bool { return (s.Replica || s.Replicas > 0) && s.Waits == "" }

// FreeSpace returns the free bytes of the disk of a folder, and its size.
func FreeSpace(folder string) (free, size uint64, err error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return 0, 0, fmt.Errorf("the free space of %s: %w", folder, err)
	}
	return uint64(disk.Bavail) * uint64(disk.Bsize), disk.Blocks * uint64(disk.Bsize), nil
}
