package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sofipo/test/program"
)

var update = flag.Bool("update", false, "write the tables of docs/metrics.md")

// metric is a metric of a scrape.
type metric struct{ name, kind, help string }

// scrapes has what a server and a consumer show at /metrics.
type scrapes struct{ server, consumer []metric }

// scrape returns the metrics at an address, and the text.
func scrape(t *testing.T, addr string) (all []metric, text string) {
	t.Helper()
	answer, err := http.Get("http://" + addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("got status %d, %v, want 200", answer.StatusCode, err)
	}
	var m metric
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if about, found := strings.CutPrefix(line, "# HELP "); found {
			m.name, m.help, _ = strings.Cut(about, " ")
		} else if about, found := strings.CutPrefix(line, "# TYPE "); found {
			_, m.kind, _ = strings.Cut(about, " ")
			all = append(all, m)
		}
	}
	return all, string(body)
}

// serveUntilEnd runs a server with the embedded stores until the test ends.
func serveUntilEnd(t *testing.T, c *demoCommand) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended, ready := make(chan error, 1), make(chan struct{})
	go func() {
		ended <- serve(ctx, &c.settings, c.logger(), occasions{ready: func(net.Addr) { close(ready) }})
	}()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("got %v at the end, want no error", err)
		}
	})
}

// scrapeBoth starts a server and a consumer, whose broker does not answer, and scrapes both.
func scrapeBoth(t *testing.T) (both scrapes) {
	withoutServices(t)
	c := newcomer(t.TempDir())
	c.Addr, c.PrivateAddr = free(t), free(t)
	serveUntilEnd(t, &c)
	door := program.NewClient("http://" + c.Addr)
	if err := door.Login(t.Context(), "admin", "string"); err != nil {
		t.Fatal(err)
	}
	client, _, err := door.Register(t.Context(), "Cliente de prueba")
	if err != nil {
		t.Fatal(err)
	}
	loan, err := door.Grant(t.Context(), client, "1000.00")
	if err != nil {
		t.Fatal(err)
	}
	for _, amount := range []string{"10.50", "20.00", "5000.00"} { // the last one is refused
		if _, err := door.Pay(t.Context(), loan, amount, ""); err != nil {
			t.Fatal(err)
		}
	}
	page, err := http.Get("http://" + c.Addr + "/console/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	_ = page.Body.Close()
	var text string
	both.server, text = scrape(t, c.PrivateAddr)
	for _, line := range []string{
		`sofipo_http_requests_total{method="GET",route="/console/sign-in",status="200"} 1`, `sofipo_http_requests_total{method="POST",route="/api/v1/auth/token",status="200"} 1`,
		"sofipo_database_up 1", "sofipo_outbox_oldest_seconds ", "sofipo_last_closed_day_timestamp_seconds -1", "sofipo_portfolio_imor_ratio -1", "sofipo_replica_lag_seconds -1", "sofipo_close_running 0",
		"sofipo_payments_total 2", "sofipo_payments_pesos_total 30.5", "sofipo_disbursements_total 1", "sofipo_disbursements_pesos_total 1000", "sofipo_bank_refused_total 1", "sofipo_bank_queue_commands 0",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("got\n%s\nwant the line %s in it", text, line)
		}
	}
	consumer := consumeCommand{settings: c.settings}
	consumer.Data, consumer.ConsumeAddr, consumer.AMQPURL = t.TempDir(), free(t), "amqp://guest:guest@"+free(t)+"/"
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", consumer.ConsumeAddr); err == nil {
			_ = c.Close()
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("got %v, want a consumer that listens", err)
		}
	}
	both.consumer, _ = scrape(t, consumer.ConsumeAddr)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the consumer: got %v, want no error", err)
	}
	return both
}

// TestMetrics scrapes a server and a consumer, and compares the page, the dashboard and the rules
// with what they show.
func TestMetrics(t *testing.T) {
	both := scrapeBoth(t)
	t.Run("page", func(t *testing.T) { comparePage(t, both) })
	t.Run("dashboard", func(t *testing.T) { compareDashboard(t, both) })
	t.Run("rules", func(t *testing.T) { compareRules(t, both) })
}

// own returns the metrics that are not those of the Go runtime and of the process, by name.
func own(all []metric) (ours []metric) {
	for _, m := range all {
		if !strings.HasPrefix(m.name, "go_") && !strings.HasPrefix(m.name, "process_") {
			ours = append(ours, m)
		}
	}
	return ours
}

// unit returns the unit that the name of a metric ends with.
func (m metric) unit() string {
	for _, u := range []struct{ part, unit string }{
		{"timestamp_seconds", "Unix time"}, {"_seconds", "seconds"}, {"_bytes", "bytes"}, {"_pesos", "pesos"}, {"_ratio", "fraction"}, {"_up", "0 or 1"}, {"_running", "0 or 1"}, {"_info", "1"},
		{"_requests", "requests"}, {"_events", "events"}, {"_commands", "commands"}, {"_loans", "loans"}, {"_sequence", "sequence number"},
	} {
		if strings.HasSuffix(strings.TrimSuffix(m.name, "_total"), u.part) {
			return u.unit
		}
	}
	return "number"
}

const tableHead = "| metric | type | unit | meaning |\n|---|---|---|---|\n"

// table returns the table of the metrics.
func table(all []metric) string {
	var b strings.Builder
	b.WriteString(tableHead)
	for _, m := range own(all) {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, m.unit(), m.help)
	}
	return b.String()
}

var tables = regexp.MustCompile(`(?m)^\| metric \|(?:.*\n\|)*.*\n`)

// comparePage compares the tables of the page with the scrapes.
func comparePage(t *testing.T, both scrapes) {
	const page = "../../docs/metrics.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := tables.FindAllString(string(text), -1)
	want := []string{table(both.server), table(both.consumer)}
	if len(both.server) < 70 || !slices.ContainsFunc(both.server, func(m metric) bool { return m.name == "process_open_fds" }) {
		t.Errorf("got %d metrics, want at least 70, with those of the process", len(both.server))
	}
	if *update {
		next := 0
		text = tables.ReplaceAllFunc(text, func([]byte) []byte { next++; return []byte(want[next-1]) })
		if err := os.WriteFile(page, text, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !slices.Equal(got, want) {
		t.Errorf("docs/metrics.md: got other tables than the metrics of a server and a consumer; run go test ./cmd/sofipo -run TestMetrics -update\ngot %s\nwant %s", got, want)
	}
}

// TestSamplerDoesNotHang: a database that hangs neither delays a scrape nor is asked twice, and its
// figures are shown as unknown once the question has timed out. Answers are kept for a while.
func TestSamplerDoesNotHang(t *testing.T) {
	asked, answer := 0, make(chan error)
	s := &sampler{measure: func(_ context.Context, before readings) (readings, error) {
		asked++
		return readings{up: 1, backlog: before.backlog + 8}, <-answer
	}}
	look := func(times int, up, backlog float64, within time.Duration) {
		t.Helper()
		began := time.Now()
		got := s.figures()
		if took := time.Since(began); got.up != up || got.backlog != backlog || asked != times || took > within {
			t.Errorf("got up %v, backlog %v, asked %d times, in %s, want %v, %v, %d, within %s", got.up, got.backlog, asked, took, up, backlog, times, within)
		}
	}
	const patient = sampleShown + 4*time.Second
	look(1, 0, -1, patient) // hangs
	look(1, 0, -1, patient)
	answer <- nil
	for s.figures().up != 1 {
		time.Sleep(time.Millisecond)
	}
	look(1, 1, 7, patient)
	look(1, 1, 7, patient)
	s.mu.Lock()
	s.taken = s.taken.Add(-sampleFor)
	s.mu.Unlock()
	look(2, 1, 7, patient) // hangs: the figures of before
	answer <- errors.New("away")
	for s.figures().up == 1 {
		time.Sleep(time.Millisecond)
	}
	look(2, 0, -1, patient)
}
