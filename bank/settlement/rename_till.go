package settlement

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/settlement"
)

// RenameTill changes the name of a till or vault. Refused with Invalid,
// settlement.TillNotFound, TillRetired or staff.OutOfScope.
type RenameTill struct {
	TillID id.ID
	Title  string
}

// Name returns the operation's name.
func (RenameTill) Name() string { return "rename_till" }

// Permission returns the permission that the actor's role must have.
func (RenameTill) Permission() access.Permission { return settlement.Manage }

// Check refuses a name that is missing or too long.
func (c RenameTill) Check(bank.Rules) error {
	return settlement.CheckText("name", c.Title, settlement.MaxName)
}

// Needs requests the till.
func (c RenameTill) Needs(n *bank.Needs) { tillByID.Need(n, c.TillID) }

// Decide stages the change.
func (c RenameTill) Decide(b *bank.Book) (settlement.Till, error) {
	t, err := coveredTill(b, c.TillID)
	if err != nil {
		return t, err
	}
	t.Name = c.Title
	Tills.Change(b, t)
	b.Publish(settlement.TillRenamedEvent(t))
	return t, nil
}
