package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// DeleteClient removes a client who never had a loan. Refused with
// ClientNotFound or ClientHasLoans. It answers with the client as it was.
type DeleteClient struct{ ID id.ID }

// Name is the operation.
func (DeleteClient) Name() string { return "delete_client" }

// Permission is what the role must hold.
func (DeleteClient) Permission() access.Permission { return client.Delete }

// Check has nothing to refuse.
func (DeleteClient) Check(bank.Rules) error { return nil }

// Needs the client.
func (c DeleteClient) Needs(n *bank.Needs) { ByID.Need(n, c.ID) }

// Decide stages the removal.
func (c DeleteClient) Decide(b *bank.Book) (client.Client, error) {
	found, err := Find(b, c.ID)
	if err != nil {
		return found, err
	}
	if err := found.CanDelete(); err != nil {
		return found, err
	}
	Clients.Remove(b, found)
	b.Publish(client.DeletedEvent(found))
	return found, nil
}
