package db

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Read runs the queries of the batch in one snapshot that includes every commit up to the
// token need. It uses the replica if that has replayed the token, and otherwise the primary.
// It returns a token that the snapshot is certain to include. The queries may be run twice;
// see Batch.Before.
func (d *DB) Read(ctx context.Context, need uint64, b *Batch) (token uint64, err error) {
	b.keyed(d.keys.Load())
	if d.Embedded() {
		if token, done, err := d.simulation.readLate(ctx, need, b); done {
			return token, err
		}
		return d.readSQLite(ctx, b)
	}
	if d.replica.serves(need) {
		token, err = d.replica.read(ctx, b)
		if err == nil && token >= need {
			return token, nil
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	token, err = readPool(ctx, d.primary, flushed, b)
	// A commit with exactly the flushed token may not be visible yet.
	return max(token, 1) - 1, err
}

// ReadPrimary is Read on the primary, for data that must be current, such as a user's
// password.
func (d *DB) ReadPrimary(ctx context.Context, b *Batch) error {
	b.keyed(d.keys.Load())
	if d.Embedded() {
		_, err := d.readSQLite(ctx, b)
		return err
	}
	_, err := readPool(ctx, d.primary, "", b)
	return err
}

// Writes counts the completed write transactions: of the whole server on PostgreSQL, of this
// process on SQLite. Only differences between two calls are meaningful.
func (d *DB) Writes(ctx context.Context) (uint64, error) {
	if d.Embedded() {
		return d.commits.Load(), nil
	}
	return token(ctx, d.primary, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
}

func (d *DB) readSQLite(ctx context.Context, b *Batch) (token uint64, err error) {
	b.begin()
	token = d.commits.Load()
	return token, d.read.use(ctx, func(l *lite) error { return l.snapshot(ctx, b) })
}

// replica is a streaming replica and its known progress.
type replica struct {
	pool     *pgxpool.Pool
	label    func(context.Context, *pgx.Conn) error
	replayed atomic.Uint64 // the last token seen there
	fresh    atomic.Bool   // it has what the primary had staleAfter ago
	primary  atomic.Uint64 // the last token seen on the primary
	freshAt  atomic.Int64  // when it last was fresh, in Unix nanoseconds; 0 for never
}

// Lag is how far the replica is behind the primary.
type Lag struct {
	Bytes uint64        // of the log that it has not replayed
	Time  time.Duration // since when it lacks what the primary had; 0 while that is less than staleAfter
}

// Lag returns how far the replica is behind, as last compared. It returns false without a
// replica, or before the first comparison.
func (d *DB) Lag() (l Lag, known bool) {
	r := d.replica
	if r == nil || r.freshAt.Load() == 0 {
		return l, false
	}
	const positions = 1<<timelineShift - 1
	if ahead, has := r.primary.Load()&positions, r.replayed.Load()&positions; ahead > has {
		l.Bytes = ahead - has
	}
	if !r.fresh.Load() {
		l.Time = staleAfter + time.Since(time.Unix(0, r.freshAt.Load()))
	}
	return l, true
}

// staleAfter is the maximum age of an answer from the replica if no token is required.
const staleAfter = 2 * time.Second

// replicaTime is the timeout of a read on the replica; after it, the read goes to the
// primary.
const replicaTime = 2 * time.Second

func (r *replica) serves(need uint64) bool {
	return r != nil && r.fresh.Load() && r.replayed.Load() >= need
}

func (r *replica) read(ctx context.Context, b *Batch) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, replicaTime)
	defer cancel()
	token, err := readPool(ctx, r.pool, replayed, b)
	if err != nil {
		r.fresh.Store(false) // until the next comparison
		return 0, err
	}
	r.observe(token)
	return token, nil
}

func (r *replica) observe(token uint64) {
	for {
		old := r.replayed.Load()
		if token <= old || r.replayed.CompareAndSwap(old, token) {
			return
		}
	}
}

// watch compares the replica with the primary's state staleAfter ago, ten times a second.
// While the primary is unavailable, the replica serves what it has.
func (r *replica) watch(ctx context.Context, primary *pgxpool.Pool) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var seen history
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		if now, err := token(ctx, primary, flushed); err == nil {
			seen = append(seen, observation{asked, now})
			r.primary.Store(now)
		}
		has, err := r.ask(ctx)
		if err == nil {
			r.observe(has)
		}
		fresh := err == nil && has >= seen.required(time.Now())
		if fresh || r.freshAt.Load() == 0 {
			r.freshAt.Store(time.Now().UnixNano())
		}
		r.fresh.Store(fresh)
	}
}

// ask returns the token that the replica has replayed. When the replica follows a new
// timeline, all connections are opened again, so that they are labelled with it.
func (r *replica) ask(ctx context.Context) (token uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := r.pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	before := labelled(conn.Conn(), 0)
	if err := r.label(ctx, conn.Conn()); err != nil {
		return 0, err
	}
	if labelled(conn.Conn(), 0) > before {
		r.pool.Reset()
	}
	var at int64
	err = conn.QueryRow(ctx, replayed).Scan(&at)
	return labelled(conn.Conn(), uint64(at)), err
}

// observation is the primary's token at a time.
type observation struct {
	at    time.Time
	token uint64
}

// history has the observations of the primary, oldest first.
type history []observation

// required returns the newest token that is at least staleAfter old, or else the first one
// observed; 0 if there is none. It removes older observations.
func (h *history) required(now time.Time) uint64 {
	for len(*h) > 1 && now.Sub((*h)[1].at) >= staleAfter {
		*h = (*h)[1:]
	}
	if len(*h) == 0 {
		return 0
	}
	return (*h)[0].token
}

func token(ctx context.Context, pool *pgxpool.Pool, text string) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var at int64
	err := pool.QueryRow(ctx, text).Scan(&at)
	return uint64(at), err
}
