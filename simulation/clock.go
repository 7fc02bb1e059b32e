package simulation

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"sofipo/core/civil"
)

// When the office opens, and how long it works.
const (
	opening = 9 * time.Hour
	working = 9 * time.Hour
)

// clock is the bank's. It stands where the simulation opened the day and moves a
// little with each reading, ever less, so that no day ends before its commands.
// Only the bank's one writer reads it: a moment depends on nothing but the order
// of the commands.
type clock struct {
	location *time.Location
	pace     int // readings until noon or so

	lock     sync.Mutex
	opened   time.Time
	readings int
}

func newClock(location *time.Location, clients int) *clock {
	return &clock{location: location, pace: 20 + clients/8}
}

// open begins a day.
func (c *clock) open(day civil.Date) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.opened, c.readings = time.Date(int(day.Year), time.Month(day.Month), int(day.Day), 0, 0, 0, 0, c.location).Add(opening), 0
}

// now is the moment.
func (c *clock) now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.readings++
	return c.opened.Add(working / time.Duration(c.readings+c.pace) * time.Duration(c.readings))
}

// stream is a source of decisions of its own, so that what one person does moves
// no other one's decisions.
func newRand(seed, number uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number)) }

// chance is the randomness of the bank's ids.
type randomBytes struct {
	lock   sync.Mutex
	source *rand.ChaCha8
}

func newRandomBytes(seed uint64) *randomBytes {
	key := [32]byte{}
	binary.BigEndian.PutUint64(key[:], seed)
	return &randomBytes{source: rand.NewChaCha8(key)}
}

// Read fills p.
func (c *randomBytes) Read(p []byte) (int, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.source.Read(p)
}

// happens reports whether something of so many percent does.
func happens(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// rarely is happens of so many in a thousand.
func rarely(r *rand.Rand, permille int) bool { return r.IntN(1000) < permille }

// between is a number from the first to the last.
func between(r *rand.Rand, first, last int) int { return first + r.IntN(last-first+1) }

// pick is one of the list.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// weighted is one of the list, by its share.
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
	panic("shares do not add up") // they did above
}
