package api

import (
	"net/http"
	"runtime"
	"strconv"
	"time"
)

// Limits of sending.
const (
	largeAnswer = 64 << 10         // bytes from which an answer counts against the budget
	chunk       = 256 << 10        // bytes that a client must read within stallTime
	stallTime   = 10 * time.Second // otherwise it loses the connection
	sendBuffer  = 128 << 10        // of the system, for each connection
)

// readSlots and heavySlots return the numbers of requests that run at the same time. Reads wait
// for the database most of the time; heavy requests mostly compute, and more of them at a time
// would only make each one slower.
func readSlots() int  { return max(8, 4*runtime.GOMAXPROCS(0)) }
func heavySlots() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// enter waits for a slot of the gate of the operation. Quotes, books, reports and documents have
// their own, so that they cannot take the slots of short reads. The slot is freed before the
// answer is sent, since a slow client must not keep it.
func (c *call) enter() error {
	if c.page != nil {
		return nil // the file has the slot
	}
	gate := c.server.reads
	if o := c.endpoint; o.effect == local || o.tag == reportsTag || o.tag == documentsTag || o.tag == booksTag {
		gate = c.server.heavy
	}
	if err := gate.Enter(c.request.Context()); err != nil {
		return err
	}
	c.gate = gate
	return nil
}

func (c *call) leave() {
	if c.gate != nil {
		c.gate.Leave()
		c.gate = nil
	}
}

// answer sends a status and a JSON body. The body may be nil.
func (c *call) answer(status int, body []byte) {
	if body != nil {
		c.Header()["Content-Type"] = jsonType
	}
	c.send(status, body)
}

// send sends a status and a body, which may be nil. The content type must be set. A large
// body of a read is refused if too many of them are being sent.
func (c *call) send(status int, body []byte) {
	if c.page != nil {
		*c.page = body
		return
	}
	if size := cap(body); size > largeAnswer && c.endpoint.effect != writes {
		if err := c.server.answers.Take(size); err != nil {
			c.Header().Del("Content-Disposition")
			c.refuse(err)
			return
		}
		defer c.server.answers.Give(size)
	}
	if body != nil {
		c.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	c.WriteHeader(status)
	_, _ = c.Write(body) // the client may have disconnected
}

// WriteHeader records the status.
func (c *call) WriteHeader(status int) {
	c.begin(status)
	c.ResponseWriter.WriteHeader(status)
}

// begin records the status of a response that begins now and leaves the gate. In training, it
// adds the business date, which the request may have changed.
func (c *call) begin(status int) {
	c.leave()
	if c.status != 0 {
		return
	}
	c.status = status
	if today := c.server.trainingDate(); today != nil {
		c.Header().Set(dateHeader, today.String())
	}
}

// Write records that the response has started. It sends a large body in chunks. The client
// must read each chunk within stallTime.
func (c *call) Write(b []byte) (n int, err error) {
	c.begin(http.StatusOK)
	if len(b) < largeAnswer {
		return c.ResponseWriter.Write(b)
	}
	for err == nil && n < len(b) {
		c.extend()
		var sent int
		sent, err = c.ResponseWriter.Write(b[n:min(len(b), n+chunk)])
		n += sent
	}
	return n, err
}

// extend gives the client stallTime from now on to read what is sent next.
func (c *call) extend() {
	// An error means that the server has no write time-out.
	_ = http.NewResponseController(c.ResponseWriter).SetWriteDeadline(time.Now().Add(stallTime))
}
