package screening

import (
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of screening. They have no personal data.
var Events = []event.Declaration{
	{Payload: Raised{}, Subject: "alert", Text: lang.Text{EN: "Match with list {list} found by {operation}", ES: "Coincidencia con la lista {list} en {operation}"}},
	{Payload: Decided{}, Subject: "alert", Text: lang.Text{EN: "Match with list {list} decided: {decision}", ES: "Coincidencia con la lista {list} resuelta: {decision}"}},
	{Payload: Imported{}, Subject: "screening_list", Text: lang.Text{EN: "Version {version} of list {list} imported", ES: "Versión {version} de la lista {list} importada"}},
	{Payload: Completed{}, Subject: "screening_list", Text: lang.Text{EN: "Clients compared with version {version} of list {list}", ES: "Clientes comparados con la versión {version} de la lista {list}"}},
}

// Raised is the payload of screening_alert_raised.
type Raised struct {
	Alert, Entry id.ID
	List         ListCode
	Effect       Effect
	Basis        Basis
	Operation    string
}

// RaisedEvent returns the event of a new alert.
func RaisedEvent(a Alert) event.Fact {
	return event.Fact{Payload: Raised{a.ID, a.EntryID, a.List, a.Effect, a.Basis, a.Operation}, Entity: a.ID, Subject: a.ID, Client: a.ClientID}
}

// Event implements event.Payload.
func (Raised) Event() event.Type { return event.Type{Name: "screening_alert_raised", Version: 1} }

// Members implements event.Payload.
func (e Raised) Members(o *event.Object) {
	o.ID("alert_id", e.Alert)
	o.ID("entry_id", e.Entry)
	o.Text("list", string(e.List))
	o.Text("effect", string(e.Effect))
	o.Text("basis", string(e.Basis))
	o.Text("operation", e.Operation)
}

// Decided is the payload of screening_alert_decided.
type Decided struct {
	Alert    id.ID
	List     ListCode
	Decision Status
}

// DecidedEvent returns the event of a decision.
func DecidedEvent(a Alert) event.Fact {
	return event.Fact{Payload: Decided{a.ID, a.List, a.Status}, Entity: a.ID, Subject: a.ID, Client: a.ClientID}
}

// Event implements event.Payload.
func (Decided) Event() event.Type { return event.Type{Name: "screening_alert_decided", Version: 1} }

// Members implements event.Payload.
func (e Decided) Members(o *event.Object) {
	o.ID("alert_id", e.Alert)
	o.Text("list", string(e.List))
	o.Text("decision", string(e.Decision))
}

// Imported is the payload of screening_list_imported.
type Imported struct{ Version }

// ImportedEvent returns the event of a new version. The subject is the version.
func ImportedEvent(v Version) event.Fact {
	return event.Fact{Payload: Imported{v}, Entity: v.ID, Subject: v.ID}
}

// Event implements event.Payload.
func (Imported) Event() event.Type { return event.Type{Name: "screening_list_imported", Version: 1} }

// Members implements event.Payload.
func (e Imported) Members(o *event.Object) {
	o.Text("list", string(e.List))
	o.Int("version", int32(e.Number))
	o.Int("entries", int32(e.Entries))
	o.Int("added", int32(e.Added))
	o.Int("removed", int32(e.Removed))
	o.Text("sha256", e.Hash)
}

// Completed is the payload of screening_completed.
type Completed struct{ Version }

// CompletedEvent returns the event of the end of a comparison with all clients.
func CompletedEvent(v Version) event.Fact {
	return event.Fact{Payload: Completed{v}, Entity: v.ID, Subject: v.ID}
}

// Event implements event.Payload.
func (Completed) Event() event.Type { return event.Type{Name: "screening_completed", Version: 1} }

// Members implements event.Payload.
func (e Completed) Members(o *event.Object) {
	o.Text("list", string(e.List))
	o.Int("version", int32(e.Number))
	o.Int("clients", int32(e.Clients))
	o.Int("alerts", int32(e.Alerts))
}
