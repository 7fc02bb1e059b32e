package program

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Client is a client of the API. It may be used concurrently and pointed at another server.
type Client struct {
	base  atomic.Pointer[string]
	token atomic.Pointer[string]
	http  *http.Client
}

// NewClient returns a client of the server at the URL, without a token.
func NewClient(base string) *Client {
	c := &Client{http: &http.Client{
		Timeout:   20 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	c.Point(base)
	return c
}

// Patient removes the time limit of requests.
func (c *Client) Patient() { c.http.Timeout = 0 }

// Point sends later requests to another server.
func (c *Client) Point(base string) { c.base.Store(&base) }

// Base returns the URL of the server to which requests go now.
func (c *Client) Base() string { return *c.base.Load() }

// Answer is a complete response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Field returns a top-level string or number of the JSON body, or "" if it is absent.
func (a Answer) Field(name string) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.Body, &fields) != nil {
		return ""
	}
	return strings.Trim(string(fields[name]), `"`)
}

// Position returns the commit token of a write's answer.
func (a Answer) Position() string { return a.Header.Get("X-Sofipo-Position") }

// Send sends a request with the token, if there is one, the body as JSON, and additional
// headers given as names and values. The error is a transport error; every status is an
// answer.
func (c *Client) Send(ctx context.Context, method, path string, body any, headers ...string) (Answer, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return Answer{}, err
		}
		headers = append(headers, "Content-Type", "application/json")
	}
	if token := c.token.Load(); token != nil {
		headers = append(headers, "Authorization", "Bearer "+*token)
	}
	return c.do(ctx, method, path, text, headers)
}

// SendBytes is Send with a body of another type than JSON.
func (c *Client) SendBytes(ctx context.Context, method, path, contentType string, body []byte) (Answer, error) {
	return c.do(ctx, method, path, body, []string{"Content-Type", contentType, "Authorization", "Bearer " + *c.token.Load()})
}

func (c *Client) do(ctx context.Context, method, path string, body []byte, headers []string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, *c.base.Load()+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.GetBody = nil // net/http must not repeat requests, because tests count them
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return Answer{response.StatusCode, response.Header, text}, err
}

// want turns an answer with another status into an error.
func want(status int, a Answer, err error) (Answer, error) {
	if err == nil && a.Status != status {
		err = fmt.Errorf("status %d, wanted %d: %s", a.Status, status, a.Body)
	}
	return a, err
}

// Login gets a token and uses it for later requests.
func (c *Client) Login(ctx context.Context, username, password string) error {
	form := url.Values{"username": {username}, "password": {password}}.Encode()
	answer, err := c.do(ctx, "POST", "/api/v1/auth/token", []byte(form), []string{"Content-Type", "application/x-www-form-urlencoded"})
	if answer, err = want(200, answer, err); err != nil {
		return fmt.Errorf("token: %w", err)
	}
	token := answer.Field("access_token")
	c.token.Store(&token)
	return nil
}

var registered atomic.Int64 // clients registered by this process, so that each has its own RFC

// Register registers a new client and returns its id and RFC.
func (c *Client) Register(ctx context.Context, name string) (id, rfc string, err error) {
	n := registered.Add(1)
	rfc = "PEPJ" + time.Date(1940, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format("060102") + "HNE"
	answer, err := c.Send(ctx, "POST", "/api/v1/clients/", map[string]any{
		"full_name": name, "email": fmt.Sprintf("client%d@example.com", n), "rfc": rfc,
	})
	answer, err = want(201, answer, err)
	return answer.Field("id"), rfc, err
}

// Grant grants a loan and returns its id.
func (c *Client) Grant(ctx context.Context, clientID, amount string) (id string, err error) {
	answer, err := c.Send(ctx, "POST", "/api/v1/loans/", map[string]any{
		"client_id": clientID, "amount": amount, "interest_rate": "0.15", "term_months": 24,
	})
	answer, err = want(201, answer, err)
	return answer.Field("id"), err
}

// Pay sends one request for a payment. The key may be empty.
func (c *Client) Pay(ctx context.Context, loanID, amount, key string) (Answer, error) {
	var headers []string
	if key != "" {
		headers = []string{"Idempotency-Key", key}
	}
	return c.Send(ctx, "POST", "/api/v1/loans/"+loanID+"/payments", map[string]any{"amount": amount}, headers...)
}

// Receipt is the final answer to PayUntilAnswered.
type Receipt struct {
	PaymentID, Position string
	Tries               int  // requests sent
	Replayed            bool // an earlier try made the payment, but its answer was lost
}

// PayUntilAnswered sends the same payment with the same key until it is answered. It retries
// after connection errors and 503. Any other status than 201 is an error.
func (c *Client) PayUntilAnswered(ctx context.Context, loanID, amount, key string) (r Receipt, err error) {
	for {
		r.Tries++
		answer, err := c.Pay(ctx, loanID, amount, key)
		switch {
		case err == nil && answer.Status == 201:
			r.PaymentID, r.Position = answer.Field("id"), answer.Position()
			r.Replayed = answer.Header.Get("Idempotent-Replayed") == "true"
			return r, nil
		case err == nil && answer.Status != 503:
			return r, fmt.Errorf("payment %s, try %d: status %d: %s", key, r.Tries, answer.Status, answer.Body)
		case err == nil:
			err = errors.New(string(answer.Body))
		}
		select {
		case <-ctx.Done():
			return r, fmt.Errorf("payment %s was not answered after %d tries: %w", key, r.Tries, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Statement has the amounts of an account statement.
type Statement struct {
	Name   string         `json:"full_name"`
	Active []StatedLoan   `json:"active_loans"`
	Paid   []StatedAmount `json:"payment_history"`
}

// StatedLoan is an active loan in a statement.
type StatedLoan struct {
	ID      string      `json:"id"`
	Balance json.Number `json:"current_balance"`
}

// StatedAmount is a payment in a statement.
type StatedAmount struct {
	ID     string      `json:"id"`
	Amount json.Number `json:"amount"`
}

// Statement requests a client's account statement. If position is not empty, the answer must
// include the commit with this token.
func (c *Client) Statement(ctx context.Context, clientID, position string) (s Statement, err error) {
	var headers []string
	if position != "" {
		headers = []string{"X-Sofipo-Position", position}
	}
	answer, err := c.Send(ctx, "GET", "/api/v1/loans/clients/"+clientID+"/account-statement", nil, headers...)
	if answer, err = want(200, answer, err); err != nil {
		return s, fmt.Errorf("statement: %w", err)
	}
	return s, json.Unmarshal(answer.Body, &s)
}
