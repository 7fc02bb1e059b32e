package authority

import (
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// Events declares the events of requests. They do not have the reasons, which may name
// people.
var Events = []event.Declaration{
	{Payload: Filed{}, Subject: "request", Text: lang.Text{EN: "Request for {operation} of {exposure} by {filed_by}", ES: "Solicitud de {operation} por {exposure} de {filed_by}"}},
	{Payload: Decided{}, Subject: "request", Text: lang.Text{EN: "Request for {operation} {state} by {decided_by}", ES: "Solicitud de {operation} {state} por {decided_by}"}},
}

// Filed is the payload of request_filed.
type Filed struct {
	ID, Subject id.ID
	Operation   string
	Exposure    money.Amount
	FiledBy     string
}

// FiledEvent returns the event of a new request.
func FiledEvent(r Request) event.Fact {
	return r.fact(Filed{r.ID, r.Subject, r.Operation, r.Exposure, r.FiledBy})
}

func (r Request) fact(payload event.Payload) event.Fact {
	return event.Fact{Payload: payload, Entity: r.ID, Subject: r.ID, Client: r.ClientID}
}

// Event implements event.Payload.
func (Filed) Event() event.Type { return event.Type{Name: "request_filed", Version: 1} }

// Members implements event.Payload.
func (e Filed) Members(o *event.Object) {
	o.ID("request_id", e.ID)
	o.Text("operation", e.Operation)
	o.ID("subject", e.Subject)
	o.Amount("exposure", e.Exposure)
	o.Text("filed_by", e.FiledBy)
}

// Decided is the payload of request_decided: a request was approved, rejected or withdrawn.
type Decided struct {
	ID                 id.ID
	Operation          string
	State              State
	FiledBy, DecidedBy string
}

// DecidedEvent returns the event of a decision.
func DecidedEvent(r Request) event.Fact {
	return r.fact(Decided{r.ID, r.Operation, r.State, r.FiledBy, r.DecidedBy})
}

// Event implements event.Payload.
func (Decided) Event() event.Type { return event.Type{Name: "request_decided", Version: 1} }

// Members implements event.Payload.
func (e Decided) Members(o *event.Object) {
	o.ID("request_id", e.ID)
	o.Text("operation", e.Operation)
	o.Text("state", string(e.State))
	o.Text("filed_by", e.FiledBy)
	o.Text("decided_by", e.DecidedBy)
}
