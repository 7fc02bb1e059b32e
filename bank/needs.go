package bank

import (
	"hash/maphash"

	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Needs are the rows that a command reads. They are loaded before it decides, and locked if
// they may change. Lookups add to them.
type Needs struct {
	requests []func(*Book)
	owned    []func(*Book) (o staff.Owner, found bool) // owners of the rows that the command may change
	shard    uint64
	sharded  bool
}

// Period requests the last closed period, locked.
func (n *Needs) Period() { n.requests = append(n.requests, func(b *Book) { b.calendar.period = true }) }

// LockDay requests an exclusive lock on the business date: no node writes another batch at
// the same time.
func (n *Needs) LockDay() {
	n.requests = append(n.requests, func(b *Book) { b.calendar.lockDay = true })
}

// Read requests additional queries, which the function adds to the batch. The function may be
// called again after a failure and must discard what it read before.
func (n *Needs) Read(queries func(*db.Batch)) {
	n.requests = append(n.requests, func(b *Book) { b.readings = append(b.readings, queries) })
}

var shardSeed = maphash.MakeSeed()

// to picks the writer by the first requested key.
func (n *Needs) to(what []byte) {
	if !n.sharded {
		n.shard, n.sharded = maphash.Bytes(shardSeed, what), true
	}
}
