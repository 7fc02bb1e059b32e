package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
	"sofipo/test/stack"
)

// TestNothingIsAcknowledgedThatTheStandbyLacks: while commits wait for a standby that
// does not answer, neither a payment nor its repetition is acknowledged.
func TestNothingIsAcknowledgedThatTheStandbyLacks(t *testing.T) {
	s, err := stack.StartOwn(t.Context(), stack.Replica)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	server := program.Serve(t, slices.Concat(settings, []string{"DATABASE_URL=" + s.Primary.URL})...)
	client := login(t, server)
	client.Patient()
	_, loanID := loan(t, client, "1000.00")
	must(t, s.Synchronous(t.Context()))
	if answer, err := client.Pay(t.Context(), loanID, "1.00", "before"); err != nil || answer.Status != 201 {
		t.Fatalf("with the standby: got %d %s, %v, want 201", answer.Status, answer.Body, err)
	}
	must(t, s.Replica.Freeze())
	if answer, err := client.Pay(t.Context(), loanID, "2.00", "lost"); err != nil || answer.Status != 503 {
		t.Fatalf("without the standby: got %d %s, %v, want 503", answer.Status, answer.Body, err)
	}
	for _, key := range []string{"lost", "before"} {
		soon, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		amount := map[string]string{"lost": "2.00", "before": "1.00"}[key]
		if answer, err := client.Pay(soon, loanID, amount, key); err == nil && answer.Status != 503 {
			t.Errorf("the payment %q again, without the standby: got %d %s, want no answer or 503", key, answer.Status, answer.Body)
		}
		cancel()
	}
	must(t, s.Replica.Thaw())
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if r, err := client.PayUntilAnswered(limited, loanID, "2.00", "lost"); err != nil || !r.Replayed {
		t.Errorf("the payment again, with the standby: got %+v, %v, want its first answer", r, err)
	}
	if paid := realBooks(s.Primary.URL, "").number(t, "SELECT count(*) FROM loan_transactions WHERE kind = 'payment'"); paid != 2 {
		t.Errorf("got %d payments, want 2", paid)
	}
}

// TestAFailoverThatLosesCommits: an asynchronous standby takes over that lacks the last
// payments, whose events are in the log. The chain goes on in a new epoch, and the lost events
// can be voided.
func TestAFailoverThatLosesCommits(t *testing.T) {
	s, err := stack.StartOwn(t.Context(), stack.Replica)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	host := func(address string) string { return strings.SplitN(strings.SplitN(address, "@", 2)[1], "/", 2)[0] }
	both := strings.Replace(s.Primary.URL, host(s.Primary.URL), host(s.Primary.URL)+","+host(s.Replica.URL), 1) + "&target_session_attrs=read-write"
	env := slices.Concat(settings, []string{"DATABASE_URL=" + both, "SOFIPO_DATA=" + t.TempDir()})
	server := program.Serve(t, env...)
	client := login(t, server)
	_, loanID := loan(t, client, "1000.00")
	w := &world{books: realBooks(s.Primary.URL, "")}
	w.awaitOutbox(t) // the replica has all chained events
	must(t, s.CatchUp(t.Context()))
	must(t, s.Replica.Kill())
	for i := range 5 {
		if answer, err := client.Pay(t.Context(), loanID, "1.00", fmt.Sprint("lost", i)); err != nil || answer.Status != 201 {
			t.Fatalf("got %d %s, %v, want 201", answer.Status, answer.Body, err)
		}
	}
	w.awaitOutbox(t)
	must(t, s.Primary.Kill())
	must(t, s.Replica.Start())
	must(t, s.Promote(t.Context()))
	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := client.PayUntilAnswered(limited, loanID, "2.00", "kept"); err != nil {
		t.Fatal(err)
	}
	w.books = realBooks(s.Replica.URL, "")
	w.awaitOutbox(t)
	verdict(t, env, 1, "5 events are outside the chain, the first is payment_registered")
	verdict(t, env, 0, "voided events: 5\n", "events", "void")
	w.awaitOutbox(t)
	verdict(t, env, 0, ", 5 voided\n")
}

// TestFailoversLoseNoPayment kills the leader of a cluster under Patroni and freezes the next
// one, while clients pay. Each acknowledged payment is in the database once, and the server is
// not restarted: it finds the new leader, although its connections to a frozen one stay open.
func TestFailoversLoseNoPayment(t *testing.T) {
	s, err := stack.StartOwn(t.Context(), stack.Redis)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	cluster, err := s.StartPatroni(t.Context())
	must(t, err)
	env := slices.Concat(settings, []string{"DATABASE_URL=" + cluster.URL, "DATABASE_REPLICA_URL=" + cluster.Reads, "REDIS_URL=" + s.Redis.URL, "SOFIPO_DATA=" + t.TempDir()})
	server := program.Serve(t, env...)
	payers := startLoad(t, login(t, server), patient)
	for _, failure := range []struct {
		name       string
		begin, end func(*stack.Service) error
	}{
		{"kill", (*stack.Service).Kill, (*stack.Service).Start},
		{"freeze", (*stack.Service).Freeze, (*stack.Service).Thaw},
	} {
		time.Sleep(time.Second)
		leader, err := cluster.Leader(t.Context(), nil)
		must(t, err)
		must(t, failure.begin(leader))
		began := time.Now()
		_, err = cluster.Leader(t.Context(), leader)
		must(t, err)
		elected := time.Since(began)
		payers.awaitMore(t, 1)
		paid := time.Since(began)
		t.Logf("%s: another leader after %s, a payment after %s", failure.name, elected.Round(time.Second), paid.Round(time.Second))
		if paid-elected > 30*time.Second {
			t.Errorf("%s: a payment was accepted %s after the election, want at most 30 s", failure.name, paid-elected)
		}
		must(t, failure.end(leader))
		_, err = cluster.Standby(t.Context())
		must(t, err)
	}
	time.Sleep(time.Second)
	payers.finish(t)
	leader, err := cluster.Leader(t.Context(), nil) // by name: a thawed leader answers as one for a moment
	must(t, err)
	payers.compare(t, realBooks(leader.URL, "").pairs(t, paymentsQuery))
	if all := payers.payments.Load(); all < 100 {
		t.Errorf("got %d payments in all, want 100 or more", all)
	}
	if r := program.Run(t, env, "", "doctor"); r.Code != 0 {
		t.Errorf("sofipo doctor: got %v, want exit code 0", r)
	}
}
