package clients

import (
	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// UpdateClient changes a client's name, e-mail address or RFC. A nil field stays unchanged.
// Refused with Invalid, client.NotFound, client.RFCTaken, client.EmailTaken, screening.Blocked or, for the name or
// the RFC of a client with a file, client.NamedInFile.
type UpdateClient struct {
	ID id.ID
	client.Changes

	checked client.Changes
}

// Name returns the operation's name.
func (*UpdateClient) Name() string { return "update_client" }

// Permission returns the permission that the actor's role must have.
func (*UpdateClient) Permission() access.Permission { return client.Write }

// Check validates the changes.
func (c *UpdateClient) Check(r bank.Rules) (err error) {
	c.checked, err = c.Checked(rulesOf(r))
	return err
}

// Needs requests the client, its claims, and the claims to the new RFC and e-mail address.
func (c *UpdateClient) Needs(n *bank.Needs) {
	ByID.Need(n, c.ID)
	claimsOfClient.Need(n, c.ID)
	fileOf.Need(n, c.ID)
	lookupsOf.Need(n, c.ID)
	needEventKey(n, c.ID)
	needClaims(n, client.Client{}.Change(c.checked))
	screens.NeedPerson(n, personOf(n, client.Client{}.Change(c.checked), client.File{}))
	screens.NeedClient(n, c.ID)
}

// Decide stages the change. It publishes an event even if nothing changed, as the seed does.
func (c *UpdateClient) Decide(b *bank.Book) (client.Client, error) {
	before, err := Find(b, c.ID)
	if err != nil {
		return before, err
	}
	after := before.Change(c.checked)
	file := Files.At(b, c.ID)
	if err := refuseNames(file, before, after); err != nil {
		return before, err
	}
	if err := claim(b, before.Claims(), after.Claims()); err != nil {
		return before, err
	}
	was := personOf(b, before, stated(b, c.ID))
	if err := compared(b, &was, personOf(b, after, stated(b, c.ID)), c.ID, c.Name()); err != nil {
		return before, err
	}
	Clients.Change(b, after)
	record := client.Record{}
	if file != nil {
		record = file.Record
		if after.Email != before.Email {
			record.File.Email = "" // the client's row has it
			record.Revision++
			Files.Change(b, StoredFile{Record: record})
		}
	}
	findBy(b, c.ID, record.Of(after).Lookups())
	b.Publish(conceal(b, c.ID).Fact(client.UpdatedEvent(after, before.RFC, c.checked)))
	return after, nil
}
