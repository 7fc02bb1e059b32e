package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
)

// AddCollectionNote adds a note on the collection of a loan in any state. Refused with Invalid
// or loan.NotFound.
type AddCollectionNote struct {
	LoanID id.ID
	Text   string
}

// Name returns the operation's name.
func (AddCollectionNote) Name() string { return "add_collection_note" }

// Permission returns the permission that the actor's role must have.
func (AddCollectionNote) Permission() access.Permission { return collections.Work }

// Check validates the text.
func (c AddCollectionNote) Check(bank.Rules) error { return collections.Note{Text: c.Text}.Check() }

// Needs requests the loan.
func (c AddCollectionNote) Needs(n *bank.Needs) { needCollection(n, c.LoanID) }

// Decide stages the note.
func (c AddCollectionNote) Decide(b *bank.Book) (collections.Note, error) {
	l, err := Find(b, c.LoanID)
	if err != nil {
		return collections.Note{}, err
	}
	made := collections.Note{ID: b.NewID(), LoanID: l.ID, ClientID: l.ClientID, Text: c.Text, MadeBy: b.Actor(), MadeAt: b.Now()}
	CollectionNotes.Add(b, made)
	b.Publish(collections.NoteAddedEvent(made))
	return made, nil
}
