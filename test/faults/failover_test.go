package faults

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	must(t, s.Synchronous(t.Context(), true))
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
	if paid := payments(t, s.Primary.URL, loanID); len(paid) != 2 {
		t.Errorf("got the payments %v, want two", paid)
	}
}

// payments are the ids of a loan's payments, in the database.
func payments(t *testing.T, url, loanID string) (ids []string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), "SELECT id::text FROM loan_transactions WHERE loan_id = $1 AND number > 0 ORDER BY id", loanID)
	must(t, err)
	ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return ids
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
	server := program.Serve(t, slices.Concat(settings, []string{"DATABASE_URL=" + cluster.URL, "DATABASE_REPLICA_URL=" + cluster.Reads, "REDIS_URL=" + s.Redis.URL})...)
	client := login(t, server)

	const payers = 8
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	stop := make(chan struct{})
	acknowledged, loans := make([][]string, payers), make([]string, payers)
	var own []string // payments of the test itself, of the first loan
	var paying sync.WaitGroup
	for i := range payers {
		_, loans[i] = loan(t, client, "100000.00")
		paying.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				r, err := client.PayUntilAnswered(ctx, loans[i], "1.00", fmt.Sprintf("%d-%d", i, n))
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged[i] = append(acknowledged[i], r.PaymentID)
			}
		})
	}
	for _, failure := range []struct {
		name       string
		begin, end func(*stack.Service) error
	}{
		{"kill", (*stack.Service).Kill, (*stack.Service).Start},
		{"freeze", (*stack.Service).Freeze, (*stack.Service).Thaw},
	} {
		time.Sleep(time.Second)
		leader, err := cluster.Leader(ctx, nil)
		must(t, err)
		must(t, failure.begin(leader))
		began := time.Now()
		_, err = cluster.Leader(ctx, leader)
		must(t, err)
		elected := time.Since(began)
		r, err := client.PayUntilAnswered(ctx, loans[0], "1.00", failure.name)
		must(t, err)
		own = append(own, r.PaymentID)
		paid := time.Since(began)
		t.Logf("%s: another leader after %s, a payment after %s", failure.name, elected.Round(time.Second), paid.Round(time.Second))
		if paid-elected > 30*time.Second {
			t.Errorf("%s: a payment was accepted %s after the election, want at most 30 s", failure.name, paid-elected)
		}
		must(t, failure.end(leader))
		_, err = cluster.Standby(ctx)
		must(t, err)
	}
	time.Sleep(time.Second)
	close(stop)
	paying.Wait()
	leader, err := cluster.Leader(ctx, nil) // by name: a thawed leader answers as one for a moment
	must(t, err)
	all := 0
	for i, ids := range acknowledged {
		all += len(ids)
		if i == 0 {
			ids = append(ids, own...)
		}
		if paid := payments(t, leader.URL, loans[i]); !slices.Equal(paid, slices.Sorted(slices.Values(ids))) {
			t.Errorf("loan %d: got %d payments, want the %d that were acknowledged", i, len(paid), len(ids))
		}
	}
	if all < 100 {
		t.Errorf("got %d payments in all, want 100 or more", all)
	}
	if r := program.Run(t, slices.Concat(settings, []string{"DATABASE_URL=" + cluster.URL}), "", "doctor"); r.Code != 0 {
		t.Errorf("sofipo doctor: got %v, want exit code 0", r)
	}
}
