package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// UpdateClient changes a client's name, e-mail or both; nil leaves a field.
// Refused with Invalid, ClientNotFound or EmailTaken.
type UpdateClient struct {
	ID              id.ID
	FullName, Email *string

	draft client.Client
}

// Name is the operation.
func (*UpdateClient) Name() string { return "update_client" }

// Permission is what the role must hold.
func (*UpdateClient) Permission() access.Permission { return client.Write }

// Check refuses what does not look like a name or an e-mail.
func (c *UpdateClient) Check(bank.Rules) (err error) {
	c.draft, err = client.Client{}.Change(c.FullName, c.Email)
	return err
}

// Needs the client and the owner of the new e-mail.
func (c *UpdateClient) Needs(n *bank.Needs) {
	ByID.Need(n, c.ID)
	if c.Email != nil {
		clientByEmail.Need(n, c.draft.Email)
	}
}

// Decide stages the change. A change of nothing is told all the same, as in the seed.
func (c *UpdateClient) Decide(b *bank.Book) (client.Client, error) {
	before, err := Find(b, c.ID)
	if err != nil {
		return before, err
	}
	after, err := before.Change(c.FullName, c.Email)
	if err != nil {
		return before, err
	}
	if err := free(b, after); err != nil {
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
