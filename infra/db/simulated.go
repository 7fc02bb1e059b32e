package db

import (
	"context"
	"errors"
	"sync"
)

// Simulation lets package simulation decide what goes wrong with a SQLite database. Such a
// database does nothing in the background: Close moves its write-ahead log into the file.
type Simulation struct {
	// Commit runs each commit of a session. It may return an error before or after it ran it,
	// which the session then takes for the error of the commit.
	Commit func(commit func() error) error

	mu   sync.Mutex
	late *lite  // connection with the old snapshot; nil: reads are not late
	has  uint64 // the last commit in the snapshot
}

// commit runs a commit, or does what the simulation decides.
func (d *DB) commit(run func() error) error {
	if d.simulation == nil {
		return run()
	}
	return d.simulation.Commit(run)
}

// FallBehind makes Read see the database as it is now until CatchUp, except for reads that need a later
// commit: so does a replica that is slow. The database must have a Simulation.
func (d *DB) FallBehind(ctx context.Context) error {
	d.CatchUp()
	s := d.simulation
	s.mu.Lock()
	defer s.mu.Unlock()
	has := d.commits.Load()
	l, err := d.read.take(ctx)
	if err != nil {
		return err
	}
	// The snapshot is taken at the first read.
	if err = errors.Join(l.exec(ctx, "BEGIN"), l.exec(ctx, "SELECT count(*) FROM books")); err != nil {
		l.close()
		return err
	}
	s.late, s.has = l, has
	return nil
}

// CatchUp ends FallBehind.
func (d *DB) CatchUp() {
	s := d.simulation
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late != nil {
		s.late.close()
		s.late = nil
	}
}

// readLate runs the batch on the old snapshot if that includes the token need. It reports whether
// it did.
func (s *Simulation) readLate(ctx context.Context, need uint64, b *Batch) (token uint64, done bool, err error) {
	if s == nil {
		return 0, false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late == nil || s.has < need {
		return 0, false, nil
	}
	b.begin()
	for _, step := range b.steps {
		if err == nil {
			err = s.late.query(ctx, step)
		}
	}
	return s.has, true, err
}
