package bank

import (
	"sofipo/core/client"
	"sofipo/core/id"
)

// DeleteClient removes a client who never had a loan. Refused with
// ClientNotFound or ClientHasLoans. It answers with the client as it was.
type DeleteClient struct{ ID id.ID }

// Name is the operation.
func (DeleteClient) Name() string { return "delete_client" }

// Check has nothing to refuse.
func (DeleteClient) Check(Rules) error { return nil }

// Needs the client.
func (c DeleteClient) Needs(n *Needs) { n.Client(c.ID) }

// Decide stages the removal.
func (c DeleteClient) Decide(b *Book) (client.Client, error) {
	found, err := b.Client(c.ID)
	if err != nil {
		return found, err
	}
	if err := found.CanDelete(); err != nil {
		return found, err
	}
	b.RemoveClient(found)
	b.Tell(client.DeletedEvent(found))
	return found, nil
}
