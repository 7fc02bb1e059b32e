package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// UpdateClient changes a client's name, e-mail address, or both. A nil field stays unchanged.
// Refused with Invalid, client.NotFound or client.EmailTaken.
type UpdateClient struct {
	ID              id.ID
	FullName, Email *string

	checked client.Client
}

// Name returns the operation's name.
func (*UpdateClient) Name() string { return "update_client" }

// Permission returns the permission that the actor's role must have.
func (*UpdateClient) Permission() access.Permission { return client.Write }

// Check validates the new name and e-mail address.
func (c *UpdateClient) Check(bank.Rules) (err error) {
	c.checked, err = client.Client{}.Change(c.FullName, c.Email)
	return err
}

// Needs requests the client, and the client with the new e-mail address.
func (c *UpdateClient) Needs(n *bank.Needs) {
	ByID.Need(n, c.ID)
	if c.Email != nil {
		clientByEmail.Need(n, c.checked.Email)
	}
}

// Decide stages the change. It publishes an event even if nothing changed, as the seed does.
func (c *UpdateClient) Decide(b *bank.Book) (client.Client, error) {
	before, err := Find(b, c.ID)
	if err != nil {
		return before, err
	}
	after, err := before.Change(c.FullName, c.Email)
	if err != nil {
		return before, err
	}
	if err := checkUnique(b, after); err != nil {
		return before, err
	}
	Clients.Change(b, after)
	asked := client.Updated{FullName: c.FullName}
	if c.Email != nil {
		asked.Email = &after.Email
	}
	b.Publish(client.UpdatedEvent(after, asked))
	return after, nil
}
