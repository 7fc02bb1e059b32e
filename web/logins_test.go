package web

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sofipo/core/access"
	"sofipo/core/fault"
)

// try makes a login and returns the seconds that it must wait, 0 if it was verified.
func try(t *testing.T, l *Logins, name, remote string, outcome Outcome) int64 {
	t.Helper()
	in, err := l.Begin(t.Context(), name, remote)
	if err == nil {
		in.End(outcome)
		return 0
	}
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Code != access.TooManyAttempts {
		t.Fatalf("got %v, want %s", err, access.TooManyAttempts)
	}
	return refusal.Values["retry_after"].(int64)
}

const (
	stranger  = "203.0.113.7:4000"
	colleague = "198.51.100.1:5000"
)

// TestWrongPasswordsWait: after five wrong passwords each further one must wait longer, up to
// a quarter of an hour; waiting or a correct password ends it.
func TestWrongPasswordsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLogins(nil, time.Now)
		for i := range 5 {
			if got := try(t, l, "ana", stranger, Failed); got != 0 {
				t.Fatalf("failure %d: got a pause of %d s, want none", i, got)
			}
		}
		for _, want := range []int64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
			got := try(t, l, "ana", stranger, Failed)
			if got != want {
				t.Fatalf("got a pause of %d s, want %d", got, want)
			}
			time.Sleep(time.Duration(want) * time.Second)
			if got := try(t, l, "ana", stranger, Failed); got != 0 {
				t.Fatalf("after the pause: got one of %d s, want none", got)
			}
		}
		time.Sleep(15 * time.Minute)
		if got := try(t, l, "ana", stranger, Succeeded) + try(t, l, "ana", stranger, Failed); got != 0 {
			t.Errorf("after a correct password: got a pause of %d s, want none", got)
		}
		for range 6 {
			try(t, l, "bea", stranger, Failed)
		}
		time.Sleep(failuresKept + time.Second)
		for i := range 5 {
			if got := try(t, l, "bea", stranger, Failed); got != 0 {
				t.Errorf("failure %d after an hour: got a pause of %d s, want none", i, got)
			}
		}
	})
}

// TestAStrangerCannotLockOut: 300 wrong passwords from an address do not delay the user at
// another one, nor a user who has logged in at that address.
func TestAStrangerCannotLockOut(t *testing.T) {
	l := NewLogins(nil, time.Now)
	if got := try(t, l, "carla", stranger, Succeeded); got != 0 {
		t.Fatalf("got a pause of %d s, want none", got)
	}
	refused := 0
	for range 300 {
		if try(t, l, "ana", stranger, Failed) > 0 {
			refused++
		}
	}
	if refused < 290 {
		t.Errorf("got %d of 300 wrong passwords refused, want at least 290", refused)
	}
	if got := try(t, l, "ana", colleague, Succeeded); got != 0 {
		t.Errorf("the user at another address: got a pause of %d s, want none", got)
	}
	for i := range 300 {
		try(t, l, fmt.Sprint("name", i), stranger, Failed)
	}
	if got := try(t, l, "bea", stranger, Succeeded); got == 0 {
		t.Error("a new name from an address with many failures: got no pause, want one")
	}
	if got := try(t, l, "carla", stranger, Succeeded); got != 0 {
		t.Errorf("a user known at the address: got a pause of %d s, want none", got)
	}
	for i := range 300 {
		try(t, l, "ana", fmt.Sprintf("192.0.2.%d:1", i), Failed)
	}
	if got := try(t, l, "ana", colleague, Succeeded); got != 0 {
		t.Errorf("failures at many addresses: got a pause of %d s for the user at a known one, want none", got)
	}
	if got := try(t, l, "ana", "198.51.100.2:1", Succeeded); got == 0 {
		t.Error("failures at many addresses: got no pause at an unknown one, want one")
	}
	if s := &l.Stats; s.Pair.Load() == 0 || s.Address.Load() == 0 || s.Name.Load() == 0 {
		t.Errorf("got %d, %d, %d refusals of pairs, addresses and names, want some of each", s.Pair.Load(), s.Address.Load(), s.Name.Load())
	}
}

// TestWaitingLogins: 400 logins from one address cannot fill the queue for another one.
func TestWaitingLogins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLogins(nil, time.Now)
		var all sync.WaitGroup
		for i := range 400 {
			all.Go(func() {
				if in, err := l.Begin(t.Context(), fmt.Sprint("name", i), stranger); err == nil {
					time.Sleep(20 * time.Millisecond)
					in.End(Failed)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		if got := try(t, l, "ana", colleague, Succeeded); got != 0 || time.Since(began) > 40*time.Millisecond {
			t.Errorf("got a pause of %d s after %s, want none within 40ms", got, time.Since(began))
		}
		all.Wait()
		if got := l.Stats.Waiting.Load(); got != 400-maxWaiting {
			t.Errorf("got %d refused, want %d", got, 400-maxWaiting)
		}
		if len(l.lines) != 0 || len(l.slots) != 0 {
			t.Errorf("got %d queues and %d slots in use at the end, want none", len(l.lines), len(l.slots))
		}
	})
}

// TestLoginsThatGiveUp: callers who disconnect, or wait too long, leave nothing behind.
func TestLoginsThatGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLogins(nil, time.Now)
		var holders []*Login
		for _, address := range []string{"192.0.2.1:1", "192.0.2.2:1"} {
			in, err := l.Begin(t.Context(), "ana", address)
			if err != nil {
				t.Fatal(err)
			}
			holders = append(holders, in)
		}
		gone, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		for _, c := range []struct {
			ctx     context.Context
			address string
			want    time.Duration
		}{{gone, "192.0.2.1:1", time.Second}, {t.Context(), "192.0.2.1:1", loginWait}, {t.Context(), colleague, loginWait}} {
			began := time.Now()
			if _, err := l.Begin(c.ctx, "bea", c.address); !fault.Is(err, fault.Unavailable) || time.Since(began) != c.want {
				t.Errorf("%s: got %v after %s, want %s after %s", c.address, err, time.Since(began), fault.Unavailable, c.want)
			}
		}
		for _, in := range holders {
			in.End(Abandoned)
		}
		if len(l.lines) != 0 || len(l.slots) != 0 || len(l.failures) != 0 {
			t.Errorf("got %d queues, %d slots, %d failures, want none", len(l.lines), len(l.slots), len(l.failures))
		}
	})
}

func TestAddressOf(t *testing.T) {
	for remote, want := range map[string]string{
		"203.0.113.7:4000": "203.0.113.7", "[::ffff:203.0.113.7]:1": "203.0.113.7", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64", "@": "@",
	} {
		if got := addressOf(remote); got != want {
			t.Errorf("%s: got %s, want %s", remote, got, want)
		}
	}
}

// TestKeptFailuresAreBounded fills the map and sees old entries go first.
func TestKeptFailuresAreBounded(t *testing.T) {
	kept := map[loginKey]int{}
	for i := range maxKept {
		kept[keyOf(fmt.Sprint(i), "")] = i % 2
	}
	makeRoom(kept, func(v int) bool { return v == 0 })
	if len(kept) != maxKept/2 {
		t.Errorf("got %d, want the outdated half removed", len(kept))
	}
	for i := range maxKept {
		kept[keyOf(fmt.Sprint(i), "")] = 1
	}
	makeRoom(kept, func(v int) bool { return v == 0 })
	if len(kept) != maxKept*9/10 {
		t.Errorf("got %d, want a tenth removed", len(kept))
	}
}
