package faults

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sofipo/test/program"
)

// hooked is a receiver that counts the deliveries of each event.
type hooked struct {
	*httptest.Server
	down  atomic.Bool
	mu    sync.Mutex
	times map[string]int
	first []int64 // sequences in the order of the first accepted deliveries
}

func receive(t *testing.T) *hooked {
	h := &hooked{times: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var e struct{ Sequence int64 }
		if h.down.Load() || err != nil || json.Unmarshal(body, &e) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.times[r.Header.Get("webhook-id")]++; h.times[r.Header.Get("webhook-id")] == 1 {
			h.first = append(h.first, e.Sequence)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hooked) counts() (events, deliveries int, ordered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.times {
		deliveries += n
	}
	return len(h.times), deliveries, slices.IsSorted(h.first)
}

// hook lets the servers of the world deliver to this machine.
func (w *world) hook() { w.env = append(w.env, "SOFIPO_WEBHOOK_NETWORKS=127.0.0.1") }

func addHook(t *testing.T, c *program.Client, url string) {
	t.Helper()
	answer, err := c.Send(t.Context(), "POST", "/api/v1/webhooks", map[string]any{"name": "BI", "url": url, "events": []string{"payment_registered"}})
	if err != nil || answer.Status != 201 {
		t.Fatalf("got %d, %v, want 201", answer.Status, err)
	}
}

// TestWebhooksSurviveKills kills the server while it delivers, and stops the receiver for a while:
// each payment arrives at least once, in order.
func TestWebhooksSurviveKills(t *testing.T) {
	for name, build := range map[string]func(*testing.T) *world{"embedded": embedded, "whole": whole} {
		t.Run(name, func(t *testing.T) {
			w := build(t)
			w.hook()
			h := receive(t)
			server := w.serve(t)
			w.consume(t)
			c := login(t, server)
			_, loanID := loan(t, c, "1000.00")
			addHook(t, c, h.URL)
			paid := 0
			for round := range 4 {
				h.down.Store(round == 1)
				for range 25 {
					_, err := c.Pay(t.Context(), loanID, "1.00", "")
					must(t, err)
					paid++
				}
				time.Sleep(someTime())
				server.Kill()
				server = w.serve(t)
				c.Point(server.URL)
			}
			await(t, time.Minute, "all payments", func() (bool, string) {
				events, deliveries, _ := h.counts()
				return events == paid, counts("events, deliveries", events, deliveries)
			})
			events, deliveries, ordered := h.counts()
			t.Logf("%d events were delivered %d times", events, deliveries)
			if !ordered {
				t.Error("got events out of order, want the order of the chain")
			}
		})
	}
}

// TestWebhooksOfTwoNodes: of two servers one delivers, each event once. The other takes over when it
// is killed.
func TestWebhooksOfTwoNodes(t *testing.T) {
	w := whole(t)
	w.hook()
	h := receive(t)
	one := w.serve(t)
	other := w.serve(t)
	w.consume(t)
	c, d := login(t, one), login(t, other)
	_, loanID := loan(t, c, "1000.00")
	addHook(t, c, h.URL)
	pay := func(times int, by ...*program.Client) {
		t.Helper()
		for i := range times {
			_, err := by[i%len(by)].Pay(t.Context(), loanID, "1.00", "")
			must(t, err)
		}
	}
	arrived := func(want int) {
		t.Helper()
		await(t, 30*time.Second, "payments", func() (bool, string) {
			events, deliveries, _ := h.counts()
			return events == want, counts("events, deliveries", events, deliveries)
		})
	}
	pay(60, c, d)
	arrived(60)
	if _, deliveries, _ := h.counts(); deliveries != 60 {
		t.Errorf("got %d deliveries of 60 events, want each once", deliveries)
	}
	one.Kill()
	pay(20, d)
	arrived(80)
}

// TestWebhookPage runs the blocks of docs/webhooks.md: the webhook is added, the receiver in Python
// gets the test event and the signed messages.
func TestWebhookPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(program.Root(), "docs", "webhooks.md"))
	must(t, err)
	var scripts, receivers []string
	for _, m := range recipe.FindAllStringSubmatch(string(page), -1) {
		if m[1] == "bash" {
			scripts = append(scripts, m[2])
		} else {
			receivers = append(receivers, m[2])
		}
	}
	if len(scripts) != 2 || len(receivers) != 1 {
		t.Fatalf("got %d and %d blocks, want 2 in bash and 1 in Python", len(scripts), len(receivers))
	}
	free := httptest.NewServer(nil)
	port := free.URL[strings.LastIndex(free.URL, ":")+1:]
	free.Close()
	w := embedded(t)
	w.hook()
	server := w.serve(t)
	here := strings.NewReplacer("http://127.0.0.1:8000", server.URL, "127.0.0.1:9000", "127.0.0.1:"+port, `("127.0.0.1", 9000)`, `("127.0.0.1", `+port+`)`).Replace
	start := "set -eu\ncd " + t.TempDir() + "\n"
	made := shell(t, start+here(scripts[0])+"echo \"$WEBHOOK_SECRET $AUTH\"\n")
	parts := regexp.MustCompile(`webhook ([0-9a-f-]{36})\n(whsec_\S+) (.*)\n`).FindStringSubmatch(made)
	if parts == nil {
		t.Fatalf("got %s, want the webhook and its secret", made)
	}
	receiver := exec.CommandContext(t.Context(), "python3", "-c", here(receivers[0]))
	receiver.Env = append(os.Environ(), "WEBHOOK_SECRET="+parts[2])
	output, err := receiver.StdoutPipe()
	must(t, err)
	must(t, receiver.Start())
	defer func() { _ = receiver.Process.Kill(); _ = receiver.Wait() }()
	await(t, 10*time.Second, "a receiver that listens", func() (bool, string) {
		answer, err := http.Get("http://127.0.0.1:" + port)
		if err == nil {
			_ = answer.Body.Close()
		}
		return err == nil, "no answer"
	})
	again := strings.SplitAfter(here(scripts[0]), "cut -d '\"' -f 4; }\n")[0]
	printed := shell(t, start+again+"WEBHOOK_ID="+parts[1]+"\nWEBHOOK_SECRET="+parts[2]+"\nAUTH='"+parts[3]+"'\n"+here(scripts[1]))
	if want := "status 204\nstatus 204\nstatus 401\n"; printed != want {
		t.Errorf("got %q, want %q", printed, want)
	}
	var events []string
	for lines := bufio.NewScanner(output); len(events) < 2 && lines.Scan(); {
		events = append(events, lines.Text())
	}
	slices.Sort(events)
	if want := []string{"event prueba", "event webhook_tested"}; !slices.Equal(events, want) {
		t.Errorf("got %q, want %q", events, want)
	}
}
