package webhook

import (
	"strings"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of webhooks. They have neither addresses nor secrets.
var Events = []event.Declaration{
	{Payload: Added{}, Subject: "webhook", Text: lang.Text{EN: "Webhook {name} added", ES: "Webhook {name} agregado"}},
	{Payload: Changed{}, Subject: "webhook", Text: lang.Text{EN: "Webhook {name} changed: {fields}", ES: "Webhook {name} modificado: {fields}"}},
	{Payload: Removed{}, Subject: "webhook", Text: lang.Text{EN: "Webhook {name} removed", ES: "Webhook {name} eliminado"}},
	{Payload: Replayed{}, Subject: "webhook", Text: lang.Text{EN: "Dead letters of webhook {name} sent again: {deliveries}", ES: "Entregas fallidas del webhook {name} reenviadas: {deliveries}"}},
	{Payload: Tested{}, Subject: "webhook", Text: lang.Text{EN: "Test event for webhook {name}", ES: "Evento de prueba para el webhook {name}"}},
}

// About are the members that all events of webhooks have.
type About struct {
	ID   id.ID
	Name string
}

func (a About) members(o *event.Object) {
	o.ID("webhook_id", a.ID)
	o.Text("name", a.Name)
}

func (w Webhook) fact(p event.Payload) event.Fact {
	return event.Fact{Payload: p, Entity: w.ID, Subject: w.ID}
}

// Added is the payload of webhook_added.
type Added struct{ About }

// AddedEvent returns the event of a new webhook.
func AddedEvent(w Webhook) event.Fact { return w.fact(Added{About{w.ID, w.Name}}) }

// Event implements event.Payload.
func (Added) Event() event.Type { return event.Type{Name: "webhook_added", Version: 1} }

// Members implements event.Payload.
func (e Added) Members(o *event.Object) { e.members(o) }

// Changed is the payload of webhook_changed.
type Changed struct {
	About
	Fields string
	State  State
}

// ChangedEvent returns the event of a change of fields.
func ChangedEvent(w Webhook, fields ...string) event.Fact {
	return w.fact(Changed{About{w.ID, w.Name}, strings.Join(fields, ", "), w.State})
}

// Event implements event.Payload.
func (Changed) Event() event.Type { return event.Type{Name: "webhook_changed", Version: 1} }

// Members implements event.Payload.
func (e Changed) Members(o *event.Object) {
	e.members(o)
	o.Text("fields", e.Fields)
	o.Text("state", string(e.State))
}

// Removed is the payload of webhook_removed.
type Removed struct{ About }

// RemovedEvent returns the event of a removal.
func RemovedEvent(w Webhook) event.Fact { return w.fact(Removed{About{w.ID, w.Name}}) }

// Event implements event.Payload.
func (Removed) Event() event.Type { return event.Type{Name: "webhook_removed", Version: 1} }

// Members implements event.Payload.
func (e Removed) Members(o *event.Object) { e.members(o) }

// Replayed is the payload of webhook_replayed.
type Replayed struct {
	About
	Deliveries string // "all", or the id of an event
}

// ReplayedEvent returns the event of a replay of one dead letter, or of all if the id is zero.
func ReplayedEvent(w Webhook, eventID id.ID) event.Fact {
	deliveries := "all"
	if !eventID.IsZero() {
		deliveries = eventID.String()
	}
	return w.fact(Replayed{About{w.ID, w.Name}, deliveries})
}

// Event implements event.Payload.
func (Replayed) Event() event.Type { return event.Type{Name: "webhook_replayed", Version: 1} }

// Members implements event.Payload.
func (e Replayed) Members(o *event.Object) {
	e.members(o)
	o.Text("deliveries", e.Deliveries)
}

// Tested is the payload of webhook_tested, which is delivered only to its webhook.
type Tested struct{ About }

// TestedEvent returns a test event.
func TestedEvent(w Webhook) event.Fact { return w.fact(Tested{About{w.ID, w.Name}}) }

// Event implements event.Payload.
func (Tested) Event() event.Type { return event.Type{Name: "webhook_tested", Version: 1} }

// Members implements event.Payload.
func (e Tested) Members(o *event.Object) { e.members(o) }
