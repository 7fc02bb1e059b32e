package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits of an attempt.
const (
	sendTime   = 10 * time.Second
	dialTime   = 5 * time.Second
	mostAnswer = 16 << 10 // bytes of an answer that are read
	mostHeader = 16 << 10
	mostError  = 200 // bytes of an error that are kept
)

// errForbidden is the error of an address that may not be called.
var errForbidden = errors.New("the address is not permitted: it must be public and called over https, or be of a permitted network")

// Message is a message to a receiver.
type Message struct {
	URL     string
	ID      string // the same at each attempt
	Secrets []string
	Header  map[string]string // in addition to those of the standard
	Body    []byte            // JSON
}

// Answer is the result of an attempt. Without an answer, Status is 0 and Err says why.
type Answer struct {
	Status     int
	RetryAfter time.Duration // for which the receiver asks to wait
	Took       time.Duration
	Err        error // without the address
}

// Sender sends messages. It may be used concurrently.
type Sender struct {
	client *http.Client
	agent  string
	now    func() time.Time
}

// NewSender returns a sender. Permit reports whether an address may be called, over HTTPS if
// secure is set. It is asked for each connection, with the address that the name has then, so
// that a name cannot lead to another address after a check.
func NewSender(agent string, permit func(secure bool, a netip.Addr) bool) *Sender {
	return &Sender{agent: agent, now: time.Now, client: &http.Client{
		Transport:     schemes{"https": transport(true, permit), "http": transport(false, permit)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// schemes has the transport of each scheme.
type schemes map[string]*http.Transport

// RoundTrip implements http.RoundTripper.
func (s schemes) RoundTrip(r *http.Request) (*http.Response, error) {
	t, known := s[r.URL.Scheme]
	if !known {
		return nil, errForbidden
	}
	return t.RoundTrip(r)
}

// transport returns a transport that dials only permitted addresses, without a proxy.
func transport(secure bool, permit func(bool, netip.Addr) bool) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTime, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !permit(secure, at.Addr()) {
			return errForbidden
		}
		return nil
	}}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: sendTime, MaxResponseHeaderBytes: mostHeader, DisableCompression: true,
		MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
	}
}

// Send makes one attempt. It follows no redirect and reads at most 16 KiB of the answer.
func (s *Sender) Send(ctx context.Context, m Message) (a Answer) {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	at := s.now()
	defer func() { a.Took = time.Since(at) }()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		a.Err = plain(err)
		return a
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", s.agent)
	r.Header.Set("Webhook-Id", m.ID)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Webhook-Signature", Sign(m.Secrets, m.ID, at, m.Body))
	for name, value := range m.Header {
		r.Header.Set(name, value)
	}
	answer, err := s.client.Do(r)
	if err != nil {
		a.Err = plain(err)
		return a
	}
	_, _ = io.CopyN(io.Discard, answer.Body, mostAnswer) // the status decides
	_ = answer.Body.Close()
	a.Status, a.RetryAfter = answer.StatusCode, retryAfter(answer.Header.Get("Retry-After"), at)
	return a
}

// plain returns an error without the address, which may have a secret, and without line ends.
func plain(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	switch {
	case errors.Is(err, errForbidden):
		return errForbidden
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s", sendTime)
	}
	text := strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "?")
	return errors.New(text[:min(len(text), mostError)])
}

// retryAfter reads the header Retry-After: seconds or a date; 0 if it has neither.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
