package bank

import (
	"hash/maphash"

	"sofipo/infra/db"
)

// Needs are the rows that a command looks at. They are loaded, and those that may
// change are locked, before it decides. Lookups add to them.
type Needs struct {
	asks    []func(*Book)
	shard   uint64
	sharded bool
}

// Period asks up to which day the books are closed, locked.
func (n *Needs) Period() { n.asks = append(n.asks, func(b *Book) { b.calendar.period = true }) }

// Turn asks for the moment in which the day turns: no other batch is written
// meanwhile, by any node.
func (n *Needs) Turn() { n.asks = append(n.asks, func(b *Book) { b.calendar.turn = true }) }

// Read asks for the answers of further queries, which the function adds. It may be
// called more than once, and must forget what it read before.
func (n *Needs) Read(queries func(*db.Batch)) {
	n.asks = append(n.asks, func(b *Book) { b.readings = append(b.readings, queries) })
}

var shardSeed = maphash.MakeSeed()

// to picks the writer by what was asked for first.
func (n *Needs) to(what []byte) {
	if !n.sharded {
		n.shard, n.sharded = maphash.Bytes(shardSeed, what), true
	}
}
