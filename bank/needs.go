package bank

import (
	"hash/maphash"

	"sofipo/core/id"
)

// Needs are the rows that a command looks at. They are loaded, and those that
// may change are locked, before it decides.
type Needs struct {
	clients   []id.ID
	rfcs      []string
	emails    []string
	loans     []id.ID
	usernames []string
	keys      []string
	commands  []id.ID
	shard     uint64
	sharded   bool
}

// Loan asks for a loan, locked.
func (n *Needs) Loan(loanID id.ID) {
	n.loans = append(n.loans, loanID)
	n.to(loanID[:])
}

// Client asks for a client, locked.
func (n *Needs) Client(clientID id.ID) {
	n.clients = append(n.clients, clientID)
	n.to(clientID[:])
}

// RFC asks who has the RFC, if anybody.
func (n *Needs) RFC(rfc string) {
	n.rfcs = append(n.rfcs, rfc)
	n.to([]byte(rfc))
}

// Email asks who has the e-mail, if anybody.
func (n *Needs) Email(email string) { n.emails = append(n.emails, email) }

// User asks for a user by name, locked.
func (n *Needs) User(username string) {
	n.usernames = append(n.usernames, username)
	n.to([]byte(username))
}

// Keys asks for the records of idempotency keys.
func (n *Needs) Keys(keys ...string) { n.keys = append(n.keys, keys...) }

var shardSeed = maphash.MakeSeed()

// to picks the writer by what was asked for first.
func (n *Needs) to(what []byte) {
	if !n.sharded {
		n.shard, n.sharded = maphash.Bytes(shardSeed, what), true
	}
}

func (n *Needs) add(other *Needs) {
	n.clients = append(n.clients, other.clients...)
	n.rfcs = append(n.rfcs, other.rfcs...)
	n.emails = append(n.emails, other.emails...)
	n.loans = append(n.loans, other.loans...)
	n.usernames = append(n.usernames, other.usernames...)
	n.keys = append(n.keys, other.keys...)
	n.commands = append(n.commands, other.commands...)
}
