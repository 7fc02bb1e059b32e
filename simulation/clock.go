package simulation

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"sofipo/core/civil"
)

// The opening hour and the length of the working day.
const (
	opening = 9 * time.Hour
	working = 9 * time.Hour
)

// clock is the clock of the bank. It starts at the opening hour and advances with each
// reading by a decreasing amount, so a day never ends before its commands. Only the one
// writer of the bank reads it, so the times depend only on the order of the commands.
type clock struct {
	location *time.Location
	pace     int // readings until about the middle of the day

	lock     sync.Mutex
	opened   time.Time
	readings int
}

func newClock(location *time.Location, clients int) *clock {
	return &clock{location: location, pace: 20 + clients/8}
}

// open starts a day.
func (c *clock) open(day civil.Date) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.opened, c.readings = time.Date(int(day.Year), time.Month(day.Month), int(day.Day), 0, 0, 0, 0, c.location).Add(opening), 0
}

// now returns the current time.
func (c *clock) now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.readings++
	return c.opened.Add(working / time.Duration(c.readings+c.pace) * time.Duration(c.readings))
}

// peek returns the time at which the day was opened. It does not advance the clock.
func (c *clock) peek() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.opened
}

// newRand returns the random source of one person. Each person has a separate one, so
// the decisions of one person do not affect the others.
func newRand(seed, number uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number)) }

// randomBytes is the random source for the ids of the bank.
type randomBytes struct {
	lock   sync.Mutex
	source *rand.ChaCha8
}

func newRandomBytes(seed uint64) *randomBytes {
	key := [32]byte{}
	binary.BigEndian.PutUint64(key[:], seed)
	return &randomBytes{source: rand.NewChaCha8(key)}
}

// Read implements io.Reader.
func (c *randomBytes) Read(p []byte) (int, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.source.Read(p)
}

// happens is true with a chance in per cent.
func happens(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// rarely is true with a chance in a thousand.
func rarely(r *rand.Rand, permille int) bool { return r.IntN(1000) < permille }

// between returns a number from first to last.
func between(r *rand.Rand, first, last int) int { return first + r.IntN(last-first+1) }

// pick returns an element of the list.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// weighted returns an element of the list, with chances in proportion to the shares.
func weighted[T any](r *rand.Rand, list []T, share func(T) int) T {
	sum := 0
	for _, each := range list {
		sum += share(each)
	}
	at := r.IntN(sum)
	for _, each := range list {
		if at -= share(each); at < 0 {
			return each
		}
	}
	panic("unreachable: the shares add up to sum")
}
