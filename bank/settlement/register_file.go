package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/settlement/incoming"
)

// RegisterFile stores a payment file with the layout of its bank account, so that its rows can
// be taken. A file that is stored already stays as it is. Refused with Invalid,
// settlement.AccountNotFound, settlement.AccountClosed or incoming.NoLayout.
type RegisterFile struct {
	AccountID id.ID
	FileName  string
	Content   []byte
}

// Name returns the operation's name.
func (RegisterFile) Name() string { return "register_bank_file" }

// Permission returns the permission that the actor's role must have.
func (RegisterFile) Permission() access.Permission { return incoming.Import }

// Check refuses a name that cannot be shown.
func (c RegisterFile) Check(bank.Rules) error { return incoming.CheckName(c.FileName) }

// Needs requests the bank account, its layout and the file.
func (c RegisterFile) Needs(n *bank.Needs) {
	accountShared.Need(n, c.AccountID)
	layoutOf.Need(n, c.AccountID)
	fileByID.Need(n, incoming.FileID(c.AccountID, c.Content))
}

// Decide stages the file.
func (c RegisterFile) Decide(b *bank.Book) (incoming.File, error) {
	if _, err := findAccount(b, c.AccountID); err != nil {
		return incoming.File{}, err
	}
	layout, found := Layouts.Get(b, c.AccountID)
	if !found {
		return incoming.File{}, fault.Refuse(incoming.NoLayout)
	}
	file := incoming.File{
		ID: incoming.FileID(c.AccountID, c.Content), AccountID: c.AccountID, Name: c.FileName, Status: incoming.Open,
		ImportedBy: b.Actor(), ImportedAt: b.Now(), Layout: layout.Layout.Layout, Content: c.Content,
	}
	b.Subject(file.ID)
	if stored, found := Files.Get(b, file.ID); found {
		return stored.File, nil
	}
	Files.Add(b, File{File: file})
	return file, nil
}
