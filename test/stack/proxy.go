package stack

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Proxy forwards TCP connections to a service and disturbs them on request. Its methods may be
// called concurrently. It ends with Close or with the program.
type Proxy struct {
	Addr string // host:port

	target   string
	listener net.Listener

	mu      sync.Mutex
	changed *sync.Cond
	open    map[net.Conn]bool
	cut     bool
	silent  bool
	delay   time.Duration
}

// NewProxy starts a proxy in front of the address.
func NewProxy(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("stack: proxy: %w", err)
	}
	p := &Proxy{Addr: listener.Addr().String(), target: target, listener: listener, open: map[net.Conn]bool{}}
	p.changed = sync.NewCond(&p.mu)
	go p.serve()
	return p, nil
}

// Through returns the URL of the service with the address of the proxy.
func (p *Proxy) Through(url string) string { return strings.ReplaceAll(url, p.target, p.Addr) }

// Cut closes all connections and refuses new ones, until Mend.
func (p *Proxy) Cut() {
	p.set(func() { p.cut = true })
	p.drop()
}

// Silence keeps connections open and accepts new ones, but forwards nothing until Mend, which
// forwards what was held back.
func (p *Proxy) Silence() { p.set(func() { p.silent = true }) }

// Slow delays all data in both directions until Mend is called.
func (p *Proxy) Slow(delay time.Duration) { p.set(func() { p.delay = delay }) }

// Mend ends all disturbances.
func (p *Proxy) Mend() { p.set(func() { p.cut, p.silent, p.delay = false, false, 0 }) }

// Close ends the proxy and its connections.
func (p *Proxy) Close() error {
	p.set(func() { p.cut, p.silent = true, false })
	p.drop()
	return p.listener.Close()
}

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

func (p *Proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		_ = conn.Close()
	}
}

func (p *Proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.join(near)
	}
}

// join connects a client with the service.
func (p *Proxy) join(near net.Conn) {
	defer p.forget(near)
	if !p.admit(near) {
		return
	}
	far, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer p.forget(far)
	if !p.admit(far) {
		return
	}
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			p.forward(pair[0], pair[1])
			_, _ = near.Close(), far.Close()
		})
	}
	both.Wait()
}

// admit records a connection, so that Cut closes it; false while connections are refused.
func (p *Proxy) admit(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.cut {
		p.open[conn] = true
	}
	return !p.cut
}

func (p *Proxy) forget(conn net.Conn) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, conn)
}

// forward copies from one connection to the other until either ends.
func (p *Proxy) forward(from, to net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			time.Sleep(p.pass())
			if _, failed := to.Write(buffer[:n]); failed != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits while nothing is forwarded and returns the present delay.
func (p *Proxy) pass() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.silent {
		p.changed.Wait()
	}
	return p.delay
}
