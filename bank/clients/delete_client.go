package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// DeleteClient removes a client who never had a loan, and returns the removed client. Refused
// with client.NotFound or client.HasLoans.
type DeleteClient struct{ ID id.ID }

// Name returns the operation's name.
func (DeleteClient) Name() string { return "delete_client" }

// Permission returns the permission that the actor's role must have.
func (DeleteClient) Permission() access.Permission { return client.Delete }

// Check accepts every command.
func (DeleteClient) Check(bank.Rules) error { return nil }

// Needs requests the client and its claims.
func (c DeleteClient) Needs(n *bank.Needs) {
	ByID.Need(n, c.ID)
	claimsOfClient.Need(n, c.ID)
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
	Clients.Remove(b, found)
	b.Publish(client.DeletedEvent(found))
	return found, nil
}
