package amqp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"
)

const (
	openTimeout    = 5 * time.Second        // to connect and declare the topology
	sendTimeout    = 10 * time.Second       // to send a group of messages and receive the confirms
	heartbeat      = 5 * time.Second        // the connection fails after 1.5 heartbeats of silence
	maxUnconfirmed = 500                    // maximum number of unconfirmed messages
	firstWait      = 200 * time.Millisecond // first wait before a retry; doubled each time
	longestWait    = 5 * time.Second        // up to this
)

// session is a connection with one channel in confirm mode, for one goroutine at a time. The
// AMQP library waits forever for a frozen broker. Therefore every use is limited by closing
// the socket underneath; see bound.
type session struct {
	socket  *corked
	conn    *rabbit.Connection
	ch      *rabbit.Channel
	returns chan rabbit.Return // messages that no queue accepted; has room for all unconfirmed ones
	closed  chan *rabbit.Error // reason why the channel was closed
}

// outgoing is a message with its address.
type outgoing struct {
	exchange, key string
	message       rabbit.Publishing
}

// open connects to a node, at most openTimeout to each, and declares the topology. It begins with any
// of the nodes, so that the connections of a cluster are spread.
func open(ctx context.Context, brokerURL string) (*session, error) {
	broker, err := parseURL(brokerURL)
	if err != nil {
		return nil, err
	}
	first := rand.IntN(len(broker.nodes))
	for i := range broker.nodes {
		var s *session
		if s, err = openNode(ctx, broker.nodes[(first+i)%len(broker.nodes)], broker.quorum); err == nil {
			return s, nil
		}
		if refusal := (refused{}); errors.As(err, &refusal) || ctx.Err() != nil {
			break // another node does not help
		}
	}
	return nil, err
}

func openNode(ctx context.Context, node string, quorum bool) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s := new(session)
	release := func() {}
	var err error
	s.conn, err = rabbit.DialConfig(node, rabbit.Config{
		Heartbeat:  heartbeat,
		Properties: rabbit.Table{"product": "sofipo", "connection_name": "sofipo"},
		Dial: func(network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			s.socket = &corked{Conn: conn}
			release = s.bound(ctx)
			return s.socket, nil
		},
	})
	if err == nil {
		err = s.prepare(quorum)
	}
	release()
	if err != nil || ctx.Err() != nil {
		s.drop()
		err = fmt.Errorf("RabbitMQ: %w", because(ctx, err))
		if broker := (*rabbit.Error)(nil); errors.As(err, &broker) && broker.Code == rabbit.AccessRefused {
			err = refused{err}
		}
		return nil, err
	}
	return s, nil
}

// refused is the broker's refusal of the user or the password. It is a Refusal.
type refused struct{ error }

// Unwrap returns the error.
func (r refused) Unwrap() error { return r.error }

// Final reports that waiting does not help.
func (refused) Final() bool { return true }

// RetryIn returns the time until the next try.
func (refused) RetryIn() time.Duration { return time.Minute }

func (s *session) prepare(quorum bool) (err error) {
	if err := declare(s.conn, quorum); err != nil {
		return err
	}
	if s.ch, err = s.conn.Channel(); err != nil {
		return err
	}
	s.returns = s.ch.NotifyReturn(make(chan rabbit.Return, maxUnconfirmed))
	s.closed = s.ch.NotifyClose(make(chan *rabbit.Error, 1))
	return s.ch.Confirm(false)
}

// bound closes the socket if ctx ends before release is called. Every blocked call of the
// library then returns.
func (s *session) bound(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = s.socket.Close() })
	return func() { stop() }
}

// because returns the context's error if the context has ended, and otherwise err.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("no answer in time: %w", context.Cause(ctx))
	}
	return err
}

// alive reports whether the session is still open.
func (s *session) alive() bool { return !s.conn.IsClosed() && !s.ch.IsClosed() }

// drop closes the socket immediately, without the AMQP closing handshake.
func (s *session) drop() {
	if s.socket != nil {
		_ = s.socket.Close()
	}
}

// close closes the session gracefully, or forcibly after a second.
func (s *session) close() {
	defer time.AfterFunc(time.Second, s.drop).Stop()
	_ = s.conn.Close()
}

// send publishes the messages. If it returns nil, the broker has put each one into at least
// one queue. After an error the session can no longer be used.
func (s *session) send(ctx context.Context, messages []outgoing) error {
	for some := range slices.Chunk(messages, maxUnconfirmed) {
		if err := s.sendGroup(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) sendGroup(ctx context.Context, messages []outgoing) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	defer s.bound(ctx)()
	confirms, err := s.publish(ctx, messages)
	if err != nil {
		return fmt.Errorf("RabbitMQ: publishing: %w", because(ctx, err))
	}
	for i, c := range confirms {
		taken, err := c.WaitContext(ctx)
		if err != nil || !taken {
			return fmt.Errorf("RabbitMQ: message %s of %d was not confirmed: %w", messages[i].message.MessageId, len(messages), because(ctx, s.refusal()))
		}
	}
	select {
	case r, given := <-s.returns: // the broker returns a message before it confirms it
		if given {
			return fmt.Errorf("RabbitMQ: no queue accepts message %s with key %s: %d %s", r.MessageId, r.RoutingKey, r.ReplyCode, r.ReplyText)
		}
	default:
	}
	return nil
}

// publish sends the messages and returns the confirmations to wait for.
func (s *session) publish(ctx context.Context, messages []outgoing) (confirms []*rabbit.DeferredConfirmation, err error) {
	s.socket.cork()
	defer func() { err = errors.Join(err, s.socket.uncork()) }()
	confirms = make([]*rabbit.DeferredConfirmation, len(messages))
	for i, m := range messages {
		if confirms[i], err = s.ch.PublishWithDeferredConfirmWithContext(ctx, m.exchange, m.key, true, false, m.message); err != nil {
			return nil, err
		}
	}
	return confirms, nil
}

// refusal returns why the channel was closed, or that the broker refused a message.
func (s *session) refusal() error {
	select {
	case why, given := <-s.closed:
		if given {
			return why
		}
		return rabbit.ErrClosed
	default:
		return errors.New("refused by the broker")
	}
}
