// Package event holds the types that events are made of: a fact as a noun states
// it, its declaration, the envelope in which it is published, and the chain of
// hashes through all envelopes. It knows no noun: each noun declares its events in
// its own package, and core/nouns lists them.
package event

import (
	"strings"

	"sofipo/core/id"
	"sofipo/core/lang"
)

// Type is the published name of an event and the version of its payload.
type Type struct {
	Name    string // "payment_registered"
	Version int    // from 1; raised when a member changes its meaning
}

// Payload is what an event says, beside who did it and when.
type Payload interface {
	// Event is the type of the event that has this payload.
	Event() Type
	// Members writes the members of the published JSON object, in their order.
	Members(o *Object)
}

// Fact is something that happened to a client, a loan, a user or another subject.
type Fact struct {
	Payload
	Entity  id.ID    // what the seed puts in entity_id
	Subject id.ID    // events of one subject stay in order
	Client  id.ID    // whose the subject is; zero: the institution's
	Stale   []string // cache keys of the answers that are out of date now
}

// Declaration describes an event for those who read it.
type Declaration struct {
	Payload Payload   // the zero value
	Subject string    // what Fact.Subject is: "client", "loan", "manual_entry", "period", "day", "user", "product"
	Text    lang.Text // with {member} of the payload
}

// Name is the published name of the event.
func (d Declaration) Name() string { return d.Payload.Event().Name }

// Field describes a member of a payload.
type Field struct {
	Name     string
	Kind     string // JSON type: "string" or "integer"
	Optional bool
}

// Fields lists the members of the payload in their order.
func (d Declaration) Fields() []Field {
	o := Object{describe: true}
	d.Payload.Members(&o)
	return o.fields
}

// RoutingKey is the AMQP routing key of an event: sofipo.payment.registered.
func RoutingKey(name string) string { return "sofipo." + strings.ReplaceAll(name, "_", ".") }
