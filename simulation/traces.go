package simulation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sofipo/bank/seal"
	"sofipo/checks"
	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/ledger"
	"sofipo/core/money"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
)

// traces are what the requests of a day must have left.
type traces struct {
	log    *eventlog.Embedded
	done   map[string]bool // keys of the acknowledged requests of today
	silent map[string]bool // of these, the keys of commands without events

	events map[id.ID]string // correlation id and type of the events that were published today
	lines  []string         // what today left in the books, to be compared
}

func (t *traces) clear() {
	t.done, t.silent, t.events, t.lines = map[string]bool{}, map[string]bool{}, map[id.ID]string{}, nil
}

// note records the outcome of a request.
func (t *traces) note(o *odds) {
	if o.done {
		t.done[o.key] = true
		t.silent[o.key] = o.silent
	}
}

// Publish implements outbox.Publisher. Events may arrive more than once.
func (t *traces) Publish(ctx context.Context, events []event.Encoded) error {
	rejected, err := t.log.Put(ctx, events)
	if err != nil || len(rejected) > 0 {
		return errors.Join(err, fmt.Errorf("the event log rejected %v", rejected))
	}
	for _, e := range events {
		var read event.Envelope
		if err := json.Unmarshal(e.Body, &read); err != nil {
			return err
		}
		t.events[e.EventID] = read.CorrelationID + " " + e.EventType
	}
	return nil
}

// endDay publishes the events of the day, seals the journal, and checks what the requests left.
func (s *institution) endDay(ctx context.Context) error {
	if err := s.publish(ctx); err != nil {
		return err
	}
	if err := s.seal(ctx); err != nil {
		return err
	}
	if err := s.auditTraces(ctx); err != nil {
		return err
	}
	whole := s.day%checkEvery == 0 || s.day == s.Days
	seals := int64(checks.LastSeals)
	if whole {
		seals = checks.AllSeals
	}
	if c, _ := checks.Seals(ctx, s.DB, seals); c.Err != nil {
		return s.breach(unsealed, "%v", c.Err)
	}
	if !whole {
		return nil
	}
	report, err := eventlog.Verify(ctx, s.faults.log, outbox.NewKept(s.DB), 1)
	if err := cmp.Or(err, report.Err()); err != nil {
		return s.breach(published, "%v", err)
	}
	return nil
}

// publish moves the outbox to the event log. Crashes may interrupt it.
func (s *institution) publish(ctx context.Context) error {
	ended, cancel := context.WithCancel(ctx)
	cancel() // the relay then publishes what is there and returns
	f := s.faults
	for try := 1; try <= mostTries; try++ {
		f.drawStep(try)
		outbox.NewRelay(s.DB, f, 100*365*24*time.Hour, s.bank.Log()).Run(ended, time.Minute)
		f.fate = ""
		if err := s.recover(ctx); err != nil {
			return err
		}
		waiting, err := outbox.Backlog(ctx, s.DB)
		if err != nil || waiting == 0 {
			return err
		}
	}
	return s.breach(answered, "events are not published after %d tries", mostTries)
}

// seal seals the rows of the day, but those of the last minutes.
func (s *institution) seal(ctx context.Context) error {
	clock := func(context.Context) (time.Time, error) { return s.faults.wall(), nil }
	err, failed := s.persist(ctx, func() error {
		return seal.New(s.DB, clock, s.bank.SealedUntil, s.bank.Log()).Seal(ctx)
	})
	if failed == nil && err != nil {
		return s.breach(answered, "the journal is not sealed after %d tries: %v", mostTries, err)
	}
	return failed
}

// auditTraces checks that each acknowledged request of today is in the journal once, with its key
// and its events, and that no other is.
func (s *institution) auditTraces(ctx context.Context) error {
	f := s.faults
	opened := time.Date(int(s.today.Year), time.Month(s.today.Month), int(s.today.Day), 0, 0, 0, 0, s.Location)
	commands, keys, actions := map[string]int{}, map[string]bool{}, map[string]string{}
	var lines []string
	batch := &db.Batch{}
	batch.Query("SELECT correlation_id, min(action), count(DISTINCT command) FROM journal WHERE id >= $1 AND actor IS NOT NULL AND refusal IS NULL AND correlation_id IS NOT NULL GROUP BY correlation_id", func(r db.Scanner) error {
		var key, action string
		var times int
		err := r.Scan(&key, &action, &times)
		commands[key], actions[key] = times, action
		return err
	}, id.New(opened, [10]byte{}))
	batch.Query("SELECT key FROM idempotency WHERE created_at >= $1 AND operation <> 'close_day'", func(r db.Scanner) error {
		var key string
		err := r.Scan(&key)
		keys[key] = true
		return err
	}, opened)
	batch.Query(`SELECT coalesce(c.correlation_id, ''), j.kind, p.business_date, p.account, p.debit, p.credit FROM posted p JOIN journal j ON j.id = p.entry_id
		LEFT JOIN journal c ON c.command = j.command AND c.number = 0 WHERE p.entry_id >= $1`, func(r db.Scanner) error {
		var key, kind string
		var day civil.Date
		var account ledger.Account
		var debit, credit money.Amount
		err := r.Scan(&key, &kind, &day, &account, &debit, &credit)
		lines = append(lines, fmt.Sprintf("%s %s of %s: %s %s %s", key, kind, day, account, debit, credit))
		return err
	}, id.New(opened, [10]byte{}))
	if err := s.DB.ReadPrimary(ctx, batch); err != nil {
		return err
	}
	for _, all := range []map[string]bool{f.done, keys, set(commands)} {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if f.done[key] != keys[key] || commands[key] > 1 || f.done[key] != (commands[key] == 1) {
				return s.breach(traced, "request %s was acknowledged: %t; it has %d commands in the journal, and its key is stored: %t", key, f.done[key], commands[key], keys[key])
			}
		}
	}
	told := map[string]bool{}
	for _, e := range f.events {
		key, kind, _ := strings.Cut(e, " ")
		told[key] = true
		if key != "" && !f.done[key] {
			return s.breach(published, "request %s was not acknowledged, but the event log has its event %s", key, kind)
		}
		lines = append(lines, "event "+e)
	}
	for _, key := range slices.Sorted(maps.Keys(actions)) {
		if !told[key] {
			return s.breach(published, "request %s did %s, but the event log has no event of it", key, actions[key])
		}
	}
	slices.Sort(lines)
	f.lines = lines
	return nil
}

func set(counts map[string]int) map[string]bool {
	all := map[string]bool{}
	for key := range counts {
		all[key] = true
	}
	return all
}

// openLog opens the event log of a run.
func (f *faults) openLog(ctx context.Context, s *institution) (err error) {
	f.log, err = eventlog.OpenEmbedded(ctx, filepath.Join(f.root, "events.db"), s.bank.Log())
	return err
}
