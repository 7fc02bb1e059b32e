package web_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/web"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]web.Rate{"0": {}, "200": {200, 400}, "200/300": {200, 300}, "1/60": {1, 60}} {
		if got, err := web.ParseRate(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "-1", "200/0", "200/-1", "1/61", "0/1", "200/x", "100001", "1/2/3"} {
		if got, err := web.ParseRate(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// accepted counts the requests of a user that pass, and returns the last refusal.
func accepted(t *testing.T, r *web.Rates, user string, requests int) (passed int, last error) {
	for range requests {
		err := r.User(t.Context(), user)
		switch {
		case err == nil:
			passed++
		case fault.Is(err, access.TooManyRequests):
			last = err
		default:
			t.Fatalf("got %v, want %s", err, access.TooManyRequests)
		}
	}
	return passed, last
}

// TestRates: a user has the burst at once and then the rate; others are not concerned.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := web.NewRates(web.Rate{PerSecond: 10, Burst: 20}, web.Rate{}, nil)
		got, err := accepted(t, r, "ana", 50)
		var refusal *fault.Error
		if !errors.As(err, &refusal) || got != 20 || refusal.Values["retry_after"] != int64(1) {
			t.Errorf("got %d accepted, %v, want 20 and a refusal with 1 s to wait", got, err)
		}
		if got, _ := accepted(t, r, "luis", 1); got != 1 {
			t.Error("another user: got a refusal, want none")
		}
		time.Sleep(500 * time.Millisecond)
		if got, _ := accepted(t, r, "ana", 50); got != 5 {
			t.Errorf("after half a second: got %d accepted, want 5", got)
		}
		if err := r.Address(t.Context(), "203.0.113.9:1"); err != nil {
			t.Errorf("without a limit for addresses: got %v, want no error", err)
		}
		if users, addresses := r.Refused(); users.Load() != 75 || addresses.Load() != 0 {
			t.Errorf("got %d and %d counted, want 75 and 0", users.Load(), addresses.Load())
		}
		if err := (*web.Rates)(nil).User(t.Context(), "ana"); err != nil {
			t.Errorf("no limits: got %v, want no error", err)
		}
	})
}

// TestAddresses: addresses of one IPv6 network count together, and IPv4 addresses alone.
func TestAddresses(t *testing.T) {
	r := web.NewRates(web.Rate{}, web.Rate{PerSecond: 1, Burst: 1}, nil)
	for _, c := range []struct {
		remote string
		passes bool
	}{{"[2001:db8::1]:1", true}, {"[2001:db8::2]:1", false}, {"[2001:db8:0:1::2]:1", true}, {"192.0.2.1:1", true}, {"192.0.2.1:2", false}, {"192.0.2.2:1", true}} {
		if err := r.Address(t.Context(), c.remote); (err == nil) != c.passes {
			t.Errorf("%s: got %v, want it accepted: %t", c.remote, err, c.passes)
		}
	}
}

// TestSharedRates: tokens are taken from the shared bucket in blocks, it is not asked again while
// it is empty, and the process has its own bucket while it is away.
func TestSharedRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, left, away := 0, 35, error(nil)
		r := web.NewRates(web.Rate{PerSecond: 100, Burst: 200}, web.Rate{}, func(_ context.Context, bucket string, perSecond, size, want int) (int, error) {
			if asked++; bucket != "user:ana" || perSecond != 100 || size != 200 || want != 10 {
				t.Errorf("got %q %d %d %d, want the bucket of ana, 100, 200 and 10", bucket, perSecond, size, want)
			}
			got := min(left, want)
			left -= got
			return got, away
		})
		if got, _ := accepted(t, r, "ana", 100); got != 35 || asked != 5 {
			t.Errorf("got %d accepted with %d questions, want 35 with 5", got, asked)
		}
		left = 10
		if got, _ := accepted(t, r, "ana", 10); got != 0 || asked != 5 {
			t.Errorf("while empty: got %d accepted with %d questions, want 0 with 5", got, asked)
		}
		time.Sleep(100 * time.Millisecond)
		if got, _ := accepted(t, r, "ana", 10); got != 10 || asked != 6 {
			t.Errorf("when it has gained: got %d accepted with %d questions, want 10 with 6", got, asked)
		}
		left, away = 0, errors.New("away")
		if got, _ := accepted(t, r, "ana", 300); got != 200 || asked != 7 {
			t.Errorf("while it is away: got %d accepted with %d questions, want the burst of 200 with 7", got, asked)
		}
	})
}

// TestRequestsAtOnce: requests that come at once share the tokens of one question, so that none is
// refused while the shared bucket has some.
func TestRequestsAtOnce(t *testing.T) {
	var asked, refused atomic.Int64
	left := 40
	r := web.NewRates(web.Rate{PerSecond: 200, Burst: 400}, web.Rate{}, func(_ context.Context, _ string, _, _, want int) (int, error) {
		asked.Add(1)
		time.Sleep(5 * time.Millisecond)
		got := min(left, want)
		left -= got
		return got, nil
	})
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if r.User(t.Context(), "ana") != nil {
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if refused.Load() != 0 || asked.Load() != 2 {
		t.Errorf("got %d refused and %d questions, want 0 and 2", refused.Load(), asked.Load())
	}
}

// BenchmarkRates is the cost that the limits add to a request: of the process alone, and with
// blocks of a shared bucket, which takes no time here.
func BenchmarkRates(b *testing.B) {
	rate := web.Rate{PerSecond: 100_000, Burst: 6_000_000}
	all := func(_ context.Context, _ string, _, _, want int) (int, error) { return want, nil }
	for name, r := range map[string]*web.Rates{"alone": web.NewRates(rate, rate, nil), "shared": web.NewRates(rate, rate, all)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r.Address(b.Context(), "203.0.113.9:4000") != nil || r.User(b.Context(), "ana") != nil {
					b.Fatal("got a refusal, want none")
				}
			}
		})
	}
}
