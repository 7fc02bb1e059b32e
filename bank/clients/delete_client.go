package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// DeleteClient removes a client who never had a loan, and returns the removed client. Refused
// with client.NotFound, client.HasLoans or client.HasDocuments.
type DeleteClient struct{ ID id.ID }

// Name returns the operation's name.
func (DeleteClient) Name() string { return "delete_client" }

// Permission returns the permission that the actor's role must have.
func (DeleteClient) Permission() access.Permission { return client.Delete }

// Check accepts every command.
func (DeleteClient) Check(bank.Rules) error { return nil }

// Needs requests the client and everything that belongs to it.
func (c DeleteClient) Needs(n *bank.Needs) {
	needFile(n, c.ID)
	notesOf.Need(n, c.ID)
	changesOf.Need(n, c.ID)
	eventKeyOf.Need(n, c.ID)
}

// Decide stages the removal, and releases what the client claimed.
func (c DeleteClient) Decide(b *bank.Book) (client.Client, error) {
	found, err := Find(b, c.ID)
	if err != nil {
		return found, err
	}
	if err := found.CanDelete(); err != nil {
		return found, err
	}
	if err := claim(b, found.Claims(), nil); err != nil {
		return found, err
	}
	e, err := open(b, c.ID)
	if err != nil {
		return found, err
	}
	if len(e.Documents) > 0 {
		return found, fault.Refuse(client.HasDocuments, "documents", len(e.Documents))
	}
	e.remove(b)
	Clients.Remove(b, found)
	b.Publish(conceal(b, c.ID).Fact(client.DeletedEvent(found)))
	forgetEvents(b, c.ID)
	return found, nil
}

// remove stages the removal of a file without documents.
func (e *edit) remove(b *bank.Book) {
	findBy(b, e.ClientID, nil)
	if e.stored {
		Files.Remove(b, StoredFile{Record: e.Record})
	}
	for _, c := range e.Consents {
		Consents.Remove(b, c)
	}
	for n := range Notes.All(b) {
		if n.ClientID == e.ClientID {
			Notes.Remove(b, *n)
		}
	}
	for c := range Changes.All(b) {
		if c.ClientID == e.ClientID {
			Changes.Remove(b, *c)
		}
	}
}
