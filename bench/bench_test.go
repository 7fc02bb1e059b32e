package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/bank"
	"sofipo/bank/lending"
	"sofipo/core/id"
	"sofipo/core/lending/product"
	"sofipo/core/lending/servicing"
	"sofipo/core/wire"
	"sofipo/infra/db"
)

func soon(warm, window time.Duration) span {
	begin := time.Now().Add(warm)
	return span{begin, begin.Add(window)}
}

func serve(t *testing.T, handler http.HandlerFunc) (port int) {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return portOf(server.Listener.Addr().String())
}

// The generator's count must be the server's: payments are checked against it.
func TestFireCountsWhatTheServerDid(t *testing.T) {
	const conns, window = 8, 500 * time.Millisecond
	var asked, early, refused atomic.Int64
	var during span
	port := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if time.Now().Before(during.begin) {
			early.Add(1)
		}
		switch n := asked.Add(1); {
		case n%100 == 0:
			refused.Add(1)
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case n%3 == 0: // too long for one read, and chunked
			for range 3 {
				fmt.Fprint(w, strings.Repeat("x", 5000))
				w.(http.Flusher).Flush()
			}
		default:
			fmt.Fprint(w, r.URL.Path)
		}
	})
	during = soon(time.Second, window)
	s, err := generateLoad(port, conns, during, "200", random(10, func(n int) string { return fmt.Sprint("/", n) }))
	if err != nil {
		t.Fatal(err)
	}
	if int64(s.failed) != refused.Load() || int64(s.succeeded+s.failed) != asked.Load() || s.failed == 0 {
		t.Errorf("got %d succeeded and %d failed; the server was asked %d times and refused %d, want the sum of both as the first, failures as the second and above 0", s.succeeded, s.failed, asked.Load(), refused.Load())
	}
	if s.failure != "503 busy\n" {
		t.Errorf(`got failure %q, want "503 busy\n"`, s.failure)
	}
	if n := int64(len(s.latencies)); n == 0 || early.Load() < 10*conns || n > asked.Load()-early.Load()+conns || s.elapsed != window {
		t.Errorf("got %d latencies of %d requests in %s, %d of them sent early; want some, at least %d early, at most %d counted, in %s", n, s.succeeded, s.elapsed, early.Load(), 10*conns, asked.Load()-early.Load()+conns, window)
	}
	if p50, p99 := s.percentile(0.5), s.percentile(0.99); p50 <= 0 || p99 < p50 {
		t.Errorf("got p50 %s and p99 %s, want p50 above 0 and p99 at least p50", p50, p99)
	}
}

func TestFireEndsWithItsRequests(t *testing.T) {
	var asked atomic.Int64
	port := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	numbers := []int{1, 2, 3, 4, 5, 6, 7}
	began := time.Now()
	s, err := generateLoad(port, 3, soon(0, time.Minute), "200", each(numbers, func(int) string { return "/" }))
	if err != nil || s.succeeded != len(numbers) || asked.Load() != 7 {
		t.Errorf("got %d requests of %d, %d seen, %v; want %d succeeded, 7 seen, no error", s.succeeded, len(numbers), asked.Load(), err, len(numbers))
	}
	if time.Since(began) > 10*time.Second || s.elapsed > 10*time.Second {
		t.Errorf("got a run of %s, want it to end without requests within 10s", time.Since(began))
	}
}

func TestFireReportsABrokenConnection(t *testing.T) {
	port := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Le")
			_ = conn.Close()
		}
	})
	if _, err := generateLoad(port, 2, soon(0, time.Second), "200", random(1, func(int) string { return "/" })); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a server that closes its connections: got %v, want an error with closed", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if _, err := generateLoad(portOf(listener.Addr().String()), 2, soon(0, time.Second), "200", random(1, func(int) string { return "/" })); err == nil {
		t.Error("a port without a listener: got no error, want one")
	}
}

func TestParseAnswer(t *testing.T) {
	for _, c := range []struct{ in, status, body string }{
		{"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "200", "hello"},
		{"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nX: y\r\n\r\n", "201", ""},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "200", "5\r\nhello\r\n0\r\n\r\n"},
	} {
		status, body, err := parseAnswer([]byte(c.in))
		if string(status) != c.status || string(body) != c.body || err != nil {
			t.Errorf("%q: got %s %q %v, want status %v, body %v", c.in, status, body, err, c.status, c.body)
		}
		for n := range len(c.in) {
			if status, _, err := parseAnswer([]byte(c.in[:n])); status != nil || err != nil {
				t.Errorf("the incomplete answer %q: got %s %v, want neither a status nor an error", c.in[:n], status, err)
			}
		}
	}
	for _, in := range []string{"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhello", "junk\r\n\r\n"} {
		if _, _, err := parseAnswer([]byte(in)); err == nil {
			t.Errorf("%q was read as an answer, want an error", in)
		}
	}
}

func TestParseLog(t *testing.T) {
	took, ended, ok := parseLog("3 17 2513 0 1795427551 84000\n")
	if !ok || took != 2513*time.Microsecond || !ended.Equal(time.UnixMicro(1795427551084000)) {
		t.Errorf("got %s %s %v, want %s, %s and true", took, ended, ok, 2513*time.Microsecond, time.UnixMicro(1795427551084000))
	}
	for _, line := range []string{"", "3 17 2513 0 1795427551", "3 17 failed 0 1795427551 84000"} {
		if _, _, ok := parseLog(line); ok {
			t.Errorf("%q was read as a line of the log, want it refused", line)
		}
	}
}

// A smoke test of all but what needs PostgreSQL.
func TestQuickRunOnSQLite(t *testing.T) {
	var table strings.Builder
	if err := bench(t.Context(), options{quick: true, on: "sqlite"}, &table, t.Output()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| " + sustainedPayments + " | SQLite | 128 |", "| events of the sustained payments |", " % | ", sustainedPayments + ", 128 connections: processor time in µs of each: server ", "| " + duePayments + " | SQLite | 128 |", "| " + aheadPayments + " | SQLite | 32 |", "| " + cachedClients + " | SQLite | 32 |", bareHandler, "÷", "equal to the accepted ones"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("got the table\n%s\nwant %q in it", table.String(), want)
		}
	}
}

// The books are compared with what was accepted, and with what the loans say.
func TestVerifySeesWhatIsMissing(t *testing.T) {
	config := db.Config{Folder: t.TempDir()}
	b := newBooks(6)
	if err := fill(t.Context(), config, b); err != nil {
		t.Fatal(err)
	}
	if err := b.verify(t.Context(), config); err != nil {
		t.Error(err)
	}
	b.accept(1, b.due.amount)
	if err := b.verify(t.Context(), config); err == nil || !strings.Contains(err.Error(), "4 payments") {
		t.Errorf("a payment is missing: got %v, want an error with 4 payments", err)
	}
	b.accept(-1, b.due.amount)
	change(t, config, "UPDATE loans SET balance = balance + 1 WHERE id = $1", b.due.loans[0])
	if err := b.verify(t.Context(), config); err == nil || !strings.Contains(err.Error(), "account 1301") {
		t.Errorf("a loan differs from the books: got %v, want an error with account 1301", err)
	}
}

func change(t *testing.T, config db.Config, sql string, args ...any) {
	database, err := db.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	session, update := database.Session(), &db.Batch{}
	defer session.Close()
	update.Exec(sql, args...)
	if err := session.Begin(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Commit(t.Context(), &db.Batch{}); err != nil {
		t.Fatal(err)
	}
}

// Each loan is paid in turn, and none more often than it can be.
func TestWorkloadPaysEachLoanInTurn(t *testing.T) {
	w := newWorkload("", 1, 0, 5, 3)
	paid := map[id.ID]int{}
	for n := range w.loans {
		w.loans[n] = id.New(time.Now(), [10]byte{byte(n)})
	}
	for l, more := w.next(); more; l, more = w.next() {
		paid[l]++
		if len(paid) < len(w.loans) && paid[l] > 1 {
			t.Errorf("got loan %s paid again before the others, want each loan paid once first", l)
		}
	}
	for l, times := range paid {
		if times != 3 {
			t.Errorf("loan %s: got %d payments, want 3", l, times)
		}
	}
	if len(paid) != 5 {
		t.Errorf("got %d loans paid, want 5", len(paid))
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, c := range []struct {
		options options
		want    string
	}{{options{on: "oracle"}, "sqlite"}, {options{on: "sqlite", sustained: true, short: true}, "-short"}} {
		if err := bench(t.Context(), c.options, t.Output(), t.Output()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want an error with %q", c.options, err, c.want)
		}
	}
}

// Each payment of the sustained load pays interest, its IVA and principal of what is
// due, and leaves the loan its schedule.
func TestSustainedPaymentsPayWhatIsDue(t *testing.T) {
	config := db.Config{Folder: t.TempDir()}
	b := newSustainedBooks(2)
	if err := fill(t.Context(), config, b); err != nil {
		t.Fatal(err)
	}
	database, err := db.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	door := bank.Open(bank.Options{DB: database})
	defer door.Close()
	for n := 0; ; n++ {
		l, more := b.due.next()
		if !more {
			if n != 2*overdueDays {
				t.Errorf("got %d payments, want %d", n, 2*overdueDays)
			}
			break
		}
		paid, err := bank.Do(t.Context(), door, by, lending.ReceivePayment{LoanID: l, Operation: servicing.Operation{Amount: b.due.amount}})
		if err != nil {
			t.Fatal(err)
		}
		b.accept(1, b.due.amount)
		has := map[product.Component]bool{}
		for _, line := range paid.Answer.Split.Lines {
			if has[line.Component] = true; line.Instalment == 0 {
				t.Errorf("payment %d got %s ahead of time, want none", n, line.Amount)
			}
		}
		if len(has) != 3 || !has[product.Interest] || !has[product.InterestIVA] || !has[product.Principal] {
			t.Errorf("payment %d got %v, want interest, its IVA and principal", n, has)
		}
	}
	if err := b.verify(t.Context(), config); err != nil {
		t.Error(err)
	}
}

func TestArrivals(t *testing.T) {
	came := &log{}
	now := time.Now().UTC()
	moment := func(ago time.Duration) string { return now.Add(-ago).Format(wire.EventMoment) }
	if err := came.add(moment(0), moment(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := came.add(moment(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := came.add("yesterday"); err == nil {
		t.Error("an invalid moment: got no error, want an error")
	}
	if err := came.await(t.Context(), 3); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := came.await(ctx, 4); err == nil || !strings.Contains(err.Error(), "3 of 4") {
		t.Errorf("got %v, want an error with 3 of 4", err)
	}
	slices.Sort(came.delays)
	if got := (arrivals{delays: came.delays}).prompt(); got != 2.0/3 {
		t.Errorf("got %g of the events within %s, want two of three", got, promptly)
	}
	for _, c := range []struct {
		delays []time.Duration
		want   float64
	}{{nil, 0}, {[]time.Duration{promptly, promptly + 1}, 0.5}} {
		if got := (arrivals{delays: c.delays}).prompt(); got != c.want {
			t.Errorf("%v: got %g, want %g", c.delays, got, c.want)
		}
	}
}
