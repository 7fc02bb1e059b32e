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
