package clients

import (
	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/client"
)

// RegisterFile adds a client with a file. Confirmed lists the warnings that the caller knows to
// be harmless. Refused with Invalid, client.RFCTaken, client.NeedsConfirmation,
// staff.BranchClosed or screening.Blocked.
type RegisterFile struct {
	File      client.File
	Confirmed []client.Warning

	checked client.File
}

// Name returns the operation's name.
func (*RegisterFile) Name() string { return "register_client_file" }

// Permission returns the permission that the actor's role must have.
func (*RegisterFile) Permission() access.Permission { return client.Write }

// Check validates the file.
func (c *RegisterFile) Check(r bank.Rules) (err error) {
	c.checked, err = c.File.Checked(rulesOf(r))
	return err
}

// Needs requests the branch and the clients with the same values.
func (c *RegisterFile) Needs(n *bank.Needs) {
	needBranch(n)
	needOthers(n, c.checked)
	screens.NeedPerson(n, personOf(n, client.Client{FullName: c.checked.FullName(), RFC: c.checked.TaxID()}, c.checked))
}

// Decide stages the client and the file.
func (c *RegisterFile) Decide(b *bank.Book) (client.Dossier, error) {
	made := client.Client{ID: b.NewID(), FullName: c.checked.FullName(), RFC: c.checked.TaxID(), CreatedAt: b.Now()}
	made.BranchID, made.Officer = b.Who().Assigns()
	e := edit{owner: client.Client{ID: made.ID}}
	e.ClientID, e.File = made.ID, c.checked
	e.Consents, e.Documents = []client.Consent{}, []client.Document{}
	if err := e.confirm(b, c.Confirmed); err != nil {
		return e.Dossier, err
	}
	if err := claim(b, nil, made.Claims()); err != nil {
		return e.Dossier, err
	}
	if err := compared(b, nil, personOf(b, made, c.checked), made.ID, c.Name()); err != nil {
		return e.Dossier, err
	}
	made, err := add(b, made)
	if err != nil {
		return e.Dossier, err
	}
	e.owner = made
	b.Publish(conceal(b, made.ID).Fact(client.CreatedEvent(made)))
	err = e.finish(b, c.Name())
	return e.Dossier, err
}
