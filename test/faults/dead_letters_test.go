package faults

import (
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
	w.settle(t)
	if r := program.Run(t, w.env, "", "doctor"); !strings.Contains(r.Stdout, "dead letters                                     1\n") {
		t.Errorf(`sofipo doctor: got %v, want a line "dead letters                                     1\n"`, r)
	}

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
	if r := program.Run(t, w.env, "", "doctor", "--verify"); r.Code != 0 {
		t.Errorf("doctor --verify after a message of the seed's form: got %v, want exit code 0", r)
	}
}
