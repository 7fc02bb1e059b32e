package faults

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
	"sofipo/test/stack"
)

// TestStartWithoutTheRest starts a server that has a database and nothing else:
// it serves, and its events arrive when the services are back.
func TestStartWithoutTheRest(t *testing.T) {
	w := whole(t)
	for _, service := range []*stack.Service{w.replica, w.redis, w.rabbit, w.couch} {
		must(t, service.Kill())
	}
	server := w.serve(t)
	c := login(t, server)
	clientID, loanID := loan(t, c, "100.00")
	d := &depositor{writer: c, reader: c, stranger: c, client: clientID, loan: loanID, balance: 10_000}
	for range 5 {
		if err := d.payAndRead(t); err != nil {
			t.Error(err)
		}
	}
	if answer, err := c.Send(t.Context(), "GET", "/api/v1/events", nil); err != nil || answer.Status != 503 {
		t.Errorf("events without their log: got %d %s %v, want status 503", answer.Status, answer.Body, err)
	}
	consumer := w.consume(t)
	for _, service := range []*stack.Service{w.couch, w.rabbit, w.redis, w.replica} {
		must(t, service.Start())
	}
	if err := d.payAndRead(t); err != nil {
		t.Error(err)
	}
	w.settle(t)
	if !consumer.Running() {
		t.Error("got a consumer that ended, want it to wait for its services")
	}
	wrong := strings.Replace(w.couch.URL, "@", "-wrong@", 1)
	if r := program.Run(t, append(w.env, "COUCHDB_URL="+wrong), "", "consume"); r.Code != 1 || !strings.Contains(r.Stderr, "401 unauthorized: ") || strings.Contains(r.Stderr, "-wrong") {
		t.Errorf("a consumer with a wrong password: got %v, want exit code 1 and the server's reason", r)
	}
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	for line := range strings.Lines(server.Log()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("got the log line %s, want JSON", line)
		}
	}
}

// TestStopWhileRabbitMQIsFrozen: the way out is bounded too.
func TestStopWhileRabbitMQIsFrozen(t *testing.T) {
	w := whole(t)
	server := w.serve(t)
	payers := startLoad(t, brief, login(t, server))
	payers.awaitMore(t, 20)
	must(t, w.rabbit.Freeze())
	payers.awaitMore(t, 20)
	began := time.Now()
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %s to stop, want at most %v", took, 30*time.Second)
	}
	must(t, w.rabbit.Thaw())
	payers.finish(t)
	w.serve(t)
	w.consume(t)
	w.settle(t, payers)
}

// depositor pays and checks what he is shown.
type depositor struct {
	writer, reader, stranger *program.Client
	client, loan             string
	balance                  int64 // centavos
	payments                 int
}

func (d *depositor) payAndRead(t *testing.T) error {
	answer, err := d.writer.Pay(t.Context(), d.loan, "1.00", fmt.Sprintf("%s-%d", d.loan, d.payments))
	if err != nil || answer.Status != 201 {
		return fmt.Errorf("payment: %w %d %s", err, answer.Status, answer.Body)
	}
	d.balance, d.payments = d.balance-100, d.payments+1
	if answer.Position() == "" {
		return fmt.Errorf("the payment's answer has no position: %v", answer.Header)
	}
	// The server that wrote sees it; another server needs the commit token.
	if err := d.check(t, d.stranger, answer.Field("id"), ""); err != nil {
		return fmt.Errorf("statement of the server that wrote: %w", err)
	}
	if err := d.check(t, d.reader, answer.Field("id"), answer.Position()); err != nil {
		return fmt.Errorf("statement of the other server at position %s: %w", answer.Position(), err)
	}
	shown, err := d.stranger.Send(t.Context(), "GET", "/api/v1/loans/"+d.loan, nil)
	if err != nil || shown.Status != 200 || shown.Field("current_balance") != d.wanted() {
		return fmt.Errorf("loan: %w %d %s, balance wanted: %s", err, shown.Status, shown.Body, d.wanted())
	}
	// Without a position the other server may be late, but never wrong in form.
	if _, err := d.reader.Statement(t.Context(), d.client, ""); err != nil {
		return fmt.Errorf("statement of the other server: %w", err)
	}
	return nil
}

func (d *depositor) wanted() string { return fmt.Sprintf("%d.%02d", d.balance/100, d.balance%100) }

func (d *depositor) check(t *testing.T, c *program.Client, paymentID, position string) error {
	s, err := c.Statement(t.Context(), d.client, position)
	if err != nil {
		return err
	}
	if len(s.Active) != 1 || s.Active[0].Balance != json.Number(d.wanted()) {
		return fmt.Errorf("loans %v, balance wanted: %s", s.Active, d.wanted())
	}
	if len(s.Paid) != d.payments || s.Paid[0].ID != paymentID {
		return fmt.Errorf("%d payments, the newest %v; wanted %d, the newest %s", len(s.Paid), s.Paid[:1], d.payments, paymentID)
	}
	return nil
}
