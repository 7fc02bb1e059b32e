package institution

import (
	"sofipo/bank"
	"sofipo/core/access"
	"sofipo/core/fault"
	"sofipo/core/institution"
)

// RemoveLogo removes the institution's logo. Refused with institution.LogoAbsent.
type RemoveLogo struct{}

// Name returns the operation's name.
func (RemoveLogo) Name() string { return "remove_logo" }

// Permission returns the permission that the actor's role must have.
func (RemoveLogo) Permission() access.Permission { return institution.Manage }

// Check accepts every command.
func (RemoveLogo) Check(bank.Rules) error { return nil }

// Needs requests the logo.
func (RemoveLogo) Needs(n *bank.Needs) { onlyLogo.Need(n, institution.ID) }

// Decide stages the removal.
func (RemoveLogo) Decide(b *bank.Book) (institution.Logo, error) {
	l, stored := Logos.Get(b, institution.ID)
	if !stored {
		return l.Logo, fault.Refuse(institution.LogoAbsent)
	}
	Logos.Remove(b, l)
	b.Publish(institution.LogoRemovedEvent(l.Logo))
	return l.Logo, nil
}
