package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"

	"sofipo/infra/amqp"
	"sofipo/test/program"
)

// TestDeadLetters puts a message on the queue that is no event: it is laid
// aside, the events behind it go on, and a replay brings back what can be
// stored, and lays the rest aside again.
func TestDeadLetters(t *testing.T) {
	w := whole(t)
	server := w.serve(t)
	publish := func(exchange, key, body string) {
		t.Helper()
		onChannel(t, w.rabbit.URL, func(ch *rabbit.Channel) error {
			return ch.PublishWithContext(t.Context(), exchange, key, true, false, rabbit.Publishing{Body: []byte(body), DeliveryMode: rabbit.Persistent})
		})
	}
	dead := func(wanted string, args ...string) {
		t.Helper()
		await(t, 60*time.Second, wanted, func() (bool, string) {
			r := program.Run(t, w.env, "", append([]string{"dead-letters", "--show", "0"}, args...)...)
			return r.Code == 0 && strings.TrimSpace(r.Stdout) == wanted, r.String()
		})
	}
	c := login(t, server)
	loan(t, c, "10.00") // once these are relayed, the topology exists
	w.consume(t)
	w.settle(t)
	dead("dead letters: 0")
	publish(amqp.Exchange, "sofipo.nonsense", "no event at all")
	loan(t, c, "10.00")
	dead("dead letters: 1")
	if r := program.Run(t, w.env, "", "dead-letters"); r.Code != 0 || strings.Count(r.Stdout, "\n") != 2 || !strings.Contains(r.Stdout, "  sofipo.nonsense  -  not an event: ") {
		t.Errorf("dead-letters: got %v, want exit code 0, 2 lines, sofipo.nonsense and the reason", r)
	}
	dead("dead letters: 1") // it is still there
	w.awaitLog(t)
	verdict(t, w.env, 1, "FAIL  dead letters                                     1 could not be stored\n", "doctor")

	// An event of the seed's own publisher that came to lie there by mistake.
	const event = `{"event_type": "client_updated", "entity_id": "7025e990-e787-409a-aee5-6526149de156",
		"payload": {"full_name": "José P. Núñez"}, "timestamp": "2026-11-23T09:22:40.953189Z"}`
	publish("", amqp.DeadLetterQueue, event)
	dead("dead letters: 2")
	if r := program.Run(t, w.env, "", "dead-letters", "--replay"); r.Code != 0 || strings.TrimSpace(r.Stdout) != "replayed: 2" {
		t.Errorf("replay: got %v, want exit code 0, replayed: 2", r)
	}
	await(t, 60*time.Second, "replayed event in the log", func() (bool, string) {
		log, err := w.books.log(limited(t))
		must(t, err)
		for _, s := range log {
			if s.EventType == "client_updated" {
				return true, ""
			}
		}
		return false, counts("documents", len(log))
	})
	dead("dead letters: 1")
	verdict(t, w.env, 1, ", 1 of another publisher\n")
}

// TestManyDeadLetters: events that wait as dead letters are a failure, but are not missing, and
// a replay stores them.
func TestManyDeadLetters(t *testing.T) {
	w := whole(t)
	server := w.serve(t)
	c := login(t, server)
	_, loanID := loan(t, c, "1000.00")
	for i := range 300 {
		_, err := c.Pay(t.Context(), loanID, "1.00", fmt.Sprint(i))
		must(t, err)
	}
	w.awaitOutbox(t)
	onChannel(t, w.rabbit.URL, func(ch *rabbit.Channel) error {
		for moved := 0; moved < 300; {
			d, found, err := ch.Get(amqp.Queue, true)
			if err != nil {
				return err
			}
			if !found {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			dead := rabbit.Publishing{Headers: d.Headers, MessageId: d.MessageId, Body: d.Body, DeliveryMode: rabbit.Persistent}
			dead.Headers[amqp.RoutingKeyHeader], dead.Headers[amqp.ReasonHeader] = d.RoutingKey, "moved by a test"
			if err := ch.PublishWithContext(t.Context(), "", amqp.DeadLetterQueue, true, false, dead); err != nil {
				return err
			}
			moved++
		}
		return nil
	})
	w.consume(t)
	verdict(t, w.env, 1, "FAIL  dead letters                                     300 could not be stored\n")
	await(t, 60*time.Second, "a warning in /readyz and in the metrics", func() (bool, string) {
		ready, err := c.Send(t.Context(), "GET", "/readyz", nil)
		must(t, err)
		metrics, err := c.Send(t.Context(), "GET", "/metrics", nil)
		must(t, err)
		return ready.Status == 200 && strings.Contains(string(ready.Body), `"event_log":"warning"`) && strings.Contains(string(metrics.Body), "\nsofipo_dead_letters 300\n"), string(ready.Body)
	})
	onChannel(t, w.rabbit.URL, func(ch *rabbit.Channel) error { // somebody throws one away
		_, _, err := ch.Get(amqp.DeadLetterQueue, true)
		return err
	})
	verdict(t, w.env, 1, "events are missing, the first with sequence 1 (299 on the way); sofipo events republish publishes them again")
	verdict(t, w.env, 0, "replayed: 299\n", "dead-letters", "--replay")
	verdict(t, w.env, 0, "events again: sequences 1 to ", "events", "republish")
	w.settle(t)
}
