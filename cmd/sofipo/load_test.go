package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"sofipo/core/mx"
)

// TestOpenLoopCountsWaiting: if a request holds up those behind it, their latencies count from
// the time at which they were due. A closed loop does not see them.
func TestOpenLoopCountsWaiting(t *testing.T) {
	const stall = 300 * time.Millisecond
	do := func(_ context.Context, n int) error {
		if n == 0 {
			time.Sleep(stall)
		}
		return nil
	}
	l := load{kinds: []kind{{"x", do}}, connections: 1, rate: 100, duration: 600 * time.Millisecond}
	open := l.run(t.Context()).Kinds[0]
	if open.Requests != 60 || open.P50 > 150 || open.P90 < 200 {
		t.Errorf("open loop: got %d requests, p50 %.0f ms, p90 %.0f ms, want 60, under 150 and above 200: half of them waited", open.Requests, open.P50, open.P90)
	}
	l.rate = 0
	if closed := l.run(t.Context()).Kinds[0]; closed.P90 > 100 || closed.Most < 300 {
		t.Errorf("closed loop: got p90 %.0f ms, max %.0f ms, want only the maximum above 300", closed.P90, closed.Most)
	}
}

// TestLoadReport: failures are counted by kind and have no latency.
func TestLoadReport(t *testing.T) {
	l := load{kinds: []kind{{"read", nil}, {"pay", nil}}, connections: 2}
	r := l.report(2*time.Second, []outcome{{0, 3 * time.Millisecond, nil}, {0, time.Millisecond, nil}, {1, time.Hour, errors.New("refused")}})
	if r.Requests != 2 || r.Failed != 1 || r.Failure != "refused" || r.Rate != 1 {
		t.Errorf("got %+v, want 2 requests, 1 failure, 1 per second", r)
	}
	if k := r.Kinds[0]; k.P50 != 3 || k.Most != 3 || k.Failed != 0 {
		t.Errorf("read: got %+v, want p50 and max 3 ms", k)
	}
	if k := r.Kinds[1]; k.Requests != 0 || k.Failed != 1 || k.Most != 0 {
		t.Errorf("pay: got %+v, want a failure without latency", k)
	}
	var out bytes.Buffer
	var again loadReport
	if err := errors.Join(r.document(&out), json.Unmarshal(out.Bytes(), &again)); err != nil || again.Requests != 2 || len(again.Kinds) != 2 {
		t.Errorf("JSON: got %+v, %v, want the same report", again, err)
	}
}

// TestRandomRFC: the random clients of a load have a valid RFC.
func TestRandomRFC(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		text := randomRFC()
		if _, err := mx.ParseRFC(text, mx.TierStrict); err != nil {
			t.Fatalf("%s: got %v, want a valid RFC", text, err)
		}
		seen[text] = true
	}
	if len(seen) < 990 {
		t.Errorf("got %d different ones of 1000, want at least 990", len(seen))
	}
}
