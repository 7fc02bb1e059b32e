package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	staffing "sofipo/bank/staff"
	"sofipo/core/civil"
	"sofipo/core/client"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lending/loan"
	"sofipo/core/lending/servicing"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/test/ground"
	"sofipo/test/office"
)

const grace = 20 * time.Second

// journal is a publisher to a real event log that notes what passed and can be
// made to fail or to hang.
type journal struct {
	log eventlog.Log

	mu       sync.Mutex
	failures int // how many of the next calls fail, after half of their events
	hang     bool
	passed   []event.Encoded // in order, also those that passed twice
	deadline time.Duration   // the longest that a call was given
}

func newJournal(t *testing.T) *journal {
	t.Helper()
	log, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return &journal{log: log}
}

var errBroker = errors.New("the broker is away")

// Publish implements Publisher.
func (j *journal) Publish(ctx context.Context, events []event.Encoded) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	until, bounded := ctx.Deadline()
	if !bounded {
		return errors.New("a call without a deadline")
	}
	j.deadline = max(j.deadline, time.Until(until))
	if j.hang {
		j.mu.Unlock()
		<-ctx.Done()
		j.mu.Lock()
		return ctx.Err()
	}
	fails := j.failures > 0
	if fails {
		j.failures--
		events = events[:len(events)/2]
	}
	rejected, err := j.log.Put(ctx, events)
	j.passed = append(j.passed, events...)
	if err == nil && len(rejected) > 0 {
		err = fmt.Errorf("%v", rejected)
	}
	if err == nil && fails {
		err = errBroker
	}
	return err
}

func (j *journal) all() []event.Encoded {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.passed)
}

func (j *journal) setHang(hang bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.hang = hang
}

func newRelay(d *db.DB, to Publisher) *Relay {
	r := NewRelay(d, to, time.Hour, slog.New(slog.DiscardHandler))
	if j, journals := to.(*journal); journals {
		r.Log = j.log
	}
	return r
}

// start runs the relay until stop is called, which waits for its end.
func start(t *testing.T, r *Relay) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx, grace)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// shop is a bank with loans to pay.
type shop struct {
	*bank.Bank
	loans []loan.Loan
	done  int // commands carried out, each of one event
}

func openShop(t *testing.T, d *db.DB, wake func()) *shop {
	t.Helper()
	s := &shop{Bank: office.OpenBank(t, d, office.Committed(func(uint64, []string) { wake() })), done: 5}
	holder := office.Register(t, s.Bank, 1)
	for range 4 {
		s.loans = append(s.loans, office.Grant(t, s.Bank, holder.ID, 100_000))
	}
	return s
}

// pay makes payments on all loans at once, and gives how long the slowest took.
func (s *shop) pay(t *testing.T, each int) (slowest time.Duration) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, l := range s.loans {
		wg.Go(func() {
			for range each {
				begun := time.Now()
				_, err := bank.Do(t.Context(), s.Bank, bank.By{System: true, Actor: "tester"}, lending.ReceivePayment{LoanID: l.ID, Operation: servicing.Operation{Amount: 1}})
				mu.Lock()
				if err != nil {
					t.Error(err)
				}
				s.done++
				slowest = max(slowest, time.Since(begun))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return slowest
}

// settled waits until no event waits to be published.
func settled(t *testing.T, d *db.DB) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		waiting, err := Backlog(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if waiting == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %d events waiting, want none", waiting)
		}
	}
}

// complete checks that the log has every event once, in an unbroken chain,
// and that they passed in order: of the whole, and so of each subject.
func complete(t *testing.T, d *db.DB, j *journal, events int) {
	t.Helper()
	verified(t, d, j.log, events)
	first := map[id.ID]event.Encoded{}
	var order []int64
	moments := map[id.ID]string{}
	for _, e := range j.all() {
		if before, again := first[e.EventID]; again {
			if before.Sequence != e.Sequence || string(before.Body) != string(e.Body) {
				t.Errorf("event %s: got sequence %d, want %d, the same bytes", e.EventID, before.Sequence, e.Sequence)
			}
			continue
		}
		first[e.EventID] = e
		order = append(order, e.Sequence)
		if e.Timestamp < moments[e.Subject] {
			t.Errorf("subject %s: got an event of %s after one of %s, want them in order", e.Subject, e.Timestamp, moments[e.Subject])
		}
		moments[e.Subject] = e.Timestamp
	}
	if len(order) != events || !slices.IsSorted(order) || order[0] != 1 {
		t.Errorf("got %d events; in order from 1: %t, want %d in order from 1", len(order), slices.IsSorted(order), events)
	}
}

// verified checks that the log has the chain of the database, of n events, and no other event.
func verified(t *testing.T, d *db.DB, log eventlog.Log, n int) {
	t.Helper()
	r, err := eventlog.Verify(t.Context(), log, NewKept(d), 1)
	if err != nil || r.Err() != nil || r.Events != int64(n) || r.End.Sequence != int64(n) {
		t.Errorf("got %+v, %v, %v, want the chain of %d events", r, err, r.Err(), n)
	}
}

func TestEveryEventOnce(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t)
		r := newRelay(d, j)
		stop := start(t, r)
		s := openShop(t, d, r.Wake)
		s.pay(t, 100)
		settled(t, d)
		s.pay(t, 5)
		stop() // publishes what is left
		if waiting, err := Backlog(t.Context(), d); waiting != 0 || err != nil {
			t.Errorf("got %d events waiting, %v, want none", waiting, err)
		}
		complete(t, d, j, s.done)
		if n := len(j.all()); n != s.done || r.Published.Load() != uint64(s.done) || r.Failures.Load() != 0 {
			t.Errorf("got %d passed, %d published, %d failures, want %d, %d and 0", n, r.Published.Load(), r.Failures.Load(), s.done, s.done)
		}
	})
}

// More events than a batch takes, left by a time without a relay.
func TestABacklogDrainsInOrder(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		const waiting = 2*batchSize + 17
		s := openShop(t, d, func() {})
		rows := db.Insert("outbox", db.Text("body"), db.Bytes("layout"), db.Text("stale")).Rows()
		for i := range waiting {
			e := event.Seal(id.ID{byte(i >> 8), byte(i), 1}, client.UpdatedEvent(client.Client{ID: id.ID{9}}, "", client.Changes{}), event.Origin{
				Actor: "tester", BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 23}, At: time.Unix(int64(i), 0)})
			rows.Add(e.Body, e.Layout, "")
		}
		batch := &db.Batch{}
		batch.Save(rows)
		commit(t, d, batch)
		j := newJournal(t)
		stop := start(t, newRelay(d, j))
		settled(t, d)
		stop()
		complete(t, d, j, s.done+waiting)
	})
}

func TestAPublisherThatFails(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t)
		j.failures = 4
		r := newRelay(d, j)
		s := openShop(t, d, r.Wake)
		s.pay(t, 25)
		stop := start(t, r)
		s.pay(t, 25)
		settled(t, d)
		stop()
		complete(t, d, j, s.done)
		if r.Failures.Load() != 4 {
			t.Errorf("got %d failures, want 4", r.Failures.Load())
		}
		if len(j.all()) == s.done {
			t.Error("got no event twice, want some: the failures came before any event")
		}
	})
}

func TestAPublisherThatHangs(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t)
		j.setHang(true)
		r := newRelay(d, j)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r.Run(ctx, 300*time.Millisecond)
		}()
		s := openShop(t, d, r.Wake)
		if slowest := s.pay(t, 50); slowest > publishTime/2 {
			t.Errorf("a payment took %s while the publisher hung, want at most %v", slowest, publishTime/2)
		}
		if waiting, err := Backlog(t.Context(), d); err != nil || waiting != int64(s.done) {
			t.Errorf("got %d events waiting, %v, want %d", waiting, err, s.done)
		}
		stopped := time.Now()
		cancel()
		<-ended
		if took := time.Since(stopped); took > publishTime/2 {
			t.Errorf("the relay took %s to stop with a grace of 0.3 s, want at most %v", took, publishTime/2)
		}
		if j.deadline == 0 || j.deadline > publishTime {
			t.Errorf("got %s as the deadline of a call, want one of at most %v", j.deadline, publishTime)
		}
		j.setHang(false)
		stop := start(t, newRelay(d, j))
		settled(t, d)
		stop()
		complete(t, d, j, s.done)
	})
}

// A relay that ends at any point of its round is followed by another, which
// publishes the same events under the same numbers.
func TestACrashOfTheRelay(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t)
		s := openShop(t, d, func() {})
		crash := func(want int, failing bool) {
			t.Helper()
			r := newRelay(d, j)
			defer r.session.Close()
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
				if leads, err := r.session.Lead(t.Context(), leaderLock); err != nil || leads || time.Now().After(deadline) {
					break // the server has noticed the end of the relay before
				}
			}
			n, err := r.round(t.Context())
			if n != want || failing != errors.Is(err, errBroker) || err != nil && !failing {
				t.Fatalf("got %d events of a round, want %d: %v", n, want, err)
			}
		}
		crash(s.done, false) // after it published, before it marked
		first := s.done
		s.pay(t, 3)
		crash(first, false) // what was tied before, again, and nothing else
		j.failures = 1
		crash(0, true) // after it tied, before all was published
		if before := j.all(); before[0].Sequence != 1 || before[first].Sequence != 1 || before[first].EventID != before[0].EventID {
			t.Error("got other events from the second relay, want the same event with sequence 1 from both")
		}
		stop := start(t, newRelay(d, j))
		settled(t, d)
		stop()
		complete(t, d, j, s.done)
	})
}

func TestOfTwoRelaysOneLeads(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	second := ground.Open(t, ground.Config(t, ground.Postgres)) // of another database: leads there
	log := newJournal(t)
	one, two := &journal{log: log.log}, &journal{log: log.log}
	r1, r2 := newRelay(d, one), newRelay(d, two)
	wake := func() { r1.Wake(); r2.Wake() }
	stop1, stop2 := start(t, r1), start(t, r2)
	s := openShop(t, d, wake)
	s.pay(t, 50)
	settled(t, d)
	leader, follower, stopLeader := one, two, stop1
	if len(one.all()) == 0 {
		leader, follower, stopLeader = two, one, stop2
	}
	if n := len(follower.all()); n != 0 {
		t.Errorf("got %d events from the relay that does not lead, want none", n)
	}
	elsewhere := newRelay(second, log)
	if _, err := elsewhere.round(t.Context()); err != nil || !mustLead(t, elsewhere) {
		t.Errorf("a relay of another database: got %v, want it to lead", err)
	}
	elsewhere.session.Close()

	stopLeader()
	s.pay(t, 50)
	settled(t, d)
	if len(follower.all()) == 0 {
		t.Error("got no event from the follower, want it to take over")
	}
	stop1()
	stop2()
	log.passed = append(leader.all(), follower.all()...)
	complete(t, d, log, s.done)
}

func mustLead(t *testing.T, r *Relay) bool {
	t.Helper()
	leads, err := r.session.Lead(t.Context(), leaderLock)
	if err != nil {
		t.Fatal(err)
	}
	return leads
}

// While leaders lose their connections again and again, nothing is lost and the
// chain stays one.
func TestLeadersLoseTheirConnections(t *testing.T) {
	d := ground.Open(t, ground.Config(t, ground.Postgres))
	log := newJournal(t)
	r1, r2 := newRelay(d, log), newRelay(d, log)
	stop1, stop2 := start(t, r1), start(t, r2)
	s := openShop(t, d, func() { r1.Wake(); r2.Wake() })
	for range 10 {
		s.pay(t, 10)
		ended := 0
		batch := &db.Batch{}
		batch.Query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
			AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, func(db.Scanner) error { ended++; return nil })
		for deadline := time.Now().Add(time.Minute); ended == 0; time.Sleep(5 * time.Millisecond) { // until one leads
			if err := d.ReadPrimary(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			if time.Now().After(deadline) {
				t.Fatal("got no leader, want one")
			}
		}
	}
	settled(t, d)
	stop1()
	stop2()
	verified(t, d, log.log, s.done)
}

// A writer that was killed after its commit told nobody what it made stale: the
// relay does, with a position that the commit lies under.
func TestTheRelayReportsStaleKeys(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		s := openShop(t, d, func() {})
		told := map[string]bool{}
		var at uint64
		r := newRelay(d, newJournal(t))
		defer r.session.Close()
		r.Stale = func(position uint64, keys []string) {
			at = max(at, position)
			for _, key := range keys {
				told[key] = true
			}
		}
		last, err := bank.Do(t.Context(), s.Bank, bank.By{System: true, Actor: "tester"}, lending.ReceivePayment{LoanID: s.loans[2].ID, Operation: servicing.Operation{Amount: 1}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bank.Do(t.Context(), s.Bank, bank.By{System: true, Actor: "tester"}, staffing.AddUser{Username: "ana"}); err != nil {
			t.Fatal(err) // an event that makes nothing stale
		}
		if _, err := r.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		holder := s.loans[0].ClientID
		for _, key := range []string{client.ListCacheKey, client.CacheKey("PEPJ800101001"), client.StatementCacheKey(holder), client.LoansCacheKey(holder), loan.CacheKey(s.loans[2].ID)} {
			if !told[key] {
				t.Errorf("got no notice of %s, want one", key)
			}
		}
		if told[""] || at < last.Token {
			t.Errorf("got a notice of an empty key: %t, and of token %d for a commit at %d, want no empty key and that token or a later one", told[""], at, last.Token)
		}
	})
}

func TestClean(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		j := newJournal(t)
		s := openShop(t, d, func() {})
		r := newRelay(d, j)
		defer r.session.Close()
		for range 2 { // the second marks what the first published
			if _, err := r.round(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		s.pay(t, 1)
		keyed := bank.By{System: true, Actor: "tester", Key: "k"}
		if _, err := bank.Do(t.Context(), s.Bank, keyed, lending.ReceivePayment{LoanID: s.loans[0].ID, Operation: servicing.Operation{Amount: 1}}); err != nil {
			t.Fatal(err)
		}
		rows := func() (n [3]int64) {
			batch := &db.Batch{}
			batch.Query("SELECT (SELECT count(*) FROM outbox), (SELECT coalesce(sum(count), 0) FROM relayed WHERE sent_at IS NOT NULL), (SELECT count(*) FROM idempotency)", func(s db.Scanner) error { return s.Scan(&n[0], &n[1], &n[2]) })
			if err := d.ReadPrimary(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := rows(); n != [3]int64{5, 5, 1} {
			t.Fatalf("waiting, sent, keys: got %v, want %+v", n, [3]int64{5, 5, 1})
		}
		r.clean(t.Context()) // all of them are younger than an hour
		if n := rows(); n != [3]int64{5, 5, 1} {
			t.Errorf("within the time to keep: got %v, want %+v", n, [3]int64{5, 5, 1})
		}
		r.Clock = func(context.Context) (time.Time, error) { return time.Time{}, errors.New("the clock is wrong") }
		r.keep = -time.Minute
		r.clean(t.Context())
		if n := rows(); n != [3]int64{5, 5, 1} {
			t.Errorf("with a wrong clock: got %v, want %+v", n, [3]int64{5, 5, 1})
		}
		r.Clock = realClock
		r.clean(t.Context())
		if n := rows(); n != [3]int64{5, 0, 0} {
			t.Errorf("waiting, sent, keys after the time to keep: got %v, want %+v", n, [3]int64{5, 0, 0})
		}
		stop := start(t, r) // the chain goes on where it was
		settled(t, d)
		stop()
		if r, err := eventlog.Verify(t.Context(), j.log, NewKept(d), 1); err != nil || r.Err() != nil || r.Events != int64(s.done+1) {
			t.Errorf("got %+v, %v, %v, want %d events", r, err, r.Err(), s.done+1)
		}
	})
}
