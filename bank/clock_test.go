package bank_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/staff"
	"sofipo/core/fault"
	"sofipo/infra/db"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// machine has clocks that a test moves.
type machine struct {
	mu     sync.Mutex
	wall   time.Time
	uptime time.Duration
	log    bytes.Buffer
}

// newMachine returns a machine on the noon of the day, in UTC.
func newMachine() *machine {
	return &machine{wall: time.Now().UTC().Truncate(24 * time.Hour).Add(12 * time.Hour), uptime: time.Hour}
}

// clocks is the option of a bank on the machine.
func (m *machine) clocks(o *bank.Options) {
	o.Location, o.Log = time.UTC, slog.New(slog.NewTextHandler(&m.log, nil))
	o.Machine.Wall = func() time.Time {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.wall
	}
	o.Machine.Uptime = func() time.Duration {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.uptime
	}
}

// pass lets time pass.
func (m *machine) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wall, m.uptime = m.wall.Add(d), m.uptime+d
}

// set changes the time of day.
func (m *machine) set(by time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wall = m.wall.Add(by)
}

// writes fails the test unless a write is accepted, or refused for the clock.
func writes(t *testing.T, b *bank.Bank, when string, want bool) {
	t.Helper()
	var refusal *fault.Error
	_, err := bank.Do(t.Context(), b, office.By, staff.AddUser{Username: "u" + time.Now().Format("150405.000000000"), Password: "x", Role: "teller"})
	if refused := errors.As(err, &refusal) && refusal.Code == fault.Unavailable && refusal.Rule == fault.ClockWrong; refused == want || !refused && err != nil {
		t.Errorf("%s: got %v, want an accepted write: %t", when, err, want)
	}
	if _, err := b.Now(t.Context()); (err == nil) != want {
		t.Errorf("%s: got %v from Now, want no error: %t", when, err, want)
	}
}

// TestClockSet: on SQLite, a clock that is set refuses writes until it is right again, or has
// run for a minute on the same day. A sleeping computer is no reason.
func TestClockSet(t *testing.T) {
	const day = 24 * time.Hour
	for name, steps := range map[string][]struct {
		pass, set time.Duration
		want      bool
	}{
		"small steps":             {{time.Second, 4 * time.Second, true}, {time.Second, 4 * time.Second, true}, {time.Second, -4 * time.Second, true}},
		"asleep":                  {{30 * day, 0, true}},
		"ahead by 400 days":       {{0, 400 * day, false}, {2 * time.Minute, 0, false}, {day, 0, false}, {0, -400*day + time.Second, true}},
		"ahead by a day":          {{time.Minute, day, false}, {2 * time.Minute, 0, false}},
		"back":                    {{time.Hour, 0, true}, {0, -10 * time.Second, false}, {4 * time.Second, 0, false}, {2 * time.Second, 0, false}, {time.Minute, 0, true}},
		"ahead by an hour":        {{0, time.Hour, false}, {50 * time.Second, 0, false}, {15 * time.Second, 0, true}, {time.Minute, 0, true}},
		"not steady":              {{0, time.Hour, false}, {50 * time.Second, 10 * time.Second, false}, {50 * time.Second, 0, false}, {15 * time.Second, 0, true}},
		"behind the newest row":   {{0, time.Hour, false}, {time.Minute, 0, true}, {0, -time.Hour, false}, {30 * time.Minute, 0, false}, {31 * time.Minute, 0, true}},
		"ahead and right at once": {{0, 6 * time.Second, false}, {time.Second, -6 * time.Second, true}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine()
			b := office.OpenBank(t, ground.Open(t, ground.Config(t, ground.SQLite)), m.clocks)
			writes(t, b, "at first", true)
			refusals := 0
			for n, s := range steps {
				m.pass(s.pass)
				m.set(s.set)
				writes(t, b, time.Duration(n).String(), s.want)
				if !s.want {
					refusals++
				}
			}
			if errs := strings.Count(m.log.String(), "level=ERROR"); (errs > 0) != (refusals > 0) {
				t.Errorf("got %d errors in the log, want one or more only if writes were refused: %s", errs, m.log.String())
			}
		})
	}
}

// TestNewestRowAhead: on SQLite, rows of an earlier process that are later than the clock
// refuse writes until the clock has passed them, unless the clock is accepted.
func TestNewestRowAhead(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.SQLite))
	m := newMachine()
	first := office.OpenBank(t, d, m.clocks)
	writes(t, first, "at first", true)
	first.Close()
	m.set(-time.Hour)
	second := office.OpenBank(t, d, m.clocks)
	writes(t, second, "an hour behind", false)
	if !strings.Contains(m.log.String(), "but the newest row is of") {
		t.Errorf("got the log %s, want the newest row in it", m.log.String())
	}
	m.pass(time.Hour - 4*time.Second)
	writes(t, second, "4 seconds behind", true)
	second.Close()
	m.set(-time.Hour)
	writes(t, office.OpenBank(t, d, m.clocks, func(o *bank.Options) { o.AcceptClock = true }), "accepted", true)
}

// TestServerClock: on PostgreSQL, the clock is compared with the server's.
func TestServerClock(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	m := newMachine()
	b := office.OpenBank(t, d, m.clocks, func(o *bank.Options) { o.Machine.Uptime = nil })
	for _, c := range []struct {
		off  time.Duration
		want bool
	}{{0, true}, {time.Hour, false}, {3 * time.Second, true}, {-time.Hour, false}, {-7 * time.Second, false}, {0, true}} {
		m.mu.Lock()
		m.wall = time.Now().Add(c.off)
		m.mu.Unlock()
		writes(t, b, c.off.String(), c.want)
	}
	if got := m.log.String(); strings.Count(got, "level=ERROR") < 2 || !strings.Contains(got, "the clock of the database server") {
		t.Errorf("got the log %s, want errors that name the server's clock", got)
	}
}

// TestClockBehindTheSeals: on PostgreSQL, a clock that was set back behind sealed rows refuses writes,
// also if the server's clock agrees, unless the clock is accepted.
func TestClockBehindTheSeals(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	b := office.OpenBank(t, d)
	for _, c := range []struct {
		sealed time.Duration
		want   bool
	}{{-time.Minute, true}, {time.Hour, false}, {-time.Second, true}} {
		b.SealedUntil(time.Now().Add(c.sealed))
		writes(t, b, c.sealed.String(), c.want)
	}
	accepted := office.OpenBank(t, d, func(o *bank.Options) { o.AcceptClock = true })
	accepted.SealedUntil(time.Now().Add(time.Hour))
	writes(t, accepted, "accepted", true)
}

// TestInjectedClock: a clock that is not the machine's may go anywhere.
func TestInjectedClock(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		b := office.OpenBank(t, d, office.Clock(func() time.Time { return now }))
		for _, days := range []int{0, 400, -400} {
			now = now.AddDate(0, 0, days)
			writes(t, b, now.String(), true)
		}
	})
}
