package amqp

import (
	"net"
	"sync"
)

// corkSize is how much a corked connection holds back at most.
const corkSize = 64 << 10

// corked is a connection that can hold writes back and send them together. The AMQP
// library writes each message by itself, and a system call costs more than the message.
type corked struct {
	net.Conn
	mu   sync.Mutex
	held []byte
	on   bool
}

// Write sends b, or holds it back.
func (c *corked) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.on {
		return c.Conn.Write(b)
	}
	c.held = append(c.held, b...)
	if len(c.held) < corkSize {
		return len(b), nil
	}
	return len(b), c.flush()
}

// cork holds back what is written from now on.
func (c *corked) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = true
}

// uncork sends what was held back.
func (c *corked) uncork() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = false
	return c.flush()
}

func (c *corked) flush() error {
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.Conn.Write(c.held)
	c.held = c.held[:0]
	return err
}
