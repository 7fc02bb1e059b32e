// Package event has the types of events. A command publishes a Fact: something that
// happened to a client, a loan or another subject, with its Payload. Seal encodes the
// fact for the outbox. When the event is relayed, Chain.Append adds a sequence number and
// the hash of the event before it, so that a later change or a gap can be detected. The
// result is published as an Envelope in JSON.
//
// Each noun declares its events in its own package, and core/nouns lists them all. This
// package declares only Voided, the event about another event.
package event

import (
	"strings"

	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Type is the published name of an event with the version of its payload.
type Type struct {
	Name    string // "payment_registered"
	Version int    // from 1; increased when a member changes its meaning
}

// Payload is the content of an event, without its actor and time.
type Payload interface {
	// Event returns the type of the event.
	Event() Type
	// Members writes the members of the published JSON object in order.
	Members(o *Object)
}

// Flow is a kind of money received or paid that the bank counts.
type Flow uint8

// The flows.
const (
	Payment Flow = iota
	Disbursement
)

// Money is a payload about money that a client paid or was paid.
type Money interface {
	// Moved returns the flow and the amount.
	Moved() (Flow, money.Amount)
}

// Fact is something that happened to a client, a loan, a user or another subject.
type Fact struct {
	Payload
	Entity  id.ID    // entity_id of the seed
	Subject id.ID    // events of the same subject are published in order
	Client  id.ID    // client of the subject; zero for an event of the institution
	Stale   []string // cache keys of the answers that the event invalidates
}

// Declaration describes an event for its consumers.
type Declaration struct {
	Payload Payload   // the zero value
	Subject string    // kind of Fact.Subject: "client", "loan", "manual_entry", "period", "day", "user", "product"
	Text    lang.Text // may use {member} of the payload
}

// Name returns the published name of the event.
func (d Declaration) Name() string { return d.Payload.Event().Name }

// Field describes a member of a payload.
type Field struct {
	Name     string
	Kind     string // JSON type: "string" or "integer"
	Optional bool
}

// Fields returns the members of the payload in order.
func (d Declaration) Fields() []Field {
	o := Object{describe: true}
	d.Payload.Members(&o)
	return o.fields
}

// RoutingKey returns the AMQP routing key of an event, such as sofipo.payment.registered.
func RoutingKey(name string) string { return "sofipo." + strings.ReplaceAll(name, "_", ".") }
