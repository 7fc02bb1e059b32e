package web

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
)

// Limits of concurrent logins. A login takes about 20 ms of processor time and 19 MiB.
const (
	maxLogins  = 2               // verified at the same time
	maxWaiting = 32              // waiting for one address
	loginWait  = 5 * time.Second // longest wait
)

// pause is a delay after failed logins. After the free failures, a login must be the pause
// later than the last failure. The pause is one second at first and doubles with each failure.
type pause struct {
	free    int
	longest time.Duration
}

// The pauses. A login that must wait for one of them is refused.
var (
	ofPair    = pause{5, 15 * time.Minute}  // for a name from an address
	ofAddress = pause{50, 10 * time.Second} // for an address, whatever the names
	ofName    = pause{100, 5 * time.Second} // for a name, whatever the addresses
)

const (
	failuresKept = time.Hour           // failures are forgotten when there was none for this long
	knownKept    = 30 * 24 * time.Hour // an address at which a user logged in is known for this long
	maxKept      = 100_000             // number of kept failures and of known addresses
)

// Logins slows down guessing of passwords and bounds the work of logins. It counts failures by
// name and address, so that a stranger cannot lock a user out at another address. The bounds of an
// address and of a name do not apply to a user at an address where the user has logged in
// before. It treats unknown names as known ones. The counts are of this process.
type Logins struct {
	Stats LoginStats
	bank  *bank.Bank
	clock func() time.Time
	slots chan struct{}

	mu       sync.Mutex
	failures map[loginKey]failures
	known    map[loginKey]time.Time // last login by name and address
	lines    map[loginKey]*line
}

// LoginStats count refused logins by reason.
type LoginStats struct {
	Pair, Address, Name, Waiting atomic.Uint64
}

// loginKey is the hash of a name, an address or both.
type loginKey [sha256.Size]byte

type failures struct {
	count int
	last  time.Time
}

// line is the queue of logins of one address: one is verified, the others wait.
type line struct {
	turn    chan struct{}
	waiting int // logins in the queue, with the one being verified
}

// NewLogins returns limits without any failures. The audit of the bank has later ones; it may be nil.
func NewLogins(b *bank.Bank, clock func() time.Time) *Logins {
	return &Logins{
		bank: b, clock: clock, slots: make(chan struct{}, maxLogins),
		failures: map[loginKey]failures{}, known: map[loginKey]time.Time{}, lines: map[loginKey]*line{},
	}
}

// Login is a login that may be verified now. End must be called.
type Login struct {
	logins              *Logins
	pair, address, name loginKey
	queue               loginKey
	line                *line
	slot                bool
}

// Begin waits until the password for a name may be verified. It refuses with TooManyAttempts if
// failures or too many waiting logins of the address require a pause, and with Unavailable if
// all addresses together are too busy. The remote address is that of the connection.
func (l *Logins) Begin(ctx context.Context, name, remote string) (*Login, error) {
	address := addressOf(remote)
	in := &Login{logins: l, pair: keyOf(name, address), address: keyOf("", address), name: keyOf(name, "")}
	if err := l.join(in); err != nil {
		return nil, err
	}
	timer := time.NewTimer(loginWait)
	defer timer.Stop()
	for _, take := range []struct {
		from  chan struct{}
		taken func()
	}{
		{in.line.turn, func() {}},
		{l.slots, func() { in.slot = true }},
	} {
		select {
		case take.from <- struct{}{}:
			take.taken()
		case <-ctx.Done():
			return nil, in.giveUp(take.from == l.slots)
		case <-timer.C:
			return nil, in.giveUp(take.from == l.slots)
		}
	}
	l.mu.Lock()
	err := l.check(in)
	l.mu.Unlock()
	if err != nil {
		in.leave(true)
		return nil, err
	}
	return in, nil
}

// Outcome is the result of a login.
type Outcome uint8

// The outcomes.
const (
	Abandoned Outcome = iota // an error, or a panic: nothing was verified
	Failed
	Succeeded
)

// End records the outcome and lets the next login in.
func (in *Login) End(outcome Outcome) {
	l := in.logins
	l.mu.Lock()
	now := l.clock()
	switch outcome {
	case Succeeded:
		delete(l.failures, in.pair)
		makeRoom(l.known, func(at time.Time) bool { return now.Sub(at) > knownKept })
		l.known[in.pair] = now
	case Failed:
		makeRoom(l.failures, func(f failures) bool { return now.Sub(f.last) > failuresKept })
		for _, k := range []loginKey{in.pair, in.address, in.name} {
			f := l.recent(k, now)
			l.failures[k] = failures{f.count + 1, now}
		}
	}
	l.mu.Unlock()
	in.leave(true)
}

// join checks the failures and adds the login to the queue of its address or, if the user is
// known there, of the pair.
func (l *Logins) join(in *Login) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.check(in); err != nil {
		return err
	}
	in.queue = in.address
	if l.knows(in) {
		in.queue = in.pair
	}
	in.line = l.lines[in.queue]
	if in.line == nil {
		in.line = &line{turn: make(chan struct{}, 1)}
		l.lines[in.queue] = in.line
	}
	if in.line.waiting >= maxWaiting {
		l.Stats.Waiting.Add(1)
		return tooMany(time.Second)
	}
	in.line.waiting++
	return nil
}

// giveUp leaves the queue, with or without the turn.
func (in *Login) giveUp(turn bool) error {
	in.leave(turn)
	return fault.Refuse(fault.Unavailable).Because(fault.TooManyLogins)
}

func (in *Login) leave(turn bool) {
	l := in.logins
	if in.slot {
		<-l.slots
	}
	if turn {
		<-in.line.turn
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if in.line.waiting--; in.line.waiting == 0 {
		delete(l.lines, in.queue)
	}
}

// check refuses a login during a pause.
func (l *Logins) check(in *Login) error {
	bounds := []struct {
		key     loginKey
		pause   pause
		refused *atomic.Uint64
	}{{in.pair, ofPair, &l.Stats.Pair}, {in.address, ofAddress, &l.Stats.Address}, {in.name, ofName, &l.Stats.Name}}
	if l.knows(in) {
		bounds = bounds[:1]
	}
	now := l.clock()
	for _, b := range bounds {
		f := l.recent(b.key, now)
		if left := b.pause.after(f.count) - now.Sub(f.last); left > 0 {
			b.refused.Add(1)
			return tooMany(left)
		}
	}
	return nil
}

// knows reports whether the user has logged in at the address before.
func (l *Logins) knows(in *Login) bool {
	at, found := l.known[in.pair]
	return found && l.clock().Sub(at) <= knownKept
}

// recent returns the failures that are not forgotten.
func (l *Logins) recent(k loginKey, now time.Time) failures {
	if f := l.failures[k]; now.Sub(f.last) <= failuresKept {
		return f
	}
	return failures{}
}

// after returns the pause after a number of failures.
func (p pause) after(count int) time.Duration {
	if count < p.free {
		return 0
	}
	return min(p.longest, time.Second<<min(count-p.free, 20))
}

// makeRoom removes what is outdated from a full map and, if it is still nearly full, any tenth
// of it.
func makeRoom[V any](kept map[loginKey]V, outdated func(V) bool) {
	if len(kept) < maxKept {
		return
	}
	for k, v := range kept {
		if outdated(v) {
			delete(kept, k)
		}
	}
	for k := range kept {
		if len(kept) <= maxKept*9/10 {
			return
		}
		delete(kept, k)
	}
}

func tooMany(left time.Duration) error {
	return fault.Refuse(access.TooManyAttempts, "retry_after", int64((left+time.Second-1)/time.Second))
}

// addressOf returns the IP address of a connection. An IPv6 address stands for its /64, which
// is what one customer of a network has.
func addressOf(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	ip := at.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.Prefix(64) // an IPv6 address has 64 bits
	return prefix.String()
}

func keyOf(name, address string) loginKey { return sha256.Sum256([]byte(address + "\n" + name)) }
