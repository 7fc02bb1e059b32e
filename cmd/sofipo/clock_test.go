package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"sofipo/core/civil"
	"sofipo/test/ground"
)

// TestWrongClock serves, moves the clock of the machine and asks for a registration: it is
// refused with status 503 until the clock is right, /readyz answers 503 meanwhile, and the log
// has an error.
func TestWrongClock(t *testing.T) {
	for _, database := range []string{ground.SQLite, ground.Postgres} {
		t.Run(database, func(t *testing.T) { wrongClock(t, database) })
	}
}

func wrongClock(t *testing.T, database string) {
	cfg := ground.Config(t, database)
	args := []string{"--profile=demo", "--addr=127.0.0.1:0", "--data=" + t.TempDir(), "--secret-key=" + strings.Repeat("test", 9)}
	if cfg.PrimaryURL != "" {
		args = append(args, "--database-url="+cfg.PrimaryURL)
	} else {
		args = append(args, "--data="+cfg.Folder)
	}
	var off sync.Map
	off.Store("by", time.Duration(0))
	s := parsed(t, args...)
	s.machine.Wall = func() time.Time {
		by, _ := off.Load("by")
		return time.Now().Add(by.(time.Duration))
	}
	var log syncBuffer
	ctx, stop := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- serve(ctx, s, slog.New(slog.NewTextHandler(&log, nil)), occasions{ready: func(at net.Addr) { address <- "http://" + at.String() }})
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	var at string
	select {
	case at = <-address:
	case err := <-ended:
		ended <- err
		t.Fatal(err)
	}
	token := signIn(t, at)
	clients := 0
	register := func(want int) {
		t.Helper()
		clients++
		body := strings.NewReader(strings.ReplaceAll(`{"full_name":"Ana","email":"a#@example.com","rfc":"ANAA80010#HNE"}`, "#", string(rune('0'+clients))))
		request, err := http.NewRequestWithContext(t.Context(), "POST", at+"/api/v1/clients/", body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", "application/json")
		status, text, header := fetch(t, request)
		if status != want || want == 503 && (!strings.Contains(text, "the clock of the server is wrong; nothing was written") || header.Get("Retry-After") == "") {
			t.Errorf("a registration: got %d %s %v, want %d", status, text, header, want)
		}
	}
	ready := func(want int, says string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "GET", at+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, text, _ := fetch(t, request); status != want || !strings.Contains(text, says) {
			t.Errorf("/readyz: got %d %s, want %d with %s", status, text, want, says)
		}
	}
	register(201)
	ready(200, `"clock":"ok"`)
	off.Store("by", 400*24*time.Hour)
	ready(503, `"clock":"failing"`)
	if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), "the clock is wrong; writes are refused") {
		t.Errorf("got the log %s, want one error about the clock", log.String())
	}
	off.Store("by", time.Duration(0))
	ready(200, `"clock":"ok"`)
	register(201)
	off.Store("by", 20*time.Second)
	register(503)
	off.Store("by", 2*time.Second)
	register(201)
	ready(200, `"clock":"ok"`)
}

// TestGapAtTheStart: rows that are more than a week older or newer than the clock need
// --accept-clock, except in the demo profile.
func TestGapAtTheStart(t *testing.T) {
	folder := t.TempDir()
	at := func(days int, more ...string) error {
		s := parsed(t, append([]string{"--addr=127.0.0.1:0", "--data=" + folder, "--secret-key=" + strings.Repeat("test", 9)}, more...)...)
		s.machine.Wall = func() time.Time { return time.Now().AddDate(0, 0, days) }
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		return serve(ctx, s, slog.New(slog.DiscardHandler), occasions{ready: func(net.Addr) { stop() }})
	}
	for _, c := range []struct {
		days    int
		args    []string
		refused bool
	}{
		{0, []string{"--profile=demo"}, false}, // which adds a user
		{6, nil, false}, {-6, nil, false},
		{8, nil, true}, {-8, nil, true},
		{8, []string{"--accept-clock"}, false}, {-8, []string{"--accept-clock"}, false},
		{8, []string{"--profile=demo"}, false},
		{0, []string{"--business-date=2050-01-15"}, false},
	} {
		err := at(c.days, c.args...)
		if (err != nil) != c.refused || err != nil && !strings.Contains(err.Error(), "--accept-clock") {
			t.Errorf("%d days %v: got %v, want an error that names --accept-clock: %t", c.days, c.args, err, c.refused)
		}
		if err != nil && strings.Contains(err.Error(), "each time until it has passed that row") != (c.days < 0) {
			t.Errorf("%d days: got %v, want it to say that every start needs the flag: %t", c.days, err, c.days < 0)
		}
	}
}

func TestTrainingClock(t *testing.T) {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil {
		t.Fatal(err)
	}
	day := civil.Date{Year: 2027, Month: 1, Day: 15}
	now := time.Date(2026, 11, 29, 20, 30, 0, 0, zone)
	for _, c := range []struct{ newest, want string }{
		{"0001-01-01T00:00:00Z", "2027-01-16T02:30:00Z"}, {"2027-01-15T12:00:00Z", "2027-01-16T02:30:00Z"},
		{"2027-01-16T05:00:00Z", "2027-01-16T05:00:00Z"}, {"2027-01-16T07:00:00Z", ""},
	} {
		newest, err := time.Parse(time.RFC3339, c.newest)
		if err != nil {
			t.Fatal(err)
		}
		clock, err := trainingClock(day, now, newest)
		if c.want == "" {
			if err == nil || !strings.Contains(err.Error(), "SOFIPO_BUSINESS_DATE is 2027-01-15, but the newest row is of 2027-01-16") {
				t.Errorf("after %s: got %v, want an error with both dates", c.newest, err)
			}
			continue
		}
		if err != nil || clock().UTC().Format(time.RFC3339) != c.want {
			t.Errorf("after %s: got %v, want %s", c.newest, err, c.want)
		}
	}
}

// parsed returns the settings of sofipo serve with these flags.
func parsed(t *testing.T, args ...string) *settings {
	t.Helper()
	var c serveCommand
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	return &c.settings
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// signIn returns a token of the demo's user.
func signIn(t *testing.T, at string) string {
	t.Helper()
	form := url.Values{"username": {seedUser}, "password": {seedPassword}}
	request, err := http.NewRequestWithContext(t.Context(), "POST", at+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token string `json:"access_token"`
	}
	status, text, _ := fetch(t, request)
	if err := json.Unmarshal([]byte(text), &answer); err != nil || status != 200 {
		t.Fatalf("got %d %s, want a token", status, text)
	}
	return answer.Token
}

// fetch makes a request and reads the response.
func fetch(t *testing.T, request *http.Request) (int, string, http.Header) {
	t.Helper()
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text), answer.Header
}
