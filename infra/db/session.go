package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrUnknownOutcome says that the connection broke while a transaction was
// being committed: it may or may not have been.
var ErrUnknownOutcome = errors.New("the connection was lost during a commit; its outcome is not known")

// Session is one connection kept for writing, used by one goroutine. It
// reconnects by itself at the next Begin after a connection broke. On SQLite all
// sessions have one connection, each for the time of its transaction.
type Session struct {
	db          *DB
	pg          *pgx.Conn
	lite        *statements // in a transaction
	leads       bool
	holds       bool // the turn of SQLite
	connections int
}

// Session reserves a connection for a writer. It is made at the first Begin.
func (d *DB) Session() *Session { return &Session{db: d} }

// Connections is how many there have been to PostgreSQL so far, 0 on SQLite. What was
// read over an earlier one need not be there any more: a server that takes over may
// lack late commits.
func (s *Session) Connections() int { return s.connections }

// Lead tells whether this session is the leader for the purpose: the first of
// all nodes to ask, until its connection ends. SQLite has one process that asks.
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

// Begin starts a transaction and runs the batch in the same trip. On an error
// the transaction is over. A leader whose connection was lost gets the error:
// it leads no more.
func (s *Session) Begin(ctx context.Context, load *Batch) error {
	again := s.pg != nil && !s.leads
	err := s.begin(ctx, load)
	if err != nil && again && s.pg == nil {
		// The server had closed the connection since its last use: nothing was begun.
		err = s.begin(ctx, load)
	}
	return err
}

func (s *Session) begin(ctx context.Context, load *Batch) error {
	err := s.connect(ctx)
	if err != nil {
		return err
	}
	if s.pg != nil {
		err = runPostgres(ctx, s.pg, load, []probe{{sql: "BEGIN"}}, nil)
	} else if err = s.takeTurn(ctx); err == nil {
		if _, err = s.lite.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err == nil {
			err = s.lite.run(ctx, load)
		}
	}
	if err != nil {
		s.Rollback()
	}
	return err
}

// takeTurn waits in line with the other sessions of this process for the connection:
// SQLite itself lets who begins again at once overtake who sleeps until the file is
// free, and a connection forgets the pages that it knows when another one commits.
func (s *Session) takeTurn(ctx context.Context) (err error) {
	select {
	case s.db.turn <- struct{}{}:
		s.holds = true
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

func (s *Session) leaveTurn() {
	if s.holds {
		s.db.lite, s.lite, s.holds = s.lite, nil, false
		<-s.db.turn
	}
}

// Load runs a further batch in the transaction that Begin started. On an error
// the transaction is over.
func (s *Session) Load(ctx context.Context, load *Batch) (err error) {
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

// Commit runs the batch, commits in the same trip and gives the token of the
// commit. On an error nothing was written, unless it is ErrUnknownOutcome.
func (s *Session) Commit(ctx context.Context, save *Batch) (token uint64, err error) {
	if s.pg != nil {
		var at int64
		committed := false
		err = runPostgres(ctx, s.pg, save, nil, []probe{{sql: "COMMIT", done: &committed}, {sql: flushed, into: &at}})
		if err != nil && (committed || s.pg.IsClosed()) {
			s.Close()
			return 0, fmt.Errorf("%w: %w", ErrUnknownOutcome, err)
		}
		token = uint64(at)
	} else {
		if err = s.lite.run(ctx, save); err == nil {
			// Once begun, a COMMIT is waited for: cut short, it may have happened.
			_, err = s.lite.conn.ExecContext(context.WithoutCancel(ctx), "COMMIT")
		}
		if err == nil {
			token = s.db.commits.Add(1)
		}
	}
	if err != nil {
		s.Rollback()
	}
	s.leaveTurn()
	return token, err
}

// Rollback gives the transaction up. A connection that cannot is dropped.
func (s *Session) Rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var err error
	switch {
	case s.pg != nil:
		_, err = s.pg.Exec(ctx, "ROLLBACK")
	case s.holds:
		if s.lite != nil {
			if _, err = s.lite.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
				s.lite.discard()
				s.lite = nil
			}
		}
		s.leaveTurn()
	}
	if err != nil && s.pg != nil {
		s.Close()
	}
}

// Close gives the connection back.
func (s *Session) Close() {
	if s.pg != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if s.leads { // the server may notice the end of a connection late
			_, _ = s.pg.Exec(ctx, "SELECT pg_advisory_unlock_all()")
		}
		_ = s.pg.Close(ctx) // a broken connection has nothing left to say
		s.pg, s.leads = nil, false
	}
	if s.holds {
		s.Rollback()
	}
}

// connect connects to PostgreSQL.
func (s *Session) connect(ctx context.Context) (err error) {
	if s.db.primary == nil || s.pg != nil && !s.pg.IsClosed() {
		return nil
	}
	s.leads = false
	s.pg, err = pgx.ConnectConfig(ctx, s.db.primary.Config().ConnConfig)
	if err != nil {
		s.pg = nil
		return err
	}
	s.connections++
	return nil
}
