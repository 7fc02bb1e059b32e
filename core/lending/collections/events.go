package collections

import (
	"time"

	"sofipo/core/civil"
	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
	"sofipo/core/money"
)

// subject is the kind of subject of the events: a loan, whose cached answers show nothing of
// its collection.
const subject = "loan in collection"

// Events declares the events of collection work. They have no notes and no coordinates.
var Events = []event.Declaration{
	{Payload: ContactRegistered{}, Subject: subject, Text: lang.Text{EN: "Contact by {channel}: {result}", ES: "Contacto de cobranza ({channel}): {result}"}},
	{Payload: PromiseMade{}, Subject: subject, Text: lang.Text{EN: "Promise to pay {amount} until {promised_on}", ES: "Promesa de pagar {amount} a más tardar el {promised_on}"}},
	{Payload: PromiseCancelled{}, Subject: subject, Text: lang.Text{EN: "Promise to pay {amount} until {promised_on} cancelled", ES: "Promesa de pagar {amount} a más tardar el {promised_on} cancelada"}},
	{Payload: PromiseKept{}, Subject: subject, Text: lang.Text{EN: "Promise to pay {amount} until {promised_on} kept", ES: "Promesa de pagar {amount} a más tardar el {promised_on} cumplida"}},
	{Payload: PromiseBroken{}, Subject: subject, Text: lang.Text{EN: "Promise to pay {amount} until {promised_on} broken, received: {received}", ES: "Promesa de pagar {amount} a más tardar el {promised_on} incumplida, recibido: {received}"}},
	{Payload: NoteAdded{}, Subject: subject, Text: lang.Text{EN: "Collection note added", ES: "Nota de cobranza agregada"}},
	{Payload: CollectorAssigned{}, Subject: subject, Text: lang.Text{EN: "Loan assigned to the collector {collector}", ES: "Préstamo asignado al gestor {collector}"}},
}

func fact(payload event.Payload, entity, loanID, clientID id.ID) event.Fact {
	return event.Fact{Payload: payload, Entity: entity, Subject: loanID, Client: clientID}
}

// about has the ids that every payload begins with.
type about struct{ ID, LoanID, ClientID id.ID }

func (a about) members(o *event.Object) {
	o.ID("id", a.ID)
	o.ID("loan_id", a.LoanID)
	o.ID("client_id", a.ClientID)
}

// ContactRegistered is the payload of contact_registered.
type ContactRegistered struct {
	about
	Channel Channel
	Result  Result
	At      time.Time
}

// ContactRegisteredEvent returns the event of a contact.
func ContactRegisteredEvent(c Contact) event.Fact {
	return fact(ContactRegistered{about{c.ID, c.LoanID, c.ClientID}, c.Channel, c.Result, c.At}, c.ID, c.LoanID, c.ClientID)
}

// Event implements event.Payload.
func (ContactRegistered) Event() event.Type {
	return event.Type{Name: "contact_registered", Version: 1}
}

// Members implements event.Payload.
func (e ContactRegistered) Members(o *event.Object) {
	e.members(o)
	o.Text("channel", string(e.Channel))
	o.Text("result", string(e.Result))
	o.Moment("contacted_at", e.At)
}

// promised has the members of every payload about a promise.
type promised struct {
	about
	Amount    money.Amount
	Due       civil.Date
	Collector string
}

func promisedOf(p Promise) promised {
	return promised{about{p.ID, p.LoanID, p.ClientID}, p.Amount, p.Due, p.Collector}
}

func (p promised) members(o *event.Object) {
	p.about.members(o)
	o.Amount("amount", p.Amount)
	o.Date("promised_on", p.Due)
	o.Text("collector", p.Collector)
}

// PromiseMade is the payload of promise_made.
type PromiseMade struct{ promised }

// PromiseMadeEvent returns the event of a new promise.
func PromiseMadeEvent(p Promise) event.Fact {
	return fact(PromiseMade{promisedOf(p)}, p.ID, p.LoanID, p.ClientID)
}

// Event implements event.Payload.
func (PromiseMade) Event() event.Type { return event.Type{Name: "promise_made", Version: 1} }

// Members implements event.Payload.
func (e PromiseMade) Members(o *event.Object) { e.members(o) }

// PromiseCancelled is the payload of promise_cancelled.
type PromiseCancelled struct{ promised }

// PromiseCancelledEvent returns the event of a cancelled promise.
func PromiseCancelledEvent(p Promise) event.Fact {
	return fact(PromiseCancelled{promisedOf(p)}, p.ID, p.LoanID, p.ClientID)
}

// Event implements event.Payload.
func (PromiseCancelled) Event() event.Type {
	return event.Type{Name: "promise_cancelled", Version: 1}
}

// Members implements event.Payload.
func (e PromiseCancelled) Members(o *event.Object) { e.members(o) }

// PromiseKept is the payload of promise_kept.
type PromiseKept struct {
	promised
	Received money.Amount
	Day      civil.Date
}

// PromiseBroken is the payload of promise_broken.
type PromiseBroken struct {
	promised
	Received money.Amount
	Day      civil.Date
}

// PromiseDecidedEvent returns the event of a promise that the close of a day decided.
func PromiseDecidedEvent(p Promise) event.Fact {
	if p.Status == Kept {
		return fact(PromiseKept{promisedOf(p), p.Received, p.DecidedOn}, p.ID, p.LoanID, p.ClientID)
	}
	return fact(PromiseBroken{promisedOf(p), p.Received, p.DecidedOn}, p.ID, p.LoanID, p.ClientID)
}

// Event implements event.Payload.
func (PromiseKept) Event() event.Type { return event.Type{Name: "promise_kept", Version: 1} }

// Members implements event.Payload.
func (e PromiseKept) Members(o *event.Object) {
	e.members(o)
	o.Amount("received", e.Received)
	o.Date("day", e.Day)
}

// Event implements event.Payload.
func (PromiseBroken) Event() event.Type { return event.Type{Name: "promise_broken", Version: 1} }

// Members implements event.Payload.
func (e PromiseBroken) Members(o *event.Object) {
	e.members(o)
	o.Amount("received", e.Received)
	o.Date("day", e.Day)
}

// NoteAdded is the payload of collection_note_added. It never contains the note.
type NoteAdded struct{ about }

// NoteAddedEvent returns the event of a note.
func NoteAddedEvent(n Note) event.Fact {
	return fact(NoteAdded{about{n.ID, n.LoanID, n.ClientID}}, n.ID, n.LoanID, n.ClientID)
}

// Event implements event.Payload.
func (NoteAdded) Event() event.Type { return event.Type{Name: "collection_note_added", Version: 1} }

// Members implements event.Payload.
func (e NoteAdded) Members(o *event.Object) { e.members(o) }

// CollectorAssigned is the payload of collector_assigned.
type CollectorAssigned struct {
	LoanID, ClientID id.ID
	Collector        string // empty for nobody
	Before           string // the collector until now
}

// CollectorAssignedEvent returns the event of an assignment.
func CollectorAssignedEvent(a Assignment, before string) event.Fact {
	return fact(CollectorAssigned{a.LoanID, a.ClientID, a.Collector, before}, a.LoanID, a.LoanID, a.ClientID)
}

// Event implements event.Payload.
func (CollectorAssigned) Event() event.Type {
	return event.Type{Name: "collector_assigned", Version: 1}
}

// Members implements event.Payload.
func (e CollectorAssigned) Members(o *event.Object) {
	o.ID("loan_id", e.LoanID)
	o.ID("client_id", e.ClientID)
	o.Text("collector", e.Collector)
	o.Text("collector_before", e.Before)
}
