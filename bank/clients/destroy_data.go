package clients

import (
	"cmp"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/fault"
	"sofipo/core/id"
)

// DestroyData destroys the blocked personal data of a client, once their term has ended. The
// client's row, the loans and the books stay. Data that were destroyed before stay so. Refused
// with client.NotFound, client.NotBlocked or client.Retained.
type DestroyData struct{ ID id.ID }

// Name returns the operation's name.
func (DestroyData) Name() string { return "destroy_client_data" }

// Permission returns the permission that the actor's role must have.
func (DestroyData) Permission() access.Permission { return client.EraseData }

// Check accepts every command.
func (DestroyData) Check(bank.Rules) error { return nil }

// Needs requests the client and the block.
func (c DestroyData) Needs(n *bank.Needs) {
	ByID.Need(n, c.ID)
	blockOf.Need(n, c.ID)
	eventKeyOf.Need(n, c.ID)
}

// Decide stages the destruction.
func (c DestroyData) Decide(b *bank.Book) (client.Block, error) {
	owner, found := Clients.Get(b, c.ID)
	if !found {
		return client.Block{}, fault.Refuse(client.NotFound)
	}
	b.Subject(c.ID)
	held, found := Blocks.Get(b, c.ID)
	switch {
	case !found:
		return client.Block{}, fault.Refuse(client.NotBlocked)
	case held.State() == client.DataDestroyed:
		return held.Block, nil
	case b.Today().Before(held.DestroyFrom):
		return client.Block{}, fault.Refuse(client.Retained, "from", held.DestroyFrom)
	}
	held.Personal, held.DestroyedOn, held.DestroyedBy = client.Personal{}, b.Today(), b.Actor()
	Blocks.Change(b, held)
	Clients.Change(b, owner.Withhold(client.DataDestroyed))
	forgetEvents(b, c.ID)
	b.Publish(client.DestroyedEvent(owner))
	return held.Block, nil
}

// ForgetFiles notes that the documents of destroyed data were deleted from the store of files.
type ForgetFiles struct{ ID id.ID }

// Name returns the operation's name.
func (ForgetFiles) Name() string { return "forget_files" }

// Permission returns the permission that the actor's role must have.
func (ForgetFiles) Permission() access.Permission { return client.EraseData }

// Check accepts every command.
func (ForgetFiles) Check(bank.Rules) error { return nil }

// Needs requests the block.
func (c ForgetFiles) Needs(n *bank.Needs) { blockOf.Need(n, c.ID) }

// Decide stages the block without files.
func (c ForgetFiles) Decide(b *bank.Book) (client.Block, error) {
	held, found := Blocks.Get(b, c.ID)
	if !found {
		return client.Block{}, fault.Refuse(client.NotBlocked)
	}
	b.Subject(c.ID)
	if held.State() == client.DataDestroyed && len(held.Files) > 0 {
		held.Files = nil
		Blocks.Change(b, held)
	}
	return held.Block, nil
}

// ExportData records in the audit that a user exports all personal data of a client. The data
// leave the program only after it. Refused with client.NotFound.
type ExportData struct{ ID id.ID }

// Name returns the operation's name.
func (ExportData) Name() string { return "export_client_data" }

// Permission returns the permission that the actor's role must have.
func (ExportData) Permission() access.Permission { return client.ExportData }

// Check accepts every command.
func (ExportData) Check(bank.Rules) error { return nil }

// Needs requests the client.
func (c ExportData) Needs(n *bank.Needs) { ByID.Need(n, c.ID) }

// Decide names the client as the subject.
func (c ExportData) Decide(b *bank.Book) (Exported, error) {
	if _, found := Clients.Get(b, c.ID); !found {
		return Exported{}, fault.Refuse(client.NotFound)
	}
	b.Subject(c.ID)
	return Exported{c.ID}, nil
}

// Exported is the client of an export.
type Exported struct {
	ClientID id.ID `json:"client_id"`
}

// RetentionYears returns the setting, or the years of the law.
func RetentionYears(r bank.Rules) int { return cmp.Or(r.RetentionYears, client.RetentionYears) }
