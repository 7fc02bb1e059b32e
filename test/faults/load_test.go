package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"sofipo/core/money"
	"sofipo/test/program"
)

const (
	payers      = 6
	answerLimit = 90 * time.Second      // for one payment, with all its tries
	retryAfter  = 50 * time.Millisecond // from an answer 503, or none, to the next try
	readEvery   = 15 * time.Millisecond // of each reader
	payEvery    = 30 * time.Millisecond // of each payer
	rarely      = 5 * payEvery          // where the log behind the payers is disturbed for long and fills up
	oneTry      = 3 * time.Second       // how long a patient payer waits for one answer
	principal   = 1_000_000_00          // of each payer's loan, in centavos
	loanAmount  = "1000000.00"          // the same
)

// manner is how payers take a request that is not answered, or with 503.
type manner int

const (
	patient manner = iota // tries again with the same key, at the next server, until there is an answer
	strict                // takes that for a fault: nothing is disturbed that a client may notice
	brief                 // never tries again
)

// load is the load of all these tests. Payers, each with a loan of its own, pay 1.00 again and
// again, each payment with a new key. For each server, a reader compares what it is shown with
// what the payers know.
type load struct {
	servers []*program.Client
	manner  manner
	reads   bool // every read must be answered
	loses   bool // acknowledged payments may be lost
	pace    time.Duration
	payers  []*payer

	payments   atomic.Int64 // answered
	operations atomic.Int64 // payments and reads asked for
	refused    atomic.Int64 // answers 503, and tries without an answer
	unread     atomic.Int64 // reads without an answer

	mu       sync.Mutex
	told     map[string]string // payment id -> loan, as answered
	faults   []error
	wrong    []error // answers that contradict the books
	waits    []time.Duration
	retried  int // payments that took several tries
	replayed int // payments whose first answer was lost
	cut      int // requests of brief payers without an answer

	stop    context.CancelFunc
	running sync.WaitGroup
}

// payer is one client of the institution.
type payer struct {
	place        int
	client, loan string

	mu          sync.Mutex
	asked, told int            // payments
	position    string         // of the last answer
	by          map[string]int // by server: payments told of when it last answered
	began       time.Time      // of the last payment that was answered
}

// startLoad starts payers and readers, who go on until finish.
func startLoad(t *testing.T, m manner, servers ...*program.Client) *load {
	t.Helper()
	l := &load{servers: servers, manner: m}
	if m == strict {
		l.pace = rarely
	}
	l.start(t, payers)
	return l
}

func (l *load) start(t *testing.T, size int) {
	t.Helper()
	l.told = map[string]string{}
	if l.pace == 0 {
		l.pace = payEvery
	}
	var opening errgroup.Group
	opening.SetLimit(8)
	l.payers = make([]*payer, size)
	for i := range l.payers {
		opening.Go(func() (err error) {
			l.payers[i], err = openLoan(t.Context(), l.servers[0], i)
			return err
		})
	}
	must(t, opening.Wait())
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	t.Cleanup(stop)
	for _, p := range l.payers {
		l.running.Go(func() {
			for ctx.Err() == nil {
				l.pay(p)
				time.Sleep(l.pace)
			}
		})
	}
	for i := range l.servers {
		l.running.Go(func() { l.readUntil(ctx, i) })
	}
}

// openLoan registers a client with a loan without interest, so that each payment lowers its
// balance by as much.
func openLoan(ctx context.Context, c *program.Client, place int) (*payer, error) {
	clientID, _, err := c.Register(ctx, "Cliente de prueba")
	if err != nil {
		return nil, err
	}
	answer, err := c.Send(ctx, "POST", "/api/v1/loans/", map[string]any{"client_id": clientID, "amount": loanAmount, "interest_rate": 0, "term_months": 24})
	if err == nil && answer.Status != 201 {
		err = fmt.Errorf("loan: status %d: %s", answer.Status, answer.Body)
	}
	return &payer{place: place, client: clientID, loan: answer.Field("id"), by: map[string]int{}}, err
}

func (l *load) pay(p *payer) {
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	defer cancel()
	p.mu.Lock()
	key := fmt.Sprintf("%s-%d", p.loan, p.asked)
	p.asked++
	p.mu.Unlock()
	began := time.Now()
	l.operations.Add(1)
	receipt, by, err := l.ask(ctx, p, key)
	if l.record(p, receipt, time.Since(began), err) {
		p.note(receipt, by, began)
	}
	if err == nil && receipt.Tries == 1 && l.payments.Load()%10 == 0 && l.manner == patient && !l.loses {
		l.repeat(p, key, receipt.PaymentID)
	}
}

// note keeps what a payer was told.
func (p *payer) note(r program.Receipt, by string, began time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told++
	p.position, p.began = r.Position, began
	if by != "" {
		p.by[by] = p.told
	}
}

// record counts an answer; true if the payment is acknowledged.
func (l *load) record(p *payer, receipt program.Receipt, took time.Duration, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.manner == strict && receipt.Tries > 1 {
		l.faults = append(l.faults, fmt.Errorf("a payment of loan %s took %d tries", p.loan, receipt.Tries))
	}
	if errors.Is(err, errCut) {
		l.cut++
		return false
	}
	if err != nil {
		l.faults = append(l.faults, err)
		return false
	}
	if l.told[receipt.PaymentID] != "" {
		l.wrong = append(l.wrong, fmt.Errorf("payment %s was the answer to two keys", receipt.PaymentID))
	}
	l.told[receipt.PaymentID] = p.loan
	l.waits = append(l.waits, took)
	l.payments.Add(1)
	if receipt.Tries > 1 {
		l.retried++
	}
	if receipt.Replayed {
		l.replayed++
	}
	return true
}

// errCut says that a brief payer has no answer.
var errCut = errors.New("no answer")

// ask sends a payment until it is answered; by is the server that answered.
func (l *load) ask(ctx context.Context, p *payer, key string) (r program.Receipt, by string, err error) {
	for {
		c := l.servers[(p.place+r.Tries)%len(l.servers)]
		by = c.Base()
		r.Tries++
		answer, err := l.try(ctx, c, p.loan, key)
		if c.Base() != by {
			by = "" // restarted meanwhile
		}
		switch {
		case err == nil && answer.Status == 201:
			r.PaymentID, r.Position = answer.Field("id"), answer.Position()
			r.Replayed = answer.Header.Get("Idempotent-Replayed") == "true"
			return r, by, nil
		case err == nil && answer.Status != 503:
			l.contradict(fmt.Errorf("payment %s, try %d: status %d: %s", key, r.Tries, answer.Status, answer.Body))
			return r, "", errCut
		case err == nil:
			err = errors.New(string(answer.Body))
		}
		l.refused.Add(1)
		if l.manner == brief {
			return r, "", errCut
		}
		select {
		case <-ctx.Done():
			return r, "", fmt.Errorf("payment %s was not answered after %d tries: %w", key, r.Tries, err)
		case <-time.After(retryAfter):
		}
	}
}

func (l *load) try(ctx context.Context, c *program.Client, loanID, key string) (program.Answer, error) {
	if l.manner == patient {
		once, cancel := context.WithTimeout(ctx, oneTry)
		defer cancel()
		ctx = once
	}
	return c.Pay(ctx, loanID, "1.00", key)
}

// repeat sends an acknowledged payment again: the answer is the same, if there is one.
func (l *load) repeat(p *payer, key, paymentID string) {
	l.operations.Add(1)
	answer, err := l.try(context.Background(), l.servers[(p.place+1)%len(l.servers)], p.loan, key)
	if err == nil && answer.Status != 503 && (answer.Status != 201 || answer.Field("id") != paymentID) {
		l.contradict(fmt.Errorf("payment %s again: got %d %s, want its first answer, %s", key, answer.Status, answer.Body, paymentID))
	}
}

func (l *load) contradict(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, err)
}

// readUntil reads the payers' statements and loans from one server.
func (l *load) readUntil(ctx context.Context, place int) {
	for n := 0; ctx.Err() == nil; n++ {
		p := l.payers[n%len(l.payers)]
		if err := l.read(l.servers[place], p, n/len(l.payers)%3); err != nil {
			l.contradict(err)
		}
		time.Sleep(readEvery)
	}
}

// read reads a loan without a position, or a statement with or without one, and compares it with
// what the payer knows. With the position of a write, an answer includes the write; a server
// includes what it wrote itself. No answer has a payment that was not asked for.
func (l *load) read(c *program.Client, p *payer, kind int) error {
	base := c.Base()
	p.mu.Lock()
	least, position := p.by[base], ""
	if kind == 0 && p.position != "" {
		least, position = p.told, p.position
	}
	p.mu.Unlock()
	path, headers := "/api/v1/loans/clients/"+p.client+"/account-statement", []string(nil)
	if kind == 1 {
		path = "/api/v1/loans/" + p.loan
	}
	if position != "" {
		headers = []string{"X-Sofipo-Position", position}
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerLimit)
	if !l.reads {
		ctx, cancel = context.WithTimeout(context.Background(), oneTry)
	}
	defer cancel()
	l.operations.Add(1)
	answer, err := c.Send(ctx, "GET", path, nil, headers...)
	p.mu.Lock()
	most := p.asked
	p.mu.Unlock()
	switch {
	case err != nil || answer.Status == 503:
		if l.unread.Add(1) == 1 && l.reads {
			l.mu.Lock()
			l.faults = append(l.faults, fmt.Errorf("GET %s: got %d %s %w, want an answer", path, answer.Status, answer.Body, err))
			l.mu.Unlock()
		}
		return nil
	case answer.Status != 200:
		return fmt.Errorf("GET %s: status %d: %s", path, answer.Status, answer.Body)
	case c.Base() != base || l.loses:
		least = 0
	}
	shown, err := paid(answer, kind == 1)
	if err == nil && (shown < least || shown > most) {
		err = fmt.Errorf("got %d payments, want %d to %d", shown, least, most)
	}
	if err != nil {
		err = fmt.Errorf("GET %s at position %q: %w: %.300s", path, position, err, answer.Body)
	}
	return err
}

// paid is how many payments an answer shows: those that the balance lacks and those that a
// statement lists, which must be as many.
func paid(answer program.Answer, loanOnly bool) (int, error) {
	var balance json.Number
	var s program.Statement
	if loanOnly {
		balance = json.Number(answer.Field("current_balance"))
	} else if err := json.Unmarshal(answer.Body, &s); err != nil || len(s.Active) != 1 {
		return 0, fmt.Errorf("got %d loans, want one: %w", len(s.Active), err)
	} else {
		balance = s.Active[0].Balance
	}
	amount, err := money.Parse(balance.String())
	n := (principal - int(amount)) / 100
	if err == nil && n*100 != principal-int(amount) {
		err = fmt.Errorf("got the balance %s, which was never true", balance)
	}
	if err == nil && !loanOnly && len(s.Paid) != n {
		err = fmt.Errorf("got the balance %s with %d payments in one answer", balance, len(s.Paid))
	}
	return n, err
}

// finish waits for the payers' last answers and stops them.
func (l *load) finish(t *testing.T) {
	t.Helper()
	l.stop()
	l.running.Wait()
	t.Logf("%d payments answered, %d of them after several tries, %d replayed, %d requests cut off, %d reads unanswered", len(l.told), l.retried, l.replayed, l.cut, l.unread.Load())
	for _, list := range [][]error{l.faults, l.wrong} {
		for i, err := range list {
			if i == 5 {
				t.Errorf("got %d faults more, want none", len(list)-i)
				break
			}
			t.Error(err)
		}
	}
}

// compare counts the answered payments that the books lack, and the payments of the load's
// loans in the books that nobody was told of.
func (l *load) compare(t *testing.T, payments map[string]string) (lost, doubled int) {
	t.Helper()
	for id, loanID := range l.told {
		if payments[id] != loanID {
			lost++
			if lost <= 3 {
				t.Logf("no payment %s of loan %s is in the books, but it was answered", id, loanID)
			}
		}
	}
	ours := map[string]bool{}
	for _, p := range l.payers {
		ours[p.loan] = true
	}
	for id, loanID := range payments {
		if ours[loanID] && l.told[id] == "" {
			doubled++
			t.Logf("payment %s is in the books without an answer to a payer: it was paid twice, or cut off after it began", id)
		}
	}
	return lost, doubled
}

// awaitMore waits until some more payments are answered.
func (l *load) awaitMore(t *testing.T, some int64) {
	t.Helper()
	before := l.payments.Load()
	await(t, answerLimit, "payments", func() (bool, string) {
		now := l.payments.Load()
		return now >= before+some, counts("payments before and now", int(before), int(now))
	})
}

// awaitEach waits until each payer has an answer to a payment asked for after the moment.
func (l *load) awaitEach(t *testing.T, after time.Time) {
	t.Helper()
	await(t, answerLimit, "an answer for each payer", func() (bool, string) {
		waiting := 0
		for _, p := range l.payers {
			p.mu.Lock()
			if !p.began.After(after) {
				waiting++
			}
			p.mu.Unlock()
		}
		return waiting == 0, counts("payers who wait", waiting)
	})
}

// longest is the longest time from a payment's first try to its answer.
func (l *load) longest() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waits) == 0 {
		return 0
	}
	return slices.Max(l.waits)
}
