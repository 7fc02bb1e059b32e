package outbox

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/events"
	"sofipo/bank/lending"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/test/ground"
	"sofipo/test/office"
)

// relayOnce relays all waiting events to the log and stops.
func relayOnce(t *testing.T, d *db.DB, log eventlog.Log) {
	t.Helper()
	stop := start(t, newRelay(d, &journal{log: log}))
	settled(t, d)
	stop()
}

// vacuum copies a SQLite file while it is in use.
func vacuum(t *testing.T, from, to string) {
	t.Helper()
	source, err := sql.Open("sqlite", "file:"+from+"?_pragma=busy_timeout(10000)")
	if err == nil {
		_, err = source.ExecContext(t.Context(), "VACUUM INTO ?", to)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Close(); err != nil {
		t.Fatal(err)
	}
}

func openLog(t *testing.T, path string) eventlog.Log {
	t.Helper()
	log, err := eventlog.OpenEmbedded(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func report(t *testing.T, d *db.DB, log eventlog.Log) eventlog.Report {
	t.Helper()
	r, err := eventlog.Verify(t.Context(), log, NewKept(d), 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// payOnce makes a payment on a loan.
func payOnce(t *testing.T, d *db.DB, loan id.ID) {
	t.Helper()
	b := office.OpenBank(t, d)
	if _, err := bank.Do(t.Context(), b, office.By, lending.ReceivePayment{LoanID: loan, Operation: servicing.Operation{Amount: 1}}); err != nil {
		t.Fatal(err)
	}
	b.Close()
}

// void voids all events outside the chain.
func void(t *testing.T, d *db.DB, outside []eventlog.Outside) {
	t.Helper()
	var list []events.Void
	for _, o := range outside {
		list = append(list, events.Void{Voided: event.Voided{EventID: o.EventID, EventType: o.EventType, Hash: o.Digest}, Subject: o.Subject})
	}
	b := office.OpenBank(t, d)
	if n := office.Must(t, b, events.VoidEvents{Events: list}); n != len(outside) {
		t.Errorf("got %d voided, want %d", n, len(outside))
	}
	b.Close()
}

// TestACopyWhoseLogIsLater: the copy of the log was made after that of the database, and has
// payments that the database lacks. The chain goes on, and what was lost can be voided.
func TestACopyWhoseLogIsLater(t *testing.T) {
	folder, copied := t.TempDir(), t.TempDir()
	d := ground.Open(t, db.Config{Folder: folder})
	log := openLog(t, filepath.Join(folder, "events.db"))
	s := openShop(t, d, func() {})
	relayOnce(t, d, log)
	s.pay(t, 2) // in the outbox of the copy, and in its log
	vacuum(t, filepath.Join(folder, "sofipo.db"), filepath.Join(copied, "sofipo.db"))
	before := s.done
	s.pay(t, 3) // not in the database of the copy
	relayOnce(t, d, log)
	vacuum(t, filepath.Join(folder, "events.db"), filepath.Join(copied, "events.db"))

	restored, itsLog := ground.Open(t, db.Config{Folder: copied}), openLog(t, filepath.Join(copied, "events.db"))
	if r := report(t, restored, itsLog); len(r.Outside) != 12 || r.Repeated != 8 {
		t.Errorf("before its start: got %d events outside, %d repeated in the outbox, want 12 and 8", len(r.Outside), r.Repeated)
	}
	payOnce(t, restored, s.loans[0].ID)
	relayOnce(t, restored, itsLog)
	r := report(t, restored, itsLog)
	if r.Break != nil || r.Missing != 0 || r.Events != int64(before)+1 || r.End.Epoch == 0 || len(r.Outside) != 12 || r.Repeated != 8 {
		t.Errorf("after a payment: got %+v, want the chain of %d events in a new epoch, 12 events outside, 8 repeated", r, before+1)
	}
	relayOnce(t, restored, itsLog) // begins no other epoch
	if again := report(t, restored, itsLog); again.End != r.End {
		t.Errorf("after another start: got the end %v, want %v", again.End, r.End)
	}
	void(t, restored, r.Outside)
	relayOnce(t, restored, itsLog)
	if r := report(t, restored, itsLog); r.Err() != nil || r.Voided != 12 || r.Repeated != 8 {
		t.Errorf("after voiding: got %+v, %v, want no error, 12 voided, 8 repeated", r, r.Err())
	}
	if got := ids(t, itsLog); got != 2*8+before-8+12+1+12 {
		t.Errorf("the log has %d events, want each once in each epoch, %d", got, 2*8+before-8+12+1+12)
	}
}

// ids counts the events on all pages of one, in both directions.
func ids(t *testing.T, log eventlog.Log) int {
	t.Helper()
	var counts []int
	for _, q := range []eventlog.Query{{Limit: 1}, {Limit: 1, Newest: true}, {Limit: 3}, {Limit: 3, Newest: true, To: time.Now().Add(time.Hour)}} {
		keys := map[string]bool{}
		n := 0
		for n < 1000 {
			page, next, err := log.Find(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				keys[e.Key()] = true
				n++
			}
			if q.Page = next; next == "" {
				break
			}
		}
		if len(keys) != n {
			t.Errorf("%+v: got %d events with %d keys, want each once", q, n, len(keys))
		}
		counts = append(counts, n)
	}
	if slices.Min(counts) != slices.Max(counts) {
		t.Errorf("got %v events by direction and page, want the same number", counts)
	}
	return counts[0]
}

// TestACopyWhoseLogIsEarlier: the relay publishes again what the log lacks.
func TestACopyWhoseLogIsEarlier(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		folder := t.TempDir()
		path := filepath.Join(folder, "events.db")
		log := openLog(t, path)
		s := openShop(t, d, func() {})
		relayOnce(t, d, log)
		vacuum(t, path, filepath.Join(folder, "earlier.db"))
		s.pay(t, 3)
		relayOnce(t, d, log)
		verified(t, d, log, s.done)
		for name, lacking := range map[string]eventlog.Log{"earlier": openLog(t, filepath.Join(folder, "earlier.db")), "empty": openLog(t, filepath.Join(folder, "empty.db"))} {
			if r := report(t, d, lacking); r.Missing == 0 || r.Break != nil || len(r.Outside) > 0 {
				t.Errorf("%s: got %+v, want events missing and nothing else wrong", name, r)
			}
			s.pay(t, 1) // must not hide what is missing before it
			relayOnce(t, d, lacking)
			verified(t, d, lacking, s.done)
		}
	})
}

// TestALogBehindAQueue: while a queue may have the events, they are not published again; once
// it is empty and the log stands still, they are.
func TestALogBehindAQueue(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
		s := openShop(t, d, func() {})
		relayOnce(t, d, openLog(t, filepath.Join(t.TempDir(), "lost.db")))
		queued, first := int64(1), s.done
		r := newRelay(d, &journal{log: log})
		r.Queued = func(context.Context) (int64, error) { return queued, nil }
		defer r.session.Close()
		unsent := func(want int64) {
			t.Helper()
			if err := r.catchUp(t.Context()); err != nil {
				t.Error(err)
			}
			if n, err := NewKept(d).Unsent(t.Context()); n != want || err != nil {
				t.Errorf("got %d events to publish again, %v, want %d", n, err, want)
			}
		}
		unsent(0) // the first look
		unsent(0) // a message waits
		s.pay(t, 1)
		if n, err := r.round(t.Context()); n != 4 || err != nil { // does not hide what is missing before it
			t.Errorf("got %d events published, %v, want 4", n, err)
		}
		const unmarked = 4 // published, and marked by the next round
		unsent(unmarked)   // the first look of this round's relay
		queued = 0
		unsent(unmarked + int64(first))
		if n, err := r.round(t.Context()); n != first || err != nil {
			t.Errorf("got %d events published again, %v, want %d", n, err, first)
		}
		verified(t, d, log, s.done)
	})
}

// TestRepublish by hand sends a gap within the log again.
func TestRepublish(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		path := filepath.Join(t.TempDir(), "events.db")
		log := openLog(t, path)
		s := openShop(t, d, func() {})
		relayOnce(t, d, log)
		s.pay(t, 5)
		relayOnce(t, d, log)
		edit(t, path, "DELETE FROM events WHERE sequence IN (2, 3, 7)")
		if r := report(t, d, log); r.Missing != 3 || !slices.Equal(r.Gaps, []eventlog.Gap{{From: 2, To: 3}, {From: 7, To: 7}}) || r.Break != nil {
			t.Errorf("got %+v, want 2, 3 and 7 missing", r)
		}
		found, n, err := Republish(t.Context(), d, Range{From: 2, To: 7})
		if err != nil || found.From != 1 || n != int64(s.done) {
			t.Errorf("got %d events of %v, %v, want the %d of both batches", n, found, err, s.done)
		}
		relayOnce(t, d, log)
		verified(t, d, log, s.done)
		if _, n, err := Republish(t.Context(), d, Range{From: 1000, To: 2000}); n != 0 || err != nil {
			t.Errorf("a range that nobody wrote: got %d, %v, want 0", n, err)
		}
	})
}

func edit(t *testing.T, path, statement string) {
	t.Helper()
	file, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err == nil {
		_, err = file.ExecContext(t.Context(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
}

// TestAPromotionBeginsAnEpoch although the log does not show yet what was lost. The lost event
// arrives later, with a sequence that the new epoch uses too.
func TestAPromotionBeginsAnEpoch(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
	s := openShop(t, d, func() {})
	relayOnce(t, d, log)
	last := report(t, d, log).End
	office.Run(t, d, "UPDATE chain SET server = '7412345678901234567/00000001'")
	s.pay(t, 1)
	relayOnce(t, d, log)
	verified(t, d, log, s.done)
	_, late, err := (&event.Chain{Last: last}).Append(nil, sealedPayment())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Put(t.Context(), []event.Encoded{late}); err != nil {
		t.Fatal(err)
	}
	r := report(t, d, log)
	if r.End.Epoch == 0 || r.Break != nil || r.Missing != 0 || len(r.Outside) != 1 || r.Outside[0].Sequence != last.Sequence+1 {
		t.Errorf("got %+v, want one event outside the chain, with sequence %d", r, last.Sequence+1)
	}
	void(t, d, r.Outside)
	relayOnce(t, d, log)
	if r := report(t, d, log); r.Err() != nil || r.Voided != 1 {
		t.Errorf("after voiding: got %+v, %v, want no error, 1 voided", r, r.Err())
	}
}

// TestAForgedNextEvent is not in the chain, whether the relay was started after it was forged
// or not.
func TestAForgedNextEvent(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		log := openLog(t, filepath.Join(t.TempDir(), "events.db"))
		s := openShop(t, d, func() {})
		stop := start(t, newRelay(d, &journal{log: log}))
		settled(t, d)
		_, forged, err := (&event.Chain{Last: report(t, d, log).End}).Append(nil, sealedPayment())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Put(t.Context(), []event.Encoded{forged}); err != nil {
			t.Fatal(err)
		}
		for _, when := range []string{"at the end", "beside another", "after a start"} {
			r := report(t, d, log)
			if len(r.Outside) != 1 || r.Outside[0].EventID != forged.EventID || r.Break != nil || r.Missing != 0 {
				t.Errorf("%s: got %+v, want the forged event outside the chain, and nothing else", when, r)
			}
			s.pay(t, 1)
			settled(t, d)
			stop()
			stop = start(t, newRelay(d, &journal{log: log}))
		}
		stop()
	})
}

// TestTheRelayWaitsForALog that it writes itself, and reads it before it publishes. With a
// queue between them it begins a new epoch after a while instead.
func TestTheRelayWaitsForALog(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		closed := openLog(t, filepath.Join(t.TempDir(), "events.db"))
		if err := closed.Close(); err != nil {
			t.Fatal(err)
		}
		j := newJournal(t)
		s := openShop(t, d, func() {})
		r := newRelay(d, j)
		defer r.session.Close()
		r.Log = closed
		if n, err := r.round(t.Context()); n != 0 || err == nil || !strings.Contains(err.Error(), "comparing the event log with the chain") {
			t.Errorf("got %d events, %v, want none while the log does not answer", n, err)
		}
		r.Queued = func(context.Context) (int64, error) { return 0, nil }
		if n, err := r.round(t.Context()); n != 0 || err == nil {
			t.Errorf("soon, with a queue: got %d events, %v, want none", n, err)
		}
		r.blocked = r.blocked.Add(-logWait)
		if n, err := r.round(t.Context()); n != s.done || err != nil {
			t.Errorf("later, with a queue: got %d events, %v, want %d", n, err, s.done)
		}
		if r := report(t, d, j.log); r.Err() != nil || r.End.Epoch == 0 {
			t.Errorf("got %+v, %v, want the chain in a new epoch", r, r.Err())
		}
	})
}
