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
	owned    []*ownedRow   // rows that the command may change
	who      *staff.Member // user of the command
	shard    uint64
	sharded  bool
	first    bool // the command begins a batch
	bank     *Bank
}

// Actor returns the name of the user of the command.
func (n *Needs) Actor() string { return n.who.User.Username }

// Rules returns the settings that the commands depend on.
func (n *Needs) Rules() Rules { return n.bank.opts.Rules }

// Blind returns the blind index of a value of a kind, as db.DB.Blind does.
func (n *Needs) Blind(kind, value string) string { return n.bank.opts.DB.Blind(kind, value) }

// Who returns the user of the command, as Book.Who does.
func (n *Needs) Who() *staff.Member { return n.who }

// ownedRow is a needed row that has an owner.
type ownedRow struct {
	owner    func(*Book) (o staff.Owner, found bool)
	assigned string // Table.Assigned
	key      any
	isActors bool // the row is assigned to the actor
}

// assignedTo requests whether the needed rows are assigned to a user.
func (n *Needs) assignedTo(username string) {
	for _, row := range n.owned {
		if row.assigned == "" {
			continue
		}
		n.Read(func(batch *db.Batch) {
			batch.Query(row.assigned, func(s db.Scanner) error { return s.Scan(&row.isActors) }, row.key, username)
		})
	}
}

// Period requests the last closed period, locked.
func (n *Needs) Period() { n.requests = append(n.requests, func(b *Book) { b.calendar.period = true }) }

// LockDay requests an exclusive lock on the business date: no node writes another batch at
// the same time. The command begins a batch, because it reads what others stored.
func (n *Needs) LockDay() {
	n.first = true
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
