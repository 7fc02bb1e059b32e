package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDemoNeedsItsPort: the demo fails before it simulates if its port is taken.
func TestDemoNeedsItsPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	folder := filepath.Join(t.TempDir(), "data")
	status, printed, told := sofipo(t, "demo --addr "+taken.Addr().String()+" --data "+folder)
	if status != 1 || printed != "" || !strings.Contains(told, "SOFIPO_ADDR: ") || !strings.Contains(told, "address already in use") {
		t.Errorf("got exit code %d, %q, %q, want 1, no output and an error about SOFIPO_ADDR", status, printed, told)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got the data folder %v, want none", err)
	}
}

// TestAnswersWhileStarting: a server that starts is alive but not ready.
func TestAnswersWhileStarting(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newcomer(t.TempDir())
	c.Addr = free.Addr().String()
	_ = free.Close()
	stop := errors.New("stop")
	err = serve(t.Context(), &c.settings, c.logger(), occasions{before: func(context.Context) error {
		for path, want := range map[string]string{
			"/healthz":         `200 {"status":"ok"}`,
			"/readyz":          `503 {"status":"starting","checks":{}}`,
			"/api/v1/clients/": `503 {"detail":"Service unavailable","type":"urn:sofipo:error:unavailable","title":"Service unavailable","status":503,"code":"unavailable"}`,
		} {
			answer, err := http.Get("http://" + c.Addr + path)
			if err != nil {
				return err
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if got := answer.Status[:4] + string(body); err != nil || got != want {
				t.Errorf("%s: got %s, %v, want %s", path, got, err, want)
			}
			if retry := answer.Header.Get("Retry-After"); (retry == "2") != (answer.StatusCode == 503) {
				t.Errorf("%s: got status %d and Retry-After %q, want 2 with status 503 only", path, answer.StatusCode, retry)
			}
		}
		return stop
	}})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the preparation", err)
	}
	if _, err := net.Dial("tcp", c.Addr); err == nil {
		t.Error("got a connection after the end, want none")
	}
}
