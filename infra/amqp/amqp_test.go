package amqp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/infra/eventlog"
	"sofipo/test/chain"
	"sofipo/test/stack"
)

// broker is this package's own RabbitMQ: its tests kill and freeze it.
var broker *stack.Service

func TestMain(m *testing.M) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	s, err := stack.StartOwn(ctx, stack.Rabbit)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	broker = s.Rabbit
	code := m.Run()
	if err := s.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// channel is a plain connection for a test's own use.
func channel(t *testing.T) *rabbit.Channel {
	t.Helper()
	conn, err := rabbit.Dial(broker.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// fresh removes the messages of earlier tests from the broker.
func fresh(t *testing.T) *rabbit.Channel {
	t.Helper()
	ch := channel(t)
	for _, queue := range []string{Queue, DeadLetterQueue} {
		if _, err := ch.QueueDelete(queue, false, false, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := ch.ExchangeDelete(Exchange, false, false); err != nil {
		t.Fatal(err)
	}
	return ch
}

func publisher(t *testing.T) *Publisher {
	t.Helper()
	p := NewPublisher(broker.URL, slog.New(slog.DiscardHandler))
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func publish(t *testing.T, p *Publisher, events ...event.Encoded) {
	t.Helper()
	if err := p.Publish(t.Context(), events); err != nil {
		t.Fatal(err)
	}
}

var epoch = time.Date(2026, 11, 23, 9, 22, 34, 10_072_000, time.UTC)

// number makes a distinct id.
func number(n int) id.ID {
	return id.New(epoch.Add(time.Duration(n)*time.Millisecond), [10]byte{7: 1})
}

// registered is the payload of a new client.
type registered struct{ name string }

func (registered) Event() event.Type { return event.Type{Name: "client_created", Version: 1} }

func (e registered) Members(o *event.Object) {
	o.Text("full_name", e.name)
	o.Text("rfc", "NUMM800101AB1")
}

// chained makes n events in a chain; those named big have 50 kB of payload.
func chained(t testing.TB, n int, big ...int) []event.Encoded {
	t.Helper()
	var chain event.Chain
	all := make([]event.Encoded, n)
	for i := range all {
		name := "María Núñez"
		if slices.Contains(big, i) {
			name = strings.Repeat("x", 50_000)
		}
		var err error
		_, all[i], err = chain.Append(nil, event.Seal(number(i), event.Fact{Payload: registered{name}, Entity: number(i % 5), Subject: number(i % 5)}, event.Origin{
			Actor: "caja", BusinessDate: civil.Date{Year: 2026, Month: 11, Day: 23}, At: epoch.Add(time.Duration(i) * time.Second),
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func documentLog(t *testing.T) *eventlog.Embedded {
	t.Helper()
	log, err := eventlog.OpenEmbedded(t.Context(), filepath.Join(t.TempDir(), "events.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// into is the sink that the program uses.
func into(log eventlog.Log) Sink {
	return func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		rejected, err := log.Put(ctx, events)
		reasons := map[id.ID]string{}
		for _, r := range rejected {
			reasons[r.EventID] = r.Reason
		}
		return reasons, err
	}
}

// consume runs a consumer until the test ends or the function given back is called.
func consume(t *testing.T, store Sink) (stop func()) {
	t.Helper()
	sink := func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		if len(events) == 0 { // asks only whether events can be stored
			return nil, nil
		}
		return store(ctx, events)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Consume(ctx, broker.URL, slog.New(slog.DiscardHandler), sink) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(grace + margin):
			t.Error("the consumer still runs, want it to end")
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits a minute at most for a condition, which is given a text for when it fails.
func eventually(t *testing.T, met func() (bool, string)) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		ok, text := met()
		if ok {
			return
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("after %v: got %s, want the condition to be met", time.Minute, text)
		}
	}
}

// arrived waits until the log has the chain of n events, as chained makes them, and nothing else.
func arrived(t *testing.T, log eventlog.Log, n int, big ...int) {
	t.Helper()
	books := chain.Of(chained(t, n, big...))
	eventually(t, func() (bool, string) {
		r, err := eventlog.Verify(t.Context(), log, books, 1)
		return err == nil && r.Err() == nil && r.Events == int64(n), fmt.Sprintf("%d events of %d: %v, %v", r.Events, n, r.Err(), err)
	})
}

// left counts the messages of a queue that no consumer has received.
func left(t *testing.T, queue string) int {
	t.Helper()
	q, err := channel(t).QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q.Messages
}

func deadLetters(t *testing.T) int {
	t.Helper()
	n, err := DeadLetters(t.Context(), broker.URL)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnEventIsPublishedAsTheContractSays(t *testing.T) {
	ch := fresh(t)
	want := chained(t, 1)[0]
	publish(t, publisher(t), want)
	d, found, err := ch.Get(Queue, true)
	if err != nil || !found {
		t.Fatalf("got found %t, %v, want a message", found, err)
	}
	var got event.Envelope
	if err := json.Unmarshal(d.Body, &got); err != nil || got.EventID != want.EventID || string(d.Body) != string(want.Body) {
		t.Errorf("got the body %s, %v, want event ID %v, body %v", d.Body, err, want.EventID, string(want.Body))
	}
	if d.Exchange != "sofipo_events_exchange" || d.RoutingKey != "sofipo.client.created" || d.DeliveryMode != 2 ||
		d.ContentType != "application/json" || d.MessageId != want.EventID.String() || !d.Timestamp.Equal(epoch.Truncate(time.Second)) {
		t.Errorf("got %+v, want exchange sofipo_events_exchange, routing key sofipo.client.created, delivery mode 2, content type application/json, message id %v, %v", d, want.EventID.String(), epoch.Truncate(time.Second))
	}
	if got := d.Headers["x-sofipo-sequence"]; got != int64(1) {
		t.Errorf("got sequence %v, want 1", got)
	}
	for name, value := range map[string]string{
		"specversion": "1.0", "id": want.EventID.String(), "type": "client_created", "source": "/sofipo",
		"subject": want.Subject.String(), "time": "2026-11-23T09:22:34.010072Z",
	} {
		if d.Headers["cloudEvents:"+name] != value {
			t.Errorf("cloudEvents:%s: got %v, want %s", name, d.Headers["cloudEvents:"+name], value)
		}
	}
}

func TestTheSeedsTopologyAndOursAreTheSame(t *testing.T) {
	ch := fresh(t)
	seed := func() {
		t.Helper()
		err := ch.ExchangeDeclare("sofipo_events_exchange", "topic", true, false, false, false, nil)
		if err == nil {
			_, err = ch.QueueDeclare("couchdb_event_log_queue", true, false, false, false, nil)
		}
		if err == nil {
			err = ch.QueueBind("couchdb_event_log_queue", "sofipo.#", "sofipo_events_exchange", false, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	seed()
	publish(t, publisher(t), chained(t, 1)...)
	seed()
	if n := left(t, Queue); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}
}

// TestAQuorumQueueDropsNothing: a message stays in the queue however often its consumer goes. The
// limit is named, because that of the broker depends on its version.
func TestAQuorumQueueDropsNothing(t *testing.T) {
	const queue, times = "quorum_of_the_test", 25 // RabbitMQ 4 drops a message after 20
	ch := channel(t)
	t.Cleanup(func() { _, _ = channel(t).QueueDelete(queue, false, false, false) })
	conn, err := rabbit.Dial(broker.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for range 2 { // also if it exists
		if err := declareQueue(conn, queue, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ch.QueueDeclare(queue, true, false, false, false, rabbit.Table{"x-queue-type": "quorum", "x-delivery-limit": int32(2147483647)}); err != nil {
		t.Errorf("declaring a quorum queue with a delivery limit of 2147483647: got %v, want the queue that exists", err)
		ch = channel(t)
	}
	if err := ch.Publish("", queue, false, false, rabbit.Publishing{Body: []byte("event")}); err != nil {
		t.Fatal(err)
	}
	for i := range times {
		eventually(t, func() (bool, string) {
			d, found, err := ch.Get(queue, false)
			if err == nil && found {
				err = d.Nack(false, true)
			}
			return err == nil && found, fmt.Sprintf("delivery %d: found %t, %v", i, found, err)
		})
	}
	if n := left(t, queue); n != 1 {
		t.Errorf("got %d messages after %d deliveries, want 1", n, times)
	}
}

func TestEveryEventArrivesOnce(t *testing.T) {
	fresh(t)
	const n = 1300
	p, log := publisher(t), documentLog(t)
	events := chained(t, n)
	publish(t, p, events[:700]...) // before there is a consumer, more than a flight
	var calls, biggest atomic.Int32
	store := into(log)
	stop := consume(t, func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		biggest.Store(max(biggest.Load(), int32(len(events))))
		switch calls.Add(1) {
		case 1:
			return nil, errors.New("not reachable")
		case 3: // stored, but not known to be
			_, _ = store(ctx, events)
			return nil, errors.New("no answer")
		}
		return store(ctx, events)
	})
	for some := range slices.Chunk(events[650:], 50) { // some of them again
		publish(t, p, some...)
	}
	arrived(t, log, n)
	stop()
	if n := left(t, Queue); n != 0 {
		t.Errorf("got %d messages left, want 0", n)
	}
	if biggest.Load() != batchSize {
		t.Errorf("got %d in the biggest batch, want %v", biggest.Load(), batchSize)
	}
	if n := deadLetters(t); n != 0 {
		t.Errorf("got %d dead letters, want 0", n)
	}
}

func TestManyMayPublishAtOnce(t *testing.T) {
	fresh(t)
	p, events := publisher(t), chained(t, 80)
	var group sync.WaitGroup
	for some := range slices.Chunk(events, 10) {
		group.Go(func() {
			if err := p.Publish(t.Context(), some); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := left(t, Queue); n != 80 {
		t.Errorf("got %d messages, want 80", n)
	}
}

func TestPoisonIsDeadLetteredAndReplayed(t *testing.T) {
	ch := fresh(t)
	p, log := publisher(t), documentLog(t)
	events := chained(t, 40)
	publish(t, p, events[:20]...)
	raw := func(key, body string) {
		if err := ch.PublishWithContext(t.Context(), Exchange, key, false, false, rabbit.Publishing{Body: []byte(body), MessageId: key, Headers: rabbit.Table{"kept": "yes"}}); err != nil {
			t.Fatal(err)
		}
	}
	raw("sofipo.no.json", "no JSON")
	raw("sofipo.no.event", `{"hello":"world"}`)
	publish(t, p, events[20:]...)
	var healed atomic.Bool
	store := into(log)
	stop := consume(t, func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		at := slices.IndexFunc(events, func(e event.Encoded) bool { return e.Sequence == 30 })
		if at < 0 || healed.Load() {
			return store(ctx, events)
		}
		poison := events[at].EventID
		_, err := store(ctx, slices.Delete(slices.Clone(events), at, at+1))
		return map[id.ID]string{poison: strings.Repeat("ñ", 2000)}, err
	})
	eventually(t, func() (bool, string) { n := deadLetters(t); return n == 3, fmt.Sprintf("%d dead letters", n) })
	for range 2 { // looking does not take them away
		letters, err := PeekDeadLetters(t.Context(), broker.URL, 10)
		if err != nil || len(letters) != 3 {
			t.Fatalf("got %d letters, %v, want 3 letters", len(letters), err)
		}
		for _, want := range []DeadLetter{
			{MessageID: "sofipo.no.json", RoutingKey: "sofipo.no.json", Reason: "invalid character"},
			{MessageID: "sofipo.no.event", RoutingKey: "sofipo.no.event", Reason: "event_type, entity_id"},
			{MessageID: events[29].EventID.String(), RoutingKey: "sofipo.client.created", Reason: "ñññ"},
		} {
			i := slices.IndexFunc(letters, func(l DeadLetter) bool { return l.MessageID == want.MessageID })
			if i < 0 {
				t.Fatalf("got no dead letter %s, want one", want.MessageID)
			}
			got := letters[i]
			if got.RoutingKey != want.RoutingKey || !strings.Contains(got.Reason, want.Reason) || len(got.Reason) > 1000 || time.Since(got.DeadAt) > time.Minute {
				t.Errorf("got key %s, reason %s, at %s; want %+v", got.RoutingKey, got.Reason, got.DeadAt, want)
			}
		}
	}
	if some, err := PeekDeadLetters(t.Context(), broker.URL, 1); err != nil || len(some) != 1 {
		t.Errorf("got %d dead letters, %v, want 1", len(some), err)
	}
	if r, err := eventlog.Verify(t.Context(), log, chain.Of(events), 1); err != nil || r.Missing != 1 || r.Gaps[0].From != 30 {
		t.Errorf("got %+v, %v, want sequence 30 missing", r, err)
	}
	healed.Store(true)
	if n, err := ReplayDeadLetters(t.Context(), broker.URL); err != nil || n != 3 {
		t.Errorf("got %d replayed, %v, want 3", n, err)
	}
	arrived(t, log, 40)
	eventually(t, func() (bool, string) { n := deadLetters(t); return n == 2, fmt.Sprintf("%d dead letters", n) })
	stop()
	if n, err := ReplayDeadLetters(t.Context(), broker.URL); err != nil || n != 2 {
		t.Errorf("got %d replayed, %v, want 2", n, err)
	}
	bodies := map[string]string{"sofipo.no.json": "no JSON", "sofipo.no.event": `{"hello":"world"}`}
	for range 2 { // they are as they were first published
		d, found, err := ch.Get(Queue, true)
		if err != nil || !found || string(d.Body) != bodies[d.RoutingKey] || len(d.Headers) != 1 || d.Headers["kept"] != "yes" {
			t.Errorf("got found %t, %+v, %v, want a message with the body %v and the header kept alone", found, d, err, bodies[d.RoutingKey])
		}
		delete(bodies, d.RoutingKey)
	}
}

// TestMessagesOfTheVersionBeforeAreStored: they wait in the queue when the program
// is replaced, some of them as dead letters.
func TestMessagesOfTheVersionBeforeAreStored(t *testing.T) {
	ch := fresh(t)
	p, log := publisher(t), documentLog(t)
	events := chained(t, 30)
	publish(t, p, events[:1]...)
	for i, e := range events[1:20] {
		m := ofTheVersionBefore(e)
		exchange, key := Exchange, "sofipo.client.created"
		if i%5 == 0 {
			dead := deadLetter(rabbit.Delivery{Headers: m.Headers, MessageId: m.MessageId, RoutingKey: key, Body: m.Body}, "the disk was full")
			exchange, key, m = dead.exchange, dead.key, dead.message
		}
		if err := ch.PublishWithContext(t.Context(), exchange, key, true, false, m); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, p, events[20:]...)
	eventually(t, func() (bool, string) { n := deadLetters(t); return n == 4, fmt.Sprintf("%d dead letters", n) })
	if n, err := ReplayDeadLetters(t.Context(), broker.URL); err != nil || n != 4 {
		t.Errorf("got %d replayed, %v, want 4", n, err)
	}
	stop := consume(t, into(log))
	arrived(t, log, 30)
	stop()
	if n := deadLetters(t); n != 0 {
		t.Errorf("got %d dead letters, want none", n)
	}
}

func TestTheSeedsOwnEventIsStoredOnce(t *testing.T) {
	ch := fresh(t)
	p, log := publisher(t), documentLog(t)
	publish(t, p, chained(t, 2)...)
	body := []byte(`{"event_type": "payment_registered", "entity_id": "6923f572-501a-42eb-abd4-3d08023b8511", "payload": {"amount": "2500.00"}, "timestamp": "2026-11-23T09:22:45Z"}`)
	for range 2 {
		if err := ch.PublishWithContext(t.Context(), Exchange, "sofipo.payment.registered", false, false, rabbit.Publishing{Body: body, DeliveryMode: 2}); err != nil {
			t.Fatal(err)
		}
	}
	stop := consume(t, into(log))
	q := eventlog.Query{EventType: "payment_registered", Limit: 10}
	eventually(t, func() (bool, string) {
		page, _, err := log.Find(t.Context(), q)
		return err == nil && len(page) == 1 && left(t, Queue) == 0, fmt.Sprintf("%d events, %v", len(page), err)
	})
	stop()
	page, _, err := log.Find(t.Context(), q)
	if err != nil || len(page) != 1 || page[0].Sequence != 0 || page[0].Timestamp != "2026-11-23T09:22:45.000000Z" || page[0].Subject != page[0].EntityID {
		t.Errorf("got %+v, %v, want 1 event, sequence 0, timestamp 2026-11-23T09:22:45.000000Z, subject %v", page, err, page[0].EntityID)
	}
	arrived(t, log, 2)
}

func TestConsumerEndsWithTheBatchInHandStored(t *testing.T) {
	fresh(t)
	log := documentLog(t)
	publish(t, publisher(t), chained(t, 50)...)
	begun, store := make(chan struct{}), into(log)
	stop := consume(t, func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
		close(begun)
		time.Sleep(300 * time.Millisecond)
		return store(ctx, events)
	})
	<-begun
	stop()
	arrived(t, log, 50)
	if n := left(t, Queue); n != 0 {
		t.Errorf("got %d messages left, want 0", n)
	}
}

// refusal is an error of a sink whose server refuses the password.
type refusal struct{ final bool }

func (refusal) Error() string          { return "Name or password is incorrect." }
func (r refusal) Final() bool          { return r.final }
func (refusal) RetryIn() time.Duration { return 300 * time.Millisecond }

// TestAWrongPasswordEndsTheConsumerAtTheStart: one try each, and the reason. Later, and for
// reasons that may heal, it waits.
func TestAWrongPasswordEndsTheConsumerAtTheStart(t *testing.T) {
	fresh(t)
	publish(t, publisher(t), chained(t, 1)...)
	run := func(url string, sink Sink) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		return Consume(ctx, url, slog.New(slog.DiscardHandler), sink)
	}
	tries := 0
	err := run(broker.URL, func(context.Context, []event.Encoded) (map[id.ID]string, error) { tries++; return nil, refusal{true} })
	if !errors.Is(err, refusal{true}) || tries != 1 {
		t.Errorf("event log: got %v after %d tries, want the refusal after 1", err, tries)
	}
	nothing := func(context.Context, []event.Encoded) (map[id.ID]string, error) { return nil, nil }
	if err := run(strings.Replace(broker.URL, "@", "wrong@", 1), nothing); err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("broker: got %v, want its refusal without the password", err)
	}
	if n := left(t, Queue); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}

	log := documentLog(t)
	answers := []error{errors.New("down"), refusal{false}, nil, refusal{true}, nil} // the third is the check before the first batch
	var times []time.Time
	var mu sync.Mutex
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Consume(ctx, broker.URL, slog.New(slog.DiscardHandler), func(ctx context.Context, events []event.Encoded) (map[id.ID]string, error) {
			mu.Lock()
			defer mu.Unlock()
			err := answers[min(len(times), len(answers)-1)]
			times = append(times, time.Now())
			if err != nil {
				return nil, err
			}
			return into(log)(ctx, events)
		})
	}()
	arrived(t, log, 1)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v, want a consumer that waits", err)
	}
	for i, least := range []time.Duration{firstWait, 300 * time.Millisecond, 0, 300 * time.Millisecond} {
		if paused := times[i+1].Sub(times[i]); paused < least {
			t.Errorf("got %s between the tries %d and %d, want at least %s", paused, i+1, i+2, least)
		}
	}
}

// TestTheBrokersReasonIsShown: a policy may move messages to the dead letters.
func TestTheBrokersReasonIsShown(t *testing.T) {
	ch := fresh(t)
	publish(t, publisher(t), chained(t, 1)...) // declares the queues
	args := rabbit.Table{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": DeadLetterQueue, "x-message-ttl": int32(1)}
	q, err := ch.QueueDeclare("", false, true, true, false, args)
	if err == nil {
		err = ch.PublishWithContext(t.Context(), "", q.Name, false, false, rabbit.Publishing{MessageId: "m", Body: []byte("{}")})
	}
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() (bool, string) { n := deadLetters(t); return n == 1, fmt.Sprintf("%d dead letters", n) })
	letters, err := PeekDeadLetters(t.Context(), broker.URL, 5)
	if err != nil || len(letters) != 1 || letters[0].Reason != "moved by the broker from queue "+q.Name+": expired" {
		t.Errorf("got %+v, %v, want the queue %s and that the message expired", letters, err, q.Name)
	}
}

func TestConsumerLeavesWhatIsNotStored(t *testing.T) {
	fresh(t)
	publish(t, publisher(t), chained(t, 50)...)
	failed := make(chan struct{}, 100)
	stop := consume(t, func(context.Context, []event.Encoded) (map[id.ID]string, error) {
		failed <- struct{}{}
		return nil, errors.New("not reachable")
	})
	<-failed
	<-failed
	stop()
	eventually(t, func() (bool, string) { n := left(t, Queue); return n == 50, fmt.Sprintf("%d messages left", n) })
}

func TestAnUnroutableEventIsAnError(t *testing.T) {
	ch := fresh(t)
	p, events := publisher(t), chained(t, 2)
	publish(t, p, events[0])
	if _, err := ch.QueueDelete(Queue, false, false, false); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), events[1:]); err == nil || !strings.Contains(err.Error(), "no queue accepts message") {
		t.Errorf("got %v, want an error with no queue accepts message", err)
	}
	publish(t, p, events[1])
	if err := ch.ExchangeDelete(Exchange, false, false); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), events[1:]); err == nil || !strings.Contains(err.Error(), "NOT_FOUND") {
		t.Errorf("got %v, want an error with NOT_FOUND", err)
	}
	publish(t, p, events[1])
	if n := left(t, Queue); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
}

func TestABadURLIsNamedWithoutItsPassword(t *testing.T) {
	for _, url := range []string{"", "http://u:secret@h", "amqp://u:secret@h:port", "amqp://u:sec ret@h"} {
		for name, err := range map[string]error{
			"consume": Consume(t.Context(), url, slog.New(slog.DiscardHandler), nil),
			"publish": NewPublisher(url, slog.New(slog.DiscardHandler)).Publish(t.Context(), chained(t, 1)),
		} {
			if err == nil || strings.Contains(err.Error(), "sec") {
				t.Errorf("%s %s: got %v, want an error without sec", name, url, err)
			}
		}
	}
	wrong := strings.Replace(broker.URL, "@", "wrong@", 1)
	if err := NewPublisher(wrong, slog.New(slog.DiscardHandler)).Publish(t.Context(), chained(t, 1)); err == nil || strings.Contains(err.Error(), "wrong") {
		t.Errorf("got %v, want an error without wrong", err)
	}
}
