package webhooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/webhooks"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/lending/servicing"
	"sofipo/core/webhook"
	"sofipo/infra/db"
	"sofipo/infra/eventlog"
	"sofipo/infra/outbox"
	sending "sofipo/infra/webhook"
	"sofipo/test/ground"
	"sofipo/test/office"
)

var local, _ = webhook.ParseNetworks("127.0.0.0/8")

// got is a request that the receiver got.
type got struct {
	ID, Type, Attempt string
	Header            http.Header
	Body              []byte
}

// receiver is an HTTP server that keeps the requests and answers as its function says.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	all    []got
	answer func(w http.ResponseWriter, g got, n int) // n counts the requests from 1
}

func receive(t *testing.T, answer func(http.ResponseWriter, got, int)) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		g := got{q.Header.Get("webhook-id"), q.Header.Get("Sofipo-Event-Type"), q.Header.Get("Sofipo-Delivery-Attempt"), q.Header, body}
		r.mu.Lock()
		r.all = append(r.all, g)
		n, answer := len(r.all), r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, g, n)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) requests() []got {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

func (r *receiver) set(answer func(http.ResponseWriter, got, int)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func status(code int) func(http.ResponseWriter, got, int) {
	return func(w http.ResponseWriter, _ got, _ int) { w.WriteHeader(code) }
}

// signed reports whether one of the signatures is that of the secret, as the standard says.
func signed(g got, secret string) bool {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	sum := hmac.New(sha256.New, key)
	fmt.Fprintf(sum, "%s.%s.%s", g.ID, g.Header.Get("webhook-timestamp"), g.Body)
	return slices.Contains(strings.Split(g.Header.Get("webhook-signature"), " "), "v1,"+base64.StdEncoding.EncodeToString(sum.Sum(nil)))
}

// direct publishes to an event log, as a server without a broker does.
type direct struct{ eventlog.Log }

func (d direct) Publish(ctx context.Context, events []event.Encoded) error {
	_, err := d.Put(ctx, events)
	return err
}

// house is an office with a relay.
type house struct {
	*office.Office
	log *slog.Logger
}

func open(t *testing.T, d *db.DB) *house {
	o := office.Open(t, d, func(b *bank.Options) { b.Rules.Webhooks, b.Clock = local, time.Now })
	h := &house{o, slog.New(slog.NewTextHandler(t.Output(), nil))}
	events, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), h.log)
	if err != nil {
		t.Fatal(err)
	}
	relay := outbox.NewRelay(d, direct{events}, 24*time.Hour, h.log)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); relay.Run(ctx, time.Second) }()
	t.Cleanup(func() { stop(); <-done; _ = events.Close() })
	return h
}

// add adds a webhook with a secret of its own.
func (h *house) add(url string, events ...string) webhook.Webhook {
	h.Helper()
	secret := sending.NewSecret()
	w := office.Do(h.Office, "ana", &webhooks.AddWebhook{Title: "BI", URL: url, Events: events, Secret: secret})
	w.Secret = secret
	return w
}

// deliver runs a deliverer with short pauses until stop is called.
func (h *house) deliver() (d *webhooks.Deliverer, stop func()) {
	d = webhooks.NewDeliverer(webhooks.Options{
		Bank: h.Bank, DB: h.DB, Sender: sending.NewSender("test", local.Permit), By: office.By, Clock: time.Now, Log: h.log, Poll: 20 * time.Millisecond,
		Pause: func(_ int64, _ float64, asked time.Duration) time.Duration { return max(asked, 5*time.Millisecond) },
	})
	ctx, cancel := context.WithCancel(h.Context())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	h.Cleanup(stop)
	return d, stop
}

func (h *house) await(what string, reached func() bool) {
	h.Helper()
	for deadline := time.Now().Add(30 * time.Second); !reached(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatalf("got nothing in 30 s, want the %s", what)
		}
	}
}

// count counts rows by a query.
func (h *house) count(sql string) int64 { h.Helper(); return office.Count(h.T, h.DB, sql) }

func types(all []got) (names []string) {
	for _, g := range all {
		names = append(names, g.Type)
	}
	return names
}

// TestDelivery: a webhook gets the events that it wants, once each, in order, as they were
// published and signed.
func TestDelivery(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		r := receive(t, nil)
		w := h.add(r.URL+"/events", "client_created", "loan_created", "payment_registered")
		lent := h.Lend(h.Client(1).ID, 1_000_00)
		h.Pay(lent, 100_00, servicing.Ordinary)
		office.Do(h.Office, "ana", webhooks.TestWebhook{ID: w.ID})
		h.deliver()
		want := []string{"client_created", "loan_created", "payment_registered", "webhook_tested"}
		h.await("fourth event", func() bool { return len(r.requests()) >= len(want) })
		h.await("stored deliveries", func() bool {
			return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == int64(len(want))
		})
		all := r.requests()
		if !slices.Equal(types(all), want) {
			t.Errorf("got the events %v, want %v", types(all), want)
		}
		for _, g := range all {
			e, err := event.Parse(g.Body)
			if err != nil || e.EventID.String() != g.ID || e.EventType != g.Type || e.Sequence == 0 || g.Attempt != "1" || g.Header.Get("Content-Type") != "application/json" {
				t.Errorf("got %s of attempt %s with the headers %v, %v, want the event of its id", g.Body, g.Attempt, g.Header, err)
			}
			if !strings.HasPrefix(string(g.Body), `{"event_type":`) {
				t.Errorf("got the body %.40s, want the fields of the seed first", g.Body)
			}
			if !signed(g, w.Secret) || signed(g, sending.NewSecret()) {
				t.Errorf("got the signature %s, want that of the secret only", g.Header.Get("webhook-signature"))
			}
		}
	})
}

// TestOutage: while the receiver is unavailable, events wait and are tried again. Then all arrive
// in order.
func TestOutage(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		r := receive(t, status(503))
		h.add(r.URL, "client_created")
		h.deliver()
		var want []string
		for n := range 5 {
			want = append(want, h.Client(n).ID.String())
		}
		h.await("third attempt", func() bool { return len(r.requests()) >= 3 })
		if got := h.count("SELECT count(*) FROM webhook_deliveries"); got != 0 {
			t.Errorf("got %d deliveries in the log during the outage, want 0", got)
		}
		r.set(nil)
		h.await("delivered events", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == 5 })
		all := r.requests()
		for i, g := range all[len(all)-5:] {
			if e, err := event.Parse(g.Body); err != nil || e.Subject.String() != want[i] {
				t.Errorf("event %d: got the subject %v, %v, want %s", i, e.Subject, err, want[i])
			}
		}
		for i, g := range all[:len(all)-4] {
			if g.ID != all[0].ID || g.Attempt != fmt.Sprint(i+1) {
				t.Errorf("attempt %s of %s, want attempt %d of the first event %s", g.Attempt, g.ID, i+1, all[0].ID)
			}
		}
	})
}

// TestRetryAfter: the next attempt waits as long as the receiver asks.
func TestRetryAfter(t *testing.T) {
	h := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	var first time.Time
	waited := make(chan time.Duration, 1)
	r := receive(t, func(w http.ResponseWriter, _ got, n int) {
		if n == 1 {
			first = time.Now()
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(429)
		} else {
			waited <- time.Since(first)
		}
	})
	h.add(r.URL, "client_created")
	h.deliver()
	h.Client(1)
	if got := <-waited; got < time.Second {
		t.Errorf("got the next attempt after %s, want 1 s or more", got)
	}
}

// TestDeadLetters: an event that the receiver refuses becomes a dead letter after the last attempt,
// and the next events are delivered. It is replayed singly, and all are replayed.
func TestDeadLetters(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		r := receive(t, func(w http.ResponseWriter, g got, _ int) {
			if g.Type == "client_created" {
				w.WriteHeader(422)
			}
		})
		w := h.add(r.URL, "client_created", "loan_created")
		h.deliver()
		one, other := h.Client(1), h.Client(2)
		h.Lend(one.ID, 1_000_00)
		dead := func() int64 { return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'dead'") }
		h.await("loan after two dead letters", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == 1 })
		if got, all := dead(), r.requests(); got != 2 || len(all) != 2*webhook.MaxAttempts+1 {
			t.Fatalf("got %d dead letters after %d requests, want 2 after %d", got, len(all), 2*webhook.MaxAttempts+1)
		}
		ids := map[string]string{} // event by client
		for _, g := range r.requests() {
			if e, err := event.Parse(g.Body); err == nil {
				ids[e.Subject.String()] = g.ID
			}
		}
		eventID, _ := id.Parse(ids[other.ID.String()])

		office.Do(h.Office, "ana", webhooks.ReplayDeliveries{ID: w.ID, EventID: eventID}) // refused again
		h.await("replay in vain", func() bool { return len(r.requests()) == 2*webhook.MaxAttempts+2 && dead() == 2 })
		r.set(nil)
		office.Do(h.Office, "ana", webhooks.ReplayDeliveries{ID: w.ID, EventID: eventID})
		h.await("replayed delivery", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == 2 })
		if all := r.requests(); all[len(all)-1].ID != eventID.String() || all[len(all)-1].Attempt != fmt.Sprint(webhook.MaxAttempts+2) {
			t.Errorf("got attempt %s of %s, want attempt %d of %s", all[len(all)-1].Attempt, all[len(all)-1].ID, webhook.MaxAttempts+2, eventID)
		}
		_, err := bank.Do(t.Context(), h.Bank, office.By, webhooks.ReplayDeliveries{ID: w.ID, EventID: eventID})
		if !fault.Is(err, webhook.NotDead) {
			t.Errorf("a delivery that is not dead: got %v, want %s", err, webhook.NotDead)
		}
		office.Do(h.Office, "ana", webhooks.ReplayDeliveries{ID: w.ID})
		h.await("replay of all", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == 3 })
	})
}

// TestCrash: if the process ends after the receiver accepted an event and before that is stored,
// the event is delivered again with the same id, and none is lost.
func TestCrash(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		r := receive(t, nil)
		w := h.add(r.URL, "client_created")
		_, stop := h.deliver()
		for n := range 3 {
			h.Client(n)
		}
		h.await("stored deliveries", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries") == 3 })
		stop()
		// The state as it was before the last two deliveries were stored.
		second, err := event.Parse(r.requests()[1].Body)
		if err != nil {
			t.Fatal(err)
		}
		office.Run(t, d, "DELETE FROM webhook_deliveries WHERE sequence >= $1", second.Sequence)
		office.Run(t, d, "UPDATE webhook_progress SET sequence = $1 WHERE webhook_id = $2", second.Sequence-1, w.ID)
		h.deliver()
		h.await("stored deliveries", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries") == 3 })
		all := r.requests()
		if len(all) != 5 || all[3].ID != all[1].ID || all[4].ID != all[2].ID {
			t.Errorf("got %d requests %v, want the last two events again with their ids", len(all), all)
		}
	})
}

// TestTwoNodes: of two nodes one delivers, and the other takes over.
func TestTwoNodes(t *testing.T) {
	h := open(t, ground.Open(t, ground.Config(t, ground.Postgres)))
	r := receive(t, nil)
	h.add(r.URL, "client_created")
	one, stopOne := h.deliver()
	h.Client(1)
	h.await("first event", func() bool { return one.Delivered.Load() == 1 })
	other, _ := h.deliver()
	for n := range 20 {
		h.Client(n + 2)
	}
	h.await("20 events", func() bool { return one.Delivered.Load() == 21 })
	stopOne()
	h.Client(30)
	h.await("event by the other node", func() bool { return other.Delivered.Load() == 1 })
	if got := len(r.requests()); got != 22 {
		t.Errorf("got %d requests for 22 events, want each once", got)
	}
}

// TestRotation: the former secret signs too while both are in force, and not after that.
func TestRotation(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		r := receive(t, nil)
		w := h.add(r.URL, "client_created")
		h.deliver()
		fresh, last := sending.NewSecret(), sending.NewSecret()
		for i, want := range [][3]bool{{true, false, false}, {true, true, false}, {false, false, true}} {
			switch i {
			case 1:
				office.Do(h.Office, "ana", webhooks.RotateSecret{ID: w.ID, Secret: fresh, Hours: 24})
			case 2:
				office.Do(h.Office, "ana", webhooks.RotateSecret{ID: w.ID, Secret: last})
			}
			time.Sleep(100 * time.Millisecond) // the deliverer looks each 20 ms
			h.Client(i)
			h.await("event", func() bool { return len(r.requests()) == i+1 })
			g := r.requests()[i]
			if got := [3]bool{signed(g, w.Secret), signed(g, fresh), signed(g, last)}; got != want {
				t.Errorf("event %d: got signatures %v of the three secrets, want %v", i, got, want)
			}
		}
	})
}

// TestGone: a webhook whose receiver answers 410 is paused, and continues with the same event.
func TestGone(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		r := receive(t, status(410))
		w := h.add(r.URL, "client_created")
		h.deliver()
		h.Client(1)
		h.await("pause", func() bool { return h.count("SELECT count(*) FROM webhooks WHERE state = 'gone'") == 1 })
		h.Client(2)
		time.Sleep(200 * time.Millisecond)
		if got := len(r.requests()); got != 1 {
			t.Errorf("got %d requests, want 1 before the webhook was paused", got)
		}
		_, err := bank.Do(t.Context(), h.Bank, office.By, webhooks.TestWebhook{ID: w.ID})
		if !fault.Is(err, webhook.NotActive) {
			t.Errorf("a test of a paused webhook: got %v, want %s", err, webhook.NotActive)
		}
		r.set(nil)
		office.Do(h.Office, "ana", webhooks.ResumeWebhook{ID: w.ID})
		h.await("both events", func() bool { return h.count("SELECT count(*) FROM webhook_deliveries WHERE state = 'delivered'") == 2 })
		if all := r.requests(); all[1].ID != all[0].ID {
			t.Errorf("got %s after %s, want the same event first", all[1].ID, all[0].ID)
		}
		office.Do(h.Office, "ana", webhooks.RemoveWebhook{ID: w.ID})
		if got := h.count("SELECT (SELECT count(*) FROM webhooks) + (SELECT count(*) FROM webhook_progress)"); got != 0 {
			t.Errorf("got %d rows after the removal, want 0", got)
		}
	})
}

// TestForgottenEvents: events that were deleted before they were delivered are counted, and later
// ones are delivered.
func TestForgottenEvents(t *testing.T) {
	h := open(t, ground.Open(t, ground.Config(t, ground.SQLite)))
	r := receive(t, nil)
	h.add(r.URL, "client_created")
	h.Client(1)
	h.await("published event", func() bool { return h.count("SELECT count(*) FROM relayed WHERE sent_at IS NOT NULL") > 0 })
	h.await("empty outbox", func() bool { return h.count("SELECT count(*) FROM outbox") == 0 })
	forgotten := h.count("SELECT sequence FROM chain")
	office.Run(t, h.DB, "DELETE FROM relayed")
	h.Client(2)
	h.deliver()
	h.await("event", func() bool { return len(r.requests()) == 1 })
	h.await("count", func() bool { return h.count("SELECT missed FROM webhook_progress") == forgotten })
}

// TestSecretsAreEncrypted: the database has no secret in clear.
func TestSecretsAreEncrypted(t *testing.T) {
	ground.Each(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		w := h.add("http://127.0.0.1:1/")
		if got := h.count("SELECT count(*) FROM webhooks WHERE secret LIKE 'whsec%' OR secret = ''"); got != 0 {
			t.Errorf("got the secret in clear, want it encrypted")
		}
		text, err := json.Marshal(w)
		if err != nil || strings.Contains(string(text), "whsec") {
			t.Errorf("got %s, %v, want no secret in JSON", text, err)
		}
		if stored := h.count("SELECT count(*) FROM idempotency WHERE answer LIKE '%whsec%'") + h.count("SELECT count(*) FROM outbox WHERE body LIKE '%whsec%'"); stored != 0 {
			t.Errorf("got %d rows with the secret, want 0", stored)
		}
	})
}
