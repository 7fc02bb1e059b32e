package db

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// timelineShift is the place of the timeline in a commit token of PostgreSQL; the position in
// the log is below it. A promotion starts a new timeline, so tokens of the new primary are
// higher than all tokens of the old one.
const timelineShift = 48

// flushed returns the commit token of a primary: every commit acknowledged before has this
// token or a lower one.
const flushed = `SELECT (('x' || substr(pg_walfile_name(f), 1, 8))::bit(32)::bigint << 48) | pg_wal_lsn_diff(f, '0/0')::bigint
	FROM pg_current_wal_flush_lsn() f`

// probeInterval is the time between two looks for a new primary.
const probeInterval = 2 * time.Second

// errLeadLost is returned by Begin if a leader's connection was closed: another session may
// lead now.
var errLeadLost = errors.New("the leader's connection was closed")

// primaryWatch detects that another server became the primary. Open connections stay with the
// old one, so it asks over a new connection each time.
type primaryWatch struct {
	first      atomic.Uint64 // first token seen of the newest timeline
	promotions atomic.Uint64 // how often the primary changed
	promoted   atomic.Pointer[func(token uint64)]
}

// OnPromotion sets a function that is called within seconds after another server became the
// primary, with the lowest token of that server. Earlier answers may include commits that it
// does not have.
func (d *DB) OnPromotion(promoted func(token uint64)) { d.primaries.promoted.Store(&promoted) }

// timeline returns the newest timeline, 0 before a primary answered.
func (w *primaryWatch) timeline() uint64 { return w.first.Load() >> timelineShift }

// watchPrimary looks for a new primary every probeInterval.
func (d *DB) watchPrimary(ctx context.Context) {
	ticker := time.NewTicker(probeInterval)
	defer ticker.Stop()
	for {
		if token, err := d.askPrimary(ctx); err == nil {
			d.sawPrimary(token)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sawPrimary closes all connections if the token is of a later timeline.
func (d *DB) sawPrimary(token uint64) {
	if token>>timelineShift <= d.primaries.timeline() {
		return
	}
	if d.primaries.first.Swap(token) == 0 {
		return // the first answer
	}
	d.primaries.promotions.Add(1)
	d.primary.Reset()
	if d.replica != nil {
		d.replica.pool.Reset()
	}
	if promoted := d.primaries.promoted.Load(); promoted != nil {
		(*promoted)(token >> timelineShift << timelineShift)
	}
}

// askPrimary returns the token of the primary that answers a new connection.
func (d *DB) askPrimary(ctx context.Context) (token uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cfg := d.primary.Config().ConnConfig
	cfg.ConnectTimeout = 2 * time.Second // of each host
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	var at int64
	err = conn.QueryRow(ctx, flushed).Scan(&at)
	return uint64(at), err
}

// errDeposed is the error of a connection to a server that is no longer the primary.
var errDeposed = errors.New("the server is on an earlier timeline than the primary")

// refuseDeposed makes connections refuse a server on an earlier timeline: a deposed primary
// answers as one until it notices. With several hosts in the URL the next one is tried.
func (d *DB) refuseDeposed(cfg *pgx.ConnConfig) {
	accepts := cfg.ValidateConnect
	cfg.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		if accepts != nil {
			if err := accepts(ctx, conn); err != nil {
				return err
			}
		}
		newest := d.primaries.timeline()
		if newest == 0 {
			return nil
		}
		result := conn.ExecParams(ctx, flushed, nil, nil, nil, nil).Read()
		if result.Err != nil || len(result.Rows) == 0 {
			return result.Err
		}
		token, err := strconv.ParseUint(string(result.Rows[0][0]), 10, 64)
		if err == nil && token>>timelineShift < newest {
			err = errDeposed
		}
		return err
	}
}

// labelKey is the key of a replica connection's timeline in its custom data.
const labelKey = "sofipo.timeline"

// label stores the timeline that the server of a new connection replays. A standby reports
// the timeline of its last checkpoint, which may be old, and of the log that it has received,
// which it may not have replayed yet. The received timeline is used only if the server has
// replayed past the first position seen on it.
func (d *DB) label(ctx context.Context, conn *pgx.Conn) error {
	var checkpointed, received, replayed int64
	if err := conn.QueryRow(ctx, `SELECT c.timeline_id::bigint, coalesce(w.received_tli, 0)::bigint, coalesce(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'), 0)::bigint
		FROM pg_control_checkpoint() c LEFT JOIN pg_stat_wal_receiver w ON true`).Scan(&checkpointed, &received, &replayed); err != nil {
		return err
	}
	timeline := uint64(checkpointed)
	first := d.primaries.first.Load()
	if uint64(received) == first>>timelineShift && uint64(received)<<timelineShift|uint64(replayed) >= first {
		timeline = max(timeline, uint64(received))
	}
	conn.PgConn().CustomData()[labelKey] = timeline
	return nil
}

// labelled adds the timeline of a connection to a position that its server has replayed.
func labelled(conn *pgx.Conn, position uint64) uint64 {
	timeline, _ := conn.PgConn().CustomData()[labelKey].(uint64)
	return timeline<<timelineShift | position
}
