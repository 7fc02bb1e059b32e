package clients

import (
	"cmp"

	"sofipo/bank"
	screens "sofipo/bank/screening"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// ChangeFile replaces the file of a client by another one. Revision is the one that the caller
// read, 0 if the client had no file. Refused with Invalid, client.NotFound, client.StaleFile,
// client.RFCTaken, client.NeedsConfirmation or screening.Blocked.
type ChangeFile struct {
	ID        id.ID
	Revision  int
	File      client.File
	Confirmed []client.Warning

	checked client.File
}

// Name returns the operation's name.
func (*ChangeFile) Name() string { return "change_client_file" }

// Permission returns the permission that the actor's role must have.
func (*ChangeFile) Permission() access.Permission { return client.WriteFile }

// Check validates the file.
func (c *ChangeFile) Check(r bank.Rules) (err error) {
	c.checked, err = c.File.Checked(rulesOf(r))
	return err
}

// Needs requests the file, and the clients with the same values.
func (c *ChangeFile) Needs(n *bank.Needs) {
	needFile(n, c.ID)
	needOthers(n, c.checked)
	screens.NeedPerson(n, personOf(n, client.Client{FullName: c.checked.FullName(), RFC: c.checked.TaxID()}, c.checked))
	screens.NeedClient(n, c.ID)
}

// Decide stages the new file. A request that changes nothing stages nothing.
func (c *ChangeFile) Decide(b *bank.Book) (client.Dossier, error) {
	e, err := open(b, c.ID)
	switch {
	case err != nil:
		return e.Dossier, err
	case c.Revision != e.Revision:
		return e.Dossier, fault.Refuse(client.StaleFile, "revision", e.Revision)
	case c.checked.Kind != e.before.Kind && e.before.FullName() != "":
		return e.Dossier, fault.Wrong(fault.At("kind", client.KindStays))
	}
	e.File = c.checked
	e.File.RFC = e.File.TaxID()
	if err := e.confirm(b, c.Confirmed); err != nil {
		return e.Dossier, err
	}
	was, is := personOf(b, e.owner, e.before), personOf(b, client.Client{FullName: cmp.Or(e.File.FullName(), e.owner.FullName), RFC: e.File.TaxID()}, e.File)
	if err := compared(b, &was, is, c.ID, c.Name()); err != nil {
		return e.Dossier, err
	}
	err = e.finish(b, c.Name())
	return e.Dossier, err
}
