package cache

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// takeTime is the longest time that TakeTokens waits for Redis.
const takeTime = 100 * time.Millisecond

// errAway means that there is no connection to Redis.
var errAway = errors.New("cache: Redis is not available")

// takeScript takes tokens from a bucket. KEYS: the bucket. ARGV: tokens a second, the size of the
// bucket and the wanted tokens. It returns how many it took. The time is that of Redis. A bucket
// that is full again is forgotten.
var takeScript = newScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local rate, size, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held = redis.call('HMGET', KEYS[1], 'n', 'at')
local n, at = tonumber(held[1]) or size, tonumber(held[2]) or now
n = math.min(size, n + math.max(0, now - at) * rate / 1000)
local got = math.min(want, math.floor(n))
redis.call('HSET', KEYS[1], 'n', n - got, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil((size - n + got) / rate * 1000) + 1000)
return got
`)

// TakeTokens takes up to want tokens from a bucket that all processes share: it holds size
// tokens and gains rate a second. It returns how many it took, and an error at once if Redis is
// not available.
func (r *Redis) TakeTokens(ctx context.Context, bucket string, rate, size, want int) (int, error) {
	s := r.live.Load()
	if s == nil {
		return 0, errAway
	}
	ctx, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	got, err := s.client.Do(ctx, s.client.B().Evalsha().Sha1(takeScript.sha1).Numkeys(1).Key("sofipo:tokens:"+bucket).
		Arg(strconv.Itoa(rate), strconv.Itoa(size), strconv.Itoa(want)).Build()).AsInt64()
	if said, answered := rueidis.IsRedisErr(err); answered && said.IsNoScript() {
		r.failed(s, err) // a new session loads the scripts
	}
	return int(got), err
}
