package bank

import (
	"hash/maphash"

	"sofipo/core/civil"
	"sofipo/core/id"
)

// Needs are the rows that a command looks at. They are loaded, and those that
// may change are locked, before it decides.
type Needs struct {
	clients   []id.ID
	rfcs      []string
	emails    []string
	loans     []id.ID
	histories []id.ID
	products  []string
	lent      []id.ID // loans whose products are looked at
	vouchers  []id.ID
	period    bool
	turn      bool
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

// History asks for all that a loan has been through, besides the loan.
func (n *Needs) History(loanID id.ID) {
	n.Loan(loanID)
	n.histories = append(n.histories, loanID)
}

// loanOn asks for a loan and, if something is to be done to it for another day
// than today, for its history and the closed periods.
func (n *Needs) loanOn(loanID id.ID, valueDate civil.Date) {
	if valueDate.IsZero() {
		n.Loan(loanID)
		return
	}
	n.History(loanID)
	n.Period()
}

// Product asks for every version of a product.
func (n *Needs) Product(code string) {
	n.products = append(n.products, code)
	n.to([]byte(code))
}

// LoanToLend asks for a loan, locked, and for every version of its product.
func (n *Needs) LoanToLend(loanID id.ID) {
	n.Loan(loanID)
	n.lent = append(n.lent, loanID)
}

// Voucher asks for an entry by hand, locked.
func (n *Needs) Voucher(voucherID id.ID) {
	n.vouchers = append(n.vouchers, voucherID)
	n.to(voucherID[:])
}

// Period asks up to which day the books are closed, locked.
func (n *Needs) Period() { n.period = true }

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
	n.histories = append(n.histories, other.histories...)
	n.products = append(n.products, other.products...)
	n.lent = append(n.lent, other.lent...)
	n.vouchers = append(n.vouchers, other.vouchers...)
	n.period = n.period || other.period
	n.turn = n.turn || other.turn
	n.usernames = append(n.usernames, other.usernames...)
	n.keys = append(n.keys, other.keys...)
	n.commands = append(n.commands, other.commands...)
}
