package bank

import (
	"time"

	"sofipo/core/client"
	"sofipo/core/id"
)

// RegisterClient makes a client. Refused with Invalid, RFCTaken or EmailTaken.
type RegisterClient struct {
	FullName, Email, RFC string

	draft client.Client
}

// Name is the operation.
func (*RegisterClient) Name() string { return "register_client" }

// Check refuses what does not look like a name, an e-mail or an RFC.
func (c *RegisterClient) Check(r Rules) (err error) {
	c.draft, err = client.New(id.ID{}, c.FullName, c.Email, c.RFC, r.RFC, time.Time{})
	return err
}

// Needs the owners of the RFC and of the e-mail.
func (c *RegisterClient) Needs(n *Needs) {
	n.RFC(c.draft.RFC)
	n.Email(c.draft.Email)
}

// Decide stages the client.
func (c *RegisterClient) Decide(b *Book) (client.Client, error) {
	made := c.draft
	made.ID, made.CreatedAt = b.NewID(), b.Now()
	if err := b.Free(made.ID, made.RFC, made.Email); err != nil {
		return made, err
	}
	b.AddClient(made)
	b.Tell(client.CreatedEvent(made))
	return made, nil
}
