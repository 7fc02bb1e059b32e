package faults

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	rabbit "github.com/rabbitmq/amqp091-go"
	_ "modernc.org/sqlite" // the driver named "sqlite"

	"sofipo/infra/amqp"
	"sofipo/test/program"
)

// books reads the data of an installation without sofipo's own code: by SQL from
// the database, and directly from the event log.
type books struct {
	driver, source string // of the database
	log            func(ctx context.Context) ([]stored, error)
	size           func(ctx context.Context) (int, error) // of the log, and perhaps a few indexes
}

// stored is a document of the event log.
type stored struct {
	Key       string `json:"_id"` // that the log keeps it under
	EventID   string `json:"event_id"`
	EventType string `json:"event_type"`
	Payload   struct {
		ID     string `json:"id"`
		LoanID string `json:"loan_id"`
		Amount string `json:"amount"`
	} `json:"payload"`
}

func embeddedBooks(folder string) books {
	source := func(name string) string {
		return "file:" + filepath.Join(folder, name) + "?mode=ro&_pragma=busy_timeout(10000)"
	}
	read := func(ctx context.Context) (found []stored, err error) {
		err = rows(ctx, "sqlite", source("events.db"), "SELECT event_id, body FROM events", func(scan func(...any) error) error {
			var s stored
			var body []byte
			if err := scan(&s.Key, &body); err != nil {
				return err
			}
			err := json.Unmarshal(body, &s)
			found = append(found, s)
			return err
		})
		return found, err
	}
	return books{"sqlite", source("sofipo.db"), read, func(ctx context.Context) (int, error) {
		found, err := read(ctx)
		return len(found), err
	}}
}

func realBooks(databaseURL, couchURL string) books {
	ask := func(ctx context.Context, path string, into any) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, couchURL+"/business_events"+path, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode == http.StatusNotFound { // no consumer has run yet
			return nil
		}
		return json.NewDecoder(response.Body).Decode(into)
	}
	return books{"pgx", databaseURL, func(ctx context.Context) (found []stored, err error) {
		var answer struct{ Rows []struct{ Doc stored } }
		err = ask(ctx, "/_all_docs?include_docs=true", &answer)
		for _, row := range answer.Rows {
			if row.Doc.EventID != "" { // the others are indexes
				found = append(found, row.Doc)
			}
		}
		return found, err
	}, func(ctx context.Context) (int, error) {
		var answer struct {
			Count int `json:"doc_count"`
		}
		err := ask(ctx, "", &answer)
		return answer.Count, err
	}}
}

// rows runs a query on a connection of its own.
func rows(ctx context.Context, driver, source, query string, each func(scan func(...any) error) error) error {
	database, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	found, err := database.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		if err := each(found.Scan); err != nil {
			return err
		}
	}
	return found.Err()
}

// paymentsQuery is for pairs: the payments and their loans.
const paymentsQuery = "SELECT CAST(id AS TEXT), CAST(loan_id AS TEXT) FROM loan_transactions WHERE kind = 'payment'"

// number answers a query for one number.
func (b books) number(t *testing.T, query string) (n int) {
	t.Helper()
	must(t, rows(limited(t), b.driver, b.source, query, func(scan func(...any) error) error { return scan(&n) }))
	return n
}

// pairs answers a query for two texts a row; the first must be unique.
func (b books) pairs(t *testing.T, query string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, rows(limited(t), b.driver, b.source, query, func(scan func(...any) error) error {
		var key, value string
		if err := scan(&key, &value); err != nil {
			return err
		}
		if _, twice := found[key]; twice {
			t.Errorf("%s: got %s twice, want it once", query, key)
		}
		found[key] = value
		return nil
	}))
	return found
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// settle wants what the judge wants, and nothing lost or doubled.
func (w *world) settle(t *testing.T, told ...*load) {
	t.Helper()
	if lost, doubled := w.judge(t, told...); lost > 0 || doubled > 0 {
		t.Errorf("got %d payments or events lost and %d doubled, want none", lost, doubled)
	}
}

// judge waits until every event has reached the log, and compares: the payments that clients
// were told of, those in the books, and those in the log. Each must be there exactly once in all
// three; it counts what is not. The event chain must verify and the doctor be content. If a
// load may lose payments, their events are voided first.
func (w *world) judge(t *testing.T, told ...*load) (lost, doubled int) {
	t.Helper()
	loses := slices.ContainsFunc(told, func(l *load) bool { return l.loses })
	w.awaitLog(t)
	if loses {
		w.void(t)
	}
	payments := w.books.pairs(t, paymentsQuery)
	events := w.books.pairs(t, eventsQuery(w.books.driver))
	log, err := w.books.log(limited(t))
	must(t, err)
	t.Logf("%d payments, %d events written, %d documents in the log", len(payments), len(events), len(log))
	if loses {
		log = inForce(log, events)
	}
	lost, doubled = compareEvents(t, events, log)
	unwritten, twice := comparePayments(t, payments, log)
	lost, doubled = lost+unwritten, doubled+twice
	for _, l := range told {
		gone, extra := l.compare(t, payments)
		lost, doubled = lost+gone, doubled+extra
	}
	if verified := w.doctor(t); verified.Code != 0 {
		t.Errorf("sofipo doctor --verify: got %s, want exit code 0", verified)
	}
	return lost, doubled
}

// inForce is a log without the events that were voided and those that a later epoch repeats.
func inForce(log []stored, events map[string]string) []stored {
	seen := map[string]bool{}
	return slices.DeleteFunc(log, func(s stored) bool {
		drop := events[s.EventID] == "" || seen[s.EventID]
		seen[s.EventID] = true
		return drop
	})
}

func (w *world) doctor(t *testing.T) program.Result {
	t.Helper()
	env := w.env
	if w.books.driver == "pgx" { // whose statements may take longer than a server's
		env = append(slices.Clone(env), "DATABASE_URL="+w.books.source+"&statement_timeout=1")
	}
	return program.Run(t, env, "", "doctor", "--verify")
}

// void voids the events of lost payments, until the doctor is content: some may be on their way.
func (w *world) void(t *testing.T) {
	t.Helper()
	await(t, drainLimit, "a clean log after sofipo events void", func() (bool, string) {
		if r := program.Run(t, w.env, "", "events", "void"); r.Code != 0 {
			return false, r.String()
		}
		r := w.doctor(t)
		return r.Code == 0, r.String()
	})
	w.awaitLog(t)
}

// eventsQuery lists the events that transactions wrote, by id: those in the
// outbox and those that the relay has chained.
func eventsQuery(driver string) string {
	if driver == "sqlite" {
		return `SELECT body ->> '$.event_id', body ->> '$.event_type' FROM outbox
			UNION ALL SELECT value ->> '$.event_id', value ->> '$.event_type' FROM relayed, json_each(events)`
	}
	return `SELECT body::json ->> 'event_id', body::json ->> 'event_type' FROM outbox
		UNION ALL SELECT e ->> 'event_id', e ->> 'event_type' FROM relayed, json_array_elements(events::json) AS e`
}

// How many events wait to be published, and how many were ever written.
const (
	waitingQuery = "SELECT (SELECT count(*) FROM outbox) + (SELECT coalesce(sum(count), 0) FROM relayed WHERE sent_at IS NULL)"
	writtenQuery = "SELECT (SELECT count(*) FROM outbox) + (SELECT coalesce(sum(count), 0) FROM relayed)"
)

// awaitLog waits until nothing waits in the outbox and the log has every event that was
// written.
func (w *world) awaitLog(t *testing.T) {
	t.Helper()
	w.awaitOutbox(t)
	written := w.books.pairs(t, eventsQuery(w.books.driver))
	await(t, drainLimit, "complete log", func() (bool, string) {
		log, err := w.books.log(limited(t))
		missing := len(written)
		for _, s := range log {
			if written[s.EventID] != "" {
				missing--
			}
		}
		return err == nil && missing <= 0, fmt.Sprint(counts("documents, written and missing events", len(log), len(written), missing), " ", err)
	})
}

// drainLimit is longer than the two minutes that the relay waits for a log that does not answer.
const drainLimit = 3 * time.Minute

// awaitOutbox waits until everything was published.
func (w *world) awaitOutbox(t *testing.T) {
	t.Helper()
	await(t, drainLimit, "empty outbox", func() (bool, string) {
		waiting := w.books.number(t, waitingQuery)
		return waiting == 0, counts("waiting", waiting)
	})
}

// compareEvents wants one document for each event, kept under the event's id, and counts the
// events without one and the documents too many.
func compareEvents(t *testing.T, events map[string]string, log []stored) (lost, doubled int) {
	t.Helper()
	seen := map[string]int{}
	for _, s := range log {
		seen[s.EventID]++
		if s.Key != s.EventID && !strings.HasPrefix(s.Key, s.EventID+"-") || events[s.EventID] != s.EventType {
			t.Errorf("document %s: got event %s of type %s, want its ID as the key, perhaps with its epoch, and the type of the books, %q", s.Key, s.EventID, s.EventType, events[s.EventID])
		}
	}
	return once(t, "event", events, seen)
}

// comparePayments wants one payment_registered for each payment, and no other.
func comparePayments(t *testing.T, payments map[string]string, log []stored) (lost, doubled int) {
	t.Helper()
	seen := map[string]int{}
	for _, s := range log {
		if s.EventType != "payment_registered" {
			continue
		}
		seen[s.Payload.ID]++
		if payments[s.Payload.ID] != s.Payload.LoanID || s.Payload.LoanID == "" {
			t.Errorf("event %s: got payment %s on loan %s, want the loan of the books, %q", s.EventID, s.Payload.ID, s.Payload.LoanID, payments[s.Payload.ID])
		}
	}
	return once(t, "payment", payments, seen)
}

// once counts what was not seen and what was seen more than once.
func once(t *testing.T, what string, want map[string]string, seen map[string]int) (lost, doubled int) {
	t.Helper()
	for id := range want {
		switch n := seen[id]; {
		case n == 0:
			lost++
		case n > 1:
			doubled += n - 1
		default:
			continue
		}
		t.Logf("%s %s: got it %d times in the log, want once", what, id, seen[id])
	}
	return lost, doubled
}

// emptyQueues removes what another test may have left.
func emptyQueues(t *testing.T, url string) {
	t.Helper()
	onChannel(t, url, func(ch *rabbit.Channel) error {
		for _, queue := range []string{amqp.Queue, amqp.DeadLetterQueue} {
			if _, err := ch.QueueDelete(queue, false, false, false); err != nil {
				return err
			}
		}
		return nil
	})
}

// onChannel does something by AMQP, past sofipo's own code.
func onChannel(t *testing.T, url string, do func(*rabbit.Channel) error) {
	t.Helper()
	connection, err := rabbit.Dial(url)
	must(t, err)
	defer func() { _ = connection.Close() }()
	channel, err := connection.Channel()
	must(t, err)
	must(t, do(channel))
}
