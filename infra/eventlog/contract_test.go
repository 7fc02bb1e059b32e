package eventlog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/money"
	"sofipo/core/wire"
	"sofipo/test/chain"
	"sofipo/test/stack"
)

// couchURL is the CouchDB-protocol server of this package's tests.
var couchURL string

func TestMain(m *testing.M) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	s, err := stack.Start(ctx, stack.Couch)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	couchURL = s.Couch.URL
	code := m.Run()
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// onBoth runs a test on a fresh log of each driver.
func onBoth(t *testing.T, test func(t *testing.T, log Log)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, embedded(t, filepath.Join(t.TempDir(), "events of a día.db")))
	})
	t.Run("couch", func(t *testing.T) { test(t, couch(t, couchURL)) })
}

func embedded(t *testing.T, path string) *Embedded {
	t.Helper()
	log, err := OpenEmbedded(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

func couch(t *testing.T, address string) *Couch {
	t.Helper()
	return couchWith(t, address, CouchOptions{})
}

// couchWith is a log in a database of its own.
func couchWith(t testing.TB, address string, options CouchOptions) *Couch {
	t.Helper()
	options.Database = fmt.Sprintf("events_%d", time.Now().UnixNano())
	log, err := NewCouch(address, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

var epoch = time.Date(2026, 11, 23, 9, 22, 34, 10_072_000, time.UTC)

// number makes a distinct id that sorts by n.
func number(n int) id.ID {
	var random [10]byte
	random[7] = 1
	return id.New(epoch.Add(time.Duration(n)*time.Millisecond), random)
}

// chained makes n events of three loans and two types, a second apart, in a chain.
func chained(t testing.TB, n int) []event.Envelope {
	t.Helper()
	all := make([]event.Envelope, n)
	for i, e := range published(t, n) {
		var err error
		if all[i], err = event.Parse(e.Body); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// about is a payload of either type.
type about struct {
	name   string
	amount money.Amount
	id     id.ID
}

func (a about) Event() event.Type { return event.Type{Name: a.name, Version: 1} }

func (a about) Members(o *event.Object) {
	o.Amount("amount", a.amount)
	o.ID("id", a.id)
	o.ID("client_id", number(7))
	o.Text("note", "a < b & ñ")
}

// published are the events of chained as the relay publishes them.
func published(t testing.TB, n int) []event.Encoded {
	t.Helper()
	var chain event.Chain
	all := make([]event.Encoded, n)
	for i := range all {
		fact := event.Fact{Payload: about{"payment_registered", 100_10, number(i)}, Entity: number(i), Subject: number(i % 3)}
		if i%4 == 0 {
			fact = event.Fact{Payload: about{"loan_created", 1000_00, number(i % 3)}, Entity: number(i % 3), Subject: number(i % 3)}
		}
		var err error
		_, all[i], err = chain.Append(nil, event.Seal(number(1000+i), fact, event.Origin{
			Actor: "Núñez <caja>", CorrelationID: "c-1", BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 23},
			At: epoch.Add(time.Duration(i) * time.Second),
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// encoded are the events as a consumer gives them that had to parse them.
func encoded(events []event.Envelope) []event.Encoded {
	list := make([]event.Encoded, len(events))
	for i, e := range events {
		list[i] = e.Encode()
	}
	return list
}

func put(t *testing.T, log Log, events ...event.Envelope) {
	t.Helper()
	rejected, err := log.Put(t.Context(), encoded(events))
	if err != nil || len(rejected) > 0 {
		t.Fatalf("Put: got %v, rejected %v, want none", err, rejected)
	}
}

// all reads every page of a query.
func all(t *testing.T, log Log, q Query) []event.Envelope {
	t.Helper()
	var found []event.Envelope
	for range 1000 {
		page, next, err := log.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > q.Limit {
			t.Fatalf("got a page of %d, want at most %d", len(page), q.Limit)
		}
		found = append(found, page...)
		if q.Page = next; next == "" {
			return found
		}
	}
	t.Fatal("got no last page, want one")
	return nil
}

func sequences(events []event.Envelope) []int64 {
	out := make([]int64, len(events))
	for i, e := range events {
		out[i] = e.Sequence
	}
	return out
}

func TestAnEventComesBackWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		want := chained(t, 1)[0]
		put(t, log, want)
		found := all(t, log, Query{Limit: 1})
		if len(found) != 1 {
			t.Fatalf("got %d events, want 1", len(found))
		}
		got := found[0]
		if _, err := got.Verify(event.Link{}); err != nil {
			t.Error(err)
		}
		var a, b any
		if json.Unmarshal(want.Payload, &a) != nil || json.Unmarshal(got.Payload, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("got the payload %s, want %s", got.Payload, want.Payload)
		}
		got.Payload, want.Payload = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// TestAPublishedEventIsStoredAsItIs: its JSON is not parsed on the way in.
func TestAPublishedEventIsStoredAsItIs(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		events := published(t, 8)
		if rejected, err := log.Put(t.Context(), append(events, events[2])); err != nil || len(rejected) > 0 {
			t.Fatalf("Put: got %v, rejected %v, want none", err, rejected)
		}
		complete(t, log, 8)
		for i, got := range all(t, log, Query{Limit: 3}) {
			var a, b any
			if json.Unmarshal(events[i].Body, &a) != nil || json.Unmarshal(got.Encode().Body, &b) != nil || !reflect.DeepEqual(a, b) {
				t.Errorf("got %s, want %s", got.Encode().Body, events[i].Body)
			}
		}
	})
}

func TestTheSameEventIsStoredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		events := chained(t, 20)
		put(t, log, events[:10]...)
		put(t, log, append(events, events[3], events[15])...)
		changed := events[4]
		changed.Actor = "someone else"
		put(t, log, changed)
		complete(t, log, 20)
		if n := len(all(t, log, Query{Limit: 7})); n != 20 {
			t.Errorf("got %d events, want 20", n)
		}
	})
}

// TestManyAtOnceAreStoredOnce puts more events than a statement takes, and a number of
// them that is left over, with some of each that are there.
func TestManyAtOnceAreStoredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		const n = 2*rowsAtOnce + 7
		events := chained(t, n)
		put(t, log, events[rowsAtOnce-3:rowsAtOnce+4]...)
		put(t, log, events[n-2])
		put(t, log, events...)
		complete(t, log, n)
		if got := len(all(t, log, Query{Limit: MaxLimit})); got != n {
			t.Errorf("got %d events, want %d", got, n)
		}
	})
}

func TestWritersAtTheSameTimeLoseNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		events := chained(t, 200)
		var group sync.WaitGroup
		for w := range 4 {
			group.Go(func() {
				for batch := range slices.Chunk(events[w*40:min(200, w*40+80)], 16) {
					if rejected, err := log.Put(t.Context(), encoded(batch)); err != nil || len(rejected) > 0 {
						t.Errorf("Put: got %v %v, want none", rejected, err)
					}
				}
			})
		}
		group.Wait()
		complete(t, log, 200)
	})
}

// TestFind compares each query, at several page sizes and in both directions,
// with the same question asked of the slice.
func TestFind(t *testing.T) {
	events := chained(t, 40)
	for i := range events { // several events in one moment, and times that do not follow the sequence
		events[i].Timestamp = epoch.Add(time.Duration((i^1)/5) * time.Second).Format(wire.EventMoment)
	}
	for i := range 6 { // the seed's: no sequence
		e := events[i]
		e.Sequence, e.EventID = 0, number(2000+i)
		events = append(events, e)
	}
	at := func(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }
	queries := map[string]Query{
		"all":                  {},
		"subject":              {Subject: number(1)},
		"type":                 {EventType: "payment_registered"},
		"subject and type":     {Subject: number(2), EventType: "loan_created"},
		"from":                 {From: at(3)},
		"to":                   {To: at(5)},
		"from and to":          {From: at(2), To: at(6)},
		"between microseconds": {From: at(2).Add(1), To: at(6).Add(1)},
		"time and subject":     {From: at(1), To: at(7), Subject: number(0)},
		"time and type":        {From: at(1), EventType: "loan_created"},
		"all four":             {From: at(1), To: at(7), Subject: number(1), EventType: "payment_registered"},
		"other time zone":      {From: at(3).In(time.FixedZone("", -6*3600))},
		"nobody":               {Subject: number(99)},
		"no such type":         {EventType: "loan'; DROP TABLE events"},
		"empty time":           {From: at(6), To: at(2)},
	}
	onBoth(t, func(t *testing.T, log Log) {
		shuffled := slices.Clone(events)
		slices.Reverse(shuffled[7:31])
		put(t, log, shuffled...)
		for name, q := range queries {
			for _, q.Newest = range []bool{false, true} {
				want := expected(events, q)
				for _, q.Limit = range []int{3, 1000} {
					if got := ids(all(t, log, q)); !slices.Equal(got, want) {
						t.Errorf("%s, newest %t, limit %d:\ngot  %v\nwant %v", name, q.Newest, q.Limit, got, want)
					}
				}
			}
		}
	})
}

// expected answers a query the plain way.
func expected(events []event.Envelope, q Query) []string {
	var found []event.Envelope
	for _, e := range events {
		at, _ := time.Parse(wire.EventMoment, e.Timestamp)
		if (q.Subject.IsZero() || e.Subject == q.Subject) && (q.EventType == "" || e.EventType == q.EventType) &&
			!at.Before(q.From) && (q.To.IsZero() || at.Before(q.To)) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b event.Envelope) int {
		order := strings.Compare(a.Timestamp, b.Timestamp)
		if q.From.IsZero() && q.To.IsZero() {
			order = 0
		}
		if order == 0 {
			order = int(a.Sequence - b.Sequence)
		}
		if order == 0 {
			order = strings.Compare(a.EventID.String(), b.EventID.String())
		}
		return order
	})
	if q.Newest {
		slices.Reverse(found)
	}
	return ids(found)
}

func ids(events []event.Envelope) []string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%d/%s", e.Sequence, e.EventID))
	}
	return out
}

func TestFindRefusesABadQuery(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		put(t, log, chained(t, 3)...)
		_, mark, err := log.Find(t.Context(), Query{Limit: 1})
		if err != nil || mark == "" {
			t.Fatalf(`got the mark %q, %v, want one that is not empty`, mark, err)
		}
		for name, c := range map[string]struct {
			query Query
			field string
		}{
			"limit 0":          {Query{}, "limit"},
			"limit 1001":       {Query{Limit: 1001}, "limit"},
			"not a mark":       {Query{Limit: 1, Page: "%"}, "page"},
			"not JSON":         {Query{Limit: 1, Page: "AAAA"}, "page"},
			"other direction":  {Query{Limit: 1, Page: mark, Newest: true}, "page"},
			"from another one": {Query{Limit: 1, Page: mark, From: epoch}, "page"},
		} {
			_, _, err := log.Find(t.Context(), c.query)
			var refusal *fault.Error
			if !errors.As(err, &refusal) || len(refusal.Flaws) != 1 || refusal.Flaws[0].Name() != c.field {
				t.Errorf("%s: got %v, want a flaw of %s", name, err, c.field)
			}
		}
	})
}

func TestPutRejectsPoisonAndStoresTheRest(t *testing.T) {
	good := chained(t, 30)
	poison := func(n int, spoil func(*event.Envelope)) event.Envelope {
		e := good[0]
		e.EventID = number(3000 + n)
		spoil(&e)
		return e
	}
	bad := map[string]event.Envelope{
		"event_id: missing":       poison(0, func(e *event.Envelope) { e.EventID = id.ID{} }),
		"event_type: missing":     poison(1, func(e *event.Envelope) { e.EventType = "" }),
		"sequence: -1":            poison(2, func(e *event.Envelope) { e.Sequence = -1 }),
		"timestamp: the form":     poison(3, func(e *event.Envelope) { e.Timestamp = "2026-11-23T09:22:34Z" }),
		"payload: not a JSON":     poison(4, func(e *event.Envelope) { e.Payload = json.RawMessage(`[1]`) }),
		"payload: not valid JSON": poison(5, func(e *event.Envelope) { e.Payload = json.RawMessage(`{"a":}`) }),
		"in UTF-8":                poison(6, func(e *event.Envelope) { e.Payload = json.RawMessage("{\"a\":\"\xff\"}") }),
		"decoding: ":              poison(7, func(e *event.Envelope) { e.BusinessDate = civil.Date{} }),
		"too large": poison(8, func(e *event.Envelope) {
			e.Payload = json.RawMessage(`{"a":"` + strings.Repeat("x", maxDocument) + `"}`)
		}),
	}
	onBoth(t, func(t *testing.T, log Log) {
		batch := slices.Clone(good)
		for _, e := range bad {
			batch = slices.Insert(batch, len(batch)/2, e)
		}
		rejected, err := log.Put(t.Context(), encoded(batch))
		if err != nil {
			t.Fatal(err)
		}
		reasons := map[id.ID]string{}
		for _, r := range rejected {
			reasons[r.EventID] = r.Reason
		}
		for reason, e := range bad {
			if !strings.Contains(reasons[e.EventID], reason) {
				t.Errorf("%s: got rejected with %q, want %q in it", reason, reasons[e.EventID], reason)
			}
		}
		if len(rejected) != len(bad) {
			t.Errorf("got %d rejected, want %d", len(rejected), len(bad))
		}
		complete(t, log, 30)
	})
}

func TestVerifyNamesTheFirstBreak(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]event.Envelope) []event.Envelope
		want  string
	}{
		"gap":   {func(e []event.Envelope) []event.Envelope { return slices.Delete(e, 5, 7) }, "2 of 10 events are missing, the first with sequence 6"},
		"cut":   {func(e []event.Envelope) []event.Envelope { return e[:6] }, "4 of 10 events are missing, the first with sequence 7"},
		"empty": {func([]event.Envelope) []event.Envelope { return nil }, "10 of 10 events are missing, the first with sequence 1"},
		"rewritten": {func(e []event.Envelope) []event.Envelope {
			e[9].Actor = "x"
			e[9].Hash, _ = e[9].Digest()
			return e
		}, "(sequence 10) has another hash than in the database"},
		"rewritten and cut": {func(e []event.Envelope) []event.Envelope {
			e[5].Actor = "x"
			e[5].Hash, _ = e[5].Digest()
			return e[:6]
		}, "(sequence 6) has another hash than in the database"},
		"forged":        {func(e []event.Envelope) []event.Envelope { return append(e, following(e[9], 500)) }, "1 events are outside the chain, the first is payment_registered"},
		"forged within": {func(e []event.Envelope) []event.Envelope { return append(e, following(e[5], 500)) }, "1 events are outside the chain, the first is payment_registered"},
		"of another server": {func(e []event.Envelope) []event.Envelope {
			var last event.Link
			for i := range e {
				e[i].Actor = "x"
				last, _ = e[i].Chain(last)
			}
			return e
		}, "(sequence 10) has another hash than in the database"},
		"changed": {func(e []event.Envelope) []event.Envelope { e[5].Actor = "x"; return e }, "(sequence 6) was changed"},
		"untied": {func(e []event.Envelope) []event.Envelope {
			e[5].Actor = "x"
			e[5].Hash, _ = e[5].Digest()
			return e
		}, "(sequence 7) does not have the hash of the previous event"},
		"doubled": {func(e []event.Envelope) []event.Envelope { e[6].Sequence = 6; return e }, "1 of 10 events are missing, the first with sequence 7"},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, log Log) {
				put(t, log, c.spoil(chained(t, 10))...)
				report, err := Verify(t.Context(), log, chain.Of(published(t, 10)), 1)
				if err != nil {
					t.Fatal(err)
				}
				if err := report.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want an error with %q", err, c.want)
				}
			})
		})
	}
}

// complete checks that the log has the whole chain of n events and no other event.
func complete(t *testing.T, log Log, n int) {
	t.Helper()
	if r, err := Verify(t.Context(), log, chain.Of(published(t, n)), 1); err != nil || r.Err() != nil || r.Events != int64(n) {
		t.Errorf("Verify: got %+v, %v, %v, want the chain of %d events", r, err, r.Err(), n)
	}
}

// following returns an event with a new id that follows the event in the chain.
func following(e event.Envelope, n int) event.Envelope {
	next := e
	next.EventID, next.EventType = number(n), "payment_registered"
	if _, err := next.Chain(e.Link()); err != nil {
		panic(err) // the payload is valid
	}
	return next
}

func TestVerifyWalksOverPages(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		events := chained(t, 2*MaxLimit+1)
		for batch := range slices.Chunk(events, 500) {
			put(t, log, batch...)
		}
		unchained := events[0]
		unchained.EventID, unchained.Sequence = number(9000), 0
		put(t, log, unchained)
		r, err := Verify(t.Context(), log, chain.Of(published(t, 2*MaxLimit+1)), 1)
		if err != nil || r.Err() != nil || r.Events != 2*MaxLimit+1 || r.Foreign != 1 || r.End != events[2*MaxLimit].Link() {
			t.Errorf("Verify: got %+v, %v, %v, want %d events and 1 that is in no chain", r, err, r.Err(), 2*MaxLimit+1)
		}
	})
}

// TestVerifyContinues: an interrupted comparison says how far it came, and another one continues
// there. It finds what is wrong later, and needs no event before.
func TestVerifyContinues(t *testing.T) {
	const n, changed = 2*MaxLimit + 1, 2*MaxLimit - 1
	onBoth(t, func(t *testing.T, log Log) {
		events := chained(t, n)
		events[changed].Actor = "x"
		for batch := range slices.Chunk(events, 500) {
			put(t, log, batch...)
		}
		ctx, cancel := context.WithCancel(t.Context())
		first, err := Verify(ctx, &interrupted{log, cancel}, chain.Of(published(t, n)), 1)
		if !errors.Is(err, context.Canceled) || first.Reached != MaxLimit-1 || first.Err() != nil {
			t.Fatalf("got sequence %d, %v and %v, want %d, %v and nothing wrong", first.Reached, err, first.Err(), MaxLimit-1, context.Canceled)
		}
		rest, err := Verify(t.Context(), log, chain.Of(published(t, n)), first.Reached)
		if err != nil || rest.Events != n-first.Reached+1 || rest.Missing != 0 || rest.Break == nil ||
			!strings.Contains(rest.Break.Error(), fmt.Sprintf("(sequence %d) was changed", changed+1)) {
			t.Errorf("from %d: got %d events, %d missing, %v, %v, want %d, 0, and the changed event %d",
				first.Reached, rest.Events, rest.Missing, rest.Break, err, n-first.Reached+1, changed+1)
		}
		beyond, err := Verify(t.Context(), log, chain.Of(published(t, n)), changed+2)
		if err != nil || beyond.Err() != nil || beyond.Events != 1 {
			t.Errorf("after the changed event: got %+v, %v, want one event and nothing wrong", beyond, err)
		}
	})
}

// interrupted ends the context after the first page.
type interrupted struct {
	Log
	cancel context.CancelFunc
}

// Find returns a page.
func (l *interrupted) Find(ctx context.Context, q Query) ([]event.Envelope, string, error) {
	page, next, err := l.Log.Find(ctx, q)
	l.cancel()
	return page, next, err
}

func TestAnEndedContextEndsTheCall(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := log.Put(ctx, published(t, 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("Put: got %v, want %v", err, context.Canceled)
		}
		if _, _, err := log.Find(ctx, Query{Limit: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("Find: got %v, want %v", err, context.Canceled)
		}
	})
}

// BenchmarkDocument makes the body of a bulk write of CouchDB: of events as they
// were published, and of events that a consumer had to parse.
func BenchmarkDocument(b *testing.B) {
	trusted := published(b, 200)
	parsed := slices.Clone(trusted)
	for i := range parsed {
		parsed[i].Trusted = false
	}
	for name, events := range map[string][]event.Encoded{"published": trusted, "parsed": parsed} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				docs, rejected := documents(events)
				if len(rejected) > 0 {
					b.Fatalf("got the rejected events %v, want none", rejected)
				}
				bulkBody(docs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
		})
	}
}
