package amqp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	rabbit "github.com/rabbitmq/amqp091-go"
)

const (
	openTimeout = 5 * time.Second        // of connecting and declaring
	sendTimeout = 10 * time.Second       // of a flight of messages and its confirms
	heartbeat   = 5 * time.Second        // a broker silent for 1.5 of them is gone
	flight      = 500                    // most messages on their way unconfirmed
	firstWait   = 200 * time.Millisecond // before trying again, doubled
	longestWait = 5 * time.Second        // up to this
)

// session is a connection with one channel in confirm mode, used by one
// goroutine at a time. The library waits without end for a broker that is
// frozen, so each use of it is bounded by closing the socket beneath it.
type session struct {
	socket  *corked
	conn    *rabbit.Connection
	ch      *rabbit.Channel
	returns chan rabbit.Return // messages that no queue took; holds a whole flight
	closed  chan *rabbit.Error // why the channel was closed, if it was
}

// outgoing is a message with its address.
type outgoing struct {
	exchange, key string
	message       rabbit.Publishing
}

// checkURL refuses an address without showing the password in it.
func checkURL(address string) error {
	if _, err := rabbit.ParseURI(address); err != nil {
		return errors.New("AMQP URL: amqp://user:password@host:port/vhost is accepted")
	}
	return nil
}

// open connects and declares the topology within openTimeout.
func open(ctx context.Context, address string) (*session, error) {
	if err := checkURL(address); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	s := new(session)
	release := func() {}
	var err error
	s.conn, err = rabbit.DialConfig(address, rabbit.Config{
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
		err = s.prepare()
	}
	release()
	if err != nil || ctx.Err() != nil {
		s.drop()
		return nil, fmt.Errorf("RabbitMQ: %w", because(ctx, err))
	}
	return s, nil
}

func (s *session) prepare() (err error) {
	if s.ch, err = s.conn.Channel(); err != nil {
		return err
	}
	s.returns = s.ch.NotifyReturn(make(chan rabbit.Return, flight))
	s.closed = s.ch.NotifyClose(make(chan *rabbit.Error, 1))
	if err = s.ch.Confirm(false); err != nil {
		return err
	}
	return declare(s.ch)
}

// bound closes the socket when ctx ends before release is called, which makes
// every call of the library return.
func (s *session) bound(ctx context.Context) (release func()) {
	stop := context.AfterFunc(ctx, func() { _ = s.socket.Close() })
	return func() { stop() }
}

// because prefers the end of the context to what it caused.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("no answer in time: %w", context.Cause(ctx))
	}
	return err
}

// alive tells whether nothing has closed the session yet.
func (s *session) alive() bool { return !s.conn.IsClosed() && !s.ch.IsClosed() }

// drop ends the session at once, without a word to a broker that may not listen.
func (s *session) drop() {
	if s.socket != nil {
		_ = s.socket.Close()
	}
}

// close ends the session in good order, or by force after a second.
func (s *session) close() {
	defer time.AfterFunc(time.Second, s.drop).Stop()
	_ = s.conn.Close()
}

// send publishes the messages. Nil means that the broker has taken each one
// into at least one queue; after an error the session is of no more use.
func (s *session) send(ctx context.Context, messages []outgoing) error {
	for some := range slices.Chunk(messages, flight) {
		if err := s.fly(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) fly(ctx context.Context, messages []outgoing) error {
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
			return fmt.Errorf("RabbitMQ: message %s of %d not confirmed: %w", messages[i].message.MessageId, len(messages), because(ctx, s.refusal()))
		}
	}
	select {
	case r, given := <-s.returns: // the broker returns a message before it confirms it
		if given {
			return fmt.Errorf("RabbitMQ: message %s with key %s: no queue takes it: %d %s", r.MessageId, r.RoutingKey, r.ReplyCode, r.ReplyText)
		}
	default:
	}
	return nil
}

// publish sends the messages and gives the confirmations to wait for.
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

// refusal says why the channel closed, or that the broker refused the message.
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
