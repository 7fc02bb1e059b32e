package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement/incoming"
)

// FinishFile records that all good rows of a file are taken, with the numbers of rows. Refused
// with incoming.FileNotFound.
type FinishFile struct {
	FileID id.ID
	Counts incoming.Counts
}

// Name returns the operation's name.
func (FinishFile) Name() string { return "finish_bank_file" }

// Permission returns the permission that the actor's role must have.
func (FinishFile) Permission() access.Permission { return incoming.Import }

// Check accepts every command.
func (FinishFile) Check(bank.Rules) error { return nil }

// Needs requests the file.
func (c FinishFile) Needs(n *bank.Needs) { fileByID.Need(n, c.FileID) }

// Decide stages the state of the file.
func (c FinishFile) Decide(b *bank.Book) (incoming.File, error) {
	f, found := Files.Get(b, c.FileID)
	if !found {
		return incoming.File{}, fault.Refuse(incoming.FileNotFound)
	}
	f.Status, f.Counts = incoming.Done, c.Counts
	Files.Change(b, f)
	b.Publish(incoming.FileImportedEvent(f.File))
	return f.File, nil
}
