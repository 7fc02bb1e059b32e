package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
)

// AddDocument adds a document to the file of a client. The caller has saved its bytes in the
// store of files. Refused with Invalid or client.NotFound.
type AddDocument struct{ Document client.Document }

// Name returns the operation's name.
func (*AddDocument) Name() string { return "add_document" }

// Permission returns the permission that the actor's role must have.
func (*AddDocument) Permission() access.Permission { return client.WriteFile }

// Check validates the document.
func (c *AddDocument) Check(bank.Rules) (err error) {
	c.Document, err = c.Document.Checked()
	return err
}

// Needs requests the file.
func (c *AddDocument) Needs(n *bank.Needs) { needFile(n, c.Document.ClientID) }

// Decide stages the document.
func (c *AddDocument) Decide(b *bank.Book) (client.Document, error) {
	e, err := open(b, c.Document.ClientID)
	if err != nil {
		return client.Document{}, err
	}
	made := c.Document
	made.ID, made.AddedBy, made.AddedAt = b.NewID(), b.Actor(), b.Now()
	Documents.Add(b, made)
	e.Documents = append(e.Documents, made)
	return made, e.save(b, c.Name(), []string{"documents"})
}
