package eventlog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/core/event"
)

// journal keeps the lines of a log.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

// lines returns the lines of a level.
func (j *journal) lines(level string) (found []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.text.String()) {
		if strings.Contains(line, "level="+level) {
			found = append(found, line)
		}
	}
	return found
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// oneError fails the test unless the log has one error, with all of the texts.
func (j *journal) oneError(t *testing.T, texts ...string) {
	t.Helper()
	found := j.lines("ERROR")
	if len(found) != 1 {
		t.Fatalf("got the errors %q, want one", found)
	}
	for _, text := range append(texts, "sofipo events republish") {
		if !strings.Contains(found[0], text) {
			t.Errorf("got %q, want %q in it", found[0], text)
		}
	}
}

// TestTheFirstStartIsNoLoss: an empty log that gets the first events is a new one.
func TestTheFirstStartIsNoLoss(t *testing.T) {
	var lines journal
	onBothLogged(t, &lines, func(t *testing.T, log Log) {
		if _, err := log.Put(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		put(t, log, chained(t, 3)...)
	})
	if found := append(lines.lines("ERROR"), lines.lines("WARN")...); len(found) > 0 {
		t.Errorf("got %q, want no error and no warning", found)
	}
	if found := lines.lines("INFO"); len(found) != 1 || !strings.Contains(found[0], "created the database of the event log") {
		t.Errorf("got %q, want one line that CouchDB's database was created", found)
	}
}

func onBothLogged(t *testing.T, lines *journal, test func(t *testing.T, log Log)) {
	t.Run("embedded", func(t *testing.T) {
		log, err := OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), lines.logger())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = log.Close() })
		test(t, log)
	})
	t.Run("couch", func(t *testing.T) { test(t, couchWith(t, couchURL, CouchOptions{Log: lines.logger()})) })
}

// TestALostLogIsReported: an empty log that gets later events has lost the earlier ones.
func TestALostLogIsReported(t *testing.T) {
	for _, fill := range []bool{false, true} {
		var lines journal
		onBothLogged(t, &lines, func(t *testing.T, log Log) {
			lines.text.Reset()
			if fill {
				put(t, log, chained(t, 2)...)
			}
			put(t, log, chained(t, 5)[3:]...)
			put(t, log, chained(t, 7)[5:]...)
			if !fill {
				lines.oneError(t, "first_sequence=4", "missing")
			} else if found := lines.lines("ERROR"); len(found) > 0 {
				t.Errorf("got %q, want no error: the log was not empty", found)
			}
		})
	}
}

// TestADeletedDatabaseIsReported: it is created again, and the log says so.
func TestADeletedDatabaseIsReported(t *testing.T) {
	var lines journal
	writer := couchWith(t, couchURL, CouchOptions{})
	put(t, writer, chained(t, 2)...)
	_ = writer.Close() // the test server creates a database for each request, also for those that keep the indexes warm
	log, err := NewCouch(couchURL, CouchOptions{Database: writer.options.Database, Log: lines.logger()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	if got := all(t, log, Query{Limit: 10}); len(got) != 2 {
		t.Fatalf("got %d events, want 2", len(got))
	}
	if err := log.call(t.Context(), time.Minute, endpoint{http.MethodDelete, ""}, nil, nil); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, _, err := log.Find(t.Context(), Query{Limit: 1}); err != nil || len(got) > 0 {
			t.Errorf("Find: got %v, %v, want nothing", got, err)
		}
		if others, err := FindOthers(t.Context(), log, true); err != nil || others.Checked > 0 {
			t.Errorf("FindOthers: got %+v, %v, want nothing", others, err)
		}
	}
	if err := log.call(t.Context(), time.Minute, endpoint{http.MethodGet, ""}, nil, nil); !isMissing(err) {
		t.Errorf("got %v, want no database: a reader does not create it", err)
	}
	put(t, log, chained(t, 3)...)
	if got := all(t, log, Query{Limit: 10}); len(got) != 3 {
		t.Errorf("got %d events, want 3", len(got))
	}
	lines.oneError(t, "was deleted", log.options.Database)
}

// TestADeletedFileIsAnError: SQLite would continue to write to the deleted file.
func TestADeletedFileIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.db")
	log := embedded(t, path)
	put(t, log, chained(t, 2)...)
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Put(t.Context(), encoded(chained(t, 3))); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error with %s", err, path)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	put(t, log, chained(t, 3)...)
}

// TestForeignDocumentsAreSkipped: they have the members that the indexes need, so CouchDB
// returns them. They do not shorten a page and are counted.
func TestForeignDocumentsAreSkipped(t *testing.T) {
	const n = 12
	events := chained(t, n)
	foreign := make([]map[string]any, 9)
	for i := range foreign {
		foreign[i] = map[string]any{
			"_id": fmt.Sprintf("foreign-%d", i), "event_id": number(500 + i), "sequence": 3 + i%3, "event_type": "loan_created",
			"subject": number(1), "timestamp": events[3].Timestamp, "entity_id": 7,
		}
	}
	foreign[1]["event_id"], foreign[2]["sequence"], foreign[3]["timestamp"] = "no id", 4.5, "yesterday"
	foreign[4] = document4(t, events[5]) // a copy of an event under another name
	foreign[5]["_id"], foreign[5]["entity_id"] = number(505), nil
	var lines journal
	onBothLogged(t, &lines, func(t *testing.T, log Log) {
		lines.text.Reset()
		put(t, log, events...)
		plant(t, log, foreign)
		for name, q := range map[string]Query{
			"all": {}, "newest": {Newest: true}, "type": {EventType: "loan_created"}, "subject": {Subject: number(1)}, "time": {From: epoch}, "time, newest": {To: epoch.Add(time.Hour), Newest: true},
		} {
			for _, q.Limit = range []int{1, 4, 1000} {
				if got, want := ids(all(t, log, q)), expected(events, q); !slices.Equal(got, want) {
					t.Errorf("%s, limit %d:\ngot  %v\nwant %v", name, q.Limit, got, want)
				}
			}
		}
		complete(t, log, n)
		if found := lines.lines("WARN"); len(found) != len(foreign) || !strings.Contains(strings.Join(found, ""), "foreign-3") {
			t.Errorf("got %q, want one warning for each foreign document", found)
		}
		for contents, want := range map[bool]int{false: len(foreign) - 1, true: len(foreign)} { // one has an id as its name
			found, err := FindOthers(t.Context(), log, contents)
			if err != nil || found.Count != want || len(found.Examples) != maxExamples || !slices.Contains(found.Examples, "foreign-1") {
				t.Errorf("FindOthers, contents %t: got %+v, %v, want %d, %d examples with foreign-1", contents, found, err, want, maxExamples)
			}
		}
	})
}

// document4 is a copy of an event as a document with the name foreign-4.
func document4(t *testing.T, e event.Envelope) map[string]any {
	t.Helper()
	copied := map[string]any{}
	if err := json.Unmarshal(e.Encode().Body, &copied); err != nil {
		t.Fatal(err)
	}
	copied["_id"] = "foreign-4"
	return copied
}

// plant stores documents without the driver.
func plant(t *testing.T, log Log, docs []map[string]any) {
	t.Helper()
	if c, is := log.(*Couch); is {
		if err := c.call(t.Context(), time.Minute, endpoint{http.MethodPost, "_bulk_docs"}, map[string]any{"docs": docs}, nil); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, d := range docs {
		body, err := json.Marshal(d)
		if err == nil {
			_, err = log.(*Embedded).writer.ExecContext(t.Context(), "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
				fmt.Sprint(d["_id"]), fmt.Sprint(d["subject"]), d["event_type"], d["timestamp"], 3, string(body))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestListingGoesOverPages compares the listing with the events.
func TestListingGoesOverPages(t *testing.T) {
	onBoth(t, func(t *testing.T, log Log) {
		put(t, log, chained(t, 2*MaxLimit+3)...)
		plant(t, log, []map[string]any{{"_id": "zz", "subject": "", "event_type": "", "timestamp": ""}})
		for _, contents := range []bool{false, true} {
			if found, err := FindOthers(t.Context(), log, contents); err != nil || found.Count != 1 || !slices.Equal(found.Examples, []string{"zz"}) {
				t.Errorf("got %+v, %v, want the document zz", found, err)
			}
		}
	})
}

// server is a stub of CouchDB that counts the requests with a wrong password and locks the
// account after five.
type server struct {
	password atomic.Pointer[string]
	wrong    atomic.Int32
	requests sync.Map // method and path
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Store(r.Method+" "+r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], true)
	_, password, _ := r.BasicAuth()
	switch {
	case s.wrong.Load() >= 5:
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"error":"forbidden","reason":"Account is temporarily locked due to multiple authentication failures"}`))
	case password != *s.password.Load():
		s.wrong.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"unauthorized","reason":"Name or password is incorrect."}`))
	case strings.HasSuffix(r.URL.Path, "_bulk_docs"):
		var in struct {
			Docs []struct {
				ID string `json:"_id"`
			}
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		results := make([]map[string]any, len(in.Docs))
		for i, d := range in.Docs {
			results[i] = map[string]any{"ok": true, "id": d.ID}
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(results)
	default:
		_, _ = w.Write([]byte(`{"doc_count":7}`))
	}
}

func guarded(t *testing.T, pause time.Duration) (*server, *Couch) {
	t.Helper()
	s := new(server)
	password := "right"
	s.password.Store(&password)
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	return s, couchWith(t, strings.Replace(listening.URL, "://", "://admin:right@", 1), CouchOptions{RefusalPause: pause})
}

// TestAWrongPasswordDoesNotLockTheAccount: while it is refused, the server is not asked, and
// the first reason is kept.
func TestAWrongPasswordDoesNotLockTheAccount(t *testing.T) {
	s, log := guarded(t, time.Hour)
	put(t, log, chained(t, 1)...)
	if _, asked := s.requests.Load("PUT " + log.options.Database); asked {
		t.Error("got a PUT of a database that exists, want only a GET")
	}
	changed := "changed"
	s.password.Store(&changed)
	for range 20 {
		_, err := log.Put(t.Context(), published(t, 2))
		var refused *RefusedError
		if !errors.As(err, &refused) || !refused.Final() || refused.RetryIn() < 59*time.Minute || !strings.Contains(err.Error(), "Name or password is incorrect") {
			t.Fatalf("Put: got %v, want a refusal with the reason", err)
		}
		if _, _, err := log.Find(t.Context(), Query{Limit: 1}); !errors.As(err, &refused) {
			t.Fatalf("Find: got %v, want a refusal", err)
		}
	}
	if n := s.wrong.Load(); n > 2 { // the update of the indexes may have been under way
		t.Errorf("got %d requests with the wrong password, want at most 2", n)
	}
}

// TestARefusalHealsAfterItsPause: the first reason stays until then, also if the server locks
// the account meanwhile.
func TestARefusalHealsAfterItsPause(t *testing.T) {
	s, log := guarded(t, time.Millisecond)
	changed, right := "changed", "right"
	s.password.Store(&changed)
	var err error
	for range 7 {
		time.Sleep(2 * time.Millisecond)
		_, err = log.Put(t.Context(), published(t, 1))
	}
	if err == nil || !strings.Contains(err.Error(), "Name or password is incorrect") || !strings.Contains(err.Error(), "temporarily locked") {
		t.Errorf("got %v, want the first reason and that the account is locked", err)
	}
	s.password.Store(&right)
	s.wrong.Store(0)
	time.Sleep(2 * time.Millisecond)
	put(t, log, chained(t, 1)...)

	s.wrong.Store(5) // locked before this program asked
	var refused *RefusedError
	if _, err := log.Put(context.Background(), published(t, 2)); !errors.As(err, &refused) || refused.Final() {
		t.Errorf("got %v, want a refusal that is not final", err)
	}
}

// TestIndexesAreKeptWarm: the indexes are created and read without any Find.
func TestIndexesAreKeptWarm(t *testing.T) {
	log := couchWith(t, couchURL, CouchOptions{WarmPause: 20 * time.Millisecond})
	put(t, log, chained(t, 200)...)
	var have struct{ Indexes []struct{ DDoc string } }
	for deadline := time.Now().Add(30 * time.Second); !log.indexed.Load(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("got no indexes after 30 s, want them created")
		}
	}
	if err := log.call(t.Context(), time.Minute, endpoint{http.MethodGet, "_index"}, nil, &have); err != nil || len(have.Indexes) != 7 {
		t.Errorf("got the indexes %v, %v, want 6 and the primary one", have.Indexes, err)
	}
	for _, s := range scans() {
		if found, err := log.read(t.Context(), s.nothing()); err != nil || len(found) > 0 {
			t.Errorf("index %v: got %d documents, %v, want an empty range", s.index, len(found), err)
		}
	}
}
