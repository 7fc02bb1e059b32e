package staff

import (
	"time"

	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/id"
	"sofipo/core/staff"
	"sofipo/infra/db"
)

// Drafts is the table of drafts.
var Drafts = bank.Declare(bank.Table[id.ID, staff.Draft]{
	Name: "drafts", Rank: 206,
	Columns: db.Columns[staff.Draft]{
		db.IDField("id", func(d *staff.Draft) *id.ID { return &d.ID }),
		db.TextField("username", func(d *staff.Draft) *string { return &d.Username }),
		db.TextField("kind", func(d *staff.Draft) *string { return &d.Kind }),
		db.SealedField("body", db.Sealing[staff.Draft]{Table: "drafts", Column: "id", Owner: func(d *staff.Draft) string { return d.ID.String() }}, func(d *staff.Draft) *string { return &d.Body }),
		db.TimeField("saved_at", func(d *staff.Draft) *time.Time { return &d.SavedAt }),
	},
	Fixed:   []string{"username", "kind"},
	Of:      func(d *staff.Draft) id.ID { return d.ID },
	Compare: bank.ByID,
})

var draftByID = bank.DeclareLookup(bank.Lookup[id.ID, staff.Draft, id.ID]{Table: Drafts, Column: "id", Lock: true})

// SaveDraft saves a form that the actor has begun: a new draft, or one with an ID again. Refused
// with staff.DraftNotFound or TooLarge.
type SaveDraft struct {
	ID         id.ID // zero for a new draft
	Kind, Body string
}

// Name returns the operation's name.
func (SaveDraft) Name() string { return "save_draft" }

// Permission returns the permission that the actor's role must have.
func (SaveDraft) Permission() access.Permission { return access.Own }

// Check limits the length of the body.
func (c SaveDraft) Check(bank.Rules) error {
	if len(c.Body) > staff.MaxDraft {
		return fault.Refuse(fault.TooLarge)
	}
	return nil
}

// Needs requests the draft.
func (c SaveDraft) Needs(n *bank.Needs) {
	if !c.ID.IsZero() {
		draftByID.Need(n, c.ID)
	}
}

// Decide stages the draft.
func (c SaveDraft) Decide(b *bank.Book) (staff.Draft, error) {
	if c.ID.IsZero() {
		d := staff.Draft{ID: b.NewID(), Username: b.Actor(), Kind: c.Kind, Body: c.Body, SavedAt: b.Now()}
		Drafts.Add(b, d)
		b.Subject(d.ID)
		return d, nil
	}
	d, err := draftOf(b, c.ID)
	if err != nil {
		return d, err
	}
	d.Body, d.SavedAt = c.Body, b.Now()
	Drafts.Change(b, d)
	return d, nil
}

// RemoveDraft removes a draft of the actor. Refused with staff.DraftNotFound.
type RemoveDraft struct{ ID id.ID }

// Name returns the operation's name.
func (RemoveDraft) Name() string { return "remove_draft" }

// Permission returns the permission that the actor's role must have.
func (RemoveDraft) Permission() access.Permission { return access.Own }

// Check accepts every command.
func (RemoveDraft) Check(bank.Rules) error { return nil }

// Needs requests the draft.
func (c RemoveDraft) Needs(n *bank.Needs) { draftByID.Need(n, c.ID) }

// Decide stages the removal.
func (c RemoveDraft) Decide(b *bank.Book) (staff.Draft, error) {
	d, err := draftOf(b, c.ID)
	if err == nil {
		Drafts.Remove(b, d)
	}
	return d, err
}

// draftOf returns a draft of the actor.
func draftOf(b *bank.Book, draftID id.ID) (staff.Draft, error) {
	d, found := Drafts.Get(b, draftID)
	if !found || d.Username != b.Actor() {
		return d, fault.Refuse(staff.DraftNotFound)
	}
	b.Subject(d.ID)
	return d, nil
}
