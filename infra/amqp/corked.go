package amqp

import (
	"net"
	"sync"
)

// corkSize is the maximum number of bytes that a corked connection buffers.
const corkSize = 64 << 10

// corked is a connection that can buffer writes and send them together. The AMQP library
// writes each message separately, and a system call costs more than the message.
type corked struct {
	net.Conn
	mu   sync.Mutex
	held []byte
	on   bool
}

// Write sends b, or buffers it if the connection is corked.
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

// cork starts buffering.
func (c *corked) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = true
}

// uncork sends the buffered data and stops buffering.
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
