package faults

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/test/program"
	"sofipo/test/stack"
)

// document is a document of the event log under its key, as somebody sees it who can write to
// the log.
type document struct {
	key      string
	revision string // of CouchDB
	event    event.Envelope
}

// writable is an event log that somebody changes past sofipo.
type writable interface {
	all(t *testing.T) []document // by sequence
	remove(t *testing.T, docs ...document)
	replace(t *testing.T, d document)
	add(t *testing.T, e event.Envelope)
	drop(t *testing.T) // the whole database
}

// onBothLogs runs the test with the embedded log and with a CouchDB server; the database is
// SQLite.
func onBothLogs(t *testing.T, test func(t *testing.T, folder string, env []string, log writable)) {
	t.Run("embedded", func(t *testing.T) {
		folder := t.TempDir()
		test(t, folder, append([]string{"SOFIPO_DATA=" + folder}, settings...), file(filepath.Join(folder, "events.db")))
	})
	t.Run("couch", func(t *testing.T) {
		s, err := stack.StartOwn(t.Context(), stack.Couch)
		must(t, err)
		t.Cleanup(func() { _ = s.Close() })
		folder := t.TempDir()
		test(t, folder, append([]string{"SOFIPO_DATA=" + folder, "COUCHDB_URL=" + s.Couch.URL}, settings...), server(s.Couch.URL+"/business_events"))
	})
}

// file is the embedded log.
type file string

func (f file) do(t *testing.T, work func(*sql.DB) error) {
	t.Helper()
	database, err := sql.Open("sqlite", "file:"+string(f)+"?_pragma=busy_timeout(10000)")
	must(t, err)
	defer func() { _ = database.Close() }()
	must(t, work(database))
}

func (f file) all(t *testing.T) (docs []document) {
	t.Helper()
	must(t, rows(limited(t), "sqlite", "file:"+string(f), "SELECT event_id, body FROM events ORDER BY sequence", func(scan func(...any) error) error {
		var d document
		var body []byte
		if err := scan(&d.key, &body); err != nil {
			return err
		}
		err := json.Unmarshal(body, &d.event)
		docs = append(docs, d)
		return err
	}))
	return docs
}

func (f file) remove(t *testing.T, docs ...document) {
	t.Helper()
	f.do(t, func(database *sql.DB) error {
		for _, d := range docs {
			if _, err := database.ExecContext(t.Context(), "DELETE FROM events WHERE event_id = ?", d.key); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f file) replace(t *testing.T, d document) {
	t.Helper()
	f.remove(t, d)
	f.add(t, d.event)
}

func (f file) add(t *testing.T, e event.Envelope) {
	t.Helper()
	f.do(t, func(database *sql.DB) error {
		_, err := database.ExecContext(t.Context(), "INSERT INTO events (event_id, subject, event_type, timestamp, sequence, body) VALUES (?, ?, ?, ?, ?, ?)",
			e.Key(), e.Subject.String(), e.EventType, e.Timestamp, e.Sequence, string(e.AppendJSON(nil)))
		return err
	})
}

func (f file) drop(t *testing.T) {
	t.Helper()
	f.do(t, func(database *sql.DB) error {
		_, err := database.ExecContext(t.Context(), "DROP TABLE events")
		return err
	})
}

// server is the database of a CouchDB server.
type server string

func (s server) send(t *testing.T, method, path string, body []byte) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(limited(t), method, string(s)+path, bytes.NewReader(body))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: got %s %s, want success", method, path, response.Status, answer)
	}
	return answer
}

func (s server) all(t *testing.T) (docs []document) {
	t.Helper()
	var answer struct {
		Rows []struct {
			ID    string
			Value struct{ Rev string }
			Doc   json.RawMessage
		}
	}
	must(t, json.Unmarshal(s.send(t, http.MethodGet, "/_all_docs?include_docs=true", nil), &answer))
	for _, row := range answer.Rows {
		d := document{key: row.ID, revision: row.Value.Rev}
		if strings.HasPrefix(row.ID, "_design/") {
			continue
		}
		must(t, json.Unmarshal(row.Doc, &d.event))
		docs = append(docs, d)
	}
	slices.SortFunc(docs, func(a, b document) int { return int(a.event.Sequence - b.event.Sequence) })
	return docs
}

func (s server) remove(t *testing.T, docs ...document) {
	t.Helper()
	for _, d := range docs {
		s.send(t, http.MethodDelete, "/"+d.key+"?rev="+url.QueryEscape(d.revision), nil)
	}
}

func (s server) put(t *testing.T, d document) {
	t.Helper()
	body := d.event.AppendJSON(nil)
	if d.revision != "" {
		body = append(fmt.Appendf(nil, `{"_rev":%q,`, d.revision), body[1:]...)
	}
	s.send(t, http.MethodPut, "/"+d.key, body)
}

func (s server) replace(t *testing.T, d document) { t.Helper(); s.put(t, d) }

func (s server) add(t *testing.T, e event.Envelope) {
	t.Helper()
	s.put(t, document{key: e.Key(), event: e})
}

func (s server) drop(t *testing.T) { t.Helper(); s.send(t, http.MethodDelete, "", nil) }

// verdict runs sofipo doctor --verify, or another command, and wants a text in its output.
func verdict(t *testing.T, env []string, code int, want string, args ...string) {
	t.Helper()
	if len(args) == 0 {
		args = []string{"doctor", "--verify"}
	}
	if r := program.Run(t, env, "", args...); r.Code != code || !strings.Contains(r.Stdout, want) {
		t.Errorf("sofipo %s: got %v, want exit code %d and %q", strings.Join(args, " "), r, code, want)
	}
}

// TestTheDoctorSeesADamagedLog: each damage is reported, and what the database keeps is put
// back, by the next server or by hand.
func TestTheDoctorSeesADamagedLog(t *testing.T) {
	onBothLogs(t, func(t *testing.T, _ string, env []string, log writable) {
		work := func(payments int) { // of a server that is then stopped
			t.Helper()
			running := program.Serve(t, env...)
			c := login(t, running)
			_, loanID := loan(t, c, "100.00")
			for i := range payments {
				_, err := c.Pay(t.Context(), loanID, "1.00", fmt.Sprint(loanID, i))
				must(t, err)
			}
			if code := running.Terminate(t); code != 0 {
				t.Fatalf("got exit code %d, want 0", code)
			}
		}
		work(10)
		docs := log.all(t)
		verdict(t, env, 0, fmt.Sprintf("intact up to sequence %d\n", len(docs)))

		log.remove(t, docs[len(docs)-4:]...)
		verdict(t, env, 1, "4 of 13 events are missing, the first with sequence 10 (0 on the way); sofipo events republish publishes them again, for example with --from 10 --to 13")
		work(0) // its relay publishes them again
		verdict(t, env, 0, "intact up to sequence 15\n")

		log.remove(t, docs[3:5]...)
		verdict(t, env, 1, "2 of 15 events are missing, the first with sequence 4")
		verdict(t, env, 0, "events again: sequences ", "events", "republish", "--from", "4", "--to", "5")
		work(0)
		verdict(t, env, 0, "intact up to sequence 17\n")

		docs = log.all(t)
		last := docs[len(docs)-1]
		rewritten := last
		rewritten.event.Actor = "nobody"
		rewritten.event.Hash, _ = rewritten.event.Digest()
		log.replace(t, rewritten)
		verdict(t, env, 1, "(sequence 17) has another hash than in the database")
		verdict(t, env, 1, "", "events", "void")
		docs = log.all(t)
		log.remove(t, docs[len(docs)-1])
		log.add(t, last.event)

		forged := last.event
		forged.EventID, forged.Actor = id.ID{1, 2, 3}, "nobody"
		_, err := forged.Chain(last.event.Link())
		must(t, err)
		log.add(t, forged)
		verdict(t, env, 1, "1 events are outside the chain, the first is "+forged.EventType)
		work(1)
		verdict(t, env, 1, "1 events are outside the chain, the first is "+forged.EventType)
		verdict(t, env, 0, "voided events: 1\n", "events", "void")
		work(0)
		verdict(t, env, 0, ", 1 voided\n")
		verdict(t, env, 0, "voided events: 0\n", "events", "void")

		log.drop(t)
		verdict(t, env, 1, "events are missing, the first with sequence 1 (0 on the way)")
		work(0)
		verdict(t, env, 0, "intact up to sequence 25\n")
	})
}

// TestTheDoctorSeesAnotherServer: the log of another installation, which is longer or shorter.
func TestTheDoctorSeesAnotherServer(t *testing.T) {
	one, other := embedded(t), embedded(t)
	for _, w := range []*world{one, other} {
		running := w.serve(t)
		loan(t, login(t, running), "100.00")
		running.Terminate(t)
	}
	folder := strings.TrimPrefix(other.env[0], "SOFIPO_DATA=")
	docs := file(filepath.Join(folder, "events.db")).all(t)
	log := file(filepath.Join(strings.TrimPrefix(one.env[0], "SOFIPO_DATA="), "events.db"))
	log.remove(t, log.all(t)...)
	for _, d := range docs {
		log.add(t, d.event)
	}
	verdict(t, one.env, 1, "FAIL  event chain")
	verdict(t, one.env, 1, "", "events", "void")
}

// vacuum copies a SQLite file while it is in use.
func vacuum(t *testing.T, from, to string) {
	t.Helper()
	file(from).do(t, func(database *sql.DB) error {
		_, err := database.ExecContext(t.Context(), "VACUUM INTO ?", to)
		return err
	})
}

// TestCopiesHalfASecondApart copies the key and then the two files one after the other while clients
// pay. A server on the copies goes on, and the chain can be verified.
func TestCopiesHalfASecondApart(t *testing.T) {
	w := embedded(t)
	folder := strings.TrimPrefix(w.env[0], "SOFIPO_DATA=")
	running := w.serve(t)
	payers := startLoad(t, strict, login(t, running))
	for _, files := range [][]string{{"sofipo.db", "events.db"}, {"events.db", "sofipo.db"}} {
		t.Run(files[0]+" first", func(t *testing.T) {
			copied := t.TempDir()
			env := append([]string{"SOFIPO_DATA=" + copied}, settings...)
			key, err := os.ReadFile(filepath.Join(folder, "data.key"))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(copied, "data.key"), key, 0o600))
			payers.awaitMore(t, 50)
			vacuum(t, filepath.Join(folder, files[0]), filepath.Join(copied, files[0]))
			payers.awaitMore(t, 50)
			time.Sleep(500 * time.Millisecond)
			vacuum(t, filepath.Join(folder, files[1]), filepath.Join(copied, files[1]))
			verdict(t, env, 1, "FAIL  event chain")
			second := program.Serve(t, env...)
			loan(t, login(t, second), "100.00")
			if code := second.Terminate(t); code != 0 {
				t.Errorf("got exit code %d, want 0", code)
			}
			if files[0] == "sofipo.db" {
				verdict(t, env, 1, "events are outside the chain")
				verdict(t, env, 0, "voided: sequence", "events", "void")
				program.Serve(t, env...).Terminate(t)
			}
			verdict(t, env, 0, "ok    event chain")
		})
	}
	payers.finish(t)
	w.settle(t, payers)
}

// TestARestoredDatabase: the database is restored to an earlier moment, the log is not.
func TestARestoredDatabase(t *testing.T) {
	onBothLogs(t, func(t *testing.T, folder string, env []string, log writable) {
		path, backup := filepath.Join(folder, "sofipo.db"), filepath.Join(folder, "backup.db")
		serve := func() (size int) {
			running := program.Serve(t, env...)
			loan(t, login(t, running), "100.00")
			running.Terminate(t)
			return len(log.all(t))
		}
		serve()
		vacuum(t, path, backup)
		serve()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(path + suffix); !os.IsNotExist(err) {
				must(t, err)
			}
		}
		vacuum(t, backup, path)
		verdict(t, env, 1, "the log has events that the database does not have", "doctor")
		before := len(log.all(t))
		if after := serve(); after != before+2 {
			t.Errorf("got %d events after %d, want 2 more", after, before)
		}
		verdict(t, env, 1, "2 events are outside the chain, the first is client_created")
		verdict(t, env, 0, "voided events: 2\n", "events", "void")
		serve()
		verdict(t, env, 0, ", 2 voided\n")
	})
}
