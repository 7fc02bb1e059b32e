package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
)

// RegisterClient makes a client. Refused with Invalid, RFCTaken or EmailTaken.
type RegisterClient struct {
	FullName, Email, RFC string

	draft client.Client
}

// Name is the operation.
func (*RegisterClient) Name() string { return "register_client" }

// Permission is what the role must hold.
func (*RegisterClient) Permission() access.Permission { return client.Write }

// Check refuses what does not look like a name, an e-mail or an RFC.
func (c *RegisterClient) Check(r bank.Rules) (err error) {
	c.draft, err = client.New(client.Client{FullName: c.FullName, Email: c.Email, RFC: c.RFC}, r.RFC)
	return err
}

// Needs the owners of the RFC and of the e-mail.
func (c *RegisterClient) Needs(n *bank.Needs) {
	clientByRFC.Need(n, c.draft.RFC)
	clientByEmail.Need(n, c.draft.Email)
}

// Decide stages the client.
func (c *RegisterClient) Decide(b *bank.Book) (client.Client, error) {
	made := c.draft
	made.ID, made.CreatedAt = b.NewID(), b.Now()
	if err := free(b, made); err != nil {
		return made, err
	}
	Clients.Add(b, made)
	b.Publish(client.CreatedEvent(made))
	return made, nil
}
