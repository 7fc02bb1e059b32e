package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/core/access"
)

// load sends one request over and over on many connections.
type load struct {
	t       *testing.T
	address string
	request []byte

	mu    sync.Mutex
	took  []time.Duration // of the accepted requests
	shed  int
	other map[string]int
}

// connection is one connection of a load. It opens again after an error.
type connection struct {
	net.Conn
	answers *bufio.Reader
}

func (l *load) send(c *connection) error {
	if c.Conn == nil {
		var err error
		if c.Conn, err = net.Dial("tcp", l.address); err != nil {
			return err
		}
		c.answers = bufio.NewReader(c.Conn)
	}
	began := time.Now()
	if _, err := c.Write(l.request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case answer.StatusCode < 300:
		l.took = append(l.took, time.Since(began))
	case answer.StatusCode == 503 && answer.Header.Get("Retry-After") != "":
		l.shed++
	default:
		l.other[fmt.Sprint(answer.Status, answer.Header)]++
	}
	return nil
}

// run sends for a time. Each connection waits at least the pause from one request to the next.
func (l *load) run(connections int, pause, length time.Duration) {
	l.took, l.shed, l.other = nil, 0, map[string]int{}
	end := time.Now().Add(length)
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			var c connection
			time.Sleep(pause * time.Duration(i) / time.Duration(connections))
			for next := time.Now(); next.Before(end); {
				if err := l.send(&c); err != nil {
					l.t.Error(err)
					break
				}
				next = next.Add(pause)
				time.Sleep(time.Until(next))
				next = time.Now()
			}
			if c.Conn != nil {
				_ = c.Close()
			}
		})
	}
	all.Wait()
	slices.Sort(l.took)
}

// percentile returns the time within which a part of the accepted requests were answered.
func (l *load) percentile(p float64) time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[min(len(l.took)-1, int(p*float64(len(l.took))))]
}

// TestOverload: 500 connections ask for four times what the server can do. Accepted requests
// are answered soon, the others get 503, nothing is done of a payment that got 503, the health
// checks keep answering, and after the end the next requests are answered as before.
func TestOverload(t *testing.T) {
	if testing.Short() {
		t.Skip("loads both processors for ten seconds")
	}
	d := open(t, nil)
	address := d.serve()
	rich := d.want(201, d.post("/api/v1/loans/", `{"client_id":"`+d.client+`","amount":9000000000,"interest_rate":0.1,"term_months":12}`))["id"].(string)
	for _, c := range []struct {
		name, method, path, body string
	}{
		{"payments", "POST", "/api/v1/loans/" + rich + "/payments", `{"amount":1}`},
		{"quotes", "POST", quotePath, `{"amount":100000,"annual_rate":0.3,"periods":240,"disbursement_date":"2026-01-15"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &load{t: t, address: address, request: fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
				c.method, c.path, d.as(access.Admin)[1], len(c.body), c.body)}
			const measured, connections, length = 1500 * time.Millisecond, 500, 3 * time.Second
			l.run(16, 0, measured)
			capacity, calm := float64(len(l.took))/measured.Seconds(), l.percentile(.99)
			paid := len(l.took)
			stop, checks := d.watchHealth(t, address)
			l.run(connections, time.Duration(connections/(4*capacity)*float64(time.Second)), length)
			stop()
			paid += len(l.took)
			t.Logf("capacity %.0f/s; under load %d accepted, %d refused, p50 %s, p99 %s, %d checks of health", capacity, len(l.took), l.shed, l.percentile(.5), l.percentile(.99), checks.Load())
			// A request may wait 400 ms at a gate. On a busy machine the rest also takes long without overload.
			most := max(time.Second, 400*time.Millisecond+4*calm)
			if p99 := l.percentile(.99); p99 > most || len(l.other) > 0 {
				t.Errorf("got p99 %s and %v, want at most %s and only 503 with Retry-After", p99, l.other, most)
			}
			if unbounded := connections / capacity; unbounded > 2 && l.shed == 0 {
				t.Errorf("got no 503, want some: the connections would wait %.1f s", unbounded)
			}
			if least := capacity * length.Seconds() / 4; float64(len(l.took)) < least {
				t.Errorf("got %d accepted, want at least %.0f", len(l.took), least)
			}
			l.run(1, 0, time.Second/2)
			paid += len(l.took)
			if slowest := l.percentile(1); l.shed > 0 || len(l.took) == 0 || slowest > most {
				t.Errorf("after the load: got %d accepted, %d refused, the slowest in %s, want all accepted within %s", len(l.took), l.shed, slowest, most)
			}
			if balance := fmt.Sprint(d.want(200, d.get("/api/v1/loans/"+rich))["current_balance"]); c.name == "payments" && balance != fmt.Sprintf("%d.00", 9_000_000_000-paid) {
				t.Errorf("got the balance %s after %d accepted payments of 1, want %d.00", balance, paid, 9_000_000_000-paid)
			}
		})
	}
}

// watchHealth asks for the health until stop is called and fails on any answer but 200.
func (d *door) watchHealth(t *testing.T, address string) (stop func(), checks *atomic.Int64) {
	done, ended := make(chan struct{}), make(chan struct{})
	checks = &atomic.Int64{}
	go func() {
		defer close(ended)
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
			}
			for _, path := range []string{"/healthz", "/readyz"} {
				answer, err := http.Get("http://" + address + path)
				if err != nil || answer.StatusCode != 200 {
					t.Errorf("%s: got %v, %v, want 200", path, answer, err)
					continue
				}
				_ = answer.Body.Close()
				checks.Add(1)
			}
		}
	}()
	return func() { close(done); <-ended }, checks
}
