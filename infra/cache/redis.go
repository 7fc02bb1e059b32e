package cache

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	beatEvery  = 50 * time.Millisecond  // interval of the health check
	retryEvery = 250 * time.Millisecond // interval of connection attempts while Redis is down
	warnEvery  = 5 * time.Second        // minimum interval of warnings
	localFor   = time.Minute            // maximum time in the client-side cache, if not invalidated
	maxPending = 100_000                // maximum number of keys with an undelivered Forget
	forgetStep = 1000                   // keys for each call of the script
)

// beatLimit is the timeout of the health check. It is a variable because tests may run on a
// busy machine.
var beatLimit = 200 * time.Millisecond

// Redis is a Cache that several processes share. While the server is unavailable, every Get
// misses. It reconnects automatically.
type Redis struct {
	counters
	option  rueidis.ClientOption
	closing chan struct{}
	done    chan struct{}

	live   atomic.Pointer[session] // nil while Redis must not be used
	newest atomic.Uint64           // highest token given to Forget

	mu       sync.Mutex
	pending  undelivered
	lastRun  string    // run id of the last session
	warnedAt time.Time // time of the last warning
	warned   bool      // the warning has not been followed by an all-clear yet
}

var _ Cache = (*Redis)(nil)

// undelivered has the undelivered calls of Forget: marks with the token top for keys or, if all is
// set, for everything in Redis.
type undelivered struct {
	keys map[string]struct{}
	top  uint64
	all  bool
}

func (d *undelivered) none() bool { return len(d.keys) == 0 && !d.all }

// add adds keys to be marked with the token, or everything if there are none or too many.
func (d *undelivered) add(token uint64, keys []string) {
	d.top = max(d.top, token)
	if d.all || len(keys) == 0 || len(d.keys)+len(keys) > maxPending {
		d.keys, d.all = nil, true
		return
	}
	if d.keys == nil {
		d.keys = make(map[string]struct{}, len(keys))
	}
	for _, key := range keys {
		d.keys[key] = struct{}{}
	}
}

// NewRedis returns a cache in a Redis server, version 7 or later and not a cluster, for a URL
// such as redis://user:password@host:6379/0. It tries to connect for at most half a second
// and continues without the server if that fails. The only error is an invalid URL.
func NewRedis(url string) (*Redis, error) {
	option, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("cache: invalid Redis URL: %w", err)
	}
	r := &Redis{option: option, closing: make(chan struct{}), done: make(chan struct{})}
	if err := r.connect(); err != nil {
		r.warn(err)
	}
	go r.watch()
	return r, nil
}

// Close closes the connection. Call it once, after all other calls. Undelivered calls of
// Forget are lost.
func (r *Redis) Close() {
	close(r.closing)
	<-r.done
	if s := r.live.Swap(nil); s != nil {
		s.kill(errClosed)
	}
}

// Ready reports whether Get is currently answered from Redis.
func (r *Redis) Ready() bool { return r.reading() != nil }

// Stats returns the counters of this process.
func (r *Redis) Stats() Stats { return r.counters.Stats() }

// Get implements Cache.
func (r *Redis) Get(_ context.Context, key string) (Entry, bool) {
	e, found := r.get(key)
	r.countGet(e, found)
	return e, found
}

func (r *Redis) get(key string) (Entry, bool) {
	s := r.reading()
	if s == nil {
		r.failures.Add(1)
		return Entry{}, false
	}
	answer := s.client.DoCache(s.ctx, s.client.B().Get().Key(s.prefix+key).Cache(), localFor)
	raw, err := answer.AsBytes()
	if err != nil {
		if !rueidis.IsRedisNil(err) {
			r.failed(s, err)
		}
		return Entry{}, false
	}
	e, ok := decode(raw)
	if !ok || e.Token < s.floor.Load() {
		return Entry{}, false
	}
	return e, true
}

// Fill implements Cache.
func (r *Redis) Fill(_ context.Context, key string, e Entry, ttl time.Duration) {
	if len(e.Body) == 0 || ttl < time.Millisecond {
		return
	}
	s := r.reading()
	if s == nil {
		r.failures.Add(1)
		return
	}
	kept, err := s.fill(key, e, min(ttl, MaxTTL))
	if err != nil {
		r.failed(s, err)
		return
	}
	r.countFill(kept)
}

// Forget implements Cache. It takes one round trip for up to a thousand keys.
func (r *Redis) Forget(_ context.Context, token uint64, keys ...string) {
	r.forgets.Add(uint64(len(keys)))
	raise(&r.newest, token)
	s := r.live.Load()
	if s == nil {
		r.failures.Add(1)
		r.postpone(token, keys)
		return
	}
	forget := func() error { return s.forget(token, keys) }
	if len(keys) == 0 {
		forget = func() error { return s.raiseFloor(token) }
	}
	if err := forget(); err != nil {
		r.failed(s, err)
		r.postpone(token, keys)
	}
}

// reading returns the session that may answer Get, or nil.
func (r *Redis) reading() *session {
	if s := r.live.Load(); s != nil && s.ready.Load() {
		return s
	}
	return nil
}

// postpone stores an undelivered Forget and stops using Redis until it is delivered. This also
// applies to a session opened in the meantime, which has not seen the Forget.
func (r *Redis) postpone(token uint64, keys []string) {
	r.mu.Lock()
	r.pending.add(token, keys)
	s := r.live.Swap(nil)
	r.mu.Unlock()
	if s != nil {
		s.kill(errUndelivered)
	}
}

// failed counts an error and stops using the session. The exception is an error that the
// server itself returned and that a new session would not fix.
func (r *Redis) failed(s *session, err error) {
	r.failures.Add(1)
	if said, answered := rueidis.IsRedisErr(err); !answered || said.IsNoScript() {
		r.live.CompareAndSwap(s, nil)
		s.kill(err)
	}
	r.warn(s.reason(err))
}

// watch checks the session and opens a new one if there is none.
func (r *Redis) watch() {
	defer close(r.done)
	pause := beatEvery
	for {
		select {
		case <-r.closing:
			return
		case <-time.After(pause):
		}
		pause = beatEvery
		if s := r.live.Load(); s != nil {
			if err := s.beat(); err != nil {
				r.failed(s, err)
			}
		} else if err := r.connect(); err != nil {
			r.warn(err)
			pause = retryEvery
		}
	}
}

// connect opens a session. It first lets new calls of Forget through, then delivers the old
// ones, and only then lets Get be answered.
func (r *Redis) connect() error {
	s, err := open(r.option)
	if err != nil {
		return err
	}
	r.mu.Lock()
	if r.lastRun != s.runID {
		// The marks of the last minute are lost with the earlier run. Everything that this
		// process knows to be stale must be stale in the new run too.
		r.lastRun = s.runID
		if newest := r.newest.Load(); newest > 0 {
			r.pending = undelivered{top: max(newest, r.pending.top), all: true}
		}
	}
	r.live.Store(s)
	r.mu.Unlock()
	if err := r.deliver(s); err != nil {
		r.live.CompareAndSwap(s, nil)
		s.kill(err)
		return s.reason(err)
	}
	return nil
}

// deliver sends the undelivered calls of Forget and opens the session for Get.
func (r *Redis) deliver(s *session) error {
	for {
		r.mu.Lock()
		pending := r.pending
		if pending.none() {
			s.ready.Store(true)
			r.recovered()
			r.mu.Unlock()
			return nil
		}
		r.pending = undelivered{}
		r.mu.Unlock()
		if err := s.deliver(pending); err != nil {
			r.mu.Lock()
			r.pending.merge(pending)
			r.mu.Unlock()
			return err
		}
	}
}

// merge adds what could not be delivered.
func (d *undelivered) merge(old undelivered) {
	keys := make([]string, 0, len(old.keys))
	for key := range old.keys {
		keys = append(keys, key)
	}
	d.add(old.top, keys)
	if old.all {
		d.keys, d.all = nil, true
	}
}

// warn logs, at most once in five seconds, that Redis is not used. It does not log keys,
// because they identify people.
func (r *Redis) warn(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.warnedAt) >= warnEvery {
		r.warnedAt, r.warned = now, true
		slog.Warn("cache: Redis is unavailable; reads go to the database", "error", err, "undelivered", len(r.pending.keys))
	}
}

// recovered logs that Redis is used again. The caller holds r.mu.
func (r *Redis) recovered() {
	if r.warned {
		r.warned = false
		slog.Info("cache: Redis is in use again")
	}
}

// raise sets the number to the value if the value is higher.
func raise(number *atomic.Uint64, value uint64) {
	for {
		old := number.Load()
		if value <= old || number.CompareAndSwap(old, value) {
			return
		}
	}
}

// A value in Redis is the token as 16 hexadecimal digits, "|", the format of the body, and
// the body. Without a body in the current format it is a mark. Tokens in this form sort like
// numbers.
const tokenDigits = 16

// format must be incremented when the encoding of answers changes, so that answers left in
// Redis by an earlier version of the program are not read.
const format = '2'

func encodeToken(token uint64) string { return fmt.Sprintf("%016x", token) }

// decode parses a value. It returns false for anything else, such as values of another
// program.
func decode(raw []byte) (Entry, bool) {
	if len(raw) <= tokenDigits || raw[tokenDigits] != '|' {
		return Entry{}, false
	}
	token, err := strconv.ParseUint(string(raw[:tokenDigits]), 16, 64)
	if err != nil {
		return Entry{}, false
	}
	e := Entry{Token: token}
	if body := raw[tokenDigits+1:]; len(body) > 1 && body[0] == format {
		e.Body = body[1:]
	}
	return e, true
}
