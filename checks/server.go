package checks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sofipo/infra/db"
)

// leastFree is the free part of a disk, in percent, below which Disk warns.
const leastFree = 10

// Server checks the versions, the role and the replication of the database. The
// version is that of the program.
func Server(ctx context.Context, d *db.DB, version string) []Check {
	s, err := d.Server(ctx)
	if err != nil {
		return []Check{{Name: "versions", Err: err}}
	}
	versions := Check{Name: "versions", Found: fmt.Sprintf("sofipo %s, schema %d, %s", version, s.Schema, s.Version), Warning: true}
	if s.Old {
		versions.Err = fmt.Errorf("%s is older than PostgreSQL 15", s.Version)
	}
	if d.Embedded() {
		return []Check{versions}
	}
	role := Check{Name: "the database is a primary", Found: fmt.Sprintf("timeline %d", s.Timeline)}
	if s.Standby {
		role.Err = errors.New("the URL of the primary leads to a standby, which accepts no writes")
	}
	return []Check{versions, role, replication(s)}
}

// replication warns if a failover could lose acknowledged operations.
func replication(s db.Server) Check {
	c := Check{Name: "commits wait for a standby", Found: "no standby", Warning: true}
	switch {
	case s.Waits != "":
		c.Found = fmt.Sprintf("%s, %d connected", s.Waits, s.Replicas)
	case s.Asynchronous():
		c.Err = fmt.Errorf("a replica is configured (%d connected), but commits do not wait for it: a failover may lose acknowledged operations", s.Replicas)
	}
	return c
}

// Clock checks the clock of the machine. The function now returns the business time and an
// error while it is wrong.
func Clock(ctx context.Context, d *db.DB, now func(context.Context) (time.Time, error)) Check {
	c := Check{Name: "the clock is right"}
	at, err := now(ctx)
	if err != nil {
		c.Err = err
		return c
	}
	c.Found = at.UTC().Format(time.RFC3339)
	if !d.Embedded() {
		s, err := d.Server(ctx)
		c.Found, c.Err = fmt.Sprintf("%s, %d ms from that of the database", c.Found, s.Ahead.Abs().Milliseconds()), err
	}
	return c
}

// Disk checks that the database accepts writes, and warns if the disk of the folder is almost full.
func Disk(ctx context.Context, d *db.DB, folder string) Check {
	c := Check{Name: "disk", Err: d.Writable(ctx)}
	free, size, err := db.FreeSpace(folder)
	switch {
	case c.Err != nil:
	case err != nil:
		c.Err, c.Warning = err, true
	default:
		c.Found = fmt.Sprintf("%.1f of %.1f GB free in %s", float64(free)/1e9, float64(size)/1e9, folder)
		if free < size/100*leastFree {
			c.Err, c.Warning = fmt.Errorf("only %s", c.Found), true
		}
	}
	return c
}
