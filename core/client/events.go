package client

import (
	"strings"

	"sofipo/core/event"
	"sofipo/core/id"
	"sofipo/core/lang"
)

// Events declares the events of clients.
var Events = []event.Declaration{
	{Payload: Created{}, Subject: "client", Text: lang.Text{EN: "Client {full_name} registered", ES: "Cliente {full_name} registrado"}},
	{Payload: Updated{}, Subject: "client", Text: lang.Text{EN: "Client changed", ES: "Cliente modificado"}},
	{Payload: FileChanged{}, Subject: "client", Text: lang.Text{EN: "File of a client changed: {fields}", ES: "Expediente de un cliente modificado: {fields}"}},
	{Payload: Reassigned{}, Subject: "client", Text: lang.Text{EN: "Client assigned to {officer}", ES: "Cliente asignado a {officer}"}},
	{Payload: Blocked{}, Subject: "client", Text: lang.Text{EN: "Personal data of a client blocked until {destroy_from}", ES: "Datos personales de un cliente bloqueados hasta el {destroy_from}"}},
	{Payload: Destroyed{}, Subject: "client", Text: lang.Text{EN: "Personal data of a client destroyed", ES: "Datos personales de un cliente suprimidos"}},
	{Payload: Deleted{}, Subject: "client", Text: lang.Text{EN: "Client {rfc} deleted", ES: "Cliente {rfc} eliminado"}},
}

// ListCacheKey is the cache key of the list of clients.
const ListCacheKey = "clients"

// CacheKey returns the cache key of a client, by RFC as in the seed.
func CacheKey(rfc string) string { return "client_rfc::" + rfc }

// StatementCacheKey returns the cache key of a client's account statement, the same as in
// the seed.
func StatementCacheKey(clientID id.ID) string { return clientID.Key("account_statement::") }

// LoansCacheKey returns the cache key of the list of a client's loans.
func LoansCacheKey(clientID id.ID) string { return clientID.Key("client_loans::") }

// Conceal encrypts a member of a payload. A nil Conceal leaves events in clear.
type Conceal func(member, text string) string

// Fact returns an event of a client with encrypted personal members.
func (to Conceal) Fact(f event.Fact) event.Fact {
	if to == nil {
		return f
	}
	switch p := f.Payload.(type) {
	case Created:
		f.Payload = Created{to.text("full_name", p.FullName), to.text("email", p.Email), to.text("rfc", p.RFC), p.ID}
	case Updated:
		f.Payload = Updated{to.optional("full_name", p.FullName), to.optional("email", p.Email), to.optional("rfc", p.RFC)}
	case Deleted:
		f.Payload = Deleted{to.text("rfc", p.RFC), p.ID}
	}
	return f
}

func (to Conceal) text(member, text string) string {
	if text == "" {
		return ""
	}
	return to(member, text)
}

func (to Conceal) optional(member string, text *string) *string {
	if text == nil {
		return nil
	}
	concealed := to.text(member, *text)
	return &concealed
}

// Created is the payload of client_created.
type Created struct {
	FullName, Email, RFC string
	ID                   id.ID
}

// CreatedEvent returns the event of a new client.
func CreatedEvent(c Client) event.Fact {
	return event.Fact{Payload: Created{c.FullName, c.Email, c.RFC, c.ID}, Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: c.StaleKeys()}
}

// Event implements event.Payload.
func (Created) Event() event.Type { return event.Type{Name: "client_created", Version: 1} }

// Members implements event.Payload.
func (e Created) Members(o *event.Object) {
	o.Text("full_name", e.FullName)
	o.Text("email", e.Email)
	o.Text("rfc", e.RFC)
	o.ID("id", e.ID)
}

// Updated is the payload of client_updated: the requested changes.
type Updated Changes

// UpdatedEvent returns the event of a client that had an RFC before the changes.
func UpdatedEvent(c Client, formerRFC string, asked Changes) event.Fact {
	return event.Fact{Payload: Updated(asked), Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: staleNames(c, formerRFC)}
}

// staleNames returns the cache keys of the answers that show the name, e-mail and RFC.
func staleNames(c Client, formerRFC string) []string {
	stale := []string{CacheKey(c.RFC), StatementCacheKey(c.ID), ListCacheKey}
	if formerRFC != c.RFC {
		stale = append(stale, CacheKey(formerRFC))
	}
	return stale
}

// FileChanged is the payload of client_file_changed. It has names of fields, never values.
type FileChanged struct {
	ID             id.ID
	Action, Fields string
}

// FileChangedEvent returns the event of a change in the file of a client that had an RFC before.
func FileChangedEvent(c Client, formerRFC, action string, fields []string) event.Fact {
	return event.Fact{Payload: FileChanged{c.ID, action, strings.Join(fields, " ")}, Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: staleNames(c, formerRFC)}
}

// Event implements event.Payload.
func (FileChanged) Event() event.Type { return event.Type{Name: "client_file_changed", Version: 1} }

// Members implements event.Payload.
func (e FileChanged) Members(o *event.Object) {
	o.ID("id", e.ID)
	o.Text("action", e.Action)
	o.Text("fields", e.Fields)
}

// Event implements event.Payload.
func (Updated) Event() event.Type { return event.Type{Name: "client_updated", Version: 1} }

// Members implements event.Payload.
func (e Updated) Members(o *event.Object) {
	o.Optional("full_name", e.FullName)
	o.Optional("email", e.Email)
	o.Optional("rfc", e.RFC)
}

// Deleted is the payload of client_deleted.
type Deleted struct {
	RFC string
	ID  id.ID
}

// DeletedEvent returns the event of a deleted client.
func DeletedEvent(c Client) event.Fact {
	return event.Fact{Payload: Deleted{c.RFC, c.ID}, Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: c.StaleKeys()}
}

// Event implements event.Payload.
func (Deleted) Event() event.Type { return event.Type{Name: "client_deleted", Version: 1} }

// Members implements event.Payload.
func (e Deleted) Members(o *event.Object) {
	o.Text("rfc", e.RFC)
	o.ID("id", e.ID)
}

// StaleKeys returns the cache keys of every answer that shows a client, including the
// answer that the client does not exist.
func (c Client) StaleKeys() []string {
	return []string{CacheKey(c.RFC), StatementCacheKey(c.ID), LoansCacheKey(c.ID), ListCacheKey}
}

// Reassigned is the payload of client_reassigned: the officer and the branch of the client and
// of all loans of the client.
type Reassigned struct {
	ClientID, BranchID, FormerBranchID id.ID
	Officer, FormerOfficer             string
}

// ReassignedEvent returns the event of a client with another officer or branch. The keys are
// those of the cached answers about the client's loans.
func ReassignedEvent(c, former Client, loans []string) event.Fact {
	stale := append(loans, CacheKey(c.RFC), StatementCacheKey(c.ID), LoansCacheKey(c.ID), ListCacheKey)
	return event.Fact{Payload: Reassigned{c.ID, c.BranchID, former.BranchID, c.Officer, former.Officer}, Entity: c.ID, Subject: c.ID, Client: c.ID, Stale: stale}
}

// Event implements event.Payload.
func (Reassigned) Event() event.Type { return event.Type{Name: "client_reassigned", Version: 1} }

// Members implements event.Payload.
func (e Reassigned) Members(o *event.Object) {
	o.ID("client_id", e.ClientID)
	o.Text("officer", e.Officer)
	o.Text("former_officer", e.FormerOfficer)
	o.ID("branch_id", e.BranchID)
	o.ID("former_branch_id", e.FormerBranchID)
}
