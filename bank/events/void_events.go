// Package events has the verbs on the event log.
package events

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/event"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// VoidEvents publishes that events in the log are void, because the database does not have
// their operations. It returns their number.
type VoidEvents struct{ Events []Void }

// MaxVoid is the maximum number of events of one VoidEvents.
const MaxVoid = 500

// Void is an event to void and its subject.
type Void struct {
	event.Voided
	Subject id.ID
}

// Name returns the operation's name.
func (VoidEvents) Name() string { return "void_events" }

// Permission returns the permission that the actor's role must have.
func (VoidEvents) Permission() access.Permission { return event.Void }

// Check limits the number of events.
func (c VoidEvents) Check(bank.Rules) error {
	if len(c.Events) < 1 || len(c.Events) > MaxVoid {
		return fault.Wrong(fault.At("events", fault.Between, "least", 1, "most", MaxVoid))
	}
	return nil
}

// Needs requests nothing.
func (VoidEvents) Needs(*bank.Needs) {}

// Decide publishes one event for each.
func (c VoidEvents) Decide(b *bank.Book) (int, error) {
	for _, v := range c.Events {
		b.Publish(event.VoidedEvent(v.Voided, v.Subject))
	}
	return len(c.Events), nil
}
