package faults

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"sofipo/test/program"
)

// TestFiftyPaymentsAtOnce sends 50 payments of 100 on a loan of 1,000: ten pay
// it off, the others are refused.
func TestFiftyPaymentsAtOnce(t *testing.T) {
	w := whole(t)
	payAtOnce(t, w, login(t, w.serve(t)))
}

func TestFiftyPaymentsAtOnceByTwoServers(t *testing.T) {
	w := whole(t)
	payAtOnce(t, w, login(t, w.serve(t)), login(t, w.serve(t)))
}

func TestFiftyPaymentsAtOnceEmbedded(t *testing.T) {
	t.Parallel()
	w := embedded(t)
	payAtOnce(t, w, login(t, w.serve(t)))
}

func payAtOnce(t *testing.T, w *world, clients ...*program.Client) {
	w.consume(t)
	first := clients[0]
	for range 3 { // loans, one after the other
		clientID, loanID := loan(t, first, "1000.00")
		answers := fifty(t, clients, loanID)
		if !maps.Equal(answers, map[int]int{201: 10, 400: 40}) {
			t.Errorf("answers by status: got %v, want %+v", answers, map[int]int{201: 10, 400: 40})
		}
		for i, c := range clients {
			answer, err := c.Send(t.Context(), "GET", "/api/v1/loans/"+loanID, nil)
			must(t, err)
			if answer.Field("current_balance") != "0.00" || answer.Field("status") != "PAID_OFF" {
				t.Errorf("the loan as server %d has it: got %s, want balance 0.00, status PAID_OFF", i, answer.Body)
			}
			statement, err := c.Statement(t.Context(), clientID, "")
			must(t, err)
			if len(statement.Active) != 0 || len(statement.Paid) != 10 {
				t.Errorf("the statement of server %d: got %v, want 0 active, 10 paid", i, statement)
			}
		}
	}
	if paid := w.books.number(t, "SELECT count(*) FROM loan_transactions WHERE kind = 'payment'"); paid != 30 {
		t.Errorf("got %d payments in the books, want 30", paid)
	}
	w.settle(t)
}

// fifty sends the payments all at once, by all clients in turn, and counts the answers by status.
func fifty(t *testing.T, clients []*program.Client, loanID string) map[int]int {
	t.Helper()
	var mu sync.Mutex
	var sending sync.WaitGroup
	answers := map[int]int{}
	gate := make(chan struct{})
	for i := range 50 {
		sending.Go(func() {
			<-gate
			answer, err := clients[i%len(clients)].Pay(t.Context(), loanID, "100.00", fmt.Sprintf("%s-%d", loanID, i))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			answers[answer.Status]++
		})
	}
	close(gate)
	sending.Wait()
	return answers
}

// TestOneKeyAtOnce sends one payment with one key many times at once, by two
// servers: it is made once and every answer is the same.
func TestOneKeyAtOnce(t *testing.T) {
	w := whole(t)
	clients := []*program.Client{login(t, w.serve(t)), login(t, w.serve(t))}
	_, loanID := loan(t, clients[0], "1000.00")
	var mu sync.Mutex
	var sending sync.WaitGroup
	receipts := map[string]int{}
	for i := range 24 {
		sending.Go(func() {
			r, err := clients[i%2].PayUntilAnswered(limited(t), loanID, "100.00", "one-key")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			receipts[r.PaymentID]++
		})
	}
	sending.Wait()
	if len(receipts) != 1 {
		t.Errorf("got the receipts %v, want one for all answers", receipts)
	}
	if paid := w.books.number(t, "SELECT count(*) FROM loan_transactions WHERE kind = 'payment'"); paid != 1 {
		t.Errorf("got %d payments in the books, want 1", paid)
	}
}
