package clients

import (
	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/client"
)

// RegisterClient adds a client. Refused with Invalid, client.RFCTaken, client.EmailTaken,
// staff.BranchClosed or screening.Blocked.
type RegisterClient struct {
	FullName, Email, RFC string

	checked client.Client
}

// Name returns the operation's name.
func (*RegisterClient) Name() string { return "register_client" }

// Permission returns the permission that the actor's role must have.
func (*RegisterClient) Permission() access.Permission { return client.Write }

// Check validates the name, the e-mail address and the RFC.
func (c *RegisterClient) Check(r bank.Rules) (err error) {
	c.checked, err = client.New(client.Client{FullName: c.FullName, Email: c.Email, RFC: c.RFC}, rulesOf(r))
	return err
}

// Needs requests the branch, the claims to the same RFC or e-mail address, and the matches with the
// lists.
func (c *RegisterClient) Needs(n *bank.Needs) {
	needBranch(n)
	needClaims(n, c.checked)
	screens.NeedPerson(n, personOf(n, c.checked, client.File{}))
}

// Decide stages the client.
func (c *RegisterClient) Decide(b *bank.Book) (client.Client, error) {
	made := c.checked
	made.ID, made.CreatedAt = b.NewID(), b.Now()
	if err := claim(b, nil, made.Claims()); err != nil {
		return made, err
	}
	if err := compared(b, nil, personOf(b, made, client.File{}), made.ID, c.Name()); err != nil {
		return made, err
	}
	made, err := add(b, made)
	if err != nil {
		return made, err
	}
	findBy(b, made.ID, client.Record{}.Of(made).Lookups())
	b.Publish(conceal(b, made.ID).Fact(client.CreatedEvent(made)))
	return made, nil
}
