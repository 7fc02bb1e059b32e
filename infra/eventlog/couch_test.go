package eventlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/core/event"
	"sofipo/core/id"
)

// TestCouchLeavesTheSeedsDocumentsAlone: they have a random _id and the four
// fields, and some hold what no event of ours may.
func TestCouchLeavesTheSeedsDocumentsAlone(t *testing.T) {
	log := couch(t, couchURL)
	put(t, log, chained(t, 3)...)
	old := map[string]any{"docs": []map[string]any{
		{"event_type": "client_created", "entity_id": number(1), "payload": map[string]any{}, "timestamp": "2026-11-23T09:22:34Z"},
		{"event_type": "payment_registered", "entity_id": "not an id", "payload": nil, "timestamp": "2026-11-23T09:22:34.010072Z"},
		{"note": "by hand"},
	}}
	if err := log.call(t.Context(), time.Minute, endpoint{http.MethodPost, "_bulk_docs"}, old, nil); err != nil {
		t.Fatal(err)
	}
	put(t, log, chained(t, 6)...)
	for name, q := range map[string]Query{
		"all": {}, "newest": {Newest: true}, "time": {From: epoch.Add(-time.Hour)}, "newest in time": {To: epoch.Add(time.Hour), Newest: true},
	} {
		q.Limit = 2
		if got := sequences(all(t, log, q)); len(got) != 6 {
			t.Errorf("%s: got %v, want 6 events", name, got)
		}
	}
	complete(t, log, 6)
}

func TestCouchNamesAWrongPasswordWithoutShowingIt(t *testing.T) {
	address := strings.Replace(couchURL, "@", "wrong@", 1)
	log, err := NewCouch(address, CouchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = log.Find(t.Context(), Query{Limit: 1})
	if !hasStatus(err, http.StatusUnauthorized) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("got %v, want status 401 without the password", err)
	}
	for _, address := range []string{"", "127.0.0.1:5984", "ftp://u:secret@h", "http://u:secret@h:port"} {
		if _, err := NewCouch(address, CouchOptions{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error without secret", address, err)
		}
	}
}

// answers is a stub that replays what Apache CouchDB 3.5.0 answers to a bulk
// write and the test server does not.
type answers struct {
	bulk   func(docs []json.RawMessage) (status int, answer string)
	stored map[string]bool
	calls  atomic.Int32
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/_bulk_docs") {
		_, _ = w.Write([]byte(`{"ok":true}`))
		return
	}
	a.calls.Add(1)
	var in struct{ Docs []json.RawMessage }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	status, answer := a.bulk(in.Docs)
	if answer == "" {
		answer = a.store(in.Docs)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(answer))
}

// store answers as for a batch that is stored.
func (a *answers) store(docs []json.RawMessage) string {
	var results []string
	for _, d := range docs {
		var doc struct {
			ID string `json:"_id"`
		}
		_ = json.Unmarshal(d, &doc)
		if a.stored[doc.ID] {
			results = append(results, fmt.Sprintf(`{"id":%q,"error":"conflict","reason":"Document update conflict."}`, doc.ID))
		} else {
			results = append(results, fmt.Sprintf(`{"ok":true,"id":%q,"rev":"1-0"}`, doc.ID))
		}
		a.stored[doc.ID] = true
	}
	return "[" + strings.Join(results, ",") + "]"
}

// stubbed is a driver on a stub whose bulk writes answer as told; the answer
// "" with 201 means stored.
func stubbed(t *testing.T, bulk func([]json.RawMessage) (int, string)) (*Couch, *answers) {
	t.Helper()
	stub := &answers{bulk: bulk, stored: map[string]bool{}}
	server := httptest.NewServer(stub)
	t.Cleanup(server.Close)
	return couch(t, server.URL), stub
}

func TestCouchFindsThePoisonInARefusedBatch(t *testing.T) {
	for name, refusal := range map[string]struct {
		status int
		answer string
	}{
		"too large": {413, `{"error":"document_too_large","reason":"doc"}`},
		"field":     {400, `{"error":"doc_validation","reason":"Bad special document member: _foo"}`},
		"id":        {400, `{"error":"illegal_docid","reason":"Document id must not be empty"}`},
	} {
		t.Run(name, func(t *testing.T) {
			events := chained(t, 100)
			poison := []id.ID{events[0].EventID, events[57].EventID, events[58].EventID}
			log, stub := stubbed(t, func(docs []json.RawMessage) (int, string) {
				for _, d := range docs {
					for _, p := range poison {
						if bytes.Contains(d, []byte(`"_id":"`+p.String())) {
							return refusal.status, refusal.answer
						}
					}
				}
				return 201, ""
			})
			rejected, err := log.Put(t.Context(), encoded(events))
			if err != nil || len(rejected) != len(poison) || len(stub.stored) != len(events)-len(poison) {
				t.Fatalf("got the rejected events %v, %d stored, %v, want %v rejected, %v stored", rejected, len(stub.stored), err, len(poison), len(events)-len(poison))
			}
			for i, r := range rejected {
				if r.EventID != poison[i] || !strings.Contains(r.Reason, fmt.Sprint(refusal.status)) {
					t.Errorf("got %+v, want event ID %v and %q in the reason", r, poison[i], fmt.Sprint(refusal.status))
				}
			}
			if n := stub.calls.Load(); n > 45 {
				t.Errorf("got %d requests, want at most 45", n)
			}
		})
	}
}

func TestCouchDistinguishesServerErrorsFromPoison(t *testing.T) {
	events := chained(t, 2)
	first := events[0].EventID.String()
	for name, c := range map[string]struct {
		status   int
		answer   string
		rejected int
		err      string
	}{
		"stored, not by a quorum": {202, "", 0, ""},
		"refused by a design":     {201, `[{"id":"` + first + `","error":"forbidden","reason":"no"},{"id":"` + events[1].EventID.String() + `","ok":true}]`, 1, ""},
		"failed within":           {201, `[{"id":"` + first + `","error":"internal_server_error","reason":"no"},{"id":"` + events[1].EventID.String() + `","ok":true}]`, 0, "internal_server_error"},
		"answer left out":         {201, `[{"id":"` + first + `","ok":true}]`, 0, "no answer for 1 of 2"},
		"answer for another":      {201, `[{"id":"x","ok":true}]`, 0, "unknown document"},
		"not an answer":           {201, `<html>`, 0, "invalid character"},
		"unauthorized":            {401, `{"error":"unauthorized","reason":"Name or password is incorrect."}`, 0, "401 unauthorized"},
		"forbidden":               {403, `{"error":"forbidden","reason":"You are not allowed"}`, 0, "403 forbidden"},
		"no such database":        {404, `{"error":"not_found","reason":"Database does not exist."}`, 0, "404 not_found"},
		"failed":                  {500, `{"error":"unknown_error","reason":"x"}`, 0, "500 unknown_error"},
		"proxy":                   {503, `<html>`, 0, "503"},
	} {
		t.Run(name, func(t *testing.T) {
			log, _ := stubbed(t, func([]json.RawMessage) (int, string) { return c.status, c.answer })
			rejected, err := log.Put(t.Context(), encoded(events))
			if len(rejected) != c.rejected || (err == nil) != (c.err == "") || (err != nil && !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got the rejected events %v, %v, want %d rejected, the error %q", rejected, err, c.rejected, c.err)
			}
		})
	}
}

func TestCouchThatHangsIsAnError(t *testing.T) {
	release := make(chan struct{})
	log, _ := stubbed(t, func([]json.RawMessage) (int, string) { <-release; return 500, "{}" })
	t.Cleanup(func() { close(release) }) // before the server waits for its requests to end
	log.options.WriteTimeout = 50 * time.Millisecond
	begin := time.Now()
	if _, err := log.Put(t.Context(), published(t, 1)); err == nil || time.Since(begin) > 4*time.Second {
		t.Errorf("got %v after %s, want an error within 4s", err, time.Since(begin))
	}
}

func TestCouchSendsNoUnderscoreAndOneCopy(t *testing.T) {
	var seen []json.RawMessage
	log, _ := stubbed(t, func(docs []json.RawMessage) (int, string) { seen = docs; return 201, "" })
	e := chained(t, 1)[0]
	put(t, log, e, e)
	if len(seen) != 1 {
		t.Fatalf("got %d documents, want 1", len(seen))
	}
	var fields map[string]any
	var back event.Envelope
	if json.Unmarshal(seen[0], &fields) != nil || json.Unmarshal(seen[0], &back) != nil || back.EventID != e.EventID {
		t.Fatalf("got %s, want the event %s", seen[0], e.EventID)
	}
	for name := range fields {
		if strings.HasPrefix(name, "_") && name != "_id" {
			t.Errorf("got the field %s, want no name that begins with _ but _id", name)
		}
	}
}
