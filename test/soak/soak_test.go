package soak

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/test/ground"
	"sofipo/test/program"
)

// soakVariable is how long TestSoak runs, such as 30m. Without it the test is skipped.
const soakVariable = "TEST_SOAK"

// metrics must stay flat once the server is warm.
var metrics = []metric{
	{"go_goroutines", 10}, {"process_open_fds", 10}, {"go_memstats_heap_inuse_bytes", 16 << 20}, {"go_memstats_stack_inuse_bytes", 4 << 20}, {"process_resident_memory_bytes", 32 << 20},
}

const (
	loans   = 24
	payers  = 3
	readers = 2
	pages   = 2
	pause   = 20 * time.Millisecond // between two requests of one of them
	samples = 200                   // in the whole time
	warm    = 0.2                   // share of the time whose samples do not count
)

// crowd sends requests to a server.
type crowd struct {
	server            *program.Process
	client            *program.Client
	clients, loans    []string
	paid, read, shown atomic.Int64
	refused           atomic.Int64 // 503: overload of the machine
	mu                sync.Mutex
	faults            []string
}

// TestSoak drives payments, reads and pages of the console against a server with the embedded stores, and
// fails if memory, goroutines or open files grow, if a request fails, or if more than one in 20 is
// refused with 503. In the end the doctor verifies everything. To run it:
//
//	make soak-server SOAK=30m
func TestSoak(t *testing.T) {
	text := os.Getenv(soakVariable)
	if text == "" {
		t.Skip("set " + soakVariable + " to a duration, such as 30m")
	}
	limit, err := time.ParseDuration(text)
	if err != nil || limit < 10*time.Second {
		t.Fatalf("%s: got %q, want a duration of at least 10s", soakVariable, text)
	}
	env := []string{"SOFIPO_DATA=" + t.TempDir(), "SOFIPO_PROFILE=demo", "SOFIPO_TIME_ZONE=" + ground.Noon.String(), "API_ACCESS_TOKEN_EXPIRE_MINUTES=1440"}
	c := &crowd{server: program.Serve(t, env...)}
	c.open(t)
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	var running sync.WaitGroup
	for i := range payers {
		running.Go(func() { c.repeat(ctx, i, c.pay) })
	}
	for i := range readers {
		running.Go(func() { c.repeat(ctx, i, c.ask) })
	}
	for i := range pages {
		browser := c.signIn(t)
		running.Go(func() { c.repeat(ctx, i, func(ctx context.Context, n int) { c.page(ctx, browser, n) }) })
	}
	found := c.sample(ctx, t, limit)
	running.Wait()
	t.Logf("%d payments, %d reads, %d pages in %s; %d requests refused with 503", c.paid.Load(), c.read.Load(), c.shown.Load(), limit, c.refused.Load())
	for _, fault := range c.faults[:min(5, len(c.faults))] {
		t.Errorf("got %s, want no fault", fault)
	}
	if answered := c.paid.Load() + c.read.Load() + c.shown.Load(); c.paid.Load() == 0 || c.read.Load() == 0 || c.shown.Load() == 0 || c.refused.Load() > answered/20 {
		t.Errorf("got %d requests answered and %d refused with 503, want payments, reads and pages answered, and at most one in 20 refused", answered, c.refused.Load())
	}
	report(t, limit, found)
	if code := c.server.Terminate(t); code != 0 {
		t.Errorf("got exit code %d of the server, want 0", code)
	}
	if verified := program.Run(t, env, "", "doctor", "--verify"); verified.Code != 0 {
		t.Errorf("doctor --verify: got %s, want exit code 0", verified)
	}
}

// report prints the metrics and fails for each that grew.
func report(t *testing.T, limit time.Duration, found map[string][]sample) {
	t.Helper()
	t.Logf("%-34s %14s %14s %14s %14s", "metric", "median", "largest", "growth", "tolerated")
	for _, m := range metrics {
		all := found[m.name]
		if len(all) < samples/4 {
			t.Errorf("%s: got %d samples, want at least %d", m.name, len(all), samples/4)
			continue
		}
		level, grown := growth(all)
		largest := 0.0
		for _, s := range all {
			largest = max(largest, s.value)
		}
		t.Logf("%-34s %14.0f %14.0f %14.0f %14.0f", m.name, level, largest, grown, m.tolerated(level))
		if grown > m.tolerated(level) {
			t.Errorf("%s: got a growth of %.0f in %s, want at most %.0f", m.name, grown, limit, m.tolerated(level))
		}
	}
}

func (c *crowd) open(t *testing.T) {
	t.Helper()
	c.client = program.NewClient(c.server.URL)
	err := c.client.Login(t.Context(), "admin", "string")
	for i := 0; i < loans && err == nil; i++ {
		var client, loan string
		if client, _, err = c.client.Register(t.Context(), fmt.Sprint("Cliente ", i)); err == nil {
			loan, err = c.client.Grant(t.Context(), client, "1000000.00")
		}
		c.clients, c.loans = append(c.clients, client), append(c.loans, loan)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// repeat calls work until the time is over, with numbers that no other of the same kind gets.
func (c *crowd) repeat(ctx context.Context, first int, work func(context.Context, int)) {
	for n := first; ctx.Err() == nil; n += 7 {
		work(ctx, n)
		time.Sleep(pause)
	}
}

// judge counts an answer.
func (c *crowd) judge(ctx context.Context, what string, status, want int, err error, count *atomic.Int64) {
	switch {
	case err != nil && ctx.Err() != nil:
	case err == nil && status == want:
		count.Add(1)
	case err == nil && status == http.StatusServiceUnavailable:
		c.refused.Add(1)
	default:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.faults = append(c.faults, fmt.Sprintf("%s: status %d, %v", what, status, err))
	}
}

func (c *crowd) pay(ctx context.Context, n int) {
	a, err := c.client.Pay(ctx, c.loans[n%loans], "0.01", fmt.Sprint("soak-", n))
	c.judge(ctx, "payment", a.Status, http.StatusCreated, err, &c.paid)
}

func (c *crowd) ask(ctx context.Context, n int) {
	loan, client := c.loans[n%loans], c.clients[n%loans]
	paths := []string{
		"/loans/" + loan, "/loans/" + loan + "/payments?limit=20", "/loans/" + loan + "/schedule", "/clients/" + client + "/file", "/clients/?limit=20", "/loans/clients/" + client + "/account-statement",
		"/loans/?limit=20", "/events?limit=20", "/books/trial-balance", "/loans/" + loan + "/schedule.pdf", "/days",
	}
	path := "/api/v1" + paths[n%len(paths)]
	a, err := c.client.Send(ctx, http.MethodGet, path, nil)
	c.judge(ctx, path, a.Status, http.StatusOK, err, &c.read)
}

// signIn returns a browser with a session of the console.
func (c *crowd) signIn(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute}
	answer, err := browser.PostForm(c.server.URL+"/console/sign-in", url.Values{"sign_in_user": {"admin"}, "sign_in_password": {"string"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("sign in: got %s, want 200", answer.Status)
	}
	return browser
}

// consolePages are the pages that are shown again and again.
var consolePages = []string{"", "clients", "clients/new", "loans", "payments", "applications", "approvals", "collections", "days", "tills", "incoming", "simulator", "operations", "search", "account"}

func (c *crowd) page(ctx context.Context, browser *http.Client, n int) {
	path := "/console/" + consolePages[n%len(consolePages)]
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		panic(err) // the path is a constant
	}
	answer, err := browser.Do(request)
	if err != nil {
		c.judge(ctx, path, 0, http.StatusOK, err, &c.shown)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	_, err = io.Copy(io.Discard, answer.Body)
	c.judge(ctx, path, answer.StatusCode, http.StatusOK, err, &c.shown)
}

// sample reads the metrics until the time is over. It returns those after the warm-up.
func (c *crowd) sample(ctx context.Context, t *testing.T, limit time.Duration) map[string][]sample {
	t.Helper()
	found, began := map[string][]sample{}, time.Now()
	ticker := time.NewTicker(limit / samples)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return found
		case <-ticker.C:
		}
		at := time.Since(began)
		values, err := c.scrape(ctx)
		if ctx.Err() != nil || at < time.Duration(warm*float64(limit)) {
			continue
		}
		if err != nil {
			t.Errorf("/metrics: got %v, want no error", err)
			continue
		}
		for _, m := range metrics {
			if value, known := values[m.name]; known {
				found[m.name] = append(found[m.name], sample{at, value})
			}
		}
	}
}

// scrape returns the metrics without labels.
func (c *crowd) scrape(ctx context.Context) (map[string]float64, error) {
	a, err := c.client.Send(ctx, http.MethodGet, "/metrics", nil)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("status %d", a.Status)
	}
	if err != nil {
		return nil, err
	}
	values := map[string]float64{}
	for lines := bufio.NewScanner(bytes.NewReader(a.Body)); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			values[name] = value
		}
	}
	return values, nil
}
