package cache

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// session is one connection to one run of a Redis server. It never reconnects, because the
// server may have been restarted; a new session detects that.
type session struct {
	client rueidis.Client
	conn   net.Conn
	ctx    context.Context // ends with the session, so that no call keeps waiting
	cancel context.CancelCauseFunc
	once   sync.Once

	runID  string
	prefix string        // prefix of all keys, with the server's run id
	ready  atomic.Bool   // Get may be answered
	floor  atomic.Uint64 // answers with a lower token are stale, as of the last health check
}

// The reasons why a session ended.
var (
	errUsedUp      = errors.New("the connection is closed")
	errTimeout     = fmt.Errorf("no answer within %s", beatLimit)
	errUndelivered = errors.New("invalidating cache entries failed")
	errClosed      = errors.New("the cache was closed")
)

// open connects once and reads the server's run id. Each of the two steps may take beatLimit.
func open(option rueidis.ClientOption) (*session, error) {
	s := &session{}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	var err error
	if s.client, err = rueidis.NewClient(s.options(option)); err != nil {
		s.kill(err)
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := s.within(s.handshake); err != nil {
		s.kill(err)
		return nil, fmt.Errorf("prepare: %w", err)
	}
	return s, nil
}

// options limits rueidis to one connection without reconnects or retries, and to 32 MB of
// client-side cache. The health check replaces its own pings.
func (s *session) options(option rueidis.ClientOption) rueidis.ClientOption {
	dial := option.DialCtxFn // set by the URL of a unix socket
	if dial == nil {
		dial = dialTCP
	}
	var dials atomic.Int32
	option.DialCtxFn = func(ctx context.Context, address string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
		if dials.Add(1) > 1 {
			return nil, errUsedUp
		}
		conn, err := dial(ctx, address, dialer, config)
		s.conn = conn
		return conn, err
	}
	option.Dialer.Timeout = beatLimit
	option.Dialer.KeepAlive = -1
	option.ConnWriteTimeout = beatLimit
	option.CacheSizeEachConn = 32 << 20
	option.PipelineMultiplex = -1
	option.ForceSingleClient = true
	option.AlwaysPipelining = true
	option.DisableRetry = true
	return option
}

func dialTCP(ctx context.Context, address string, dialer *net.Dialer, config *tls.Config) (net.Conn, error) {
	if config == nil {
		return dialer.DialContext(ctx, "tcp", address)
	}
	return (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, "tcp", address)
}

// kill ends the session. Every call in progress returns an error.
func (s *session) kill(why error) {
	s.once.Do(func() {
		s.cancel(why)
		if s.conn != nil {
			_ = s.conn.Close()
		}
		if s.client != nil {
			go s.client.Close()
		}
	})
}

// within kills the session if the task takes longer than beatLimit.
func (s *session) within(task func() error) error {
	limit := time.AfterFunc(beatLimit, func() { s.kill(errTimeout) })
	defer limit.Stop()
	return s.reason(task())
}

// reason replaces an error that only says that the session ended by the reason why it ended.
func (s *session) reason(err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Cause(s.ctx)
	}
	return err
}

var runIDLine = regexp.MustCompile(`(?m)^run_id:([0-9a-f]{8})`)

// handshake reads the server's run id and the floor, and loads the scripts.
func (s *session) handshake() error {
	info, err := s.client.Do(s.ctx, s.client.B().Info().Section("server").Build()).ToString()
	if err != nil {
		return err
	}
	found := runIDLine.FindStringSubmatch(info)
	if found == nil {
		return errors.New("Redis does not report its run id")
	}
	s.runID, s.prefix = found[1], "sofipo:"+found[1]+":"
	for _, script := range []script{fillScript, forgetScript, raiseScript, takeScript} {
		if err := s.client.Do(s.ctx, s.client.B().ScriptLoad().Script(script.text).Build()).Error(); err != nil {
			return err
		}
	}
	return s.readFloor()
}

// beat checks that the server answers, and reads the floor, which any process may have
// raised.
func (s *session) beat() error { return s.within(s.readFloor) }

func (s *session) readFloor() error {
	text, err := s.client.Do(s.ctx, s.client.B().Get().Key(s.floorKey()).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		return nil
	}
	if err != nil {
		return err
	}
	floor, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return fmt.Errorf("reading the floor in Redis: %w", err)
	}
	raise(&s.floor, floor)
	return nil
}

// floorKey returns the key of the floor: everything with a lower token is stale. The value is
// in the form of encodeToken. No key of a caller begins with a space.
func (s *session) floorKey() string { return s.prefix + " floor" }

// fill runs the script that stores an answer unless there is something newer. Like forget, it
// waits until the next Get of this process sees the change.
func (s *session) fill(key string, e Entry, ttl time.Duration) (kept bool, err error) {
	token := encodeToken(e.Token)
	command := s.client.B().Evalsha().Sha1(fillScript.sha1).Numkeys(2).Key(s.prefix+key, s.floorKey()).
		Arg(token, token+"|"+string(format)+rueidis.BinaryString(e.Body), milliseconds(ttl), milliseconds(MarkFor)).Build()
	answers, err := s.run(rueidis.Commands{command, s.ping()})
	if err != nil {
		return false, err
	}
	one, err := answers[0].AsInt64()
	return one == 1, err
}

// forget marks the keys in one round trip. The PING after each script is answered after the
// invalidation message that the script causes for this client. So when forget returns, the
// client-side cache of this process is up to date.
func (s *session) forget(token uint64, keys []string) error {
	var trip rueidis.Commands
	for len(keys) > 0 {
		step := keys[:min(len(keys), forgetStep)]
		keys = keys[len(step):]
		names := make([]string, len(step))
		for i, key := range step {
			names[i] = s.prefix + key
		}
		trip = append(trip, s.client.B().Evalsha().Sha1(forgetScript.sha1).Numkeys(int64(len(names))).Key(names...).
			Arg(encodeToken(token), milliseconds(MarkFor)).Build())
	}
	_, err := s.run(append(trip, s.ping()))
	return err
}

// raiseFloor declares everything below the token stale, for all processes.
func (s *session) raiseFloor(token uint64) error {
	command := s.client.B().Evalsha().Sha1(raiseScript.sha1).Numkeys(1).Key(s.floorKey()).
		Arg(encodeToken(token), milliseconds(MaxTTL+MarkFor)).Build()
	if _, err := s.run(rueidis.Commands{command}); err != nil {
		return err
	}
	raise(&s.floor, token)
	return nil
}

// deliver sends what could not be delivered earlier.
func (s *session) deliver(pending undelivered) error {
	if pending.all {
		return s.raiseFloor(pending.top)
	}
	keys := make([]string, 0, len(pending.keys))
	for key := range pending.keys {
		keys = append(keys, key)
	}
	return s.forget(pending.top, keys)
}

func (s *session) ping() rueidis.Completed { return s.client.B().Ping().Build() }

// run sends the commands in one round trip and returns the first error among the answers.
func (s *session) run(trip rueidis.Commands) ([]rueidis.RedisResult, error) {
	answers := s.client.DoMulti(s.ctx, trip...)
	for _, answer := range answers {
		if err := answer.Error(); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
