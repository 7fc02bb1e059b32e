package lending

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/id"
	"sofipo/core/lending/collections"
)

// RegisterContact registers a contact, or a visit, about a loan. A contact outside the
// permitted hours is marked. Refused with Invalid, loan.NotFound or
// collections.NotCollectable.
type RegisterContact struct {
	LoanID  id.ID
	Contact collections.Contact // without ids and MadeBy; a zero At means now
}

// Name returns the operation's name.
func (RegisterContact) Name() string { return "register_contact" }

// Permission returns the permission that the actor's role must have.
func (RegisterContact) Permission() access.Permission { return collections.Work }

// Check validates the fields that do not depend on the date.
func (c RegisterContact) Check(bank.Rules) error { return c.Contact.Check() }

// Needs requests the loan.
func (c RegisterContact) Needs(n *bank.Needs) { needCollection(n, c.LoanID) }

// Decide stages the contact.
func (c RegisterContact) Decide(b *bank.Book) (collections.Contact, error) {
	l, err := collectable(b, c.LoanID)
	if err != nil {
		return collections.Contact{}, err
	}
	made := c.Contact
	made.ID, made.LoanID, made.ClientID, made.MadeBy, made.MadeAt = b.NewID(), l.ID, l.ClientID, b.Actor(), b.Now()
	if made.At.IsZero() {
		made.At = b.Now()
	}
	if err := made.CheckDays(b.Now(), b.Today()); err != nil {
		return collections.Contact{}, err
	}
	made.At = made.At.UTC()
	made.OutsideHours = !collections.Permitted(made.Channel, b.Local(made.At))
	Contacts.Add(b, made)
	b.Publish(collections.ContactRegisteredEvent(made))
	return made, nil
}
