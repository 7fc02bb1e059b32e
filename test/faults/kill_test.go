package faults

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// someTime is long enough for payments to be in every stage, and never the same.
func someTime() time.Duration { return 200*time.Millisecond + rand.N(200*time.Millisecond) }

// TestKilledAPIForgets kills the server just as payments commit: a statement
// from before them, kept in Redis, must not outlive them.
func TestKilledAPIForgets(t *testing.T) {
	w := whole(t)
	server := w.serve(t)
	c := login(t, server)
	type payer struct{ client, loan string }
	var all []payer
	for range 8 {
		clientID, loanID := loan(t, c, "1000.00")
		all = append(all, payer{clientID, loanID})
	}
	rounds, made := 0, 0
	for ; rounds < 6 || rounds < 60 && made == rounds*len(all); rounds++ { // until some payments were cut off
		for _, p := range all {
			_, err := c.Statement(t.Context(), p.client, "") // now it is in the cache
			must(t, err)
		}
		var paying sync.WaitGroup
		answered := make(chan struct{}, len(all))
		for i, p := range all {
			paying.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				_, _ = c.Pay(t.Context(), p.loan, "1.00", "") // perhaps cut off
				answered <- struct{}{}
			})
		}
		<-answered // the others are on their way
		server.Kill()
		paying.Wait()
		server = w.serve(t)
		c.Point(server.URL)
		w.awaitOutbox(t)
		for _, p := range all {
			made := w.books.number(t, "SELECT count(*) FROM loan_transactions WHERE kind = 'payment' AND loan_id = '"+p.loan+"'")
			shown, err := c.Statement(t.Context(), p.client, "")
			must(t, err)
			if len(shown.Paid) != made {
				t.Errorf("round %d: got %d payments in the statement, want the %d of the books", rounds, len(shown.Paid), made)
			}
		}
		made = w.books.number(t, "SELECT count(*) FROM loan_transactions WHERE kind = 'payment'")
	}
	t.Logf("%d of %d payments were made", made, rounds*len(all))
	if made == 0 || made == rounds*len(all) {
		t.Errorf("got %d of %d payments, want some and not all", made, rounds*len(all))
	}
}

// awaitGrowth waits until events reach the log.
func (w *world) awaitGrowth(t *testing.T) {
	t.Helper()
	before := -1
	await(t, 60*time.Second, "growth of the log", func() (bool, string) {
		size, err := w.books.size(limited(t))
		if err != nil {
			return false, err.Error()
		}
		if before < 0 {
			before = size
		}
		return size > before, counts("documents", size)
	})
}

// TestStoppedUnderLoad sends SIGTERM while payers pay who try only once: what
// they were told of is there, and what was cut off was never begun.
func TestStoppedUnderLoad(t *testing.T) { stopUnderLoad(t, whole(t)) }

func TestStoppedUnderLoadEmbedded(t *testing.T) {
	t.Parallel()
	stopUnderLoad(t, embedded(t))
}

func stopUnderLoad(t *testing.T, w *world) {
	server := w.serve(t)
	w.consume(t)
	payers := startLoad(t, brief, login(t, server))
	payers.awaitMore(t, 50)
	if code := server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d after SIGTERM, want 0", code)
	}
	payers.finish(t)
	if waiting := w.books.number(t, waitingQuery); waiting > 0 {
		t.Errorf("got %d events left behind, want none", waiting)
	}
	if !w.consumer {
		log, err := w.books.log(limited(t))
		must(t, err)
		if written := w.books.number(t, writtenQuery); len(log) != written {
			t.Errorf("got %d documents in the log, want %d, one for each event", len(log), written)
		}
	}
	w.serve(t)
	w.settle(t, payers)
}
