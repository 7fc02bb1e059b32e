package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// requestSource appends the next request, as bytes to send, to b. It returns false when there
// are no more requests.
type requestSource func(b []byte) ([]byte, bool)

// span is the measured period. The load runs before it (warm-up), and requests in progress at
// its end are completed.
type span struct{ begin, end time.Time }

// sample is the result of a load generator.
type sample struct {
	latencies []time.Duration // of the operations that succeeded within the span, sorted
	elapsed   time.Duration   // length of the span, or less if the requests ran out
	succeeded int             // operations that succeeded, also outside the span
	failed    int             // operations that failed
	failure   string          // response of the first failure
}

// percentile returns the latency of the fraction p of the operations.
func (s sample) percentile(p float64) time.Duration {
	if len(s.latencies) == 0 {
		return 0
	}
	return s.latencies[min(int(p*float64(len(s.latencies))), len(s.latencies)-1)]
}

// plus combines two samples.
func (s sample) plus(o sample) sample {
	s.latencies = slices.Concat(s.latencies, o.latencies)
	slices.Sort(s.latencies)
	s.elapsed += o.elapsed
	s.succeeded += o.succeeded
	s.failed += o.failed
	s.failure = cmp.Or(s.failure, o.failure)
	return s
}

func (s sample) rate() float64 {
	return float64(len(s.latencies)) / s.elapsed.Seconds()
}

// lateLimit is the time limit for the last responses after the end of the span.
const lateLimit = 30 * time.Second

// loadGenerator sends requests over keep-alive HTTP/1.1 connections, each with one request in
// progress. One thread serves all of them with epoll, because processor time used here is
// taken from the server under test.
type loadGenerator struct {
	epoll int
	conns map[int32]*connection
	next  requestSource
	want  []byte // status of a successful response: "201"
	span  span
	empty bool // there are no more requests
	busy  int  // requests in progress
	sample
}

// connection is a keep-alive connection.
type connection struct {
	fd   int
	out  []byte
	in   []byte // response received so far
	sent time.Time
}

// generateLoad sends requests over a number of connections to a server on 127.0.0.1 until the
// end of the span. A response with another status than want counts as failed. A broken
// connection or an unreadable response is an error.
func generateLoad(port, conns int, during span, want string, next requestSource) (sample, error) {
	g := &loadGenerator{conns: map[int32]*connection{}, next: next, want: []byte(want), span: during}
	defer g.close()
	if err := g.open(port, conns); err != nil {
		return g.sample, fmt.Errorf("load: %w", err)
	}
	for _, c := range g.conns {
		if err := g.sendNext(c, time.Now()); err != nil {
			return g.sample, fmt.Errorf("load: %w", err)
		}
	}
	if err := g.run(); err != nil {
		return g.sample, fmt.Errorf("load: %w", err)
	}
	g.elapsed = during.end.Sub(during.begin)
	if now := time.Now(); g.empty && now.Before(during.end) {
		g.elapsed = now.Sub(during.begin)
	}
	slices.Sort(g.latencies)
	return g.sample, nil
}

func (g *loadGenerator) open(port, conns int) (err error) {
	if g.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return err
	}
	for range conns {
		c := &connection{}
		c.fd, err = dial(port)
		if err != nil {
			return err
		}
		g.conns[int32(c.fd)] = c
		event := syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLRDHUP, Fd: int32(c.fd)}
		if err := syscall.EpollCtl(g.epoll, syscall.EPOLL_CTL_ADD, c.fd, &event); err != nil {
			return err
		}
	}
	return nil
}

// dial returns a connected non-blocking socket.
func dial(port int) (fd int, err error) {
	fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	to := &syscall.SockaddrInet4{Port: port, Addr: [4]byte(net.IPv4(127, 0, 0, 1).To4())}
	err = errors.Join(
		syscall.Connect(fd, to),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1),
		syscall.SetNonblock(fd, true))
	if err != nil {
		_ = syscall.Close(fd)
	}
	return fd, err
}

func (g *loadGenerator) close() {
	for _, c := range g.conns {
		_ = syscall.Close(c.fd)
	}
	_ = syscall.Close(g.epoll)
}

// run handles events until every request has its response.
func (g *loadGenerator) run() error {
	events := make([]syscall.EpollEvent, 256)
	for g.busy > 0 {
		n, err := syscall.EpollWait(g.epoll, events, 1000)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return err
		}
		if time.Since(g.span.end) > lateLimit {
			return fmt.Errorf("%d requests had no response %s after the end", g.busy, lateLimit)
		}
		for _, event := range events[:max(n, 0)] {
			if err := g.receive(g.conns[event.Fd]); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendNext sends the next request, unless the span has ended.
func (g *loadGenerator) sendNext(c *connection, now time.Time) error {
	var more bool
	if g.empty || !now.Before(g.span.end) {
		return nil
	}
	if c.out, more = g.next(c.out[:0]); !more {
		g.empty = true
		return nil
	}
	c.in, c.sent = c.in[:0], now
	g.busy++
	if n, err := syscall.Write(c.fd, c.out); err != nil || n < len(c.out) {
		return fmt.Errorf("%d of %d bytes of a request were sent: %w", n, len(c.out), err)
	}
	return nil
}

// receive reads available data and, when the response is complete, sends the next request.
func (g *loadGenerator) receive(c *connection) error {
	c.in = slices.Grow(c.in, 4096)
	n, err := syscall.Read(c.fd, c.in[len(c.in):cap(c.in)])
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return nil
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("the server closed a connection after %q", c.in)
	}
	c.in = c.in[:len(c.in)+n]
	status, body, err := parseAnswer(c.in)
	if err != nil || status == nil {
		return err
	}
	now := time.Now()
	g.busy--
	switch {
	case !bytes.Equal(status, g.want):
		if g.failed++; g.failed == 1 {
			g.failure = fmt.Sprintf("%s %s", status, body)
		}
	default:
		g.succeeded++
		if now.After(g.span.begin) && now.Before(g.span.end) {
			g.latencies = append(g.latencies, now.Sub(c.sent))
		}
	}
	return g.sendNext(c, now)
}

var (
	headerEnd = []byte("\r\n\r\n")
	length    = []byte("\r\nContent-Length: ")
	chunked   = []byte("\r\nTransfer-Encoding: chunked\r\n")
	lastChunk = []byte("\r\n0\r\n\r\n")
)

// parseAnswer returns the status and the body of a response in the form that net/http writes,
// or nil while it is incomplete. A chunked body keeps its chunk lengths. The JSON has no line
// breaks, so the last chunk is recognised reliably.
func parseAnswer(in []byte) (status, body []byte, err error) {
	head, rest, found := bytes.Cut(in, headerEnd)
	if !found {
		return nil, nil, nil
	}
	if len(head) < 12 || !bytes.HasPrefix(head, []byte("HTTP/1.1 ")) {
		return nil, nil, fmt.Errorf("not an HTTP/1.1 response: %q", in)
	}
	status, head = head[9:12], in[:len(head)+2]
	if bytes.Contains(head, chunked) {
		if bytes.HasSuffix(rest, lastChunk) {
			return status, rest, nil
		}
		return nil, nil, nil
	}
	_, text, found := bytes.Cut(head, length)
	text, _, _ = bytes.Cut(text, []byte("\r\n"))
	size, err := strconv.Atoi(string(text))
	if !found || err != nil || len(rest) > size {
		return nil, nil, fmt.Errorf("a response has no valid length: %q", in)
	}
	if len(rest) < size {
		return nil, nil, nil
	}
	return status, rest, nil
}
