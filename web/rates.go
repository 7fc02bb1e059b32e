package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"sofipo/core/access"
	"sofipo/core/fault"
)

// Rate is a limit of requests: PerSecond for a long time, and Burst at once. The zero Rate
// limits nothing.
type Rate struct{ PerSecond, Burst int }

// The largest values of a rate.
const (
	mostPerSecond = 100_000
	mostSeconds   = 60 // of requests in a burst
)

// ParseRate parses a rate such as "200/400": requests a second and at once. The burst may be
// left out; it is then twice the first number. "0" is no limit.
func ParseRate(text string) (Rate, error) {
	wrong := fmt.Errorf("%q is not a rate: use 0 for no limit, or requests a second and at once, such as 200/400, with at most %d a second and the requests of %d seconds at once", text, mostPerSecond, mostSeconds)
	first, second, both := strings.Cut(text, "/")
	perSecond, err := strconv.Atoi(first)
	if err != nil || perSecond < 0 || perSecond > mostPerSecond {
		return Rate{}, wrong
	}
	burst := 2 * perSecond
	if both {
		if burst, err = strconv.Atoi(second); err != nil || burst < 1 || burst > mostSeconds*perSecond {
			return Rate{}, wrong
		}
	}
	return Rate{perSecond, burst}, nil
}

// maxBuckets bounds the remembered users and addresses of each kind.
const maxBuckets = 100_000

// Rates limits the requests of each user and of each address. A nil *Rates limits nothing.
type Rates struct {
	users, addresses *rates
}

// NewRates returns limits for users and addresses. The processes of an institution share them
// through take, which takes tokens from a named bucket of a size that gains some a second (see
// cache.Redis). With a nil take, and while it fails, each process has the limits for itself.
func NewRates(user, address Rate, take func(ctx context.Context, bucket string, perSecond, size, want int) (int, error)) *Rates {
	of := func(kind string, r Rate) *rates {
		return &rates{kind: kind, rate: r, take: take, now: time.Now, buckets: otter.Must(&otter.Options[string, *bucket]{
			MaximumSize: maxBuckets,
		})}
	}
	return &Rates{of("user:", user), of("address:", address)}
}

// User refuses a request of a user beyond the limit with access.TooManyRequests.
func (r *Rates) User(ctx context.Context, username string) error {
	if r == nil {
		return nil
	}
	return r.users.enter(ctx, username)
}

// Address refuses a request from an address beyond the limit with access.TooManyRequests. Remote
// is the address of the connection.
func (r *Rates) Address(ctx context.Context, remote string) error {
	if r == nil || r.addresses.rate.PerSecond == 0 {
		return nil
	}
	return r.addresses.enter(ctx, addressOf(remote))
}

// Refused returns the counters of the refused requests.
func (r *Rates) Refused() (users, addresses *atomic.Uint64) {
	return &r.users.refused, &r.addresses.refused
}

// rates are the limits of users, or of addresses.
type rates struct {
	kind    string
	rate    Rate
	take    func(context.Context, string, int, int, int) (int, error)
	now     func() time.Time
	buckets *otter.Cache[string, *bucket]
	refused atomic.Uint64
}

// bucket has the tokens of one user or address in this process: those taken from the shared
// bucket, and a bucket of its own while that is not available.
type bucket struct {
	asking sync.Mutex // held while the shared bucket is asked

	mu     sync.Mutex
	taken  int       // from the shared bucket
	again  time.Time // when to ask the shared bucket again
	alone  bool      // until then, because it is not available
	tokens float64   // of the own bucket
	at     time.Time // when it had them
}

// shareOfSecond is the part of a second whose tokens are taken from the shared bucket at once.
const shareOfSecond = 10

// awayFor is how long the own bucket is used after an error of the shared one.
const awayFor = time.Second

func (r *rates) enter(ctx context.Context, name string) error {
	if r.rate.PerSecond == 0 {
		return nil
	}
	b, found := r.buckets.GetIfPresent(name)
	if !found {
		b, _ = r.buckets.SetIfAbsent(name, &bucket{tokens: float64(r.rate.Burst), at: r.now()})
	}
	wait, ask := b.enter(r)
	if ask {
		wait = r.ask(ctx, name, b)
	}
	if wait == 0 {
		return nil
	}
	r.refused.Add(1)
	return fault.Refuse(access.TooManyRequests, "retry_after", int64((wait+time.Second-1)/time.Second))
}

// ask takes a token after asking the shared bucket. Requests that come at once ask one by one, so
// that they share what it gives. A client that goes away does not end the question: after an
// error the own bucket is used.
func (r *rates) ask(ctx context.Context, name string, b *bucket) (wait time.Duration) {
	b.asking.Lock()
	defer b.asking.Unlock()
	wait, ask := b.enter(r)
	if !ask {
		return wait
	}
	got, err := r.take(context.WithoutCancel(ctx), r.kind+name, r.rate.PerSecond, r.rate.Burst, r.block())
	return b.refill(r, got, err)
}

// block returns how many tokens are taken from the shared bucket at once.
func (r *rates) block() int { return max(1, min(r.rate.PerSecond/shareOfSecond, r.rate.Burst)) }

// enter takes a token. It returns how long to wait if there is none, or that the shared bucket
// must be asked.
func (b *bucket) enter(r *rates) (wait time.Duration, ask bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := r.now()
	switch {
	case r.take == nil || b.alone && now.Before(b.again):
		return b.own(r.rate, now), false
	case b.taken > 0:
		b.taken--
		return 0, false
	case now.Before(b.again):
		return b.again.Sub(now), false
	}
	return 0, true
}

// own takes a token from the own bucket.
func (b *bucket) own(rate Rate, now time.Time) (wait time.Duration) {
	b.tokens = min(float64(rate.Burst), b.tokens+now.Sub(b.at).Seconds()*float64(rate.PerSecond))
	b.at = now
	if b.tokens < 1 {
		return time.Duration((1 - b.tokens) / float64(rate.PerSecond) * float64(time.Second))
	}
	b.tokens--
	return 0
}

// refill adds the tokens that the shared bucket gave, and takes a token. If it gave none, it is asked again
// when it has gained some.
func (b *bucket) refill(r *rates, got int, err error) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := r.now()
	if b.alone = err != nil; b.alone {
		b.again = now.Add(awayFor)
		return b.own(r.rate, now)
	}
	if got == 0 {
		wait = time.Second / time.Duration(min(r.rate.PerSecond, shareOfSecond))
		b.again = now.Add(wait)
		return wait
	}
	b.taken += got - 1
	return 0
}
