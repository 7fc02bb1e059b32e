package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"sofipo/core/mx"
)

// benchCommand measures a running server from the outside.
type benchCommand struct {
	URL         string        `arg:"" help:"Address of the server, such as http://127.0.0.1:8000."`
	User        string        `default:"admin" help:"User who signs in."`
	Password    string        `help:"Password of the user. Empty: asked for, or read from standard input."`
	OTP         string        `name:"otp" help:"One-time code, if the user has a second factor."`
	Duration    time.Duration `default:"30s" help:"Time of the measurement, from 1s."`
	Connections int           `default:"16" help:"Number of connections, 1 to 10000. Each has one request at a time."`
	Rate        float64       `help:"Requests per second. 0: each connection sends its next request as soon as it has the answer (closed loop). Otherwise requests begin on schedule and latencies count from the scheduled time (open loop)."`
	Payments    bool          `help:"Also pay: creates --loans clients with a loan each, named \"Prueba de carga\", and pays 1.00 on them. Never use it on real books."`
	Loans       int           `default:"100" help:"With --payments: number of loans, 1 to 10000."`
	JSON        bool          `name:"json" help:"Print one JSON document instead of a table."`
}

// Validate refuses values outside the limits.
func (c *benchCommand) Validate() error {
	target, err := url.Parse(c.URL)
	switch {
	case err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https":
		return fmt.Errorf("the address is %q: use http:// or https:// with a host", c.URL)
	case c.Duration < time.Second:
		return fmt.Errorf("--duration is %s: use 1s or more", c.Duration)
	case c.Connections < 1 || c.Connections > 10_000:
		return fmt.Errorf("--connections is %d: use 1 to 10000", c.Connections)
	case c.Rate < 0 || c.Rate > 1_000_000:
		return fmt.Errorf("--rate is %g: use 0 to 1000000", c.Rate)
	case c.Loans < 1 || c.Loans > 10_000:
		return fmt.Errorf("--loans is %d: use 1 to 10000", c.Loans)
	}
	c.URL = strings.TrimRight(c.URL, "/") + "/api/v1"
	return nil
}

// Run signs in, prepares what is asked for, sends the requests and prints the result. It fails
// if no request succeeded.
func (c *benchCommand) Run(ctx context.Context) error {
	if c.Password == "" {
		password, err := readSecret("Password for " + c.User)
		if err != nil {
			return err
		}
		c.Password = password
	}
	t := &target{
		base: c.URL,
		client: &http.Client{Timeout: lateRequest, Transport: &http.Transport{
			MaxIdleConns: c.Connections, MaxIdleConnsPerHost: c.Connections, MaxConnsPerHost: c.Connections,
		}},
	}
	defer t.client.CloseIdleConnections()
	if err := t.signIn(ctx, c.User, c.Password, c.OTP); err != nil {
		return err
	}
	kinds := []kind{{"GET /clients/", func(ctx context.Context, _ int) error { return t.get(ctx, "/clients/?limit=20") }}}
	if c.Payments {
		loans, holders, err := t.prepare(ctx, c.Loans)
		if err != nil {
			return err
		}
		kinds = []kind{
			{"POST /loans/{id}/payments", func(ctx context.Context, n int) error {
				return t.post(ctx, "/loans/"+loans[n%len(loans)]+"/payments", map[string]string{"amount": "1.00"}, nil)
			}},
			{"GET account-statement", func(ctx context.Context, n int) error {
				return t.get(ctx, "/loans/clients/"+holders[n%len(holders)]+"/account-statement")
			}},
			kinds[0],
		}
	}
	l := load{kinds: kinds, connections: c.Connections, rate: c.Rate, duration: c.Duration}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		l.progress = os.Stderr
	}
	report := l.run(ctx)
	write := report.table
	if c.JSON {
		write = report.document
	}
	if err := write(os.Stdout); err != nil {
		return err
	}
	if report.Requests == 0 {
		return fmt.Errorf("no request succeeded: %s", cmp.Or(report.Failure, "the time was too short"))
	}
	return nil
}

// lateRequest is the time limit of a request.
const lateRequest = 30 * time.Second

// target is the server under test.
type target struct {
	base, token string
	client      *http.Client
}

func (t *target) signIn(ctx context.Context, user, password, otp string) error {
	form := url.Values{"username": {user}, "password": {password}}
	if otp != "" {
		form.Set("otp", otp)
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	err := t.send(ctx, call{http.MethodPost, "/auth/token", "application/x-www-form-urlencoded", strings.NewReader(form.Encode())}, &answer)
	t.token = answer.Token
	if err != nil {
		err = fmt.Errorf("sign in: %w", err)
	}
	return err
}

// prepare creates clients with a loan each.
func (t *target) prepare(ctx context.Context, count int) (loans, holders []string, err error) {
	series := strings.ToLower(rand.Text()[:8])
	for n := range count {
		var client, loan struct{ ID string }
		if err := t.post(ctx, "/clients/", map[string]string{
			"full_name": fmt.Sprintf("Prueba de carga %s %d", series, n), "email": fmt.Sprintf("carga-%s-%d@example.com", series, n), "rfc": randomRFC(),
		}, &client); err != nil {
			return nil, nil, fmt.Errorf("create a client: %w", err)
		}
		if err := t.post(ctx, "/loans/", map[string]any{"client_id": client.ID, "amount": "1000000.00", "interest_rate": "0.15", "term_months": 24}, &loan); err != nil {
			return nil, nil, fmt.Errorf("create a loan: %w", err)
		}
		loans, holders = append(loans, loan.ID), append(holders, client.ID)
	}
	return loans, holders, nil
}

// randomRFC returns a valid RFC of a person, made of random letters.
func randomRFC() string {
	for {
		text := rand.Text() // letters and the digits 2 to 7
		for _, digit := range "0123456789A" {
			r, err := mx.ParseRFC(text[:3]+"X800101"+text[3:5]+string(digit), mx.TierStrict)
			if err == nil {
				return string(r)
			}
		}
	}
}

func (t *target) get(ctx context.Context, path string) error {
	return t.send(ctx, call{method: http.MethodGet, path: path}, nil)
}

func (t *target) post(ctx context.Context, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return t.send(ctx, call{http.MethodPost, path, "application/json", bytes.NewReader(text)}, answer)
}

// call is a request; kind is the media type of the body.
type call struct {
	method, path, kind string
	body               io.Reader
}

// send sends a request and reads its whole answer. Statuses other than 200 and 201 are errors.
func (t *target) send(ctx context.Context, c call, answer any) error {
	request, err := http.NewRequestWithContext(ctx, c.method, t.base+c.path, c.body)
	if err != nil {
		return err
	}
	if c.kind != "" {
		request.Header.Set("Content-Type", c.kind)
	}
	if c.method == http.MethodPost {
		request.Header.Set("Idempotency-Key", rand.Text())
	}
	if t.token != "" {
		request.Header.Set("Authorization", "Bearer "+t.token)
	}
	response, err := t.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated:
		return fmt.Errorf("%s %s: %s %s", c.method, c.path, response.Status, text)
	case answer != nil:
		return json.Unmarshal(text, answer)
	}
	return nil
}
