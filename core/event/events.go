package event

import (
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of the event log.
var Events = []Declaration{
	{Payload: Voided{}, Subject: "subject of the voided event", Text: lang.Text{
		EN: "Event {event_type} voided: the database does not have its operation",
		ES: "Evento {event_type} anulado: la base de datos no tiene su operación"}},
}

// Voided is the payload of event_voided: a published event whose operation the database does
// not have, because it was restored or a failover lost the commit. The event stays in the log.
type Voided struct {
	EventID   id.ID
	EventType string
	Hash      string // of the voided event, which identifies it if its id occurs twice
}

// VoidedEvent returns the event that voids another one. It has the subject of that event.
func VoidedEvent(v Voided, subject id.ID) Fact {
	return Fact{Payload: v, Entity: v.EventID, Subject: subject}
}

// Event implements Payload.
func (Voided) Event() Type { return Type{Name: "event_voided", Version: 1} }

// Members implements Payload.
func (v Voided) Members(o *Object) {
	o.ID("event_id", v.EventID)
	o.Text("event_type", v.EventType)
	o.Text("hash", v.Hash)
}
