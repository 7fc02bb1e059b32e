package clients

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/client"
	"sofipo/core/id"
)

// AddNote adds a remark to the file of a client. Refused with Invalid or client.NotFound.
type AddNote struct {
	ID   id.ID
	Text string
}

// Name returns the operation's name.
func (*AddNote) Name() string { return "add_note" }

// Permission returns the permission that the actor's role must have.
func (*AddNote) Permission() access.Permission { return client.WriteFile }

// Check validates the text.
func (c *AddNote) Check(bank.Rules) (err error) {
	c.Text, err = client.CheckNote(c.Text)
	return err
}

// Needs requests the file.
func (c *AddNote) Needs(n *bank.Needs) { needFile(n, c.ID) }

// Decide stages the note.
func (c *AddNote) Decide(b *bank.Book) (client.Note, error) {
	e, err := open(b, c.ID)
	if err != nil {
		return client.Note{}, err
	}
	made := client.Note{ID: b.NewID(), ClientID: c.ID, Text: c.Text, By: b.Actor(), At: b.Now()}
	Notes.Add(b, made)
	return made, e.save(b, c.Name(), []string{"notes"})
}
