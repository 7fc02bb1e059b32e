package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnknownOutcome means that the connection was lost during a commit. The transaction may
// or may not have been committed.
var ErrUnknownOutcome = errors.New("the connection was lost during a commit; the outcome is unknown")

// errNotReplicated reports the only warning that a commit can give.
var errNotReplicated = errors.New("the wait for the synchronous standby was cancelled")

// Session is a connection for writing, used by one goroutine at a time. After a lost
// connection it reconnects on the next Begin. On SQLite all sessions share one connection,
// each during its transaction.
type Session struct {
	db          *DB
	pg          *pgx.Conn
	lite        *statements // set during a transaction
	leads       bool
	holdsLock   bool // holds the writer lock of SQLite
	warned      bool // the server sent a warning during the commit
	connections int
	promotions  uint64 // of the database when the session connected
}

// Session returns a session for a writer. It connects on the first Begin.
func (d *DB) Session() *Session { return &Session{db: d} }

// Connections returns the number of connections made to PostgreSQL so far; 0 on SQLite. Data
// read over an earlier connection may be gone, because a server that takes over after a
// failure may lack late commits.
func (s *Session) Connections() int { return s.connections }

// Lead reports whether this session is the leader for a purpose. The leader is the first
// session of all nodes to ask, until its connection ends. On SQLite it always is, because
// there is one process.
func (s *Session) Lead(ctx context.Context, purpose int64) (bool, error) {
	if err := s.connect(ctx); err != nil || s.pg == nil || s.leads {
		return err == nil, err
	}
	err := s.pg.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", purpose).Scan(&s.leads)
	if err != nil {
		s.Close()
	}
	return s.leads, err
}

// Begin starts a transaction and runs the batch in the same round trip. An error rolls the
// transaction back. If a leader's connection was lost, Begin returns the error and does not
// reconnect, because another session may lead now.
func (s *Session) Begin(ctx context.Context, load *Batch) error {
	again := s.pg != nil && !s.leads
	err := s.begin(ctx, load)
	if err != nil && again && s.pg == nil {
		// The server closed the connection since its last use, so nothing was begun.
		err = s.begin(ctx, load)
	}
	return err
}

func (s *Session) begin(ctx context.Context, load *Batch) error {
	led := s.leads
	load.keyed(s.db.keys.Load())
	err := s.connect(ctx)
	if err != nil {
		return err
	}
	if led && !s.leads {
		return errLeadLost
	}
	if s.pg != nil {
		err = runPostgres(ctx, s.pg, load, []probe{{sql: "BEGIN"}}, nil)
	} else if err = s.lockWriter(ctx); err == nil {
		if _, err = s.lite.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err == nil {
			err = s.lite.run(ctx, load)
		}
	}
	if err != nil {
		s.db.noteWrite(err)
		s.Rollback()
	}
	return err
}

// lockWriter waits for the shared connection, in order. SQLite's own locking is unfair: a
// session that begins again immediately overtakes one that sleeps until the file is free.
// Separate connections would also lose their page caches at each other's commits.
func (s *Session) lockWriter(ctx context.Context) (err error) {
	select {
	case s.db.writerLock <- struct{}{}:
		s.holdsLock = true
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.lite = s.db.lite; s.lite != nil {
		return nil
	}
	conn, err := s.db.write.Conn(ctx)
	if err == nil {
		s.lite = newStatements(conn)
	}
	return err
}

func (s *Session) unlockWriter() {
	if s.holdsLock {
		s.db.lite, s.lite, s.holdsLock = s.lite, nil, false
		<-s.db.writerLock
	}
}

// Load runs another batch in the current transaction. An error rolls the transaction back.
func (s *Session) Load(ctx context.Context, load *Batch) (err error) {
	load.keyed(s.db.keys.Load())
	if s.pg != nil {
		err = runPostgres(ctx, s.pg, load, nil, nil)
	} else {
		err = s.lite.run(ctx, load)
	}
	if err != nil {
		s.Rollback()
	}
	return err
}

// Commit runs the batch, commits in the same round trip, and returns the commit token. On an
// error nothing was written, unless it is ErrUnknownOutcome.
func (s *Session) Commit(ctx context.Context, save *Batch) (token uint64, err error) {
	defer func() { s.db.noteWrite(err) }()
	save.keyed(s.db.keys.Load())
	if s.pg != nil {
		var at int64
		committed := false
		s.warned = false
		err = runPostgres(ctx, s.pg, save, nil, []probe{{sql: "COMMIT", done: &committed}, {sql: flushed, into: &at}})
		if err == nil && s.warned {
			err = errNotReplicated
		}
		if err != nil && (committed || s.pg.IsClosed()) {
			s.Close()
			return 0, fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
		}
		token = uint64(at)
	} else {
		if err = s.lite.run(ctx, save); err == nil {
			// A COMMIT must not be interrupted: it may already have taken effect.
			err = s.db.commit(func() error {
				_, err := s.lite.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT")
				return err
			})
		}
		if err == nil {
			token = s.db.commits.Add(1)
		}
	}
	if err != nil {
		s.Rollback()
	}
	s.unlockWriter()
	return token, err
}

// Rollback rolls the transaction back. If that fails, the connection is dropped.
func (s *Session) Rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var err error
	switch {
	case s.pg != nil:
		_, err = s.pg.Exec(ctx, "ROLLBACK")
	case s.holdsLock:
		if s.lite != nil {
			if _, err = s.lite.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
				s.lite.discard()
				s.lite = nil
			}
		}
		s.unlockWriter()
	}
	if err != nil && s.pg != nil {
		s.Close()
	}
}

// Close closes the connection.
func (s *Session) Close() {
	if s.pg != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if s.leads { // the server may notice the end of a connection late
			_, _ = s.pg.Exec(ctx, "SELECT pg_advisory_unlock_all()")
		}
		_ = s.pg.Close(ctx) // the error of a broken connection does not matter
		s.pg, s.leads = nil, false
	}
	if s.holdsLock {
		s.Rollback()
	}
}

// connect connects to PostgreSQL unless the session is connected to the primary.
func (s *Session) connect(ctx context.Context) (err error) {
	if s.db.primary == nil {
		return nil
	}
	promotions := s.db.primaries.promotions.Load()
	if s.pg != nil && !s.pg.IsClosed() && s.promotions == promotions {
		return nil
	}
	s.Close()
	s.promotions = promotions
	cfg := s.db.primary.Config().ConnConfig
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.warned = s.warned || n.SeverityUnlocalized == "WARNING" }
	s.pg, err = pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		s.pg = nil
		return err
	}
	s.connections++
	return nil
}

// Server identifies the PostgreSQL server of the session and its timeline, which a promotion
// or a recovery changes. It is empty on SQLite. Like Begin, it does not reconnect a leader.
func (s *Session) Server(ctx context.Context) (name string, err error) {
	led := s.leads
	if err = s.connect(ctx); err != nil || s.pg == nil {
		return "", err
	}
	if led && !s.leads {
		return "", errLeadLost
	}
	err = s.pg.QueryRow(ctx, "SELECT system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8) FROM pg_control_system()").Scan(&name)
	if err != nil {
		s.Close()
	}
	return name, err
}
