package bank

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sofipo/core/civil"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/infra/db"
)

// Machine has the two clocks of a computer. A nil function means the real one.
type Machine struct {
	Wall   func() time.Time     // the time of day, which people and time servers set
	Uptime func() time.Duration // the time since a fixed moment. Nobody sets it, and it runs while the computer sleeps
}

// Limits of the check of the clock.
const (
	clockError = 5 * time.Second // accepted difference from the reference
	steadyTime = time.Minute     // how long a clock that was set must run steadily before it is accepted
	errorEvery = time.Minute     // time between two log lines about the same wrong clock
)

// clock is the clock of a bank. It refuses writes while the clock of the machine differs from
// its reference: on PostgreSQL the clock of the server, and the end of the last seal of the journal,
// which rows may not be older than; on SQLite the newest row, which must
// not be in the future, and the uptime, which must have advanced as much as the clock. An
// injected clock is not checked.
//
// On SQLite, a clock that was set within the same day is accepted when it has run steadily for
// a minute, because no figure depends on the hour. A clock that was set to another day is
// accepted only after a restart, or when it is right again.
type clock struct {
	machine  Machine
	injected func() time.Time // nil if the machine's clock is used
	peek     func() time.Time // reads the injected clock for what is not written
	server   bool             // the database has a clock of its own
	accepts  bool             // rows may be older than the last seal
	location *time.Location
	log      *slog.Logger

	mu         sync.Mutex
	sealed     time.Time     // end of the last seal of the journal
	newestRead bool          // newest includes the rows of earlier processes
	newest     time.Time     // time of the newest row; SQLite only
	seen       reading       // the last reading that was accepted
	set        reading       // the first reading after the clock was set; zero if it was not
	wrong      bool          // the last check failed
	logged     time.Duration // uptime at the last log line about a wrong clock
}

// reading is a simultaneous reading of both clocks.
type reading struct {
	wall   time.Time
	uptime time.Duration
}

// after returns the time that the wall clock should have shown at the uptime.
func (r reading) after(uptime time.Duration) time.Time { return r.wall.Add(uptime - r.uptime) }

func newClock(o *Options) *clock {
	c := &clock{machine: o.Machine, injected: o.Clock, peek: o.Peek, location: o.Location, log: o.Log}
	if c.peek == nil {
		c.peek = o.Clock
	}
	if c.machine.Wall == nil {
		c.machine.Wall = time.Now
	}
	if c.machine.Uptime == nil {
		c.machine.Uptime = uptime
	}
	if c.injected == nil && o.DB != nil {
		c.server, c.newestRead, c.accepts = !o.DB.Embedded(), o.AcceptClock, o.AcceptClock
		c.seen = c.read()
	}
	return c
}

// now returns the current time, for what is not written, without checking it.
func (c *clock) now() time.Time {
	if c.injected != nil {
		return c.peek()
	}
	return c.machine.Wall()
}

// read returns a reading of the machine's clocks. The wall clock has no monotonic part, which
// would hide that it was set.
func (c *clock) read() reading { return reading{c.machine.Wall().Round(0), c.machine.Uptime()} }

// gave records the time of a row that is about to be written.
func (c *clock) gave(at time.Time) {
	if c.injected != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.newest) {
		c.newest = at
	}
}

// ClockCheck is a check of the clock that is part of a round trip to the primary database.
type ClockCheck struct {
	clock  *clock
	before time.Time // time before the round trip
	server time.Time // time of the server
	newest id.ID     // id of the newest row
	at     time.Time // time that was checked
}

// CheckClock adds the query for the reference of the clock, if it needs one. Once the batch
// has run, Err returns the result.
func (b *Bank) CheckClock(load *db.Batch) *ClockCheck { return b.clock.check(load) }

func (c *clock) check(load *db.Batch) *ClockCheck {
	k := &ClockCheck{clock: c}
	if c.injected != nil {
		return k
	}
	k.before = c.read().wall
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.server:
		load.Query("SELECT clock_timestamp()", func(s db.Scanner) error { return s.Scan(&k.server) })
	case !c.newestRead:
		load.Query(newestRow, func(s db.Scanner) error { return s.Scan(&k.newest) })
	}
	return k
}

// newestRow returns the id of the newest row of the journal, which has the time.
const newestRow = "SELECT id FROM journal ORDER BY id DESC LIMIT 1"

// NewestRow returns the time of the newest row of the journal, or the zero time.
func NewestRow(ctx context.Context, d *db.DB) (time.Time, error) {
	var newest id.ID
	load := &db.Batch{}
	load.Query(newestRow, func(s db.Scanner) error { return s.Scan(&newest) })
	err := d.ReadPrimary(ctx, load)
	if newest.IsZero() {
		return time.Time{}, err
	}
	return newest.Time(), err
}

// Err returns nil if the clock is right, and otherwise the refusal Unavailable with
// fault.ClockWrong. The reason is logged as an error, at most once a minute.
func (k *ClockCheck) Err() error {
	c := k.clock
	if c.injected != nil {
		return nil
	}
	now := c.read()
	k.at = now.wall
	c.mu.Lock()
	defer c.mu.Unlock()
	var why error
	if c.server {
		if why = compareServer(k.before, now.wall, k.server); why == nil {
			why = c.compareSeals(now.wall)
		}
	} else {
		if !c.newestRead && !k.newest.IsZero() && k.newest.Time().After(c.newest) {
			c.newest = k.newest.Time()
		}
		c.newestRead = true
		why = c.compareHistory(now)
	}
	if why == nil {
		if c.wrong {
			c.log.Info("the clock is right again; writes are accepted")
		}
		c.wrong = false
		return nil
	}
	if !c.wrong || now.uptime-c.logged >= errorEvery {
		c.log.Error("the clock is wrong; writes are refused", "error", why)
		c.logged = now.uptime
	}
	c.wrong = true
	return Unavailable(fault.ClockWrong, why)
}

// Time returns the time for what is written in the transaction: the time that was checked, or
// the next reading of an injected clock. Err must have been called.
func (k *ClockCheck) Time() time.Time {
	if k.clock.injected != nil {
		return k.clock.injected()
	}
	return k.at
}

// compareServer compares the clock before and after the server was asked with the server's.
func compareServer(before, after, server time.Time) error {
	if server.Before(before.Add(-clockError)) || server.After(after.Add(clockError)) {
		return fmt.Errorf("it shows %s, but the clock of the database server %s: set one of them", show(after), show(server))
	}
	return nil
}

// compareSeals compares the clock with the end of the last seal: an older row would look as if it had
// been added later.
func (c *clock) compareSeals(now time.Time) error {
	if c.accepts || !now.Before(c.sealed) {
		return nil
	}
	return fmt.Errorf("it shows %s, but rows up to %s are sealed: set the clock; if it is right, wait until it has passed that time, or start with --accept-clock", show(now), show(c.sealed))
}

// SealedUntil sets the end of the last seal of the journal. On PostgreSQL, writes with an older time
// are refused.
func (b *Bank) SealedUntil(end time.Time) {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	b.clock.sealed = end
}

// compareHistory compares a reading with the newest row and with the last accepted reading.
func (c *clock) compareHistory(now reading) error {
	expected := c.seen.after(now.uptime)
	wasSet := !near(now.wall, expected)
	if wasSet && (c.set.wall.IsZero() || !near(now.wall, c.set.after(now.uptime))) {
		c.set = now
	}
	sameDay := civil.DateOf(now.wall.In(c.location)) == civil.DateOf(expected.In(c.location))
	switch {
	case now.wall.Before(c.newest.Add(-clockError)):
		return fmt.Errorf("it shows %s, but the newest row is of %s: set the clock; if it is right, wait until it has passed that row, or start with --accept-clock", show(now.wall), show(c.newest))
	case !wasSet:
		c.seen, c.set = now, reading{}
		return nil
	case !sameDay:
		return fmt.Errorf("it was set from %s to %s, another day: set it back, or restart sofipo if it is right now", show(expected), show(now.wall))
	case now.uptime-c.set.uptime < steadyTime:
		return fmt.Errorf("it was set from %s to %s: it is accepted when it has run steadily for %s", show(expected), show(now.wall), steadyTime)
	}
	c.log.Warn("the clock was set", "from", show(expected), "to", show(now.wall))
	c.seen, c.set = now, reading{}
	return nil
}

// near reports whether two times differ by at most clockError.
func near(a, b time.Time) bool { return a.Sub(b).Abs() <= clockError }

func show(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// Now returns the time of the bank's clock. It refuses a wrong clock, as Do does; if the
// primary database does not answer, it returns its error.
func (b *Bank) Now(ctx context.Context) (time.Time, error) {
	load := &db.Batch{}
	check := b.CheckClock(load)
	if !load.Empty() {
		if err := b.opts.DB.ReadPrimary(ctx, load); err != nil {
			return time.Time{}, err
		}
	}
	err := check.Err()
	return check.Time(), err
}
