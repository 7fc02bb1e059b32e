package institution

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/institution"
)

// ChangeInstitution replaces the institution's data; empty fields remove what was stored. A
// change to the same data leaves the record as it is.
// Refused with Invalid. With Initial it only makes the first record, and is refused with
// institution.Recorded if there is one.
type ChangeInstitution struct {
	institution.Institution
	Initial bool

	checked institution.Institution
}

// Name returns the operation's name.
func (*ChangeInstitution) Name() string { return "change_institution" }

// Permission returns the permission that the actor's role must have.
func (*ChangeInstitution) Permission() access.Permission { return institution.Manage }

// Check validates the data.
func (c *ChangeInstitution) Check(r bank.Rules) (err error) {
	c.checked, err = c.Checked(r.RFC)
	return err
}

// Needs requests the institution.
func (c *ChangeInstitution) Needs(n *bank.Needs) { Only.Need(n, institution.ID) }

// Decide stages the change.
func (c *ChangeInstitution) Decide(b *bank.Book) (institution.Institution, error) {
	before, recorded := Institutions.Get(b, institution.ID)
	if c.Initial && recorded {
		return before.Institution, fault.Refuse(institution.Recorded)
	}
	after := Row{ID: institution.ID, Institution: c.checked}
	after.ChangedBy, after.ChangedAt = b.Actor(), b.Now()
	change := institution.ChangedEvent(before.Institution, after.Institution)
	switch {
	case !recorded:
		Institutions.Add(b, after)
	case change.Payload.(institution.Changed).Fields == nil: // nothing changed
		b.Subject(institution.ID)
		return before.Institution, nil
	default:
		Institutions.Change(b, after)
	}
	b.Publish(change)
	return after.Institution, nil
}
