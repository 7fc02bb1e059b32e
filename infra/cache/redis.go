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
	beatEvery  = 50 * time.Millisecond  // how often a session is asked whether it lives
	retryEvery = 250 * time.Millisecond // how often a Redis that is down is tried
	warnEvery  = 5 * time.Second        // how often its failures are logged
	localFor   = time.Minute            // how long an answer stays in the client-side cache, if it is not invalidated
	maxOwed    = 100_000                // undelivered forgets kept by key
	forgetStep = 1000                   // keys a call of the script
)

// beatLimit is how long a session may take to answer. It is a variable for the
// tests, whose machine may be busy with something else.
var beatLimit = 200 * time.Millisecond

// Redis is a Cache that several processes share. It works while the server is
// away (every Get a miss) and by itself again when it is back.
type Redis struct {
	counters
	option  rueidis.ClientOption
	closing chan struct{}
	done    chan struct{}

	live   atomic.Pointer[session] // nil while Redis is not to be used
	newest atomic.Uint64           // highest token ever forgotten here

	mu       sync.Mutex
	owed     debt
	lastRun  string    // run id of the last session
	warnedAt time.Time // of the last warning
	warned   bool      // and not yet told that Redis is back
}

var _ Cache = (*Redis)(nil)

// debt is what could not be delivered: marks at token top for keys, or, when
// all is set, for everything in Redis.
type debt struct {
	keys map[string]struct{}
	top  uint64
	all  bool
}

func (d *debt) none() bool { return len(d.keys) == 0 && !d.all }

// add takes over keys to be marked at the token, or everything.
func (d *debt) add(token uint64, keys []string) {
	d.top = max(d.top, token)
	if d.all || len(d.keys)+len(keys) > maxOwed {
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

// NewRedis makes a cache in the Redis (7 or later, not a cluster) of a URL such
// as redis://user:password@host:6379/0. It tries the server at once for half a
// second at most, and goes on without it if it is not there. The error tells of
// a URL that cannot be read.
func NewRedis(url string) (*Redis, error) {
	option, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("cache: URL of Redis: %w", err)
	}
	r := &Redis{option: option, closing: make(chan struct{}), done: make(chan struct{})}
	if err := r.connect(); err != nil {
		r.warn(err)
	}
	go r.keep()
	return r, nil
}

// Close ends the connection; call it once, last. Undelivered forgets are lost.
func (r *Redis) Close() {
	close(r.closing)
	<-r.done
	if s := r.live.Swap(nil); s != nil {
		s.kill(errClosed)
	}
}

// Ready tells whether Gets are answered from Redis at this moment.
func (r *Redis) Ready() bool { return r.reading() != nil }

// Stats counts what this process did with the cache.
func (r *Redis) Stats() Stats { return r.counters.Stats() }

// Get is Cache's.
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

// Fill is Cache's.
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

// Forget is Cache's. It costs one round trip for up to a thousand keys.
func (r *Redis) Forget(_ context.Context, token uint64, keys ...string) {
	if len(keys) == 0 {
		return
	}
	r.forgets.Add(uint64(len(keys)))
	raise(&r.newest, token)
	s := r.live.Load()
	if s == nil {
		r.failures.Add(1)
		r.owe(token, keys)
		return
	}
	if err := s.forget(token, keys); err != nil {
		r.failed(s, err)
		r.owe(token, keys)
	}
}

// reading is the session that may answer, or nil.
func (r *Redis) reading() *session {
	if s := r.live.Load(); s != nil && s.ready.Load() {
		return s
	}
	return nil
}

// owe keeps an undelivered forget and takes Redis out of use until it is
// delivered. It does so even if a new session came up meanwhile, which has not
// seen it.
func (r *Redis) owe(token uint64, keys []string) {
	r.mu.Lock()
	r.owed.add(token, keys)
	s := r.live.Swap(nil)
	r.mu.Unlock()
	if s != nil {
		s.kill(errOwing)
	}
}

// failed counts an error and takes the session out of use, unless the server
// itself has answered with the error and a new session would not mend it.
func (r *Redis) failed(s *session, err error) {
	r.failures.Add(1)
	if said, answered := rueidis.IsRedisErr(err); !answered || said.IsNoScript() {
		r.live.CompareAndSwap(s, nil)
		s.kill(err)
	}
	r.warn(s.reason(err))
}

// keep watches the session and makes a new one when there is none.
func (r *Redis) keep() {
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

// connect makes a session, lets new forgets through, delivers the old ones, and
// only then lets Gets be answered.
func (r *Redis) connect() error {
	s, err := open(r.option)
	if err != nil {
		return err
	}
	r.mu.Lock()
	if r.lastRun != s.runID {
		// The marks of the last minute stayed with the earlier run: everything
		// that this process knows to be stale must be so in the new one too.
		r.lastRun = s.runID
		if newest := r.newest.Load(); newest > 0 {
			r.owed = debt{top: max(newest, r.owed.top), all: true}
		}
	}
	r.live.Store(s)
	r.mu.Unlock()
	if err := r.settle(s); err != nil {
		r.live.CompareAndSwap(s, nil)
		s.kill(err)
		return s.reason(err)
	}
	return nil
}

// settle delivers what is owed and opens the session to Gets.
func (r *Redis) settle(s *session) error {
	for {
		r.mu.Lock()
		owed := r.owed
		if owed.none() {
			s.ready.Store(true)
			r.healed()
			r.mu.Unlock()
			return nil
		}
		r.owed = debt{}
		r.mu.Unlock()
		if err := s.pay(owed); err != nil {
			r.mu.Lock()
			r.owed.merge(owed)
			r.mu.Unlock()
			return err
		}
	}
}

// merge takes back what could not be paid.
func (d *debt) merge(old debt) {
	keys := make([]string, 0, len(old.keys))
	for key := range old.keys {
		keys = append(keys, key)
	}
	d.add(old.top, keys)
	if old.all {
		d.keys, d.all = nil, true
	}
}

// warn logs that Redis is not used, at most once in five seconds, without keys
// since these name persons.
func (r *Redis) warn(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.warnedAt) >= warnEvery {
		r.warnedAt, r.warned = now, true
		slog.Warn("cache: Redis fails, reads go to the database", "error", err, "undelivered", len(r.owed.keys))
	}
}

// healed logs that Redis is used again. r.mu is held.
func (r *Redis) healed() {
	if r.warned {
		r.warned = false
		slog.Info("cache: Redis is in use again")
	}
}

// raise lifts the number to at least the value.
func raise(number *atomic.Uint64, value uint64) {
	for {
		old := number.Load()
		if value <= old || number.CompareAndSwap(old, value) {
			return
		}
	}
}

// A value in Redis is 16 hexadecimal digits of the token, "|", the form of the body and
// the body; without a body of this form it is a mark. As text, tokens compare as numbers do.
const tokenDigits = 16

// form is raised when answers change, so that none is read that an earlier version of
// the program left in Redis.
const form = '2'

func encodeToken(token uint64) string { return fmt.Sprintf("%016x", token) }

// decode reads a value; anything of another form, such as what another program
// left there, is not one.
func decode(raw []byte) (Entry, bool) {
	if len(raw) <= tokenDigits || raw[tokenDigits] != '|' {
		return Entry{}, false
	}
	token, err := strconv.ParseUint(string(raw[:tokenDigits]), 16, 64)
	if err != nil {
		return Entry{}, false
	}
	e := Entry{Token: token}
	if body := raw[tokenDigits+1:]; len(body) > 1 && body[0] == form {
		e.Body = body[1:]
	}
	return e, true
}
